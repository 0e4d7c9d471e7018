"""What pulls at a picture over time: prompts that are there all along, and prompts that take turns."""

import dataclasses
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from animator.scene.clock import Clock
from animator.scene.columns import Column, column
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

    def led_back(self, clock: Clock, lead: int) -> "Steady":
        """The same, whose weight in the last frames goes to that of the first one."""
        first, begin = self.weights[0], clock.frames - lead

        def weight(index: int) -> float:
            way = max(0.0, (index - begin + 1) / (lead + 1))
            return self.weights[index] + way * (first - self.weights[index])

        return Steady(self.aim, column(map(weight, range(clock.frames))))


@dataclass(frozen=True)
class Turns:
    """Prompts one after another: from when each begins to come, and how long that cross-fade takes, in seconds. They
    are `written` where a person gave the times."""

    begins: tuple[float, ...]
    fades: tuple[float, ...]
    aims: tuple[Aim, ...]
    written: bool = False
    cuts: tuple[tuple[float, float], ...] = ()  # where one starts anew, and how long the one before fades out over it

    def at(self, index: int, time: float) -> PromptAt:
        """What holds at a frame's time, or the arc between two while their fade lasts."""
        place = max(bisect_right(self.begins, time + MOMENT) - 1, 0)
        before, fade = max(place - 1, 0), self.fades[place]
        share = 1.0
        if place > 0 and fade > 0:
            share = min(1.0, (time - self.begins[place]) / fade)
        if share >= 1.0:
            return PromptAt(self.aims[place], 1.0)
        if share < 1e-9:
            return PromptAt(self.aims[before], 1.0)
        return PromptAt(self.aims[before], 1.0, self.aims[place], round(share, 9))

    def led_back(self, clock: Clock, lead: int) -> "Turns":
        """The same, with a cross-fade to the first of the prompts in the last frames, in place of others there."""
        begin = clock.duration - lead / clock.fps
        middles = [start + fade / 2 for start, fade in zip(self.begins, self.fades, strict=True)]
        count = max(1, bisect_left(middles, begin - MOMENT))
        begin = max(begin, self.begins[count - 1] + self.fades[count - 1])
        back = self.aims[count - 1] != self.aims[0]
        return dataclasses.replace(
            self,
            begins=self.begins[:count] + back * (begin,),
            fades=self.fades[:count] + back * (max(0.0, clock.duration - begin),),
            aims=self.aims[:count] + back * self.aims[:1],
        )


def aim(asked: Asked) -> Aim:
    """What a prompt asks for. Every encoder reads English, so to say that a text is English changes no frame."""
    return Aim(asked.text, asked.image, "" if asked.lang.split("-")[0] == "en" else asked.lang)


def turns(track: PromptTrack, path: tuple[Any, ...], clock: Clock, flaws: list[Flaw]) -> Turns:
    """A track of prompts in seconds; what is wrong with its times is added to `flaws`.

    A fade is centred on its change; prompts behind a cut have none. Where times come from a rule or a song's words,
    those that are near each other have shorter fades; where they are written, that is a mistake.
    """
    before, fade = len(flaws), 0.0
    starts = _starts(track, path, clock, flaws)
    try:
        fade = clock.length(track.fade)
    except ValueError as error:
        flaws.append(Flaw((*path, "fade"), str(error)))
    dissolves = _dissolves(track, path, clock, flaws)
    if len(flaws) == before and track.written:
        flaws += _misplaced(track, path, starts, fade)
    if len(flaws) > before:
        return Turns((0.0,), (0.0,), (aim(track.asked[0]),))
    gaps = [math.inf, *(after - one for one, after in pairwise(starts)), math.inf]
    cuts = [place > 0 and track.asked[place % len(track.asked)].starts for place in range(len(starts))]
    fades = tuple(0.0 if cut else min(fade, *near) for cut, near in zip(cuts, pairwise(gaps), strict=True))
    aims = [aim(asked) for asked in track.asked]
    begins = tuple(start - long / 2 for start, long in zip(starts, fades, strict=True))
    shown = tuple(aims[place % len(aims)] for place in range(len(starts)))
    anew = tuple((starts[place], dissolves[place % len(dissolves)]) for place, cut in enumerate(cuts) if cut)
    return Turns(begins, fades, shown, track.written, anew)


def _dissolves(track: PromptTrack, path: tuple[Any, ...], clock: Clock, flaws: list[Flaw]) -> list[float]:
    """How long the picture before fades out over each of the things that take turns, in seconds."""
    lengths = list[float]()
    for asked, key in zip(track.asked, track.keys if track.written else [()] * len(track.asked), strict=True):
        try:
            lengths.append(clock.length(asked.dissolve))
        except ValueError as error:
            flaws.append(Flaw((*path, *key, "dissolve"), str(error)))
    return lengths


def _misplaced(track: PromptTrack, path: tuple[Any, ...], starts: list[float], fade: float) -> Iterator[Flaw]:
    """What is wrong with the order of times that a person wrote. What is at one time with the one before, because the
    song says so, takes its place."""
    names = [" ".join(map(str, key)) for key in track.keys]
    for place, (one, after) in enumerate(pairwise(starts), 1):
        if after == one and track.times[place].musical:
            continue
        said = [f"{name} is {start:g}s" for name, start in zip(names[place - 1 : place + 1], (one, after), strict=True)]
        if after <= one:
            plain = not any(time.musical for time in track.times[place - 1 : place + 1])
            text = f"{after:g}s comes after {one:g}s" if plain else f"{said[1]} and comes after {said[0]}"
            yield Flaw((*path, *track.keys[place]), f"times out of order: {text}", at_key=True)
        elif after - one < fade and not track.asked[place].starts:
            yield Flaw((*path, "fade"), f"a fade of {fade:g}s does not fit between {one:g}s and {after:g}s")


def _starts(track: PromptTrack, path: tuple[Any, ...], clock: Clock, flaws: list[Flaw]) -> list[float]:
    """From when each prompt of a track holds, in seconds; by a rule, they take turns for as long as the film lasts."""
    if track.rule is not None:
        try:
            return clock.turns(track.rule)
        except ValueError as error:
            flaws.append(Flaw((*path, "every"), str(error)))
            return [0.0]
    starts = list[float]()
    for key, time in zip(track.keys, track.times, strict=True):
        try:
            starts.append(clock.point(time, starts[-1] if starts else 0.0))
        except ValueError as error:
            flaws.append(Flaw((*path, *key), str(error), at_key=True))
    return starts
