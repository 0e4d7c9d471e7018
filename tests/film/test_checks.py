"""Frames that look odd: what is damaged is found, what was asked for is not, and a film can be ended by it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from animator.batch.order import Order, Result
from animator.batch.run import render_all
from animator.film import checks, progress
from animator.film.checks import Checks, Pixels
from animator.film.folder import Folder
from animator.report import events, gallery, sinks
from animator.report.events import Event
from animator.report.sinks.page import Page
from animator.scene.document import resolve
from animator.scene.frame_spec import FrameSpec
from tests.conftest import TINY

WriteScene = Callable[..., Path]
COUNT = 40
STILL = "{first_steps: 0, steps: 0}"
FLAT = TINY.replace("layers: 2,", "layers: 2, contrast: 0.001,").replace("{first_steps: 4, steps: 3}", STILL)


def specs(**fields: object) -> Sequence[FrameSpec]:
    scene = {"duration": f"{COUNT}f", "fps": 8, "prompts": "a", "motion": {"zoom": 1.1}, **fields}
    return resolve(scene, "film").frames


@pytest.fixture(scope="module")
def film() -> list[Pixels]:
    """Blobs that boil a little and drift aside, as films do."""
    rng = np.random.default_rng(5)
    wide = Image.fromarray(rng.integers(0, 256, (12, 40, 3), np.uint8)).resize((240, 72), Image.Resampling.BICUBIC)
    pictures = []
    for index in range(COUNT):
        boiled = np.asarray(wide.crop((index, 0, index + 128, 72)), np.int16) + rng.integers(-6, 7, (72, 128, 3))
        pictures.append(np.clip(boiled, 0, 255).astype(np.uint8))
    return pictures


def seen(pictures: Sequence[Pixels], frames: Sequence[FrameSpec]) -> dict[int, list[str]]:
    """What is said of each frame of which something is said."""
    looking = Checks(8)
    said = {spec.index: looking.see(spec, pixels) for spec, pixels in zip(frames, pictures, strict=True)}
    return {index: odd for index, odd in said.items() if odd}


def blurred(pixels: Pixels) -> Pixels:
    return np.array(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(6)), np.uint8)


DAMAGE: dict[str, tuple[Callable[[Pixels], Pixels], str]] = {
    "black": (np.zeros_like, "black"),
    "grey": (lambda pixels: np.full_like(pixels, 128), "flat"),
    "white": (lambda pixels: np.full_like(pixels, 255), "blown out"),
    "upside down": (lambda pixels: np.array(255 - pixels[::-1], np.uint8), "a jump"),
    "blurred": (blurred, "blurred"),
    "noise": (lambda pixels: pixels ^ np.random.default_rng(1).integers(0, 128, pixels.shape, np.uint8), "noisy"),
}


def test_a_film_as_it_should_be_is_not_odd(film: list[Pixels]) -> None:
    assert seen(film, specs()) == {}


@pytest.mark.parametrize("kind", DAMAGE)
@pytest.mark.parametrize("frame", [18, 27, 39])
def test_a_damaged_frame_is_found(film: list[Pixels], kind: str, frame: int) -> None:
    damage, name = DAMAGE[kind]
    pictures = [*film[:frame], damage(film[frame]), *film[frame + 1 :]]
    said = seen(pictures, specs())
    assert name in said[frame]
    assert set(said) <= {frame, frame + 1}  # and the way back from it, which is as sudden


@pytest.mark.parametrize("kind", ["black", "grey", "white"])
def test_what_no_scene_asks_for_is_found_from_the_first_frame_on(film: list[Pixels], kind: str) -> None:
    damage, name = DAMAGE[kind]
    assert seen([damage(pixels) for pixels in film[:3]], specs()[:3]) == {index: [name] for index in range(3)}


@pytest.mark.parametrize(
    "fields",
    [
        {"prompts": {"0s": "a", "2.5s": "b"}},
        {"generator": {"0s": "siren", "2.5s": "fft"}},
        {"motion": {"zoom": {"0s": 1.1, "2.3s": 3, "ease": "hold"}}},
        {"losses": {"drift": "where(t < 2.5, 0, 1)"}},
        {"optimize": {"steps": "where(t < 2.5, 10, 30)"}},
        {"prompts": [{"text": "a", "weight": "where(t < 2.5, 1, 2)"}]},
    ],
)
def test_what_was_asked_for_is_not_odd(film: list[Pixels], fields: dict[str, object]) -> None:
    """From frame 20 on, another picture."""
    pictures = [*film[:20], *(np.array(255 - pixels[::-1], np.uint8) for pixels in film[20:])]
    assert seen(pictures, specs(**fields)) == {}
    assert seen(pictures, specs()) != {}


def test_colours_that_drift_are_found(film: list[Pixels]) -> None:
    rising = [np.clip(pixels * 0.5 + 2.5 * index, 0, 255).astype(np.uint8) for index, pixels in enumerate(film)]
    said = seen(rising, specs())
    assert set(map(tuple, said.values())) == {("colours drift",)}
    assert min(said) > 25


def test_a_blurred_frame_of_a_soft_film_is_found() -> None:
    """Most of its steps from pixel to pixel are those of a gradient, which stays."""
    y, x = np.mgrid[0:1:192j, 0:1:192j]
    pictures = list[Pixels]()
    for index in range(COUNT):
        light = np.stack([40 + 160 * y, 60 + 150 * y, 50 + 140 * y], -1)
        for place in range(40):
            off = np.hypot(x - 0.12 * (place % 8) - index / 400, y - 0.2 * (place // 8))
            light[..., place % 3] += 50 / (1 + np.exp(120 * (off - 0.05)))
        pictures.append(light.round().clip(0, 255).astype(np.uint8))
    assert seen(pictures, specs()) == {}
    pictures[20] = blurred(pictures[20])
    assert seen(pictures, specs()) == {20: ["blurred"]}


@pytest.mark.parametrize("start", [1, 15, 33])
def test_checks_go_on_from_the_frames_on_disk(film: list[Pixels], start: int, tmp_path: Path) -> None:
    frames = specs(prompts={"0s": "a", "1.5s": "b"})
    (tmp_path / "frames").mkdir()
    whole = Checks(8)
    for spec, pixels in zip(frames[:start], film[:start], strict=True):
        Image.fromarray(pixels).save(Folder(tmp_path).frame_path(spec.index))
        whole.see(spec, pixels)
    resumed = checks.going_on(Folder(tmp_path), frames, start, 8)
    assert (resumed.quiet, resumed.looks, resumed.changes) == (whole.quiet, whole.looks, whole.changes)
    upside_down = np.array(255 - film[start][::-1], np.uint8)
    assert resumed.see(frames[start], upside_down) == whole.see(frames[start], upside_down)


def render(scene: Path, out: Path, strict: bool) -> tuple[Result, list[Event]]:
    told: list[Event] = []
    tell = sinks.together(told.append, Page())
    (result,) = render_all([scene], (), Order(out, device="cpu", strict=strict), tell)
    return result, told


def test_odd_frames_are_said_and_noted(write_scene: WriteScene, tmp_path: Path) -> None:
    result, told = render(write_scene(FLAT), tmp_path, strict=False)
    assert result.error is None
    said = [(event.frame, event.odd) for event in told if isinstance(event, events.FrameOdd)]
    assert said == [(index, ("flat",)) for index in range(6)]
    assert [line["odd"] for line in progress.read(Folder(tmp_path / "tiny")).values()] == [["flat"]] * 6
    (card,) = gallery.films(tmp_path)
    assert "6 frames look odd" in card.facts
    assert "frame 5: flat" in (tmp_path / "tiny" / "page.html").read_text(encoding="utf-8")


def test_strict_ends_a_film_and_does_so_again(write_scene: WriteScene, tmp_path: Path) -> None:
    scene = write_scene(FLAT)
    for _ in range(2):
        result, _ = render(scene, tmp_path, strict=True)
        assert result.error is not None
        assert "frame 0 looks odd (flat)" in str(result.error)
        assert result.error.exit_code == 70
        assert not list((tmp_path / "tiny").glob("*.mp4"))
    assert render(scene, tmp_path, strict=False)[0].error is None
