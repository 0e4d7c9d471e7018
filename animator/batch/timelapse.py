"""The film of how a scene's frames were made: from what was recorded, or else painted once more, exactly."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from animator.batch import finish
from animator.batch.job import Job, Watch
from animator.batch.replay import Replay
from animator.film import codecs, encode, keys, making, timelapse
from animator.film.folder import Folder
from animator.film.making import Recorder, Stage
from animator.paint.step_info import Observed
from animator.report import events
from animator.scene.timelapse import Lapse


def film(job: Job, opened: Folder, wanted: list[str], watch: Watch) -> Path:
    """Make it, unless it is there, made from these very frames in this very way. Raises: AnimatorError."""
    document, lapse = job.document, job.document.lapse
    assert lapse is not None
    suffix = codecs.build(document.scene.output).suffix
    path = opened.path / f"{job.name}.timelapse{suffix}"
    options = {**dataclasses.asdict(lapse), "fps": str(lapse.fps)}
    made_of = [[wanted[index] for index in lapse.frames], options, document.scene.output.model_dump(mode="json")]
    source = keys.canonical(made_of)
    if encode.is_made_from(path, source):
        return path
    makings = _makings(job, lapse, opened, wanted, watch)
    if lapse.before_after:
        pair, wipe = (opened.path / f"{job.name}.before-after{ending}" for ending in (".png", suffix))
        timelapse.write_pair(document, makings, pair)
        finish.write(job, timelapse.wipe(document, lapse, makings), wipe, source, watch)
    finish.write(job, timelapse.reel(document, lapse, makings), path, source, watch)  # last: it says that all is there
    return path


def _makings(job: Job, lapse: Lapse, opened: Folder, wanted: list[str], watch: Watch) -> Sequence[Sequence[Stage]]:
    """The stages of each frame that is shown."""
    found = {index: making.stored(opened, index, wanted[index], lapse.every) for index in lapse.frames}
    missing = [index for index, stages in found.items() if not stages]
    if missing:
        watch.tell(events.PaintingAgain(job.name, len(missing)))
        replay = Replay(job, opened, wanted, watch)
        for place, index in enumerate(missing, 1):
            _record(replay, opened, wanted, index, lapse.every, watch)
            found[index] = making.stored(opened, index, wanted[index], lapse.every)
            watch.tell(events.PaintedAgain(job.name, place, len(missing)))
    return [found[index] for index in lapse.frames]


def _record(replay: Replay, opened: Folder, wanted: list[str], index: int, every: int, watch: Watch) -> None:
    with Recorder(opened, wanted, [index], every) as record:

        def observe(info: Observed) -> None:
            record(info)
            watch.stop.check()

        replay.paint(index, observe)
