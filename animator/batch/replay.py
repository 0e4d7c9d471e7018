"""Frames painted once more, exactly, from the states that were kept."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from animator.batch.job import Job, Watch
from animator.batch.works import Works, fitted
from animator.film import folder, retried, states
from animator.film.folder import Folder
from animator.paint.animate import Frame, animate
from animator.paint.generators import Latent
from animator.paint.optimize import State
from animator.paint.step_info import Observed


class Replay:
    """A film whose frames are there. What is asked for in order is painted once."""

    def __init__(self, job: Job, opened: Folder, keys: list[str], watch: Watch) -> None:
        self.job, self.opened, self.keys, self.watch = job, opened, keys, watch
        self.reached, self.state = -1, None  # type: tuple[int, State | None]

    @cached_property
    def works(self) -> Works:
        """Loaded when something must be painted."""
        return fitted(self.job, self.job.document.frames, self.watch)

    @cached_property
    def lines(self) -> dict[int, dict[str, Any]]:
        """The journal, read when something is asked for."""
        return folder.journal(self.opened)

    @cached_property
    def others(self) -> frozenset[int]:
        """Frames that have another seed."""
        return retried.read(self.opened, self.keys)

    def state_after(self, index: int) -> State:
        """The state that a frame was left in; -1 is before the first one. Raises: AnimatorError."""
        if index == self.reached and self.state is not None:
            return self.state
        frames = range(self._start_of(index), index + 1)
        found = states.newest(self.opened, self.keys, frames, self.job.device, self.lines)
        first, state = found.next, found.state
        if self.state is not None and first <= self.reached < index:
            first, state = self.reached + 1, self.state
        if state is None:
            state = self.works.start(self.job.document)
        for between in range(first, index + 1):  # whose states were thinned out
            state = self._paint(between, state, lambda info: self.watch.stop.check()).state
        self.reached, self.state = index, state
        return state

    def paint(self, index: int, observe: Callable[[Observed], None]) -> Frame:
        """Paint a frame once more; `observe` sees its steps, as it would have then. Raises: AnimatorError."""
        follows = not self.job.document.frames[index].starts
        before = self.state_after(index - 1) if follows else self.works.start(self.job.document)
        frame = self._paint(index, before, observe)
        self.reached, self.state = index, frame.state
        return frame

    def first_latent(self) -> Latent:
        """The latent that the film's first frame was left in. Raises: AnimatorError."""
        found = states.newest(self.opened, self.keys, range(1), self.job.device, self.lines).state
        if found is None:  # its state was lost
            found = self._paint(0, self.works.start(self.job.document), lambda info: self.watch.stop.check()).state
        return found.latent

    def _start_of(self, index: int) -> int:
        """The first frame of the shot that a frame is in."""
        frames = self.job.document.frames
        return next((place for place in range(index, -1, -1) if frames[place].starts), 0)

    def _paint(self, index: int, state: State, observe: Callable[[Observed], None]) -> Frame:
        specs = retried.applied(self.job.document.frames[index : index + 1], self.others)
        warm = self.job.document.scene.optimize.warm_moments
        works = self.works
        (frame,) = animate(works.generators, works.guide, specs, state, warm, observe, self.first_latent)
        return frame
