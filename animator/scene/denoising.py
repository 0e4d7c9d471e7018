"""A denoiser over time: how much it pulls, and how much noise it takes away."""

from dataclasses import dataclass

from animator.scene.columns import Column
from animator.scene.frame_spec import Coming, DenoiserAt, FrameSpec
from animator.scene.scene import DenoiserTerm

SETTLED = 0.5  # share of a change below which a frame counts as at rest
LEAST = 0.01  # level of noise that is worth taking away
BOUNDS = {"weight": (0.0, 1e6), "level": (0.0, 80.0), "changing": (0.0, 80.0), "guidance": (0.0, 50.0)}


@dataclass(frozen=True)
class Denoising:
    """What a scene says about one of its denoisers, with a number for each frame."""

    name: str
    weight: Column
    level: Column
    changing: Column
    guidance: Column
    renewals: Column  # from 0, at rest, to 1 where there is something new, see `renewing`
    term: DenoiserTerm

    def at(self, index: int, starts: bool, coming: Coming | None) -> DenoiserAt | None:
        """At a frame, of which `starts` says whether it follows on no other, and `coming` what it is on the way to;
        None where there is nothing to do."""
        if not self.weight[index]:
            return None
        if coming and self.term.ahead and not starts:
            return self._with(index, 0.0, coming)
        level = round(self.level[index] + self.renewals[index] * (self.changing[index] - self.level[index]), 9)
        rests = self.renewals[index] < SETTLED and self.level[index] < LEAST
        return self._with(index, level) if starts or (level >= LEAST and not rests) else None

    def _with(self, index: int, level: float, coming: Coming | None = None) -> DenoiserAt:
        numbers = self.weight[index], level, self.guidance[index]
        return DenoiserAt(self.name, *numbers, self.term.tries, self.term.every, coming)


def due(at: DenoiserAt, spec: FrameSpec, step: int) -> bool:
    """Whether a step has a new target: a later frame has one, a first frame some."""
    return step % at.every == 0 if spec.starts else step == 0
