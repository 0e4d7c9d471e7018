"""What can be seen early: previews, moments and sweeps. The networks here are tiny, and so is their time."""

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from animator.batch import preview, shot, works
from animator.batch.order import Order
from animator.batch.preview import Preview
from animator.batch.run import render_all
from animator.batch.sweep import Cell, Sweep, cells
from animator.errors import SceneError
from animator.film import soundtrack
from animator.paint import encoders
from animator.report import events
from animator.report.events import Event
from animator.scene import reduced
from animator.scene.document import Document, resolve
from animator.scene.motions import IDENTITY, compose
from tests.conftest import TINY
from tests.film.played import grey

WriteScene = Callable[..., Path]


def run(scene: Path, out: Path, work: Any, *changes: str) -> list[Event]:
    seen: list[Event] = []
    (result,) = render_all([scene], changes, Order(out, device="cpu"), seen.append, work)
    if result.error is not None:
        raise result.error
    return seen


def long(seconds: int = 60, fps: int = 24, **more: Any) -> Document:
    prompts = {"0s": "a", "30s": "b", "fade": "2s"} if seconds > 30 else "a"
    motion = {"zoom": 1.1, "rotate": "5*sin(t)", "pan_x": 0.02}
    scene = {"duration": f"{seconds}s", "fps": fps, "prompts": prompts, "motion": motion, "size": [512, 288], **more}
    return resolve(scene, "film")


