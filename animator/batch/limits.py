"""When a batch ends early, and when a child counts as lost."""

import statistics
from collections import deque
from dataclasses import dataclass, field

from animator.batch.queue import Film
from animator.batch.tasks import Task
from animator.errors import AnimatorError


@dataclass(frozen=True)
class Limits:
    """When a batch ends early, and when a child counts as lost. Seconds, bytes, and moments in seconds since 1970."""

    deadline: float | None = None
    seconds: float | None = None  # of the whole batch
    disk: int | None = None  # that the films of this batch take together
    silence: float = 120.0  # without a sign of life, or 20 times the usual time between two
    loading: float = 1800.0  # the same before the first step, while models are loaded
    memory: int | None = None  # of one child


@dataclass
class Look:
    """What is known of a task that is being done."""

    film: Film
    task: Task
    heard: float  # when
    gaps: deque[float] = field(default_factory=lambda: deque(maxlen=50))  # seconds between signs of life
    alive: bool = False  # whether it took a step
    frames: int = 0
    asked: float | None = None  # when it was asked to stop
    why: AnimatorError | None = None  # it was ended for this, and may be tried again

    def limit(self, limits: Limits) -> float:
        """Seconds of silence after which it counts as lost."""
        if not self.alive:
            return limits.loading
        return max(limits.silence, 20 * statistics.median(self.gaps)) if self.gaps else limits.silence
