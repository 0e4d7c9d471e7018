"""What a scene will do, as text: its prompts and curves over time, and what it costs. No torch."""

import dataclasses
import math
import statistics
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from animator.report import ruler, sentences
from animator.scene.denoising import due
from animator.scene.document import Document
from animator.scene.frame_spec import CutoutsAt, DenoiserAt, FrameSpec, PromptAt
from animator.scene.scene import Scene
from animator.scene.times import show_time

WIDTH = 48  # characters of a curve
_LEVELS = "▁▂▃▄▅▆▇█"


def describe(document: Document) -> str:
    """The plan of a scene, for a terminal."""
    scene, frames = document.scene, document.frames
    width, height = scene.size
    lines = [
        f"{scene.name}: {len(frames)} frames of {width}x{height} at {scene.fps} fps, "
        f"{show_time(len(frames) / float(scene.fps))}; generator {_generators(scene, frames)}; "
        f"encoders {', '.join(scene.guide.encoders)}{_denoisers(scene)}",
        "",
        "prompts",
        *_prompts(frames),
        "",
        "curves over time (first, lowest, highest, last)",
        *(
            f"  {name:<22} {_sparkline(values)}  {_summary(values)}"
            for name, values in curves(frames, float(scene.fps)).items()
        ),
        *(f"  {name:<22} {row}".rstrip() for name, row in ruler.rows(document, min(WIDTH, len(frames))).items()),
        "",
        _cost(frames),
    ]
    return "\n".join(lines)


def _generators(scene: Scene, frames: Sequence[FrameSpec]) -> str:
    starts: dict[int, float] = {}
    for frame in frames if len(scene.generator) > 1 else ():
        starts.setdefault(frame.generator, frame.time)
    names = [painter.type for painter in scene.generator]
    return ", ".join([names[0], *(f"{names[place]} from {show_time(starts[place])}" for place in starts if place)])


def _denoisers(scene: Scene) -> str:
    return f"; denoisers {', '.join(scene.guide.denoisers)}" if scene.guide.denoisers else ""


def _prompts(frames: Sequence[FrameSpec]) -> list[str]:
    """A line for each stretch of frames with the same texts."""
    lines, began, before = [], frames[0], texts(frames[0])
    last = began
    for frame in (*frames, None):
        asked = texts(frame) if frame else None
        if asked != before:
            span = f"{show_time(began.time)} to {show_time(last.time)}"
            span += f"  frames {began.index}-{last.index}"
            lines.append(f"  {span:<36}  {' + '.join(before) or '(no prompt)'}")
            began, before = frame or began, asked or []
        last = frame or last
    return lines


def texts(frame: FrameSpec) -> list[str]:
    """What a frame is to show, each prompt as a text."""
    return [_text(prompt) for prompt in frame.prompts]


def _text(prompt: PromptAt) -> str:
    sign = "away from " if prompt.weight < 0 else ""
    return f"{sign}{prompt.aim}" + (f" -> {prompt.towards}" if prompt.towards else "")


def curves(frames: Sequence[FrameSpec], fps: float) -> dict[str, list[float]]:
    """What changes from frame to frame, by name; the camera as what it adds up to."""
    turns, sizes, steps = list[complex](), list[float](), list[float]()
    weights, losses, cutouts = list[list[float]](), list[dict[str, float]](), list[CutoutsAt]()
    denoisers = list[dict[str, DenoiserAt]]()
    for frame in frames:  # once: a frame is made anew each time it is asked for
        turns.append(complex(frame.matrix[0][0], frame.matrix[1][0]))
        sizes.append(frame.step_size)
        steps.append(float(frame.steps))
        weights.append([prompt.weight for prompt in frame.prompts])
        losses.append(dict(frame.losses))
        denoisers.append({at.name: at for at in frame.denoisers})
        cutouts.append(frame.cutouts)
    zooms, angles = [1.0], [0.0]
    for turn in turns[1:]:
        zooms.append(zooms[-1] / abs(turn))
        angles.append(angles[-1] + math.degrees(math.atan2(turn.imag, turn.real)))
    rates = [(after / before) ** fps for before, after in pairwise(zooms)] or [1.0]
    curves: dict[str, list[float]] = {
        "camera zoom, a second": rates,
        "camera zoom, total": zooms,
        "camera turn, degrees": angles,
        "steps": steps[1:] or steps,
        "step size": sizes,
    }
    for place in range(max(map(len, weights))):
        curves[f"prompt weight {place + 1}"] = [each[place] if place < len(each) else 0.0 for each in weights]
    for name in sorted({name for each in losses for name in each}):
        curves[f"loss {name}"] = [each.get(name, 0.0) for each in losses]
    for name in sorted({name for each in denoisers for name in each}):
        found = [each.get(name) for each in denoisers]
        curves[f"denoiser {Path(name).stem}"] = [at.weight if at else 0.0 for at in found]
        if any(at.level for at in found if at):
            curves[f"noise for {Path(name).stem}"] = [at.level if at else 0.0 for at in found]
    for name in (field.name for field in dataclasses.fields(CutoutsAt)):
        values = [getattr(each, name) for each in cutouts]
        if len(set(values)) > 1:
            curves[f"cutouts {name}"] = values
    return curves


def _sparkline(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    picked = (
        [_most(values, place, statistics.median(values)) for place in range(WIDTH)] if len(values) > WIDTH else values
    )
    if high - low < 1e-12:
        return "─" * len(picked)
    return "".join(_LEVELS[min(7, int((value - low) / (high - low) * 8))] for value in picked)


def _most(values: Sequence[float], place: int, usual: float) -> float:
    """Of the values that one column stands for, the one that is farthest from the usual, so that a beat is seen."""
    return max(
        values[place * len(values) // WIDTH : (place + 1) * len(values) // WIDTH], key=lambda value: abs(value - usual)
    )


def _summary(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.4g}" for value in (values[0], min(values), max(values), values[-1]))


def _cost(frames: Sequence[FrameSpec]) -> str:
    steps, crops, targets, adapting = 0, 0, 0, False
    drawings = set[tuple[str, int]]()  # one for each change
    for frame in frames:
        steps += frame.steps
        crops += frame.steps * round(frame.cutouts.count)
        for at in frame.denoisers:
            made = sum(due(at, frame, step) for step in range(frame.steps))
            targets += made - bool(made and at.coming)
            drawings |= {(at.name, at.coming.seed)} if at.coming else set()
        adapting = adapting or frame.adapt
    most = "at most " if adapting else ""
    targets += len(drawings)
    more = f", {targets} targets of denoisers" if targets else ""
    return f"cost: {most}{steps} steps ({frames[0].steps} for the first frame), {crops} cutouts{more}"


def memory_line(
    document: Document, device: str, need: int | None, free: int | None, pieces: int, give_back: bool
) -> str:
    """What a step takes on a device, in bytes, and what the film does to fit; see `events.MemoryTight`."""
    slower = f"; {sentences.slower(pieces, give_back)}" if give_back or pieces > 1 else ""
    files = sum(_bytes(model.path) for model in document.models)
    models = f"beside it the models, {sentences.size(files)} of files"
    return f"memory on {device}: {sentences.step_memory(need, free)}{slower}; {models}"


def _bytes(path: Path) -> int:
    """Of a file, or of all in a folder."""
    return sum(file.stat().st_size for file in (path, *path.rglob("*")) if file.is_file())
