"""A batch: many films, each in children of this process, whatever fails. It is watched, and ends when it is told to."""

import time
from collections.abc import Callable, Collection
from pathlib import Path
from queue import Empty

from animator import files
from animator.batch import failures
from animator.batch.controls import Controls
from animator.batch.limits import Limits, Look
from animator.batch.order import Result
from animator.batch.queue import Film, Queue
from animator.batch.runners import Inbox, Runner, Running
from animator.batch.stop import Stop
from animator.batch.tasks import Ended, Task
from animator.errors import AnimatorError, ChildError, FullError, LeftError, OutputError, RanOutError, StoppedError
from animator.film import folder
from animator.report import events
from animator.report.events import Event
from animator.report.sinks import Sink
from animator.scene.document import Document

TICK = 0.2  # seconds between looks at clocks, while nothing happens
GRACE = 10.0  # seconds from being asked to stop to being killed
LOOK = 1.0  # seconds between looks for scenes that came in, and at memory and the disk
COUNT = 20.0  # seconds between counts of what films take on the disk
LEAVE = "the same command goes on with it"


class Night:
    """Does all that is in a queue. `read` answers a scene's Document, and raises what is wrong with it."""

    def __init__(
        self,
        queue: Queue,
        runner: Runner,
        read: Callable[[Path], Document],
        tell: Sink,
        stop: Stop,
        limits: Limits,
        controls: Controls | None = None,
    ) -> None:
        self.queue, self.runner, self.read, self.tell, self.stop = queue, runner, read, tell, stop
        self.limits, self.controls = limits, controls
        self.inbox: Inbox = Inbox()
        self.looks: dict[Running, Look] = {}
        self.ending: AnimatorError | None = None  # why no more is begun
        self.began, self.looked = time.monotonic(), 0.0
        self.counted = -COUNT, 0  # when, and how many bytes

    def estimate(self, wrong: Collection[str] = ()) -> None:
        """Tell what each film will take, but for those that are known to be wrong; and why one cannot be rendered as it
        is. Each is tried all the same when its turn comes."""
        waiting = [self.queue.estimate(film) for film in self.queue.in_order() if film.name not in wrong]
        running, heard = set[Running](), time.monotonic()
        while (waiting or running) and not self.stop.signal_number:
            while waiting and len(running) < self.runner.slots:
                running.add(self.runner.start(waiting.pop(0), self.inbox))
            try:
                who, what = self.inbox.get(timeout=TICK)
            except Empty:
                if time.monotonic() - heard > self.limits.loading:
                    for each in running:
                        self.runner.kill(each)
                continue
            heard = time.monotonic()
            if isinstance(what, Ended):
                running.discard(who)
                if what.error is not None and not isinstance(what.error, StoppedError):
                    self.tell(events.SceneWrong(who.task.name, what.error))
            elif isinstance(what, events.Estimated | events.MemoryTight):
                self.tell(what)

    def run(self) -> list[Result]:
        """Render all. Returns how each film ended, in the order in which they were asked for."""
        names = tuple(film.name for film in self.queue.films)
        where = self.controls.folder if self.controls else self.queue.order.out
        self.began = time.monotonic()
        self.tell(events.BatchBegan(names, where, self.runner.slots))
        while True:
            self._look()
            if self.ending is None:
                self._fill()
            if not self.looks and (self.ending is not None or not self.queue.left):
                break
            self._hear()
        for film in self.queue.left:
            film.give_up(self.ending or LeftError(LEAVE))
            self._over(film)
        results = [Result(film.name, film.film, film.error) for film in self.queue.films]
        done, left = (sum(map(kind, results)) for kind in (_done, _left))
        self.tell(events.BatchDone(done, len(results) - done - left, left, time.monotonic() - self.began))
        return results

    def _fill(self) -> None:
        """Begin what can be begun."""
        while len(self.looks) < self.runner.slots:
            now = time.monotonic()
            film = self.queue.next(now)
            if film is None:
                return
            if film.began is None:
                self._begin(film)
            else:
                self._start(film, self.queue.take(film, now))

    def _start(self, film: Film, task: Task) -> None:
        try:
            running = self.runner.start(task, self.inbox)
        except AnimatorError as error:
            self._ended(film, task, Ended(None, error))
            return
        self.looks[running] = Look(film, task, time.monotonic())
        self.tell(events.TaskBegan(film.name, task.part[0] if task.part else None, running.device))
        if film.document is not None:
            self.tell(events.SceneOpened(film.name, film.document, self.queue.order.out / film.name))

    def _begin(self, film: Film) -> None:
        """A film's turn has come: it is read again, so that what was edited meanwhile counts."""
        try:
            document = self.read(film.scene)
            if document.scene.name != film.name and self.queue.find(document.scene.name):
                raise OutputError(f"{film.scene}: its name is now that of another film, {document.scene.name!r}")
            film.name = document.scene.name
            if self.queue.order.fresh:
                folder.aside(self.queue.order.out / film.name)
            self.queue.begin(film, document, time.monotonic())
        except Exception as error:  # whatever it is, the night goes on
            film.began = time.monotonic()
            film.give_up(failures.of(error, self.queue.order.out / film.name / "error.log"))
            self._over(film)

    def _hear(self) -> None:
        """What the tasks have to say, for as long as they say something; else a moment's rest."""
        try:
            who, what = self.inbox.get(timeout=TICK)
        except Empty:
            return
        look = self.looks.get(who)
        if look is None:
            return
        if isinstance(what, Ended):
            del self.looks[who]
            self.tell(events.TaskEnded(look.film.name, look.task.part[0] if look.task.part else None))
            self._done_with(look, what)
        else:
            self._heard(look, what)

    def _heard(self, look: Look, event: Event) -> None:
        now = time.monotonic()
        if isinstance(event, events.Beat):
            if look.alive:
                look.gaps.append(now - look.heard)
            look.alive = look.alive or event.step > 0
        elif isinstance(event, events.FrameDone):
            look.frames, look.alive = look.frames + 1, True
            self.queue.tries_of(look.film, look.task).went_on()
        look.heard = now
        self.tell(event)

    def _done_with(self, look: Look, ended: Ended) -> None:
        """A task ended: by itself, or because it was asked to."""
        film, error = look.film, ended.error
        stopped = isinstance(error, StoppedError) or (look.asked is not None and isinstance(error, ChildError))
        if stopped and look.why is not None:
            if isinstance(look.why, RanOutError) and look.frames:  # it grew, and goes on in a new process
                self.queue.again(film, look.task)
                self.tell(events.Retrying(film.name, str(look.why), 0, 0.0))
                return
            error = look.why
        elif stopped and (film.over or self.ending is not None):
            film.running -= 1
            film.give_up(self.ending or LeftError(LEAVE))
            self._over(film)
            return
        elif isinstance(error, StoppedError):  # somebody else stopped the child
            error = ChildError("somebody stopped the process that rendered it")
        self._ended(film, look.task, Ended(ended.film, error, ended.seconds))

    def _ended(self, film: Film, task: Task, ended: Ended) -> None:
        seconds = self.queue.ended(film, task, ended, time.monotonic())
        if ended.error is not None and seconds is not None:
            tries = self.queue.tries_of(film, task)
            self.tell(events.Retrying(film.name, str(ended.error), tries.count, seconds))
        if isinstance(ended.error, FullError):
            self._end(LeftError(f"left, because the disk is full; {LEAVE}"), "the disk is full")
        for running, look in self.looks.items():
            if look.film is film and film.error is not None:
                self._ask(running, look)
        self._over(film)

    def _over(self, film: Film) -> None:
        """Say how a film ended, once nothing more is done for it."""
        if not film.over or film.running:
            return
        seconds = 0.0 if film.began is None else time.monotonic() - film.began
        film.document = None
        if film.film is not None:
            self.tell(events.FilmDone(film.name, film.film, seconds))
        elif film.error is not None:
            self.tell(events.SceneFailed(film.name, film.error, seconds))

    def _look(self) -> None:
        """At everything that may end something: people, clocks, silence, memory and the disk."""
        now = time.monotonic()
        if self.stop.signal_number and self.ending is None:
            self._end(StoppedError(f"stopped; {LEAVE}", self.stop.signal_number), "asked to stop")
        for running, look in self.looks.items():
            if look.asked is not None and now - look.asked > GRACE:
                self.runner.kill(running)
            elif self.runner.beats and look.asked is None and now - look.heard > look.limit(self.limits):
                what = "after its last step" if look.alive else "before its first step"
                look.why = ChildError(f"the process that rendered it was silent for {now - look.heard:.0f}s {what}")
                self._ask(running, look)
        if now - self.looked < LOOK:
            return
        self.looked = now
        for running, look in self.looks.items():
            held = self.runner.resident(running) if self.limits.memory is not None else None
            if held is not None and self.limits.memory is not None and held > self.limits.memory and not look.asked:
                look.why = RanOutError(f"the process that rendered it grew to {held / 1e9:.1f} GB")
                self._ask(running, look)
        for asked in self.controls.taken() if self.controls else ():
            self._asked(*asked)
        if self.ending is None:
            self._limit()

    def _limit(self) -> None:
        limits = self.limits
        if limits.deadline is not None and time.time() >= limits.deadline:
            at = time.strftime("%H:%M", time.localtime(limits.deadline))
            self._end(LeftError(f"left at the deadline, {at}; {LEAVE}"), f"it is {at}, the deadline")
        elif limits.seconds is not None and time.monotonic() - self.began >= limits.seconds:
            hours = f"{limits.seconds / 3600:g} h"
            self._end(LeftError(f"left after {hours}; {LEAVE}"), f"it took {hours}, which is --max-hours")
        elif limits.disk is not None and self._used() >= limits.disk:
            size = f"{limits.disk / 1e9:g} GB"
            self._end(LeftError(f"left at {size}; {LEAVE}"), f"the films take {size}, which is --max-gb")

    def _used(self) -> int:
        """Bytes that the films take, counted now and then."""
        now = time.monotonic()
        if now - self.counted[0] >= COUNT:
            self.counted = now, sum(files.used(self.queue.order.out / film.name) for film in self.queue.films)
        return self.counted[1]

    def _asked(self, what: str, name: str, scene: Path | None) -> None:
        """What somebody asked for while films are rendered: `add`, `cancel` or `first`."""
        film = self.queue.find(name)
        if what == "add" and scene is not None:
            if film is None or film.over:
                film = self.queue.add(scene, name)
                self.tell(events.SceneQueued(name, film.priority))
        elif film is None or film.over:
            return
        elif what == "first":
            self.queue.first(film)
            self.tell(events.PutFirst(name))
        elif what == "cancel":
            film.give_up(LeftError(f"cancelled; {LEAVE}"))
            for running, look in self.looks.items():
                if look.film is film:
                    self._ask(running, look)
            self._over(film)

    def _end(self, error: AnimatorError, reason: str) -> None:
        """Begin no more, and ask all that run to stop."""
        if self.ending is not None:
            return
        self.ending = error
        self.tell(events.BatchEnding(reason))
        for running, look in self.looks.items():
            self._ask(running, look)

    def _ask(self, running: Running, look: Look) -> None:
        if look.asked is None:
            look.asked = time.monotonic()
            self.runner.ask(running)


def _done(result: Result) -> bool:
    return result.film is not None


def _left(result: Result) -> bool:
    return isinstance(result.error, LeftError | StoppedError)
