"""Reading scenes: what YAML means here, and what a person is told when something is wrong."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from animator.errors import SceneError
from animator.models import store
from animator.scene.document import read
from animator.scene.prompts import FORMS, Prompt, PromptTrack
from animator.scene.warnings import UnknownWord
from animator.scene.yaml_reader import compose

WriteScene = Callable[..., Path]


def problems(write_scene: WriteScene, text: str) -> list[str]:
    with pytest.raises(SceneError) as caught:
        read(write_scene(text, "reef.yaml"))
    return [f"{p.line}:{p.column}: {p.message}" for p in caught.value.problems]


GOOD = "duration: 2s\nprompts: a red circle\n"


def test_the_smallest_scene(write_scene: WriteScene) -> None:
    document = read(write_scene(GOOD, "reef.yaml"))
    assert document.scene.name == "reef"
    assert len(document.frames) == 24
    assert document.scene.prompts == (Prompt(text="a red circle"),)


def test_prompts_in_every_form(write_scene: WriteScene) -> None:
    text = """\
duration: 2s
prompts:
  - a red circle
  - {text: rain, weight: -0.5}
  - {text: fog, weight: {0s: 0, 1s: 1}}
  - {0s: dawn, 1s: noon, fade: 0.5s}
"""
    one, two, three, track = read(write_scene(text)).scene.prompts
    assert isinstance(one, Prompt)
    assert isinstance(two, Prompt)
    assert isinstance(three, Prompt)
    assert isinstance(track, PromptTrack)
    assert [asked.text for asked in track.asked] == ["dawn", "noon"]


SCALARS = [
    ("1e-3", 0.001), ("010", 10), ("0o17", 15), ("0x1F", 31), ("1.", 1.0), (".5", 0.5), ("+3", 3), ("-2.5E+1", -25.0),
    ("1:30", "1:30"), ("0:30", "0:30"), ("no", "no"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("y", "y"),
    ("true", True), ("False", False), ("null", None), ("~", None), ("1_000", "1_000"), ("2024-01-01", "2024-01-01"),
    ("'12'", "12"), ("0.1.2", "0.1.2"), ("NaN", "NaN"), ("=", "="),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    plain = compose(f"key: {text}\n", "x").plain["key"]
    assert plain == value
    assert type(plain) is type(value)


def test_all_errors_are_reported_together_with_their_places(write_scene: WriteScene) -> None:
    text = """\
duration: 8s
fps: "much"
size: [255, 256]
generator:
  type: siren
  hiden: 3
optimize: {steps: "12+sin(q)"}
motion:
  zoom: {0s: 1, 3s: 0}
  pan_z: 1
losses: {total_varation: 0.1}
prompts:
  0s: the sea
  4: a forest
