"""Help while a scene is written: `new`, `watch`, `schema`."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from animator.cli import app
from animator.cli.new import FOLDER
from animator.errors import OutputError, SceneError
from animator.report import schema
from animator.scene.document import read
from animator.scene.warnings import UnknownWord
from animator.scene.yaml_reader import compose
from tests.conftest import ROOT, TINY

TEMPLATES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_there_are_the_templates_that_people_want() -> None:
    assert TEMPLATES == ["music_video", "real_models", "timelapse", "zoom"]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_new_scene_is_right_and_commented(template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    song = str(ROOT / "scenes" / "song.ogg")
    done = CliRunner().invoke(app, ["new", "reef", "--from", template.replace("_", "-"), "--song", song])
    assert done.exit_code == 0, done.output
    text = (tmp_path / "reef.yaml").read_text()
    found = read(tmp_path / "reef.yaml")
    assert found.scene.name == "reef"
    assert not [warning for warning in found.warnings if isinstance(warning, UnknownWord)]
    assert text.count("#") >= 6
    assert "preview reef.yaml" in text or template == "timelapse"
    scene = json.loads(json.dumps(compose(text, "reef").plain))
    jsonschema.validate(scene, schema.of_scene(), jsonschema.Draft202012Validator)


def test_a_new_scene_takes_no_scenes_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenes").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "scene.schema.json").write_text("{}")
    assert CliRunner().invoke(app, ["new", "reef"]).exit_code == 0
    first = (tmp_path / "scenes" / "reef.yaml").read_text()
    assert first.startswith("# yaml-language-server: $schema=../docs/scene.schema.json\n")
    assert isinstance(CliRunner().invoke(app, ["new", "reef", "--from", "timelapse"]).exception, OutputError)
    assert (tmp_path / "scenes" / "reef.yaml").read_text() == first
    wrong = CliRunner().invoke(app, ["new", "other", "--from", "zooom"]).exception
    assert isinstance(wrong, SceneError)
    assert 'did you mean "zoom"?' in str(wrong)


def test_the_schema_is_printed() -> None:
    done = CliRunner().invoke(app, ["schema"])
    assert json.loads(done.stdout) == schema.of_scene()


@pytest.mark.slow
def test_a_scene_is_watched(write_scene: Callable[..., Path], tmp_path: Path) -> None:
    """Saved, it is read again: what changes is said in seconds, and mistakes by their places."""
    scene = write_scene()
    command = [sys.executable, str(ROOT / "render.py"), "watch", str(scene), "--out", str(tmp_path / "out")]
    command += ["--budget", "0.2", "--device", "cpu"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    said: list[str] = []
    assert process.stderr is not None
    reader = threading.Thread(target=lambda: said.extend(process.stderr or ()), daemon=True)
    reader.start()

    def wait_for(text: str) -> None:
        end = time.monotonic() + 60
        while not any(text in line for line in said):
            assert time.monotonic() < end, (text, said)
            assert process.poll() is None, said
            time.sleep(0.02)
        said.clear()

    def save(text: str) -> None:
        other = scene.with_name("editing")  # as many editors do: another file takes its place
        other.write_text(text)
        os.replace(other, scene)

    wait_for("preview.mp4")
    save(TINY.replace("a blue square", "a green leaf"))
    wait_for("re-renders from 1.0 s on, frame 4 of 6")
    save(TINY.replace("zoom: 1.5", "zom: 1.5"))
    wait_for('tiny.yaml:10:10: motion.zom: unknown option; did you mean "zoom"?')
    save(TINY.replace("a blue square", "a green leaf") + "# a remark\n")
    wait_for("no frame changes")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0
    reader.join(5)
    process.stderr.close()
