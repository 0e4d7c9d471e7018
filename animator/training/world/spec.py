"""What is in a picture: plain, hashable fields only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Thing:
    """One thing in a landscape or alone; an empty colour is the natural one."""

    name: str
    colour: str = ""


@dataclass(frozen=True)
class Mark:
    """One geometric shape; size is "small", "" or "large"."""

    shape: str
    colour: str
    size: str = ""
    outline: bool = False


@dataclass(frozen=True)
class Picture:
    """What is in a picture.

    kind: "landscape", "shapes", "thing", "pattern" or "plain". Colours are keys of `words.FAMILY_OF`; all
    other fields are keys of the tables in `words`, or empty.
    """

    kind: str
    style: str = ""
    # Landscapes.
    sky: str = ""
    sky_colour: str = ""
    ground: str = ""
    tint: str = ""
    far: str = ""
    things: tuple[Thing, ...] = ()
    # Shapes: one mark `count` times at `place`, or two marks in a relation. 9 means "many".
    marks: tuple[Mark, ...] = ()
    count: int = 1
    relation: str = ""
    place: str = ""
    # Patterns and plain pictures: colour and back; shapes and things alone: back only.
    colour: str = ""
    back: str = ""
    pattern: str = ""
    way: str = ""
