"""Events as English sentences, for logs and terminals."""

import math
from pathlib import Path

from animator.errors import LeftError, StoppedError, command
from animator.models import facts
from animator.report import events
from animator.report.events import Event
from animator.scene.warnings import Foreign, SceneWarning, UnknownWord, Unseen, UnsureLanguage, Wordless

FEW = 4  # steps of a preview's frames; below this, old prompts stay
CALLED = {"matrix": "motion", "home": "loop"}  # fields of a frame, by what a scene calls them


def of(event: Event) -> str:
    """What a person reads of an event; empty for those that a bar or a heartbeat shows."""
    match event:
        case events.Warned(scene, warning):
            return f"{scene}: {of_warning(warning)}"
        case events.ModelsMissing(_, reason):
            return reason
        case events.Listening(_, song):
            return listening(song)
        case events.FramesBorrowed(scene, count, source):
            return f"{scene}: takes its first {count} frames from {source}, which has the same"
        case events.FramesKept():
            return _kept(event)
        case events.StatesDamaged(scene, frames):
            listed = ", ".join(map(str, frames))
            return f"{scene}: the stored state of frame {listed} is damaged; going on from an older one"
        case events.MemoryTight():
            ways = slower(event.pieces, event.give_back)
            return f"{event.scene}: {step_memory(event.need, event.free)}; {ways}"
        case events.Edited():
            return _edited(event)
        case events.Reduced():
            return _reduced(event)
        case events.FilmBegan(scene, first, stop):
            return f"{scene}: rendering frames {first} to {stop - 1}"
        case events.FrameOdd(scene, frame, odd):
            return f"{scene}: frame {frame} looks odd: {', '.join(odd)}"
        case events.PaintedOtherwise(scene, frame, reason):
            return f"{scene}: {reason}; frame {frame} is painted once more with another seed"
        case events.CutoutsInPieces(scene, pieces):
            return f"{scene}: out of memory; going on with cutouts in {pieces} pieces, which is slower"
        case events.PaintingAgain(scene, frames):
            what, they = (f"{frames} frames", "they were") if frames > 1 else ("a frame", "it was")
            return f"{scene}: painting {what} once more, to show how {they} made"
        case events.CellBegan(scene, number, count, choices):
            return f"{scene}: cell {number} of {count}: {', '.join(choices)}"
        case events.TimelapseDone(scene, film):
            return f"{scene}: timelapse: {film}"
        case events.EncodingSoFar(scene, frames):
            return f"{scene}: making a film of the {frames} frames so far; Ctrl-C leaves without it"
        case events.FilmSoFar(scene, film, count, frames):
            return f"{scene}: so far: {film}, {count} of {frames} frames"
        case events.FilmDone(scene, film, seconds):
            return f"{scene}: finished: {film} ({seconds:.0f}s)"
        case events.SceneFailed(scene, error, seconds) if isinstance(error, LeftError | StoppedError):
            return f"{scene}: {error} ({seconds:.0f}s)"
        case events.SceneFailed(scene, error, seconds):
            return f"{scene}: FAILED: {error} ({seconds:.0f}s)"
    return _of_batch(event)


def _of_batch(event: Event) -> str:
    match event:
        case events.BatchBegan(scenes, folder, slots):
            at_a_time = f", {slots} at a time" if slots > 1 else ""
            return f"{len(scenes)} films{at_a_time}; what happens is in {folder}"
        case events.Estimated():
            return _estimated(event)
        case events.SceneWrong(_, error):
            return str(error)
        case events.SceneQueued(scene):
            return f"{scene}: came into the queue"
        case events.PutFirst(scene):
            return f"{scene}: comes before all others now"
        case events.TaskBegan(scene, shot, device):
            what = "begun" if shot is None else f"the shot from frame {shot} is begun"
            return f"{scene}: {what}" + ("" if device == "auto" else f" on {device}")
        case events.Retrying(scene, reason, tries, seconds):
            after = f" in {seconds:.0f}s" if seconds >= 1 else ""
            return f"{scene}: {reason}; going on from the last frame{after}" + (f" (retry {tries})" if tries else "")
        case events.BatchEnding(reason):
            return f"ending: {reason}; what is being rendered stops after a step"
        case events.BatchDone(done, failed, left, seconds):
            rest = "".join(f", {count} {what}" for count, what in ((failed, "failed"), (left, "left")) if count)
            return f"{done} of {done + failed + left} films are there{rest} ({long(seconds)})"
    return ""


def _estimated(event: events.Estimated) -> str:
    if not event.missing:
        return f"{event.scene}: all {event.frames} frames are there"
    needs = {"on the disk": event.disk, "of memory for a step": event.memory}
    rest = "".join(f", {size(count)} {what}" for what, count in needs.items() if count)
    return f"{event.scene}: {event.missing} of {event.frames} frames to render, about {long(event.seconds)}{rest}"


