"""Edit scenes in every way and go on: `python -m bench.edits`.

A small film is rendered, its scene is edited, and it is rendered on. It must keep each frame before the first that the
edit changes, and no other, and its film must have the bytes of one that was rendered from the edited scene at once.
"""

import argparse
import copy
import json
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from animator import files
from animator.batch.order import Order
from animator.batch.run import render_all
from animator.models import store
from animator.report import events
from bench import verdict

FRAMES = 12  # of the film, at 4 a second
SCENE: dict[str, Any] = {
    "name": "edited",
    "size": [32, 32],
    "fps": 4,
    "duration": "12f",
    "seed": 3,
    "generator": {"type": "siren", "layers": 2, "hidden": 16, "draft": 32},
    "guide": {"cutouts": {"count": 4}, "encoders": {"pocket": 1}},
    "optimize": {"first_steps": 3, "steps": 2},
    "prompts": [{"0s": "a red circle", "1s": "a blue square", "fade": "0.5s"}],
    "motion": {"zoom": 1.5, "rotate": 20},
    "losses": {"total_variation": 0.1},
    "output": {"preset": "ultrafast", "threads": 1},
}
SIREN = SCENE["generator"]
TURNS = SCENE["prompts"][0]
STEADY = {"prompts": [{"text": "a red circle"}]}
TWO = {"guide.encoders": {"pocket": 1, "pocket-judge": 0.5}}
VQGAN = {"generator": {"type": "vqgan"}, "duration": "4f"}
PICTURES = {"prompts": [{"0s": "a red circle", "2s": {"image": "PICTURES/one.png"}}]}
ALL = None  # frames are kept


@dataclass(frozen=True)
class Edit:
    """A change of a scene: `changes` by dotted paths, of which None takes one away, made to SCENE with `before` in it.
    `first` is the first frame that changes."""

    what: str
    changes: dict[str, Any]
    first: int | None
    before: dict[str, Any] = field(default_factory=dict)


