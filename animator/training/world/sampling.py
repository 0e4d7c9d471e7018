"""Draws what is in a picture."""

from __future__ import annotations

from random import Random

from animator.training.world import looks, objects, odds, words
from animator.training.world.spec import Mark, Picture, Thing


# What people ask for most comes most often.
def are_close(pairs: tuple[tuple[str, str], ...], one: str, other: str) -> bool:
    """Whether two keys are the same or listed as too alike."""
    return one == other or (one, other) in pairs or (other, one) in pairs


def pick(rng: Random, weights: dict[str, int]) -> str:
    """A key in proportion to its weight."""
    return rng.choices(tuple(weights), tuple(weights.values()))[0]


def shade(rng: Random, family: str) -> str:
    """A colour word of the family: its own name six times of ten."""
    shades = words.COLOURS[family]
    return shades[0][0] if rng.random() < 0.6 else rng.choice(shades)[0]


def apart(rng: Random, *others: str) -> str:
    """A colour that is told apart easily from the others."""
    families = [words.FAMILY_OF[other] for other in others if other]
    while True:
        colour = shade(rng, rng.choice(odds.FAMILIES))
        if any(are_close(words.CLOSE_COLOURS, words.FAMILY_OF[colour], family) for family in families):
            continue
        far = (sum(abs(a - b) for a, b in zip(words.RGB_OF[colour], words.RGB_OF[o], strict=True)) for o in others if o)
        if all(gap > 130 for gap in far):
            return colour


def landscape(rng: Random, style: str) -> Picture:
    """A landscape with its things."""
    sky = pick(rng, odds.SKY_WEIGHTS)
    if style == "silhouette":
        sky = rng.choice(("sunset", "dawn", "night", "colour"))
    ground = pick(rng, odds.GROUND_WEIGHTS)
    while style == "silhouette" and ground in (*looks.WATERS, "snow"):
        ground = pick(rng, odds.GROUND_WEIGHTS)
    sky_colour = shade(rng, rng.choice(odds.TINTS)) if sky == "colour" else ""
    if words.FAMILY_OF.get(sky_colour) in ("blue", "black"):
        sky_colour = "green"
    tint = ""
    if style != "silhouette" and sky not in ("misty", "aurora") and ground != "snowy mountains" and rng.random() < 0.16:
        tint = apart(rng, sky_colour) if sky_colour else shade(rng, rng.choice(odds.TINTS))
    far = rng.choice(odds.FAR[ground]) if ground in odds.FAR and rng.random() < 0.28 else ""
    things = overhead(rng, sky, sky_colour)
    if rng.random() < 0.4:
        name = rng.choice(odds.STANDING[ground])
        colour = ""
        if name in ("boat", "house") and rng.random() < 0.4 and style != "silhouette":
            colour = rng.choice(("red", "white", "blue", "yellow", "black" if name == "boat" else "brown"))
        things.append(Thing(name, colour))
    return Picture("landscape", style, sky, sky_colour, ground, tint, far, tuple(things))


def overhead(rng: Random, sky: str, sky_colour: str) -> list[Thing]:
    """What hangs in a sky."""
    things: list[Thing] = []
    for name, chance in odds.OVERHEAD[sky].items():
        if (
            rng.random() >= chance
            or (
                name in ("moon", "crescent moon", "sun")
                and things
                and things[0].name in ("sun", "moon", "crescent moon")
            )
            or (name == "crescent moon" and any("moon" in t.name for t in things))
        ):
            continue
        colour = ""
        if name == "sun" and rng.random() < 0.5:
            colour = rng.choice(
                {
                    "sunset": ("red", "orange", "yellow", "red"),
                    "clear": ("yellow", "yellow", "orange"),
                    "colour": ("red", "yellow", "white", "orange", "blue", "green", "pink", "black"),
                }.get(sky, ("red", "orange", "yellow", "white"))
            )
        if name == "moon" and rng.random() < 0.2:
            colour = rng.choice(("red", "yellow", "white", "blue", "orange"))
        if name == "balloon":
            colour = rng.choice(("red", "yellow", "blue", "orange", "green", "purple"))
        if colour and sky_colour and (are_close(words.CLOSE_COLOURS, colour, words.FAMILY_OF[sky_colour])):
            colour = ""
        things.append(Thing(name, colour))
    return things