def _kept(event: events.FramesKept) -> str:
    if event.changed == ("format",):
        return f"{event.scene}: made by another version of the program, so its frames are rendered anew"
    names = sorted(CALLED.get(name, name) for name in event.changed)
    changed = f"; changed: {', '.join(names)}" if names else ""
    if event.kept:
        kept = f"{event.kept} of {event.frames} frames kept"
        return f"{event.scene}: {kept}, rendering from frame {event.first}{changed}"
    return f"{event.scene}: none of the frames that are there can be kept{changed}"


def _edited(event: events.Edited) -> str:
    if event.seconds is None:
        return f"{event.scene}: ok, {event.frames} frames; waiting for it to be saved, Ctrl-C ends this"
    if event.first >= event.frames:
        return f"{event.scene}: ok, no frame changes"
    since = f"re-renders from {event.seconds:.1f} s on, frame {event.first} of {event.frames}"
    return f"{event.scene}: ok, {since if event.first else 'changes from the first frame on'}"


def _reduced(event: events.Reduced) -> str:
    small, full = (f"{width}x{height}" for width, height in (event.size, event.full_size))
    size = f"{small} in place of {full}" if small != full else small
    if not event.every:
        return f"{event.scene}: single moments: {size}, each begun from nothing with {event.first_steps} steps"
    every = f"one frame of {event.every}" if event.every > 1 else "every frame"
    steps = f"{event.first_steps} steps for the first and {event.steps} for each other"
    said = f"{event.scene}: a preview: {size}, {every}, {steps}; camera, prompts and song are the film's"
    few = "; so few steps hardly follow the prompts, --budget gives it more time"
    return said + (few if event.steps < FEW else "")


def of_warning(warning: SceneWarning) -> str:
    """What a person reads of something that works but will hardly do what was meant."""
    match warning:
        case UnknownWord(encoder, word, near):
            hint = f" (near it: {', '.join(near)})" if near else ""
            knows = f"`{command('words')}` lists what it knows; a full CLIP knows the rest"
            return f"warning: {encoder!r} is a small model and never saw the word {word!r}{hint}; {knows}"
        case Unseen(prompt, start, end):
            return f"warning: {prompt!r} is never seen: it would come at {start:g}s, and the film ends at {end:g}s"
        case Foreign(written, hint):
            return f"warning: {written!r} is read as it stands; {hint}"
        case UnsureLanguage(encoder, language):
            return f"warning: nobody says whether {encoder!r} reads {language!r}; it is asked all the same"
        case Wordless(denoiser):
            return f"warning: {denoiser!r} reads texts, and all prompts are pictures; it does nothing"


def listening(song: Path) -> str:
    """What is said before a search that takes long."""
    return f"{song}: listening for its beats; the first song takes half a minute, and each is listened to once"


def of_fact(fact: facts.Fact) -> str:
    """What a person reads of what happens while a model is brought here."""
    match fact:
        case facts.Waiting(folder):
            return f"waiting for another process that changes {folder}"
        case facts.Asking(name, address, revision):
            place = address.removeprefix("hub:")
            if place == address:
                return address
            return f"{name}: from the Hugging Face hub, {place}{f' at {revision}' if revision else ''}"
        case facts.AddressFailed(name, reason):
            return f"{name}: {reason}"
        case facts.HashNoted(name, sha256, lock):
            return f"{name}: nobody publishes its hash; {sha256} is noted in {lock}"
        case facts.RevisionNoted(name, revision, lock):
            return f"{name}: the revision {revision} is noted in {lock} and kept from now on"
        case facts.Here(name, path):
            return f"{name}: here, {path}"
        case facts.Imported(name, "clip"):
            return f"{name}: a CLIP; a scene says: guide: {{encoders: {{{name}: 1}}}}"
        case facts.Imported(name, _, codes, factor):
            return f"{name}: {codes} codes, f{factor}; a scene says: generator: {{type: vqgan, model: {name}}}"


def long(seconds: float) -> str:
    """A time for people: `41 s`, `12 min`, `7 h 5 min`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def step_memory(need: int | None, free: int | None) -> str:
    """What a step takes, in words."""
    if need is None:
        return "what a step takes is not known"
    return f"a step takes {size(need)}" + ("" if free is None else f", and {size(free)} are free")


def slower(pieces: int, give_back: bool) -> str:
    """What a film does to fit into memory, in words."""
    ways = ["what it frees goes back at once"] * give_back + [f"cutouts go in {pieces} pieces"] * (pieces > 1)
    return f"{' and '.join(ways)}, which is slower"


def size(count: float) -> str:
    """Bytes for people, rounded up."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{math.ceil(count / 1e6)} MB"
