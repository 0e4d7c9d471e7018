"""Frame keys: what they cover, and that no later version of the program changes them unawares."""

import collections
import dataclasses
import hashlib
import json
import shutil
from dataclasses import dataclass, field, make_dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field

from animator.film import keys
from animator.film.keys import canonical
from animator.models import store
from animator.models.store import SHIPPED
from animator.paint.generators import siren
from animator.scene import curves
from animator.scene.clock import Clock
from animator.scene.document import Document, read, resolve
from animator.scene.frame_spec import Aim, CutoutsAt, FrameSpec, PromptAt, plain
from animator.scene.scene import Cutouts
from bench import edits

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).with_name("keys.json")
NOT_HERE = {name: collections.defaultdict[Any, str](str) for name in keys.PARTS}  # of a film whose models are not
HOW = """\
Films on disk would be rendered anew. If frames are to be others from now on, raise FORMAT in animator/film/keys.py.
If an example scene was edited, that is all. Then write the file anew, and look at what changed in it:
    pytest tests/film/test_keys.py --record
    git diff tests/film/keys.json"""


def pinned(path: Path) -> dict[str, Any]:
    """What the golden file says of a scene. Where models have to be fetched, the base is empty."""
    document = read(path)
    specs = document.frames
    shipped = all(model.name in SHIPPED for model in document.models)
    return {
        "frames": len(specs),
        "first": plain(specs[0]),
        "middle": plain(specs[len(specs) // 2]),
        "last": plain(specs[-1]),
        "specs": hashlib.sha256("".join(map(canonical, specs)).encode()).hexdigest(),
        "key": keys.keys_of(keys.base_of(document) if shipped else NOT_HERE, document)[-1],
    }


def as_text(golden: dict[str, dict[str, Any]]) -> str:
    """JSON with a line for each thing that is pinned, so that a diff can be read."""
    scenes = []
    for name, entry in golden.items():
        lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in entry.items()]
        scenes.append(f" {json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(scenes) + "\n}\n"


def test_the_example_scenes_keep_their_keys(request: pytest.FixtureRequest) -> None:
    paths = sorted((ROOT / "scenes").glob("*.yaml"))
    heard = [path for path in paths if "\naudio:" in path.read_text(encoding="utf-8")]  # CPUs differ in last digits
    found = {path.stem: pinned(path) for path in paths if path not in heard}
    if request.config.getoption("--record"):
        GOLDEN.write_text(as_text(found), encoding="utf-8")
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    other = []
    for name in sorted({*golden, *found}):
        old, new = golden.get(name, {}), found.get(name, {})
        differ = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        other += [f"scenes/{name}.yaml: {', '.join(differ)} not as in tests/film/keys.json"] if differ else []
    assert not other, "\n".join([*other, HOW])


def keys_with(document: Document, **base: Any) -> list[str]:
    return keys.keys_of({**keys.base_of(document), **base}, document)


def test_keys_chain(tiny: Document) -> None:
    wanted = keys_with(tiny)
    assert len(set(wanted)) == len(wanted)
    changed = dataclasses.replace(tiny, frames=[*tiny.frames[:2], tiny.frames[3], *tiny.frames[3:]])
    same = [one == other for one, other in zip(wanted, keys_with(changed), strict=True)]
    assert same == [True, True, False, False, False, False]
    assert keys_with(tiny, seed=9)[0] != wanted[0]


def test_a_field_at_its_default_is_left_out() -> None:
    assert canonical(FrameSpec(index=3, time=0.25, seed=7, steps=10)) == '{"index":3,"seed":7,"steps":10,"time":0.25}'
    prompts = (PromptAt(Aim("a")), PromptAt(Aim(image="b.png"), -0.5, towards=Aim("c", lang="de"), blend=0.5))
    spec = FrameSpec(0, 0.0, 7, 10, prompts=prompts, cutouts=CutoutsAt(count=8.0), adapt=True)
    assert plain(spec) == {
        "index": 0,
        "time": 0.0,
        "seed": 7,
        "steps": 10,
        "prompts": [
            {"aim": {"text": "a"}},
            {"aim": {"image": "b.png"}, "weight": -0.5, "towards": {"text": "c", "lang": "de"}, "blend": 0.5},
        ],
        "cutouts": {"count": 8.0},
        "adapt": True,
    }


def test_a_new_field_with_a_default_changes_no_key() -> None:
    later_cutouts = make_dataclass("LaterCutouts", [("grain", float, 0.25)], bases=(CutoutsAt,), frozen=True)
    later_aim = make_dataclass("LaterAim", [("sound", str, "")], bases=(Aim,), frozen=True)

    @dataclass(frozen=True)
    class LaterSpec(FrameSpec):
        cutouts: CutoutsAt = field(default=later_cutouts())
        shutter: float = 0.5

    for cutouts in ({}, {"count": 8.0, "noise": 0.0}):
        old = FrameSpec(0, 0.0, 7, 10, prompts=(PromptAt(Aim("a")),), cutouts=CutoutsAt(**cutouts))
        new = LaterSpec(0, 0.0, 7, 10, prompts=(PromptAt(later_aim("a")),), cutouts=later_cutouts(**cutouts))
        assert canonical(new) == canonical(old)
        assert canonical(dataclasses.replace(new, shutter=0.75)) != canonical(old)
        assert canonical(dataclasses.replace(new, cutouts=later_cutouts(**cutouts, grain=0.5))) != canonical(old)


def test_a_new_option_of_a_generator_changes_no_key(tiny: Document) -> None:
    class Later(siren.Config):
        depth: float = Field(1.0, description="an option that a later version has (1)")

    def base(config: siren.Config) -> dict[str, Any]:
        painters = tuple(painter.model_copy(update={"config": config}) for painter in tiny.scene.generator)
        scene = tiny.scene.model_copy(update={"generator": painters})
        return keys.base_of(dataclasses.replace(tiny, scene=scene))

    assert base(siren.Config())["generator"] == [{"type": "siren"}]
    assert base(siren.Config(hidden=64)) == base(Later(hidden=64)) != base(Later(hidden=64, depth=2.0))


def test_a_name_and_how_the_film_is_written_are_in_no_key(tiny: Document) -> None:
    output = tiny.scene.output.model_copy(update={"crf": 40, "states_every": 7})
    scene = tiny.scene.model_copy(update={"name": "other", "output": output})
    assert keys.base_of(dataclasses.replace(tiny, scene=scene)) == keys.base_of(tiny)
    scene = tiny.scene.model_copy(update={"seed": 4})
    assert keys.base_of(dataclasses.replace(tiny, scene=scene)) != keys.base_of(tiny)


def test_cutouts_have_the_defaults_of_the_scene() -> None:
    """They are said twice, as curves and as numbers: were they different, keys would not say what is painted."""
    film, options = Clock(fps=12, duration=1, frames=12), Cutouts()
    assert {
        name: curves.resolve(getattr(options, name), film)(0) for name in Cutouts.model_fields
    } == dataclasses.asdict(CutoutsAt())


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scene") / "pictures"
    edits.paint(folder)
    return folder


@pytest.mark.parametrize("edit", edits.EDITS, ids=lambda edit: edit.what)
def test_an_edit_changes_the_keys_of_the_frames_that_it_changes(edit: edits.Edit, pictures: Path) -> None:
    """`python -m bench.edits` renders them all."""
    before, after = (resolve(scene, "edited") for scene in edits.both(edit, pictures))
    old, new = (keys.keys_of(keys.base_of(document), document) for document in (before, after))
    same = [one == other for one, other in zip(old, new, strict=False)]
    first = len(same) if edit.first is None else edit.first
    assert same == [True] * first + [False] * (len(same) - first)


def test_a_model_that_changes_under_its_name_changes_the_keys(tmp_path: Path) -> None:
    model = tmp_path / "own.safetensors"
    shutil.copyfile(store.find("pocket-vqgan", "vqgan").path, model)
    scene = {**edits.SCENE, "generator": {"type": "vqgan", "model": str(model)}}
    before = resolve(scene, "own")
    old = keys.keys_of(keys.base_of(before), before)
    content = model.read_bytes()
    model.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    after = resolve(scene, "own")
    assert keys.keys_of(keys.base_of(after), after)[0] != old[0]
