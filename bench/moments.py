"""Are an optimiser's moments worth carrying through the camera? `python -m bench.moments --generator vqgan`.

A film of one prompt, zoom 1.01 and half a degree a frame, guided by `pocket`, twice from the same first frame: with
moments that move with the picture, and with fresh ones at every frame. The figure is the loss after each frame's steps,
mean over the later half, of the first film over the second: below 1, moving them is worth it. The loss is a distance
between what `pocket` sees and the prompt, and cannot come near 0.
"""

import argparse
import sys

import torch

from animator import variants
from animator.paint import generators, guide
from animator.paint.animate import animate
from animator.paint.optimize import State, fresh
from animator.paint.step_info import Observed, StepInfo
from animator.scene.document import resolve
from animator.scene.frame_spec import main_text
from bench import verdict

FPS, FRAMES, STEPS = 10, 40, 5


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--generator", default="siren", choices=variants.names("generators"))
    parser.add_argument("--prompt", default="the sea at sunset with a red sun")
    parser.add_argument("--frames", type=int, default=FRAMES)
    chosen = parser.parse_args()
    described = {
        "fps": FPS,
        "duration": f"{chosen.frames + 1}f",
        "size": [128, 128],
        "generator": chosen.generator,
        "prompts": chosen.prompt,
        "motion": {"zoom": 1.01**FPS, "rotate": 0.5 * FPS},
        "optimize": {"steps": STEPS},
    }
    document = resolve(described, "moments")
    scene, specs = document.scene, document.frames
    device = torch.device("cpu")
    built = guide.build(document, device)
    painter = generators.build(scene.generator[0], scene.size, device)
    (first,) = animate([painter], built, specs[:1], fresh(painter.init(scene.seed, main_text(specs[0]))))

    def losses(state: State, warm: bool) -> list[float]:
        last: dict[int, Observed] = {}
        for _ in animate([painter], built, specs[1:], state, warm, lambda info: last.update({info.frame: info})):
            pass
        return [
            float(torch.stack(list(info.terms.values())).sum()) for info in last.values() if isinstance(info, StepInfo)
        ]

    moved, begun = (torch.tensor(losses(first.state, warm)[chosen.frames // 2 :]).mean() for warm in (True, False))
    print(f"loss with moments that move: {moved:.4f}, with fresh ones: {begun:.4f}")
    return verdict("moments moved over fresh", float(moved / begun), 1.0, lambda value, bar: value <= bar)


if __name__ == "__main__":
    sys.exit(not main())
