"""`models fetch OWNER/NAME` from a hub on this machine, and a scene that names it: through the whole program."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.models import written
from tests.models.hub import REVISION, hub

SCENE = """\
name: hubbed
size: [32, 32]
duration: 2f
fps: 2
prompts: a red circle
guide: {{encoders: {{{name}: 1}}, cutouts: {{count: 2}}}}
generator: {{type: siren, layers: 2, hidden: 16, draft: 32}}
optimize: {{first_steps: 1, steps: 1}}
output: {{preset: ultrafast, threads: 1}}
"""


@pytest.mark.slow
def test_a_repository_is_fetched_pinned_and_rendered_with(run_cli: Callable[..., Any], tmp_path: Path) -> None:
    source = written.hub_clip(written.clip(size=32, dim=16), tmp_path / "source")
    (source / "evil.py").write_text("raise SystemExit")
    (source / "pytorch_model.bin").write_bytes(b"a pickle")
    home = tmp_path / "models"
    env = {**os.environ, "ANIMATOR_MODELS": str(home)}
    scene = tmp_path / "hubbed.yaml"
    scene.write_text(SCENE.format(name="somebody/clip"))
    before = run_cli(scene, "--out", tmp_path / "out", env=env)
    assert before.returncode == 69
    assert "models fetch somebody/clip" in before.stderr
    with hub("somebody/clip", source) as address:
        fetched = run_cli("models", "fetch", "somebody/clip", env={**env, "HF_ENDPOINT": address})
        gone = run_cli("models", "fetch", "nobody/clip", env={**env, "HF_ENDPOINT": address})
    assert fetched.returncode == 0, fetched.stderr
    assert f"the revision {REVISION} is noted" in fetched.stdout
    assert gone.returncode == 69
    assert "no such repository" in gone.stderr
    folder = Path(run_cli("models", "where", "somebody/clip", env=env).stdout.strip())
    assert folder.name == REVISION
    assert {"model.safetensors", "config.json", "tokenizer.json"} <= {path.name for path in folder.iterdir()}
    assert not {"evil.py", "pytorch_model.bin"} & {path.name for path in folder.iterdir()}
    record = json.loads((home / "models.lock").read_text())["somebody/clip"]
    assert record["revision"] == REVISION
    assert run_cli("models", "verify", "somebody/clip", env=env).returncode == 0
    done = run_cli(scene, "--out", tmp_path / "out", env=env)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "hubbed" / "hubbed.mp4").is_file()
    removed = run_cli("models", "remove", "somebody/clip", env=env)
    assert removed.returncode == 0, removed.stderr
    assert not folder.exists()


@pytest.mark.slow
def test_a_model_of_the_catalogue_comes_from_the_hub_first(run_cli: Callable[..., Any], tmp_path: Path) -> None:
    model = written.clip(size=32, dim=16)
    source = written.hub_clip(model, tmp_path / "source")
    home = tmp_path / "models"
    env = {**os.environ, "ANIMATOR_MODELS": str(home)}
    with hub("openai/clip-vit-base-patch32", source) as address:
        fetched = run_cli("models", "fetch", "ViT-B/32", env={**env, "HF_ENDPOINT": address})
    assert fetched.returncode == 0, fetched.stderr
    assert "nobody publishes its hash" in fetched.stdout
    kept, wanted = load_file(home / "ViT-B-32.safetensors"), model.state_dict()
    assert all(torch.equal(kept[name], wanted[name]) for name in wanted)
    record = json.loads((home / "models.lock").read_text())["ViT-B/32"]
    assert record["revision"] == REVISION
    assert record["address"].startswith("hub:openai/")
    (home / "ViT-B-32.safetensors").unlink()
    other = written.hub_clip(written.clip(seed=9, size=32, dim=16), tmp_path / "other")
    shutil.rmtree(home / "hub")
    with hub("openai/clip-vit-base-patch32", other) as address:
        changed = run_cli("models", "fetch", "ViT-B/32", env={**env, "HF_ENDPOINT": address, "HTTPS_PROXY": address})
    assert changed.returncode == 69
    assert "should be" in changed.stdout
    assert not (home / "ViT-B-32.safetensors").exists()


@pytest.mark.slow
def test_a_text_to_image_model_is_fetched_in_parts_and_rendered_with(
    run_cli: Callable[..., Any], tmp_path: Path
) -> None:
    source = written.pipeline(tmp_path / "source")
    unused = ("whole.safetensors", "unet/diffusion_pytorch_model.fp16.safetensors", "vae/evil.py", "unet/pickle.bin")
    for name in unused:
        (source / name).write_bytes(b"large")
    env = {**os.environ, "ANIMATOR_MODELS": str(tmp_path / "models")}
    scene = tmp_path / "hubbed.yaml"
    scene.write_text(SCENE.format(name="pocket").replace("guide: {", "guide: {denoisers: {somebody/paints: 5}, "))
    before = run_cli(scene, "--out", tmp_path / "out", env=env)
    assert before.returncode == 69
    assert "models fetch somebody/paints" in before.stderr
    with hub("somebody/paints", source) as address:
        fetched = run_cli("models", "fetch", "somebody/paints", env={**env, "HF_ENDPOINT": address})
    assert fetched.returncode == 0, fetched.stderr
    folder = Path(run_cli("models", "where", "somebody/paints", env=env).stdout.strip())
    assert (folder / "unet" / "diffusion_pytorch_model.safetensors").is_file()
    assert not any((folder / name).exists() for name in unused)
    assert run_cli("models", "verify", "somebody/paints", env=env).returncode == 0
    done = run_cli(scene, "--out", tmp_path / "out", env=env)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "hubbed" / "hubbed.mp4").is_file()