EDITS = (
    # what changes nothing
    Edit("a constant as keyframes", {"motion.zoom": {"0s": 1.5, "2s": 1.5}}, ALL),
    Edit("a constant as smooth keyframes", {"motion.zoom": {"0s": 1.5, "1s": 1.5, "2s": 1.5, "ease": "smooth"}}, ALL),
    Edit("a constant as a list of keyframes", {"motion.zoom": [{"at": "0s", "value": 1.5}]}, ALL),
    Edit("a constant as an expression", {"motion.zoom": "1 + 1/2"}, ALL),
    Edit("a constant as Deforum writes it", {"motion.zoom": "0: (1.5), 8: (1.5)"}, ALL),
    Edit("keyframes as a constant", {"motion.rotate": 20}, ALL, {"motion.rotate": {"0s": 20, "1s": 20}}),
    Edit("steps as keyframes", {"optimize.steps": {"0s": 2, "1s": 2}}, ALL),
    Edit("steps a second for as many a frame", {"optimize.steps": None, "optimize.steps_per_second": 8}, ALL),
    Edit("a weight as keyframes", {"prompts.0.weight": {"0s": 1, "1s": 1}}, ALL, STEADY),
    Edit("cutouts as keyframes", {"guide.cutouts.count": {"0s": 4, "3s": 4}}, ALL),
    Edit("a loss as keyframes", {"losses.total_variation": {"0s": 0.1, "1s": 0.1}}, ALL),
    Edit("a loss with its weight by name", {"losses.total_variation": {"weight": 0.1}}, ALL),
    Edit("a loss of weight 0", {"losses.drift": 0}, ALL),
    Edit("a loss of weight 0 taken away", {"losses.drift": None}, ALL, {"losses.drift": 0}),
    Edit("losses in another order", {"losses": {"drift": 0.2, "total_variation": 0.1}}, ALL, {"losses.drift": 0.2}),
    Edit("a prompt of weight 0", {"prompts": [TURNS, {"text": "x", "weight": 0}]}, ALL),
    Edit("a picture of weight 0", {"prompts": [TURNS, {"image": "PICTURES/one.png", "weight": 0}]}, ALL),
    Edit("one prompt as no list", {"prompts": TURNS}, ALL),
    Edit("a prompt as a short text", {"prompts": "a red circle"}, ALL, STEADY),
    Edit("a prompt as a turn", {"prompts": {"0s": "a red circle"}}, ALL, STEADY),
    Edit("spaces around a prompt", {"prompts": "  a red circle "}, ALL, STEADY),
    Edit("lang: en", {"prompts.0.lang": "en"}, ALL, STEADY),
    Edit("lang: en-gb for all turns", {"prompts.0.lang": "en-gb"}, ALL),
    Edit("lang: en taken away", {"prompts.0.lang": None}, ALL, {"prompts": [{"text": "a red circle", "lang": "en"}]}),
    Edit("a time in milliseconds", {"prompts": [{"0s": "a red circle", "1000ms": "a blue square", "fade": "2f"}]}, ALL),
    Edit("a duration in seconds", {"duration": "3s"}, ALL),
    Edit("a size in one word", {"size": "32x32"}, ALL),
    Edit("fps as a ratio", {"fps": "8/2"}, ALL),
    Edit("a generator from its time", {"generator": {"0s": SIREN}}, ALL),
    Edit("an option at its default", {"generator.regrow": True}, ALL),
    Edit("a type at its default", {"motion.type": "affine"}, ALL),
    Edit("a rate at its default", {"motion.pan_x": 0}, ALL),
    Edit("a generator behind the end", {"generator": {"0s": SIREN, "9s": "fft"}}, ALL),
    Edit("encoders in another order", {"guide.encoders": {"pocket-judge": 0.5, "pocket": 1}}, ALL, TWO),
    Edit("a picture under another name", {"prompts.0.2s.image": "PICTURES/same.png"}, ALL, PICTURES),
    Edit("a model by its file", {"generator.model": str(store.find("pocket-vqgan", "vqgan").path)}, ALL, VQGAN),
    Edit("quality", {"output.crf": 30}, ALL),
    Edit("effort", {"output.preset": "veryfast"}, ALL),
    Edit("states kept", {"output.states_every": 3}, ALL),
    Edit("states kept, all again", {"output.states_every": 1}, ALL, {"output.states_every": 4}),
    Edit("another name", {"name": "renamed"}, ALL),
    Edit("a longer film", {"duration": "15f"}, ALL),
    Edit("a shorter film", {"duration": "9f"}, ALL),
    # what changes later frames
    Edit("another name and a later prompt", {"name": "renamed", "prompts.0.2s": "a green field"}, 8),
    Edit("a later prompt", {"prompts.0.2s": "a green field"}, 8),
    Edit("a later prompt taken away", {"prompts.0.1s": None}, 4),
    Edit("a later prompt in other words", {"prompts.0.1s": "a blue circle"}, 4),
    Edit("a later prompt at another time", {"prompts": [{"0s": "a red circle", "1.5s": "a blue square"}]}, 4),
    Edit("another fade", {"prompts.0.fade": "0s"}, 4),
    Edit("a later picture", {"prompts.0.2s": {"image": "PICTURES/one.png"}}, 8),
    Edit("another later picture", {"prompts.0.2s.image": "PICTURES/two.png"}, 8, PICTURES),
    Edit("a weight that falls later", {"prompts.0.weight": {"0s": 1, "2s": 1, "2.5s": 0.5}}, 9, STEADY),
    Edit("a prompt that comes later", {"prompts": [TURNS, {"text": "x", "weight": {"0s": 0, "2s": 0, "3s": 1}}]}, 9),
    Edit("a loss that comes later", {"losses.drift": {"0s": 0, "2s": 0, "2.5s": 0.2}}, 9),
    Edit("a generator added later", {"generator": {"0s": SIREN, "2s": "fft"}}, 8),
    Edit("a later generator taken away", {"generator": SIREN}, 8, {"generator": {"0s": SIREN, "2s": "fft"}}),
    Edit("another later generator", {"generator.2s": "siren"}, 8, {"generator": {"0s": SIREN, "2s": "fft"}}),
    Edit("a zoom that changes later", {"motion.zoom": {"0s": 1.5, "1s": 1.5, "2s": 2}}, 5),
    Edit("steps that change later", {"optimize.steps": [{"at": "0s", "value": 2}, {"at": "2s", "value": 4}]}, 3),
    Edit("a held step size", {"optimize.step_size": {"0s": 1, "2s": 0.5, "ease": "hold"}}, 8),
    Edit("held cutouts", {"guide.cutouts.turn": {"0s": 12, "2s": 3, "ease": "hold"}}, 8),
    Edit("steps", {"optimize.steps": 3}, 1),
    Edit("zoom", {"motion.zoom": 1.6}, 1),
    Edit("rotate", {"motion.rotate": 0}, 1),
    Edit("pan", {"motion.pan_y": 0.1}, 1),
    Edit("fps", {"fps": 5}, 1),
    # what changes all
    Edit("the seed", {"seed": 4}, 0),
    Edit("the size", {"size": [32, 48]}, 0),
    Edit("the first prompt", {"prompts.0.0s": "a green circle"}, 0),
    Edit("first steps", {"optimize.first_steps": 4}, 0),
    Edit("anneal", {"optimize.anneal": 1}, 0),
    Edit("the first noise", {"optimize.first_noise": 0.2}, 0),
    Edit("adapted steps", {"optimize.adapt": True}, 0),
    Edit("precision", {"optimize.precision": "fp32"}, 0),
    Edit("moments", {"optimize.warm_moments": False}, 0),
    Edit("cutouts", {"guide.cutouts.count": 5}, 0),
    Edit("noise", {"guide.cutouts.noise": 0}, 0),
    Edit("the weight of an encoder", {"guide.encoders.pocket": 2}, 0),
    Edit("another encoder", {"guide.encoders": TWO["guide.encoders"]}, 0),
    Edit("the weight of a loss", {"losses.total_variation": 0.2}, 0),
    Edit("no loss", {"losses": {}}, 0),
    Edit("a prompt that pushes", {"prompts": [TURNS, {"text": "blurry", "weight": -0.3}]}, 0),
    Edit("an option of the generator", {"generator.hidden": 24}, 0),
    Edit("another generator", {"generator": "fft"}, 0),
)


