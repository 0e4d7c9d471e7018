"""The JSON Schema for editors: it takes every example, and refuses every mistake that a schema can see."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from animator import variants
from animator.errors import SceneError
from animator.report import schema
from animator.scene.yaml_reader import compose
from tests.conftest import ROOT, TINY
from tests.scene.test_document import TRAPS

SCHEMA = schema.of_scene()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
SCENES = sorted((ROOT / "scenes").glob("*.yaml"))
UNSEEN = (  # what only the whole scene, the files or the values over time tell
    "out of order",
    "frame 0: ",
    "frame 1: ",
    "no such file",
    "is missing",
    "frames",
    "unknown name",
    "does not fit",
    "duration: ",  # which is too long for its fps
)


def plain(text: str, name: str = "scene.yaml") -> Any:
    return json.loads(json.dumps(compose(text, name).plain))


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"].endswith("2020-12/schema")


def test_the_file_is_that_of_today() -> None:
    assert (ROOT / schema.PLACE).read_text(encoding="utf-8") == schema.as_text(), "make docs writes it"


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_every_example_is_valid_and_names_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not list(VALIDATOR.iter_errors(plain(text)))
    assert text.startswith("# yaml-language-server: $schema=../docs/scene.schema.json\n")


RIGHT = """
timelapse: true
timelapse: {at: 3s, fps: 24000/1001}
sweep: {seed: [1, 2]}
size: 512x288
size: {width: 64, height: 64}
fps: 24 fps
output: {codec: gif}
output: {upscale: 2x}
audio: song.ogg
audio: {file: song.ogg, markers: {drop: [12, 1:02.5]}, beats: [0.5, 1.0]}
generator: {0s: siren, 2s: {type: vqgan, start: perlin}}
guide: {encoders: [pocket]}
motion: affine
motion: {rotate: {0s: 1, '@drop + 2b': 2, ease: smooth}}
optimize: {steps: auto}
losses: {drift: {weight: '1/t'}}
prompts: [{every: 4bar, texts: [a, {image: b.png}]}, {from: words.lrc, fade: 1b}]
prompts: {0s: a, 1:02.5: b, bar 9: c}
"""


@pytest.mark.parametrize("more", RIGHT.strip().splitlines())
def test_forms_that_are_right(more: str) -> None:
    key = more.split(":")[0]
    base = "" if key == "prompts" else "prompts: the sea\n"
    errors = [error.message for error in VALIDATOR.iter_errors(plain(base + more))]
    assert not errors


@pytest.mark.parametrize("number", range(len(TRAPS)))
def test_mistakes_that_a_schema_can_see(number: int) -> None:
    text, said = TRAPS[number]
    try:
        scene = plain(text)
    except SceneError:
        return  # no YAML, which the editor says
    refused = list(VALIDATOR.iter_errors(scene))
    if not refused:
        assert any(part in said for part in UNSEEN), said


def test_every_variant_and_option_is_there() -> None:
    text = schema.as_text()
    for axis in ("generators", "motions", "losses", "codecs"):
        for name in variants.names(axis):
            for option in variants.config(axis, name).model_fields:
                assert f'"{option}"' in text or option == "source"
    described = [
        option
        for section in (SCHEMA, *SCHEMA["properties"].values())
        for option in section.get("properties", {}).values()
        if "description" not in option and "properties" not in option and "anyOf" not in option
    ]
    assert not described
    assert plain(TINY)
