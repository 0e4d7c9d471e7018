"""Where a mistake is placed: under the caret, at the key or the value that a person has to change."""

from collections.abc import Callable
from pathlib import Path

import pytest

from animator.errors import SceneError
from animator.scene.document import read

CASES = r"""
duration: 2
          ^ duration: a time needs a unit
---
duraton: 2s
^ duraton: unknown option; did you mean "duration"?
---
fps: 500
     ^ fps: expected frames per second from 1 to 240
---
size: [512, 289]
            ^ size.1: both sides must be even
---
size: 512x
      ^ size: write width and height as 512x288
---
seed: -1
      ^ seed: a whole number from 0 on
---
name: a/b
      ^ name: 'a/b' cannot name a folder
---
prompts: {0s: a, 1: b}
                 ^ prompts.1: a time needs a unit
---
prompts: {0s: a, 1s: 3}
                     ^ prompts.1s: expected a text or {image: FILE}
---
prompts: {0s: a, 1s: {text: b, lang: "?"}}
                                     ^ prompts.1s.lang: string should match
---
prompts: {0s: a, 1s: {image: none.png}}
                             ^ prompts.1s.image: none.png: no such file
---
prompts: {2s: a, 1s: b}
                 ^ prompts.1s: times out of order: 1s comes after 2s
---
prompts: {0s: a, 1s: b, fade: 3s}
                              ^ prompts.fade: a fade of 3s does not fit
---
prompts: [a, {text: b, weight: {0s: 1, 1s: x}}]
                                           ^ prompts.1.weight.1s: expected a number
---
prompts: [a, {image: none.png, weight: 2}]
                     ^ prompts.1.image: none.png: no such file
---
prompts: [a, {text: b, wait: 1}]
                       ^ prompts.1.wait: unknown option
---
prompts: {text: a, weight: 1e9}
                           ^ prompts.weight: frame 0: is 1e+09, must be between
---
motion: {zoom: {0s: 1, 1s: x}}
                           ^ motion.zoom.1s: expected a number
---
motion: {zoom: {0s: 1, 1: 2}}
                       ^ motion.zoom.1: a time needs a unit
---
motion: {zoom: {0s: 1, 2s: 1, 1s: 2}}
                              ^ motion.zoom.1s: keyframes out of order: 1s comes after 2s
---
motion: {zoom: [{at: 0s, value: 1, eas: hold}]}
                                   ^ motion.zoom.0.eas: unknown option
---
motion: {zoom: [{at: 0s, value: 1}, {at: 0s, value: 2}]}
                                         ^ motion.zoom.1.at: keyframes out of order
---
motion: {zoom: {0s: 1, ease: bouncy}}
                             ^ motion.zoom.ease: unknown easing
---
motion: {zoom: "1 +"}
               ^ motion.zoom: not an expression
---
motion: {rotate: "log(t - 5)"}
                 ^ motion.rotate: frame 1: 'log(t - 5)' has no value: math domain error
---
motion: {rotate: 3, zoom: {0s: 1, 1s: -1}}
                          ^ motion.zoom: frame 7: input should be greater than or equal to 0.01
---
motion: {zom: 2}
         ^ motion.zom: unknown option; did you mean "zoom"?
---
motion: {type: afine}
               ^ motion.type: unknown type; did you mean "affine"?
---
generator: sren
           ^ generator.type: unknown type; did you mean "siren"?
---
generator: {type: siren, layers: 1}
                                 ^ generator.layers: input should be greater than or equal to 2
---
generator: {0s: siren, 1s: {type: siren, hiden: 4}}
                                         ^ generator.1s.hiden: unknown option; did you mean "hidden"?
---
generator: {type: vqgan, model: nothing}
                                ^ generator.model: nothing: unknown model
---
generator: {type: vqgan, start: {from: image, file: none.png}}
                                                    ^ generator.start.file: none.png: no such file
---
generator: {1s: siren}
            ^ generator.1s: the times of generators begin at 0s and go up
---
generator: {0s: siren, 1s: fft, 0.5s: fft}
                                ^ generator.0.5s: the times of generators begin at 0s and go up
---
losses: {drft: 1}
         ^ losses.drft: unknown loss; did you mean "drift"?
---
losses: {drift: {weight: {0s: 1, 1s: x}}}
                                     ^ losses.drift.weight.1s: expected a number
---
losses: {drift: {0s: 1, 1: 2}}
                        ^ losses.drift.1: a time needs a unit
---
guide: {encoders: {poket: 1}}
                   ^ guide.encoders.poket: unknown model; did you mean "pocket"?
---
guide: {encoders: {pocket: -1}}
                           ^ guide.encoders.pocket.weight: input should be greater than 0
---
guide: {encoders: {pocket: {weight: 1, text: nothing}}}
                                             ^ guide.encoders.pocket.text: nothing: unknown model
---
guide: {cutouts: {count: {0s: 1, 1s: 0}}}
                         ^ guide.cutouts.count: frame
---
optimize: {steps: 1e9}
                  ^ optimize.steps: frame 0: is 1e+09, must be between 0 and 100000
---
output: {preset: quick}
                 ^ output.preset: input should be
---
prompts: {0: a, 1s: b, 0.5s: c}
                       ^ prompts.0.5s: times out of order
---
prompts: {0: a, 1s: {image: none.png}}
                            ^ prompts.1s.image: none.png: no such file
---
audio: {file: none.ogg}
              ^ audio.file: none.ogg: no such file
---
audio: {bpm: fast}
             ^ audio.bpm
---
audio: {bpm: 120, markers: {beat: 3s}}
                            ^ audio.markers.beat: it means something else
---
audio: {bpm: 120, markers: {drop: soon}}
                                  ^ audio.markers.drop: not a time
---
audio: {bpm: 120, midi: none.mid}
                        ^ audio.midi: none.mid: no such file
---
audio: {file: scenes/song.ogg, analysis: none.json}
                                         ^ audio.analysis: none.json: cannot be read
---
prompts: {0s: a, 4b: b}
                 ^ prompts.4b: beats and bars need a song
---
prompts: {0s: a, "@drop": b}
                 ^ prompts.@drop: unknown marker
---
prompts: {every: 0b, texts: [a]}
                 ^ prompts.every: a rule needs a length
---
prompts: {every: 4s, text: [a]}
                     ^ prompts.text: unknown option; did you mean "texts"?
---
prompts: {every: 4s, texts: [a, 3]}
                                ^ prompts.texts.1: expected a text
---
prompts: {from: none.lrc}
                ^ prompts.from: none.lrc: no such file
---
prompts: [a, {from: none.lrc, gap: b}]
                              ^ prompts.1.gap: unknown option; did you mean "gaps"?
---
motion: {zoom: 1 + 0.1*bas}
               ^ motion.zoom: unknown name 'bas'; did you mean "bass"?
---
motion: {zoom: {every: 1s, values: [1, x]}}
                                       ^ motion.zoom.values.1: expected a number
---
motion: {zoom: {every: 1, values: [1, 2]}}
                       ^ motion.zoom.every: a time needs a unit
---
motion: {zoom: {0s: 1, bar 2: 2}}
                       ^ motion.zoom.bar 2: beats and bars need a song
---
prompts: {@drop: a}
          ^ not YAML: found character '@' that cannot start any token; a text that begins with it stands in quotes
---
duration: {a: 1, a: 2}
                 ^ duplicate key 'a'; the first is at line 1
---
prompts: !!python/object x
         ^ tags are not allowed
"""
EACH = [case.strip("\n").split("\n") for case in CASES.split("---")]


@pytest.mark.parametrize("case", EACH, ids=lambda case: case[0])
def test_a_mistake_is_placed_where_it_is(write_scene: Callable[..., Path], case: list[str]) -> None:
    line, marked = case
    column, message = marked.index("^") + 1, marked.partition("^ ")[2]
    rest = [each for each in ("duration: 2s", "prompts: a star") if each.split(":")[0] != line.split(":")[0]]
    with pytest.raises(SceneError) as caught:
        read(write_scene("\n".join([line, *rest, ""]), "reef.yaml"))
    said = [f"{problem.line}:{problem.column}: {problem.message}" for problem in caught.value.problems]
    assert any(each.startswith(f"1:{column}: {message}") for each in said), "\n".join([*case, *said])
