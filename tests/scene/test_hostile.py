"""Scenes that nobody would write by hand: each is an error of ours with a place, and never a traceback."""

import contextlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from animator.errors import SceneError
from animator.scene.document import read, resolve
from animator.scene.overrides import apply
from animator.scene.problems import FlawsError
from animator.scene.yaml_reader import compose
from tests.conftest import TINY
from tests.mutations import MUTATIONS

WriteScene = Callable[..., Path]
GOOD = "duration: 2s\nprompts: a red circle\n"

WRONG = [
    ("generator: {type: siren, 1: 2}", "3:26: generator.1: unknown option"),
    ("generator: {type: siren, true: 2}", "3:26: a key must be a text or a number"),
    ("generator: {type: siren, .nan: 2}", "3:26: a key must be a text or a number"),
    ("guide: {cutouts: {3: 1}}", "3:19: guide.cutouts.3: unknown option"),
    ("7: 1", "3:1: 7: unknown option"),
    ("losses: {drift: {weight: 1, options: 3}}", "3:29: losses.drift.options: unknown option"),
    ("motion: {zoom: {ease: smooth}}", "3:16: motion.zoom: no keyframes here"),
    ("optimize: {steps: 1 in 2}", "3:19: optimize.steps: not an expression"),
    ("optimize: {steps: 1 is 1}", "3:19: optimize.steps: not an expression"),
    ("optimize: {steps: ~1}", "3:19: optimize.steps: not an expression"),
    ("optimize: {steps: 1 @ 2}", "3:19: optimize.steps: not an expression"),
    ("optimize: {steps: 1 << 2}", "3:19: optimize.steps: not an expression"),
    ("motion: {zoom: {\u0663s: 1}}", "3:17: motion.zoom.\u0663s: not a time"),
    ("seed: " + "9" * 5000, "3:7: seed: "),
    (f"generator: {{type: vqgan, model: {'x' * 300}.safetensors}}", "generator.model: "),
    (f"guide: {{encoders: {{{'x' * 300}.safetensors: 1}}}}", "guide.encoders."),
    ("size: 512x", "3:7: size: "),
    ('"a\\nb": 1', "3:1: a\\nb: unknown option"),
    ('"\\e[31mred": 1', "3:1: \\x1b[31mred: unknown option"),
]


@pytest.mark.parametrize(("line", "expected"), WRONG)
def test_each_is_one_line_with_its_place(write_scene: WriteScene, line: str, expected: str) -> None:
    with pytest.raises(SceneError) as caught:
        read(write_scene(f"{GOOD}{line}\n", "reef.yaml"))
    lines = str(caught.value).splitlines()
    assert any(expected in one for one in lines), lines
    assert len(lines) == len(caught.value.problems)
    assert all(one.isprintable() for one in lines)


def test_a_prompt_that_is_a_picture_with_a_name_too_long(write_scene: WriteScene) -> None:
    with pytest.raises(SceneError, match="not a picture that can be read"):
        read(write_scene(f"duration: 1s\nprompts: {{image: {'x' * 300}.png}}\n"))


def test_only_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (Path("/dev/zero"), tmp_path / "fifo", tmp_path):
        with pytest.raises(SceneError, match="not a file"):
            read(path)
    assert stat.S_ISFIFO((tmp_path / "fifo").stat().st_mode)
    with pytest.raises(SceneError, match="cannot be read"):
        read(tmp_path / ("x" * 300))
    with pytest.raises(SceneError, match="cannot be read"):
        read("a\0b")


def test_what_is_no_text_has_its_line_and_column(tmp_path: Path) -> None:
    for content, place in (
        (b"duration: 1s\nname: caf\xe9\n", ":2:10: not UTF-8"),
        (b"a: 1\nb: x\x01y\n", ":2:5: not YAML"),
    ):
        (tmp_path / "odd.yaml").write_bytes(content)
        with pytest.raises(SceneError) as caught:
            read(tmp_path / "odd.yaml")
        assert place in str(caught.value)


def mutated(text: str, changes: list[tuple[int, str]]) -> str:
    for place, piece in changes:
        at = place % (len(text) + 1)
        text = text[:at] + piece + text[at + len(piece) % 3 :]
    return text


PIECES = [
    *("", ":", "{", "}", "[", "]", "- ", "\n", "  ", "1e999", ".nan", "null", "true", "0s", "1s:", "ease: smooth"),
    *("'", '"', "&a ", "*a", "*", "-", "\u0663", "999999999999", "type: ", "~"),
]  # fmt: skip
MUSIC = (
    TINY.replace("prompts: {0s: a red circle, 1s: a blue square, fade: 0.5s}", "")
    + """\
audio: {bpm: 120, first_beat: 0.1s, start: bar 2, lead: 10ms, markers: {drop: 0:03, hit: [1, 2.5]}}
prompts:
  - {every: {onset: hit, at_least: 0.3s}, texts: [a star, the sea], fade: 1b}
  - {text: red, weight: {every: 1b, values: [1, 0.5]}}
  - {0s: a tree, "@drop - 1b": a boat, +2b: a house, +2b: a bird}
  - {text: blue, weight: "0.1 + env(pulse(hit, 1b), 0.1, 0.2) + hold(beat_phase, 1bar) + smooth(bar, 0.2s)"}
"""
)
PIECES += [
    "+2b",
    "16b",
    "bar 3",
    "@drop",
    "every: ",
    "1b",
    "bpm: ",
    "pulse(",
    "kick",
    "hold(t, ",
    "0b",
    "1e9bar",
    "0.001b",
]
KEYS = [
    "audio",
    "every",
    "lead",
    "bpm",
    "generator",
    "prompts",
    "motion",
    "0s",
    "zoom",
    "losses",
    "drift",
    "weight",
    "guide",
    "1",
    "size",
    "",
]


@pytest.mark.slow
@settings(max_examples=MUTATIONS)
@given(
    st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(PIECES)), min_size=1, max_size=6),
    st.sampled_from([TINY, MUSIC]),
)
def test_no_mutation_of_a_scene_is_anything_but_an_error_of_ours(changes: list[tuple[int, str]], text: str) -> None:
    with contextlib.suppress(SceneError, FlawsError):
        resolve(compose(mutated(text, changes), "x").plain, "x")


def test_what_is_mutated_is_a_good_scene() -> None:
    assert len(resolve(compose(MUSIC, "x").plain, "x").frames) == 6


@pytest.mark.slow
@settings(max_examples=MUTATIONS)
@given(
    st.lists(st.sampled_from(KEYS), min_size=1, max_size=4),
    st.one_of(st.sampled_from(PIECES), st.text(max_size=12)),
)
def test_no_change_on_the_command_line_is_anything_but_an_error_of_ours(keys: list[str], value: str) -> None:
    with contextlib.suppress(SceneError, FlawsError):
        plain, _ = apply(compose(MUSIC, "x").plain, (f"{'.'.join(keys)}={value}",))
        resolve(plain, "x")