def shapes(rng: Random, style: str) -> Picture:
    """One shape, many of one, or two in a relation."""
    back = "black" if style == "neon" else shade(rng, rng.choice(odds.FAMILIES))
    shape = rng.choice(odds.SHAPES)
    colour = apart(rng, back)
    roll = rng.random()
    if roll < 0.7:
        outline = shape not in ("ring", "cross", "arrow", "bolt") and (style == "neon" or rng.random() < 0.14)
        size = rng.choices(("", "large", "small"), (70, 16, 14))[0]
        place = rng.choice(tuple(looks.PLACES)) if size != "large" and (size or rng.random() < 0.2) else ""
        return Picture("shapes", style, marks=(Mark(shape, colour, size, outline),), place=place, back=back)
    if roll < 0.86:
        other = rng.choice([key for key in words.SHAPES if not are_close(words.CLOSE_SHAPES, key, shape)])
        relation = rng.choice(tuple(looks.RELATIONS))
        outer = other if relation == "inside" else shape
        if relation in ("inside", "around") and outer not in (
            "circle",
            "square",
            "heart",
            "hexagon",
            "diamond",
            "oval",
        ):
            relation = rng.choice(("left", "right", "above", "below"))
        second = apart(rng, back, colour)
        return Picture("shapes", style, marks=(Mark(shape, colour), Mark(other, second)), relation=relation, back=back)
    return Picture("shapes", style, marks=(Mark(shape, colour),), count=rng.choice((2, 3, looks.MANY)), back=back)


def thing(rng: Random, style: str) -> Picture:
    """One thing, or a few of a kind, on a background."""
    name = rng.choice(("flower", "flower", "flower", "tulip", "fire", *objects.OBJECTS))
    _, plural, families = objects.OBJECTS[name]
    colour = shade(rng, rng.choice(families))
    back = "black" if style == "neon" else apart(rng, colour, "green" if name in objects.GREENERY else "")
    if style == "neon" and words.FAMILY_OF[colour] in ("black", "brown", "grey"):
        colour = families[0] if families[0] not in ("black", "red") else "red"
        style = "" if words.FAMILY_OF[colour] in ("black", "brown", "grey") else style
    count = rng.choice((2, 3, looks.MANY)) if plural and rng.random() < 0.22 else 1
    place = rng.choice(tuple(looks.PLACES)) if count == 1 and rng.random() < 0.12 else ""
    return Picture("thing", style, things=(Thing(name, colour),), count=count, place=place, back=back)


def pattern(rng: Random, style: str) -> Picture:
    """Two colours in a pattern."""
    name = rng.choice(("stripes", "stripes", "spiral", "checkerboard", *looks.PATTERNS))
    way = rng.choice(tuple(looks.WAYS)) if name == "stripes" else ""
    colour = shade(rng, rng.choice(odds.FAMILIES))
    return Picture("pattern", style, colour=colour, back=apart(rng, colour), pattern=name, way=way)


def plain(rng: Random, style: str) -> Picture:
    """One colour, two halves, or one colour that fades into another."""
    name = rng.choice(("plain", "gradient", "gradient", "halves"))
    colour = shade(rng, rng.choice(odds.FAMILIES))
    back = "" if name == "plain" else apart(rng, colour)
    return Picture("plain", style, colour=colour, back=back, pattern=name, way=rng.choice(("down", "across")))


def draw(rng: Random) -> Picture:
    """A picture of any kind."""
    kind = rng.choices((landscape, shapes, thing, pattern, plain), (40, 35, 10, 11, 4))[0]
    style = rng.choice(odds.STYLE_NAMES) if rng.random() < 0.33 else ""
    if (
        (style == "silhouette" and kind is not landscape)
        or (style == "neon" and kind not in (shapes, thing))
        or (kind is plain)
        or (kind is pattern and style in ("neon", "low poly", "mosaic", "pixel art"))
        or (kind is not landscape and style in looks.MONO and rng.random() < 0.5)
    ):
        style = ""
    return kind(rng, style)