"""
    assert problems(write_scene, text) == [
        "2:6: fps: expected frames per second from 1 to 240, such as 24 or 24000/1001; got 'much'",
        "3:8: size.0: both sides must be even: write 254x256; got 255",
        '6:3: generator.hiden: unknown option; did you mean "hidden"? Options: ' + ", ".join(sorted(_siren_options())),
        f"7:19: optimize.steps: {problem_of('12+sin(q)')}",
        '10:3: motion.pan_z: unknown option; did you mean "pan_y"? Options: '
        "center_x, center_y, pan_x, pan_y, rotate, zoom",
        '11:10: losses.total_varation: unknown loss; did you mean "total_variation"? Losses: drift, total_variation',
        f"14:3: prompts.4: a time needs a unit: write 4s for seconds or 4f for frames; {FORMS}",
    ]


def _siren_options() -> set[str]:
    from animator.paint.generators.siren import Config

    return set(Config.model_fields)


def problem_of(expression: str) -> str:
    from animator.scene.clock import Clock
    from animator.scene.expressions import Expression

    with pytest.raises(ValueError, match="unknown name") as caught:
        Expression(expression).bind(Clock(12, 1, 12))
    return str(caught.value)


TRAPS = [
    ("duration: 2s\nprompts: x\nduration: 3s\n", "3:1: duplicate key 'duration'; the first is at line 1"),
    ("duration: 2s\nprompts: {0s: a, 1s: b, 1s: c}\n", "2:25: duplicate key '1s'; the first is at line 2"),
    ("prompts: x\n", '1:1: "duration" is missing'),
    ("- 1\n", "1:1: expected a scene"),
    ("", "1:1: expected a scene"),
    (GOOD + "colour: red\n", "3:1: colour: unknown option"),
    (GOOD + "generator: vqgon\n", "3:12: generator.type: unknown type"),
    (GOOD + "generator: {type: os.system}\n", "generator.type: unknown type"),
    (GOOD + "generator: {type: ../../x}\n", "generator.type: unknown type"),
    (GOOD + "generator: {hidden: 3}\n", "generator: \"type\" is missing"),
    (GOOD + "generator: {type: siren, hidden: '3'}\n", "generator.hidden: "),
    (GOOD + "seed: -1\n", "3:7: seed: "),
    (GOOD + "seed: 1.5\n", "3:7: seed: "),
    (GOOD + "name: ../../etc\n", "3:7: name: "),
    (GOOD + "name: con\n", "3:7: name: "),
    (GOOD + "name: a.\n", "3:7: name: "),
    (GOOD + "size: [256, 256, 256]\n", "3:7: size: "),
    (GOOD + "size: [100000, 100000]\n", "size.0: "),
    (GOOD + "fps: 0\n", "3:6: fps: "),
    (GOOD + "fps: 1/0\n", "3:6: fps: "),
    (GOOD + "guide: {encoders: {}}\n", "guide.encoders: at least one encoder"),
    (GOOD + "guide: {encoders: {pocket: -1}}\n", "guide.encoders.pocket.weight: "),
    (GOOD + "guide: {cutouts: {count: 1000000}}\n", "count: frame 0: is 1e+06, must be between 1 and 4096"),
    (GOOD + "optimize: {steps: 1/t}\n", "optimize.steps: frame 0: '1/t' has no value"),
    (GOOD + "optimize: {step_size: -1}\n", "optimize.step_size: frame 0: is -1"),
    (GOOD + "motion: {zoom: 0}\n", "motion.zoom: frame 1: "),
    (GOOD + "motion: {zoom: {1s: 1, 0s: 2}}\n", "3:24: motion.zoom.0s: keyframes out of order"),
    (GOOD + "motion: {type: spin}\n", "motion.type: unknown type"),
    (GOOD + "losses: {drift: {weight: 1, wieght: 2}}\n", "losses.drift.wieght: unknown option"),
    (GOOD + "losses: {prompt: 2}\n", "losses.prompt: unknown loss"),
    (GOOD + "losses: [drift]\n", "losses: "),
    ("duration: 8\nprompts: x\n", "1:11: duration: a time needs a unit"),
    ("duration: 0s\nprompts: x\n", "duration: 0 frames"),
    ("duration: 20:00:00\nfps: 240\nprompts: x\n", "duration: "),
    ("duration: 1s\nprompts: []\n", "prompts: "),
    ("duration: 1s\nprompts: ''\n", "prompts"),
    ("duration: 1s\nprompts: {}\n", "2:10: prompts: no prompt here"),
    ("duration: 1s\nprompts: {0s: ''}\n", "2:15: prompts.0s: a prompt is a text or an image"),
    ("duration: 1s\nprompts: {0s: {txt: a}}\n", "2:16: prompts.0s.txt: unknown option"),
    ("duration: 1s\nprompts: {0s: a, 1s: 3}\n", "2:22: prompts.1s: expected a text or {image: FILE}, got 3"),
    ("duration: 1s\nprompts: {0s: a, fade: 3}\n", "2:24: prompts.fade: a time needs a unit"),
    ("duration: 1s\nprompts: [{text: a, wieght: 1}]\n", "prompts.0.wieght: unknown option; did you mean \"weight\"?"),
    ("duration: 4s\nprompts: {0s: a, 1s: b, fade: 3s}\n", "prompts.fade: a fade of 3s does not fit"),
    ("duration: !!python/object:os.system 1s\nprompts: x\n", "1:11: tags are not allowed"),
    ("duration: &a 1s\nprompts: *b\n", "2:10: alias of nothing"),
    ("duration: 1s\nprompts: &a [*a]\n", "2:14: alias of nothing, or of itself"),
    ("? [a]\n: 1\n", "a key must be a text or a number"),
    ("duration: 1s\nprompts: x\n---\nduration: 2s\n", "a second document"),
    ("duration: [1s\nprompts: x\n", "not YAML"),
    ("duration: 1s\n\tprompts: x\n", "2:1: not YAML"),
    ("<<: {a: 1}\n", "merge keys"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TRAPS)
def test_each_trap_has_its_line(write_scene: WriteScene, text: str, expected: str) -> None:
    found = problems(write_scene, text)
    assert any(expected in line for line in found), found


BOMBS = {
    "brackets": "[" * 100_000,
    "braces": "a: " + "{a: " * 100_000,
    "aliases": "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)),
    "many aliases": "a: &a x\nb: [" + "*a, " * 1000 + "]\n",
    "many values": "a: [" + "1, " * 200_000 + "]\n",
    "too large": "# " + "x" * (1 << 20) + "\n",
    "long number": "a: " + "9" * 5000 + "\nduration: 1s\nprompts: x\n",
}


@pytest.mark.parametrize("kind", BOMBS)
def test_bombs_are_refused_at_once(write_scene: WriteScene, kind: str) -> None:
    began = time.process_time()
    assert problems(write_scene, BOMBS[kind])
    assert time.process_time() - began < 20  # without bounds these take minutes, or all memory


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    for name, content in (("latin.yaml", b"name: caf\xe9\n"), ("nul.yaml", b"a: \x00\n")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SceneError):
            read(tmp_path / name)
    with pytest.raises(SceneError, match="cannot be read"):
        read(tmp_path / "absent.yaml")


def test_generators_take_turns(write_scene: WriteScene) -> None:
    document = read(write_scene(GOOD + "generator: {0s: siren, 1s: {type: fft, decay: 1.2}}\n"))
    assert [frame.generator for frame in document.frames] == [0] * 12 + [1] * 12
    assert [painter.type for painter in document.scene.generator] == ["siren", "fft"]
    for wrong, said in (
        ("{1s: siren, 2s: fft}", "3:13: generator.1s: the times of generators begin at 0s and go up"),
        ("{0s: siren, 3s: fft, 2s: siren}", "3:33: generator.2s: the times of generators begin at 0s and go up"),
        ("{0s: siren, 1s: {type: fft, decy: 1}}", '3:40: generator.1s.decy: unknown option; did you mean "decay"?'),
        ("{0s: siren, 1s: {type: ftt}}", '3:35: generator.1s.type: unknown type; did you mean "fft"?'),
        ("{0s: siren, soon: fft}", "3:24: generator.soon: not a time"),
    ):
        found = problems(write_scene, f"{GOOD}generator: {wrong}\n")
        assert len(found) == 1
        assert found[0].startswith(said)


def test_a_bad_prompt_moves_no_other(write_scene: WriteScene) -> None:
    found = problems(write_scene, "duration: 1s\nprompts: ['', {text: a, weight: 2000000}]\n")
    assert found[0] == "2:11: prompts.0: a prompt is a text or an image: FILE, one of the two"
    assert [line.partition(" ")[0] for line in found[1:]] in ([], ["2:33:"])  # what else is wrong, if it was looked at


def test_the_words_that_an_encoder_never_saw_are_warned_of(write_scene: WriteScene) -> None:
    assert read(write_scene(GOOD)).warnings == ()
    (warning,) = read(write_scene("duration: 2s\nprompts: {0s: a red circl, 1s: a red circle}\n")).warnings
    assert isinstance(warning, UnknownWord)
    assert (warning.encoder, warning.word, warning.near[0]) == ("pocket", "circl", "circle")


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[2] / "scenes").glob("*.yaml")), ids=lambda p: p.name)
def test_every_example_scene_resolves(path: Path) -> None:
    document = read(path)
    assert document.frames
    told = re.search(r"^# needs: (.+)$", document.text, re.M)
    named = set(told[1].split(", ")) if told else set()
    assert named == {model.name for model in document.models} - set(store.SHIPPED)


@pytest.mark.slow
def test_a_trap_never_leaves_a_file(write_scene: WriteScene, run_cli: Callable[..., object], tmp_path: Path) -> None:
    result = run_cli(write_scene("duration: 1\nprompts: x\n"), "--out", tmp_path / "out")
    assert result.returncode == 65  # type: ignore[attr-defined]
    assert "tiny.yaml:1:11: duration" in result.stderr  # type: ignore[attr-defined]
    assert not (tmp_path / "out").exists()
