"""A denoiser over time: how much it pulls, and how much noise it takes away."""

import dataclasses
from dataclasses import dataclass

from animator.scene.columns import Column
from animator.scene.frame_spec import Coming, DenoiserAt, FrameSpec
from animator.scene.renewing import Renewals
from animator.scene.scene import DenoiserTerm

SETTLED = 0.5  # share of a change below which a frame counts as at rest
LEAST = 0.01  # level of noise that is worth taking away, and share of a pull that is worth a drawing
BOUNDS = {
    "weight": (0.0, 1e6),
    "level": (0.0, 80.0),
    "changing": (0.0, 80.0),
    "guidance": (0.0, 50.0),
    "hold": (0.0, 1.0),
}


@dataclass(frozen=True)
class Denoising:
    """What a scene says about one of its denoisers, with a number for each frame."""

    name: str
    weight: Column
    level: Column
    hold: Column
    changing: Column
    guidance: Column
    renewals: Renewals
    term: DenoiserTerm

    def at(self, index: int, starts: bool, coming: Coming | None) -> DenoiserAt | None:
        """At a frame, of which `starts` says whether it follows on no other, and `coming` what it is on the way to;
        None where there is nothing to do."""
        if not self.weight[index]:
            return None
        new, asked, level = self.renewals.shares[index], self.renewals.asked[index], self.level[index]
        if coming and self.term.ahead and new <= asked and not asked < LEAST <= level:
            share = round(coming.share * max(asked, self.hold[index] * self.renewals.seen(coming.pose)), 9)
            drawn = dataclasses.replace(coming, share=share)
            return self._with(index, 0.0, drawn) if starts or share >= LEAST else None
        rests = new < SETTLED and level < LEAST
        level = round(level + new * (self.changing[index] - level), 9)
        return self._with(index, level) if starts or (level >= LEAST and not rests) else None

    def _with(self, index: int, level: float, coming: Coming | None = None) -> DenoiserAt:
        begin = self.renewals.begin(index) if coming else index  # one drawing has one guidance
        numbers = self.weight[index], level, self.guidance[begin]
        return DenoiserAt(self.name, *numbers, self.term.tries, self.term.every, coming)


def due(at: DenoiserAt, spec: FrameSpec, step: int) -> bool:
    """Whether a step has a new target: a frame has one, a first frame some where that is asked for."""
    return step % at.every == 0 if spec.starts and at.every else step == 0