def scene_of(changes: dict[str, Any], pictures: Path) -> dict[str, Any]:
    """SCENE with changes by dotted paths."""
    scene = copy.deepcopy(SCENE)
    for path, value in changes.items():
        *above, last = (int(part) if part.isdigit() else part for part in path.split("."))
        target: Any = scene
        for part in above:
            target = target[part]
        if value is None:
            target.pop(last, None)
        else:
            target[last] = copy.deepcopy(value)
    return dict(json.loads(json.dumps(scene).replace("PICTURES", str(pictures))))


def both(edit: Edit, pictures: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The scene before an edit and after it."""
    return scene_of(edit.before, pictures), scene_of({**edit.before, **edit.changes}, pictures)


def paint(folder: Path) -> None:
    """Pictures for prompts: two of the same bytes, and another one."""
    folder.mkdir(parents=True)
    for name, colour in (("one", "red"), ("same", "red"), ("two", "blue")):
        Image.new("RGB", (32, 32), colour).save(folder / f"{name}.png")


def render(scene: dict[str, Any], out: Path) -> tuple[Path, int]:
    """Render a scene: its folder, and how many frames it had before."""
    path, seen = out.with_name("scene.yaml"), list[events.Event]()
    path.write_text(json.dumps(scene))  # which is YAML, too
    (result,) = render_all([path], (), Order(out, device="cpu"), seen.append)
    if result.error:
        raise result.error
    done = sum(isinstance(event, events.FrameDone) for event in seen)
    assert result.film is not None
    return result.film, len(list(result.film.parent.glob("frames/*.png"))) - done


def wrong(edit: Edit, root: Path) -> str:
    """What an edit did that it should not have done; empty for nothing."""
    if not (root / "pictures").exists():
        paint(root / "pictures")
    before, after = both(edit, root / "pictures")
    edited, anew = root / "edited", root / "anew"
    for folder in (edited, anew):
        shutil.rmtree(folder, ignore_errors=True)
    count = len(list(render(before, edited)[0].parent.glob("frames/*.png")))
    film, kept = render(after, edited)
    other, _ = render(after, anew)
    frames = len(list(other.parent.glob("frames/*.png")))
    first = min(count, frames) if edit.first is None else edit.first
    found = []
    if kept != first:
        found.append(f"{kept} frames kept in place of {first}")
    differ = [path.name for path in sorted(other.parent.glob("frames/*")) if not _same(path, other, film)]
    if differ or files.sha256(film) != files.sha256(other):
        found.append(f"another film than one rendered at once, {len(differ)} frames differ, from {differ[:1]}")
    return "; ".join(found)


def _same(path: Path, other: Path, film: Path) -> bool:
    twin = film.parent / path.relative_to(other.parent)
    return twin.is_file() and files.sha256(twin) == files.sha256(path)


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="edits with this in their names")
    chosen = parser.parse_args()
    edits = [edit for edit in EDITS if chosen.only in edit.what]
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        for edit in edits:
            text = wrong(edit, Path(name))
            bad += bool(text)
            print(f"{edit.what}: {text or 'ok'}", flush=True)
    print(f"{len(edits)} edits")
    return verdict("edits that went wrong", bad, 0, lambda value, bar: value <= bar)


if __name__ == "__main__":
    sys.exit(not main())
