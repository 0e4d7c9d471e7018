"""Many scenes: whatever happens to one is that one's."""

import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import animator
from animator.batch.order import Order
from animator.batch.run import render_all
from animator.errors import FaultError, OutputError, StoppedError
from animator.film import keys, writer
from animator.paint.losses import total_variation
from animator.report import events
from animator.report.sinks.plain import Plain
from animator.scene import document
from tests.conftest import TINY

WriteScene = Callable[..., Path]
pytestmark = pytest.mark.slow
SHORT = TINY.replace("6f", "2f")


def run(paths: list[Path], out: Path) -> tuple[list[object], list[animator.events.Event]]:
    seen: list[animator.events.Event] = []
    results = render_all(paths, (), Order(out, device="cpu"), seen.append)
    return [result.error for result in results], seen


@pytest.mark.parametrize(
    "error", [TypeError("odd"), RecursionError(), AssertionError(), ZeroDivisionError("\\x1b[31m")]
)
def test_an_unforeseen_error_is_that_scenes_failure(
    error: Exception, write_scene: WriteScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(config: object) -> object:
        raise error

    bad = write_scene(SHORT, "bad.yaml")
    good = write_scene(SHORT.replace("tiny", "good").replace("total_variation: 0.1, ", ""), "good.yaml")
    monkeypatch.setattr(total_variation, "build", fails)
    (first, second), seen = run([bad, good], tmp_path / "out")
    assert isinstance(first, FaultError)
    assert first.exit_code == 70
    assert second is None
    log = tmp_path / "out" / "tiny" / "error.log"
    assert str(log) in str(first)
    assert "Traceback" in log.read_text()
    assert type(error).__name__ in log.read_text()
    failed = [event for event in seen if isinstance(event, events.SceneFailed)]
    assert [event.scene for event in failed] == ["tiny"]


def test_an_error_while_a_scene_is_read_is_its_failure_too(
    write_scene: WriteScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = document.resolve

    def odd(plain: dict[str, object], *rest: object) -> object:
        if plain.get("name") == "odd":
            raise KeyError("nobody thought of this")
        return resolve(plain, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(document, "resolve", odd)
    paths = [write_scene("name: odd\nduration: 1s\nprompts: x\n", "odd.yaml"), write_scene(SHORT, "good.yaml")]
    (first, second), _ = run(paths, tmp_path / "out")
    assert isinstance(first, FaultError)
    assert (tmp_path / "out" / "odd" / "error.log").is_file()
    assert second is None


def test_what_a_disk_refuses_is_an_error_of_the_folder(
    write_scene: WriteScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28), "somewhere")

    monkeypatch.setattr(writer, "commit", full)
    (error,), _ = run([write_scene(SHORT)], tmp_path / "out")
    assert isinstance(error, OutputError)
    assert "somewhere: No space left on device" in str(error)


def test_only_a_stop_ends_the_batch(write_scene: WriteScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise StoppedError("stopped", 15)

    monkeypatch.setattr(writer, "commit", stopped)
    paths = [write_scene(SHORT, "one.yaml"), write_scene(SHORT.replace("tiny", "two"), "two.yaml")]
    errors, _ = run(paths, tmp_path / "out")
    assert [type(error) for error in errors] == [StoppedError]


def test_a_film_so_far_that_cannot_be_made_is_still_a_stop(
    write_scene: WriteScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as one whose old frames have another size."""

    def stopped(*_: object) -> None:
        raise StoppedError("stopped", 2)

    assert run([write_scene(SHORT)], tmp_path / "out")[0] == [None]
    monkeypatch.setattr(keys, "base_of", stopped)
    (error,), seen = run([write_scene(SHORT.replace("[32, 32]", "[48, 32]"))], tmp_path / "out")
    assert isinstance(error, StoppedError)
    assert error.exit_code == 130
    assert any(isinstance(event, events.EncodingSoFar) for event in seen)
    assert not (tmp_path / "out" / "tiny" / "tiny.so-far.mp4").exists()


def test_the_interface_raises_what_went_wrong_as_one_of_ours(
    write_scene: WriteScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(total_variation, "build", lambda config: 1 / 0)
    seen: list[animator.events.Event] = []
    with pytest.raises(FaultError, match="ZeroDivisionError"):
        animator.render(animator.read(write_scene(SHORT)), tmp_path / "out", watch=seen.append, device="cpu")
    assert isinstance(seen[-1], events.SceneFailed)


def test_films_do_not_depend_on_deterministic_on_a_cpu(write_scene: WriteScene, tmp_path: Path) -> None:
    keys = []
    for deterministic in (False, True):
        out = tmp_path / str(deterministic)
        order = Order(out, device="cpu", deterministic=deterministic)
        (result,) = render_all([write_scene(SHORT)], (), order, Plain(io.StringIO()))
        assert result.error is None, result.error
        lines = map(json.loads, (out / "tiny" / "journal.jsonl").read_text().splitlines())
        keys.append([(line["key"], line["png"]) for line in lines])
    assert keys[0] == keys[1]
