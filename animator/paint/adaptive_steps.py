"""`optimize: {steps: auto}`: a film's steps go where its loss still falls. Plain numbers, no torch.

Frames whose loss has settled take fewer steps than they may, and save the rest; where the loss is above what it had
come down to, as after a change of prompt, frames take more, as long as there are savings. So a film never takes more
steps than without this. All of it follows from numbers that are stored with each frame: a film that goes on takes the
steps that an uninterrupted one would have taken.
"""

from dataclasses import dataclass

from animator.scene.frame_spec import FrameSpec

RESTING = 0.6  # share of its steps that a settled frame takes
EAGER = 12.0  # how many times its steps a frame asks for, for each doubling of the settled loss
LEAST, MOST = 0.5, 3.0  # shares that a frame always takes, and at most
LONGEST = 12.0  # frames' worth of steps that may be saved up
FORGETS = 0.05  # share of the way that the settled loss follows a higher one in a frame


@dataclass(frozen=True)
class Pace:
    """What a frame hands on: steps not taken so far, the loss it ended with, and the one that losses come down to."""

    saved: float = 0.0
    loss: float | None = None
    settled: float | None = None


START = Pace()


def count(spec: FrameSpec, pace: Pace) -> int:
    """How many steps a frame takes."""
    if not spec.adapt or spec.starts or not spec.steps or pace.loss is None or pace.settled is None:
        return spec.steps
    above = max(0.0, pace.loss - pace.settled) / max(abs(pace.settled), 1e-6)
    wanted = min(RESTING + EAGER * above, MOST) * spec.steps
    return max(1, round(LEAST * spec.steps), round(min(wanted, spec.steps + pace.saved)))


def after(spec: FrameSpec, pace: Pace, taken: int, loss: float) -> Pace:
    """The pace that a frame hands on which took so many steps and ended with this loss."""
    if not spec.adapt:
        return pace
    saved = 0.0 if spec.starts else min(pace.saved + spec.steps - taken, LONGEST * spec.steps)
    lower = pace.settled is None or loss < pace.settled
    settled = loss if lower or pace.settled is None else pace.settled + FORGETS * (loss - pace.settled)
    return Pace(max(0.0, saved), loss, settled)
