"""What do OpenAI's nine CLIPs cost? `python -m bench.encoders`.

Each is built at full size with random weights (the cost does not depend on them) and looks at cutouts, forwards and
backwards, in turns with ViT-B/32: the figures are times ViT-B/32's of the same minute, and do not depend on the machine
as much as seconds would. Memory is that of the weights in float32, the text tower included.
"""

import argparse
import statistics
import sys
import time
from typing import Any

import torch

from animator.models.networks.clip.package import new_clip
from animator.paint.encoders import Encoder
from animator.paint.encoders.openai_clip import encoder_of
from bench import verdict

# size, embedding, tower (layers, width, patch) of the pictures, tower (layers, width) of the texts
SHAPES: dict[str, tuple[int, int, tuple[Any, int, int | None], tuple[int, int]]] = {
    "ViT-B/32": (224, 512, (12, 768, 32), (12, 512)),
    "ViT-B/16": (224, 512, (12, 768, 16), (12, 512)),
    "ViT-L/14": (224, 768, (24, 1024, 14), (12, 768)),
    "ViT-L/14@336px": (336, 768, (24, 1024, 14), (12, 768)),
    "RN50": (224, 1024, ((3, 4, 6, 3), 64, None), (12, 512)),
    "RN101": (224, 512, ((3, 4, 23, 3), 64, None), (12, 512)),
    "RN50x4": (288, 640, ((4, 6, 10, 6), 80, None), (12, 640)),
    "RN50x16": (384, 768, ((6, 8, 18, 8), 96, None), (12, 768)),
    "RN50x64": (448, 1024, ((3, 15, 36, 10), 128, None), (12, 1024)),
}


def build(name: str) -> tuple[Encoder, float]:
    """An encoder with random weights, and the size of those in MB."""
    size, dim, (layers, width, patch), (text_layers, text_width) = SHAPES[name]
    clip = new_clip(
        embed_dim=dim,
        image_resolution=size,
        vision_layers=layers,
        vision_width=width,
        vision_patch_size=patch,
        context_length=77,
        vocab_size=49_408,
        transformer_width=text_width,
        transformer_heads=text_width // 64,
        transformer_layers=text_layers,
    )
    clip = clip.eval().requires_grad_(False)
    weights = sum(p.numel() for p in clip.parameters()) * 4 / 1e6
    return encoder_of(clip, torch.device("cpu")), weights


def look(encoder: Encoder, cutouts: int) -> float:
    """Seconds of one look, forwards and backwards."""
    crops = torch.rand(cutouts, 3, encoder.input_size, encoder.input_size, requires_grad=True)
    began = time.perf_counter()
    encoder.encode_image(crops).sum().backward()
    return time.perf_counter() - began


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cutouts", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    base, _ = build("ViT-B/32")
    look(base, chosen.cutouts)
    print(f"{'name':<16} {'pixels':>6} {'weights':>9} {'x ViT-B/32':>11}")
    ratios = {}
    for name in SHAPES:
        encoder, size = build(name)
        look(encoder, chosen.cutouts)
        pairs = [(look(encoder, chosen.cutouts), look(base, chosen.cutouts)) for _ in range(chosen.rounds)]
        ratios[name] = statistics.median(one / other for one, other in pairs)
        print(f"{name:<16} {encoder.input_size:>6} {size:>6.0f} MB {ratios[name]:>11.1f}", flush=True)
        del encoder
    return verdict("ViT-B/16 over ViT-B/32", ratios["ViT-B/16"], 5.0, lambda value, bar: value <= bar)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
