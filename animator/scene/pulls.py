"""What pulls at a picture over time: prompts that are there all along, and prompts that take turns."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from animator.scene.columns import Column
from animator.scene.frame_spec import Aim, PromptAt
from animator.scene.problems import Flaw
from animator.scene.prompts import Asked, PromptTrack
from animator.scene.times import MOMENT


@dataclass(frozen=True)
class Steady:
    """A prompt with a weight for each frame."""

    aim: Aim
    weights: Column

    def at(self, index: int, time: float) -> PromptAt:
        """The prompt at a frame; its weight may be 0."""
        return PromptAt(self.aim, self.weights[index])


@dataclass(frozen=True)
class Turns:
    """Prompts one after another: from when each holds and how long a cross-fade takes, in seconds."""

    starts: tuple[float, ...]
    aims: tuple[Aim, ...]
    fade: float

    def at(self, index: int, time: float) -> PromptAt:
        """What holds at a frame's time, or the arc between two while their fade lasts."""
        place = max(bisect_right(self.starts, time + self.fade / 2 + MOMENT) - 1, 0)
        before = max(place - 1, 0)
        share = 1.0
        if place > 0 and self.fade > 0:
            share = min(1.0, (time + self.fade / 2 - self.starts[place]) / self.fade)
        if share >= 1.0:
            return PromptAt(self.aims[place], 1.0)
        if share < 1e-9:
            return PromptAt(self.aims[before], 1.0)
        return PromptAt(self.aims[before], 1.0, self.aims[place], round(share, 9))


def aim(asked: Asked) -> Aim:
    """What a prompt asks for. Every encoder reads English, so to say that a text is English changes no frame."""
    return Aim(asked.text, asked.image, "" if asked.lang.split("-")[0] == "en" else asked.lang)


def turns(track: PromptTrack, path: tuple[Any, ...], fps: float, flaws: list[Flaw]) -> Turns:
    """A track of prompts in seconds; what is wrong with its times is added to `flaws`."""
    starts = [time.seconds(fps) for time, _ in track.turns]
    fade = track.fade.seconds(fps)
    for key, (before, after) in zip(track.keys[1:], pairwise(starts), strict=True):
        if after <= before:
            text = f"times out of order: {after:g}s comes after {before:g}s"
            flaws.append(Flaw((*path, key), text, at_key=True))
        elif after - before < fade:
            text = f"a fade of {fade:g}s does not fit between {before:g}s and {after:g}s"
            flaws.append(Flaw((*path, "fade"), text))
    return Turns(tuple(starts), tuple(aim(asked) for _, asked in track.turns), fade)