@pytest.mark.parametrize("every", [1, 2, 7, 100])
def test_a_preview_has_the_films_camera_prompts_and_length(every: int) -> None:
    film = long(20)
    small = reduced.thinned(film, (128, 72), every, 30, 5)
    assert [spec.index for spec in small.frames] == list(range(len(small.frames)))
    pose = IDENTITY
    for spec in film.frames:
        pose = compose(pose, spec.matrix)
        if spec.index % every == 0:
            shown = small.frames[spec.index // every]
            assert (shown.time, shown.prompts, shown.cutouts) == (spec.time, spec.prompts, spec.cutouts)
    mine, last = IDENTITY, len(small.frames) * every - every
    for spec in small.frames:
        mine = compose(mine, spec.matrix)
    pose = IDENTITY
    for spec in film.frames[: last + 1]:
        pose = compose(pose, spec.matrix)
    assert [value for row in mine for value in row] == pytest.approx([value for row in pose for value in row])
    assert len(small.frames) / small.scene.fps == pytest.approx(20, abs=every / 24)
    assert [spec.steps for spec in small.frames[:3]] == [30, 5, 5]


def test_a_preview_of_a_loop_goes_as_far_back() -> None:
    film = resolve({"duration": "4s", "prompts": {"0s": "a", "2s": "b"}, "loop": True}, "film")
    small = reduced.thinned(film, (128, 72), 3, 30, 5)
    left = math.prod(1 - spec.home.share for spec in film.frames[37:46] if spec.home)
    shares = [spec.home.share for spec in small.frames if spec.home]
    assert math.prod(1 - share for share in shares[1:]) == pytest.approx(left)
    assert shares == sorted(shares)


def test_a_preview_has_its_song_where_the_film_has_it() -> None:
    """Also where a scene counts frames, of which a preview has fewer."""
    film = long(4, 24, audio={"file": "scenes/song.ogg", "start": "48f", "fade_out": "500ms", "offset": "12f"})
    small = reduced.thinned(film, (128, 72), 6, 30, 5)
    sounds = [soundtrack.of(each.scene.audio, each.scene.fps, range(len(each.frames))) for each in (film, small)]
    assert sounds[0] == sounds[1]
    assert sounds[0] is not None
    assert (sounds[0].begin, sounds[0].seconds, sounds[0].fade_out) == (1.5, 4.0, 0.5)


@pytest.mark.parametrize("seconds", [1, 8, 60, 600])
@pytest.mark.parametrize("total", [1, 20, 300, 3000, 100_000])
def test_a_preview_takes_the_steps_it_may(seconds: int, total: int) -> None:
    film = long(seconds, 12)
    cut = preview.cut(film, total)
    count = -(-len(film.frames) // cut.every)
    taken = cut.first_steps + cut.steps * (count - 1)
    assert taken <= max(total, count + 1)
    assert cut.first_steps <= film.frames[0].steps
    if total >= 3000:
        assert cut.steps >= preview.STEPS[0]
    assert cut.every == 1 or count >= preview.LEAST_FRAMES


def test_sizes_keep_their_shape_and_can_be_seen() -> None:
    assert reduced.size_of((512, 288)) == (170, 96)
    assert reduced.size_of((1920, 1080)) == (480, 270)
    assert reduced.size_of((64, 64)) == (64, 64)
    assert reduced.size_of((16, 16384)) == (16, 16384)


@pytest.mark.slow
def test_a_preview_lies_inside_the_films_folder(write_scene: WriteScene, tmp_path: Path) -> None:
    scene = write_scene(TINY.replace("6f", "40f"))
    seen = run(scene, tmp_path, Preview(0.3))
    (told,) = [event for event in seen if isinstance(event, events.Reduced)]
    film = tmp_path / "tiny" / "preview" / "preview.mp4"
    count = -(-40 // told.every)
    assert len(grey(film)) == count * 32 * 32
    assert (film.parent / "sheet.png").is_file()
    assert not (tmp_path / "tiny" / "frames").exists()
    seen = run(scene, tmp_path, Preview(0.5, moments=True), "timelapse.at=[0s, 5s]")
    with Image.open(tmp_path / "tiny" / "moments.png") as sheet:
        assert sheet.width == 2 * 320 + 3 * 6
    run(scene, tmp_path, shot.render)  # the film itself goes into the same folder
    assert len(grey(tmp_path / "tiny" / "tiny.mp4")) == 40 * 32 * 32


@pytest.mark.slow
def test_a_moment_of_the_second_generator_is_painted_by_it(write_scene: WriteScene, tmp_path: Path) -> None:
    scene = write_scene(TINY.replace("{type: siren, layers: 2, hidden: 16, draft: 32}", "{0s: siren, 1s: fft}"))
    run(scene, tmp_path, Preview(0.2, moments=True), "timelapse.at=[1.2s]")
    assert '"type":"fft"' in (tmp_path / "tiny" / "at-000004" / "base.json").read_text()


def test_cells_of_a_grid() -> None:
    grid = {"optimize.step_size": (0.5, 1), "generator": ({"type": "fft"}, "siren")}
    found = list(cells(grid))
    assert len(found) == 4
    assert found[0].changes == ("optimize.step_size=0.5", 'generator={"type": "fft"}')
    assert found[1].lines == ("step_size 0.5", "generator siren")


@pytest.mark.slow
def test_a_sweep_renders_each_cell_and_loads_models_once(
    write_scene: WriteScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded, build = [], encoders.build
    monkeypatch.setattr(encoders, "build", lambda *given: loaded.append(given) or build(*given))  # type: ignore[func-returns-value]
    scene = write_scene(TINY + "sweep: {optimize.step_size: [0.5, 2], seed: [1, 2, 3]}\n")
    run(scene, tmp_path, Sweep())
    assert len(loaded) == 1
    with Image.open(tmp_path / "tiny" / "sweep.png") as sheet:
        assert sheet.width == 3 * 256 + 4 * 6
    frames = sorted((tmp_path / "tiny" / "sweep").glob("cell-*/frames/000000.png"))
    assert len({frame.read_bytes() for frame in frames}) == 6
    before = [frame.stat().st_mtime_ns for frame in frames]
    run(scene, tmp_path, Sweep())  # which has nothing left to do
    assert [frame.stat().st_mtime_ns for frame in frames] == before
    run(scene, tmp_path, Sweep(films=True), "sweep={seed: [1]}")
    assert len(grey(tmp_path / "tiny" / "sweep" / "cell-000" / "cell-000.mp4")) == 6 * 32 * 32


@pytest.mark.parametrize(
    ("sweep", "says"),
    [
        ("sweep: {seed: []}", "each option needs values"),
        ("sweep: {seed: 3}", "sweep.seed"),
        ("sweep: {optimize.stepsize: [1]}", 'unknown option; did you mean "step_size"?'),
        ("", "there is no grid to sweep over"),
    ],
)
def test_a_grid_that_cannot_be_is_said_before_anything_is_rendered(
    sweep: str, says: str, write_scene: WriteScene, tmp_path: Path
) -> None:
    with pytest.raises(SceneError, match=says.replace("?", r"\?").replace(".", r"\.")):
        run(write_scene(TINY + sweep), tmp_path, Sweep())
    assert not list(tmp_path.glob("tiny/sweep/*/frames/*"))


def test_a_shelf_gives_what_it_has(tiny: Document) -> None:
    from animator.paint.device import pick
    from animator.paint.shelf import Shelf

    shelf = Shelf()
    one, two = (works.works_of(tiny, pick("cpu"), shelf) for _ in range(2))
    assert one.guide.encoders["pocket"] is two.guide.encoders["pocket"]
    assert one.generators[0] is two.generators[0]
    other = dataclasses.replace(tiny, scene=tiny.scene.model_copy(update={"size": (48, 32)}))
    assert works.works_of(other, pick("cpu"), shelf).generators[0] is not one.generators[0]
    assert Cell((("a.b", 1),)).lines == ("b 1",)
