"""ViT-B/32 and the VQGAN f16-16384 at full size, with random weights, through the whole program."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from animator.models.networks.vqgan.network import VQGAN, Architecture
from tests.models import written
from tests.models.test_clip_files import encoder, worst_cosine

NUMBERS = {
    "double_z": False, "z_channels": 256, "resolution": 256, "in_channels": 3, "out_ch": 3, "ch": 128,
    "ch_mult": [1, 1, 2, 2, 4], "num_res_blocks": 2, "attn_resolutions": [16], "dropout": 0.0,
}  # fmt: skip
CODES = {"embed_dim": 256, "n_embed": 16384}
SCENE = """\
name: full
size: [32, 32]
duration: 2f
fps: 2
prompts: {0s: a red circle}
guide: {encoders: {ViT-B/32: 1}, cutouts: {count: 1}}
generator: {type: vqgan, model: imagenet_f16_16384}
motion: {zoom: 1.2}
optimize: {first_steps: 1, steps: 1}
output: {preset: ultrafast, threads: 1}
"""


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_the_real_sizes_render(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_cli: Callable[..., Any]) -> None:
    home = tmp_path / "models"
    monkeypatch.setenv("ANIMATOR_MODELS", str(home))
    clip = written.clip(1, 224, 512, (12, 512), vision_layers=12, vision_width=768, vision_patch_size=32)
    archive = written.archive(clip, tmp_path / "ViT-B-32.pt")
    folder = written.hub_clip(clip, tmp_path / "hub")
    theirs = encoder("hub_clip", weights=str(folder))
    for path in (archive, folder / "model.safetensors"):
        cosine = worst_cosine(encoder("openai_clip", weights=str(path)), theirs)
        print(f"{path.name}: worst cosine {cosine:.7f}")
        assert cosine > 0.9999
    del clip, theirs
    imported = run_cli("models", "import", archive, "--name", "ViT-B/32")
    assert imported.returncode == 0, imported.stderr
    torch.manual_seed(0)
    checkpoint = tmp_path / "last.ckpt"
    torch.save({"state_dict": VQGAN(Architecture(kind="vq", **NUMBERS, **CODES)).state_dict()}, checkpoint)
    told = {"target": "taming.models.vqgan.VQModel", "params": {**CODES, "ddconfig": NUMBERS}}
    (tmp_path / "model.yaml").write_text(yaml.safe_dump({"model": told}))
    imported = run_cli("models", "import", checkpoint, "--name", "imagenet_f16_16384")
    assert imported.returncode == 0, imported.stderr
    (tmp_path / "full.yaml").write_text(SCENE)
    done = run_cli(tmp_path / "full.yaml", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "full" / "full.mp4").is_file()
    base = json.loads((tmp_path / "out" / "full" / "base.json").read_text())
    assert [len(painter["models"]) for painter in base["generator"]] == [1]
    assert "ViT-B/32" in base["encoders"]
