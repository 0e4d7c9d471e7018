"""What a batch has to do, and what comes next. Plain records: nothing here waits, reads or starts anything."""

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path

from animator.batch.order import Order
from animator.batch.retries import Tries
from animator.batch.tasks import Ended, Task
from animator.errors import AnimatorError
from animator.scene import frame_spec
from animator.scene.document import Document


@dataclass
class Waiting:
    """A task that is not begun, before a moment, in seconds of a clock."""

    task: Task
    since: float = 0.0


@dataclass
class Film:
    """A scene of a batch. It is over once it has a `film` or an `error`."""

    scene: Path
    name: str
    number: int  # its place among those that were asked for
    priority: int = 0
    document: Document | None = None
    tasks: list[Waiting] = field(default_factory=list)
    running: int = 0
    parts: int = 0  # shots that are not done yet, after which comes the film
    tries: dict[tuple[int, int] | None, Tries] = field(default_factory=dict)  # of the film, or of each shot
    film: Path | None = None
    error: AnimatorError | None = None
    began: float | None = None

    @property
    def over(self) -> bool:
        """Whether it needs nothing more."""
        return self.film is not None or self.error is not None

    def ready(self, now: float) -> bool:
        """Whether one of its tasks may begin."""
        return any(waiting.since <= now for waiting in self.tasks)

    def give_up(self, error: AnimatorError) -> None:
        """It ends with an error; of several, the first counts."""
        self.tasks.clear()
        self.error = self.error or error


class Queue:
    """The films of a batch, in the order in which they come: those of a higher priority first, then as asked for."""

    def __init__(self, order: Order, changes: tuple[str, ...] = (), apart: bool = False) -> None:
        self.order, self.changes, self.apart = order, changes, apart
        self.films: list[Film] = []

    def add(self, scene: Path, name: str, priority: int = 0) -> Film:
        """One more film, behind those that are asked for alike."""
        film = Film(scene, name, len(self.films), priority)
        self.films.append(film)
        return film

    def find(self, name: str) -> Film | None:
        """A film by its name."""
        return next((film for film in self.films if film.name == name), None)

    def first(self, film: Film) -> None:
        """A film comes before all others."""
        film.priority = max(other.priority for other in self.films) + 1

    def in_order(self) -> list[Film]:
        """The films that are not over, those that come first first."""
        return sorted((film for film in self.films if not film.over), key=lambda film: (-film.priority, film.number))

    def begin(self, film: Film, document: Document, now: float) -> None:
        """Its turn has come: what is to be done for it. Shots are done apart where several can be done at a time."""
        film.document, film.began = document, now
        film.priority = film.priority or document.scene.priority
        shots = frame_spec.shots(document.frames) if self.apart and self.order.span is None else []
        if len(shots) > 1:
            film.tasks = [Waiting(self._task(film, (shot.start, shot.stop))) for shot in shots]
            film.parts = len(shots)
        else:
            film.tasks = [Waiting(self._task(film))]

    def _task(self, film: Film, part: tuple[int, int] | None = None) -> Task:
        order = dataclasses.replace(self.order, fresh=False)  # done once, before the first task
        return Task(film.scene, film.name, "shot" if part else "film", order, self.changes, part)

    def estimate(self, film: Film) -> Task:
        """The task that says how long a film takes."""
        return dataclasses.replace(self._task(film), work="estimate")

    def next(self, now: float) -> Film | None:
        """The film that comes next: whose turn has not come yet, or of which a task may begin now."""
        ready = (film for film in self.in_order() if film.began is None or film.ready(now))
        return next(ready, None)

    def take(self, film: Film, now: float) -> Task:
        """A task of a film that is ready; it counts as running."""
        waiting = next(one for one in film.tasks if one.since <= now)
        film.tasks.remove(waiting)
        film.running += 1
        return waiting.task

    def ended(self, film: Film, task: Task, ended: Ended, now: float) -> float | None:
        """A task ended. Answers in how many seconds it is tried again, where that is so."""
        film.running -= 1
        if ended.error is None:
            if task.part is None:
                film.film = ended.film
            else:
                film.parts -= 1
                if not film.parts and not film.over:
                    film.tasks.append(Waiting(self._task(film)))
            return None
        seconds = None if film.over else self.tries_of(film, task).again(ended.error)
        if seconds is None:
            film.give_up(ended.error)
        else:
            film.tasks.insert(0, Waiting(task, now + seconds))
        return seconds

    def again(self, film: Film, task: Task) -> None:
        """A task that ended in the middle, and not for a failure, goes on at once."""
        film.running -= 1
        if not film.over:
            film.tasks.insert(0, Waiting(task))

    def tries_of(self, film: Film, task: Task) -> Tries:
        """What failed so far of a film, or of one shot."""
        return film.tries.setdefault(task.part, Tries())

    @property
    def left(self) -> list[Film]:
        """Films that are not over."""
        return [film for film in self.films if not film.over]
