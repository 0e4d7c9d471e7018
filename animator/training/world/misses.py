"""Near misses: a caption with one thing changed, so that it is false of the picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from animator.training.world import looks, objects, words
from animator.training.world.captions import articles, plural
from animator.training.world.sampling import are_close
from animator.training.world.spec import Picture

KINDS = {
    "landscape": ("sky", "ground", "thing", "colour", "style"),
    "shapes": ("shape", "place", "relation", "count", "size", "colour", "style"),
    "thing": ("object", "place", "count", "colour", "style"),
    "pattern": ("pattern", "way", "colour", "style"),
    "plain": ("side", "colour"),
}
CLOSE = {
    "ground": words.CLOSE_GROUNDS,
    "thing": words.CLOSE_THINGS,
    "sky": words.CLOSE_SKIES,
    "shape": words.CLOSE_SHAPES,
    "object": objects.CLOSE_OBJECTS,
    "pattern": looks.CLOSE_PATTERNS,
    "style": looks.CLOSE_STYLES,
    "place": looks.CLOSE_PLACES,
    "colour": words.CLOSE_COLOURS,
}


@dataclass(frozen=True)
class Entry:
    """What a phrase means: a category, a form in which it may be exchanged, and a key."""

    category: str
    form: str
    key: str


def entries(category: str) -> Iterator[tuple[str, Entry]]:
    """The phrases of a category."""
    tables: dict[str, dict[str, words.Forms]] = {
        "ground": words.GROUNDS,
        "thing": words.THINGS,
        "sky": words.SKIES,
        "pattern": looks.PATTERNS,
        "style": looks.STYLES,
    }
    flat = {"place": looks.PLACES, "relation": looks.RELATIONS, "size": looks.SIZES, "way": looks.WAYS}
    if category in tables:
        for key, forms in tables[category].items():
            for form, phrases in forms.items():
                yield from ((phrase, Entry(category, form, key)) for phrase in phrases)
    if category == "sky":
        yield from ((phrase, Entry("sky", "k", "night")) for phrase in words.STARRY)
        yield from ((f"{colour} sky", Entry("sky", "k", f"sky {colour}")) for colour in words.FAMILY_OF)
    elif category == "colour":
        yield from ((colour, Entry("colour", "", family)) for colour, family in words.FAMILY_OF.items())
    elif category == "shape":
        for key, names in words.SHAPES.items():
            for name in names:
                yield name, Entry("shape", "s", key)
                yield plural(name), Entry("shape", "p", key)
    elif category == "object":
        for key, (singular, several, _) in objects.OBJECTS.items():
            yield from ((phrase, Entry("object", "s", key)) for phrase in singular)
            yield from ((phrase, Entry("object", "p", key)) for phrase in several)
    elif category == "count":
        yield from (
            (phrase, Entry("count", "", str(number))) for number, names in looks.COUNTS.items() for phrase in names
        )
    elif category == "side":
        yield from ((phrase, Entry("side", "", phrase)) for phrase in ("above", "below", "over"))
    for key, phrases in flat.get(category, {}).items():
        yield from ((phrase, Entry(category, "", key)) for phrase in phrases)


@cache
def lexicon(
    kind: str,
) -> tuple[re.Pattern[str], dict[str, Entry], dict[tuple[str, str], tuple[tuple[str, str], ...]]]:
    """For a kind of picture: a pattern of all phrases, their meanings, and the phrases by category and form."""
    meanings: dict[str, Entry] = {}
    pools: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for category in KINDS[kind]:
        for phrase, entry in entries(category):
            meanings.setdefault(phrase, entry)
            # A new colour is named by its family: shades of two families may look alike.
            plain = (
                category not in ("colour", "sky")
                or entry.key in (phrase, phrase.replace(" sky", ""))
                or (not entry.key.startswith("sky ") and category == "sky")
                or entry.key == "sky " + phrase.removesuffix(" sky")
            )
            if plain and not (
                category == "sky" and entry.key.startswith("sky ") and entry.key[4:] not in words.COLOURS
            ):
                pools.setdefault((category, entry.form), []).append((phrase, entry.key))
    longest = sorted(meanings, key=len, reverse=True)
    return (
        re.compile(r"\b(?:" + "|".join(map(re.escape, longest)) + r")\b"),
        meanings,
        {key: tuple(pool) for key, pool in pools.items()},
    )


def shown(picture: Picture, category: str) -> tuple[str, ...]:
    """The keys of a category that are true of the picture, or not quite false."""
    if category == "ground":
        implied = words.IMPLIES.get(picture.ground, ()) + words.IMPLIES.get(picture.far, ())
        return tuple(filter(None, (picture.ground, picture.far))) + implied
    if category == "thing":
        names = [thing.name for thing in picture.things]
        for key in (picture.sky, picture.ground, picture.far):
            names.extend(words.IMPLIES.get(key, ()))
        return tuple(names)
    if category == "sky":
        return (picture.sky, *words.IMPLIES.get(picture.sky, ()))
    if category == "shape":
        return tuple(mark.shape for mark in picture.marks)
    if category == "object":
        return tuple(thing.name for thing in picture.things)
    one = {
        "pattern": picture.pattern,
        "style": picture.style,
        "place": picture.place,
        "count": str(picture.count),
    }
    return (one[category],) if category in one else ()


def sky_is_false(picture: Picture, key: str) -> bool:
    """Whether a sky by that key is certainly not in the picture."""
    if key.startswith("sky "):
        family = key[4:]
        if picture.sky == "colour":
            return not are_close(words.CLOSE_COLOURS, family, words.FAMILY_OF[picture.sky_colour])
        likely = {
            "clear": ("blue", "cyan", "white"),
            "cloudy": ("blue", "white", "grey", "cyan"),
            "stormy": ("grey", "black", "white", "blue", "purple"),
            "night": ("black", "blue", "purple", "grey"),
            "misty": ("white", "grey", "beige"),
            "aurora": ("green", "black", "blue", "purple", "cyan"),
        }
        likely |= dict.fromkeys(("sunset", "dawn"), tuple(f for f in words.COLOURS if f != "green"))
        return family not in likely[picture.sky]
    if picture.sky == "colour":
        family = words.FAMILY_OF[picture.sky_colour]
        near = {
            "sunset": ("red", "orange", "yellow", "pink", "purple", "magenta"),
            "clear": ("cyan", "white"),
            "night": ("black", "purple", "grey"),
            "stormy": ("grey", "black", "white"),
            "misty": ("white", "grey"),
            "cloudy": ("white", "grey", "cyan"),
            "aurora": ("green", "cyan", "purple"),
            "dawn": ("pink", "yellow", "orange", "white", "red", "magenta", "purple"),
        }
        return family not in near[key] and not (key == "cloudy" and any(t.name == "clouds" for t in picture.things))
    return True


def allowed(picture: Picture, entry: Entry, key: str, text: str) -> bool:
    """Whether exchanging the entry for the key makes the caption false."""
    category = entry.category
    if key == entry.key:
        return False
    if category == "colour":
        family, own = key, {entry.key}
        if picture.kind in ("pattern", "plain"):
            own |= {words.FAMILY_OF[c] for c in (picture.colour, picture.back) if c}
        elif picture.kind != "landscape" and not picture.relation and re.search(rf"\b{family}\b", text):
            return False  # One colour on itself is no picture.
        return not any(are_close(words.CLOSE_COLOURS, family, one) for one in own)
    if category == "relation":
        return looks.INVERSE[entry.key] == key
    if category == "sky" and not sky_is_false(picture, key):
        return False
    if key == "cloudy" and any(thing.name == "clouds" for thing in picture.things):
        return False
    if category == "count":
        return {entry.key, key} != {"3", "9"}
    if category == "style" and (not picture.style or picture.style == "silhouette"):
        return False
    true = shown(picture, category)
    return not any(are_close(CLOSE.get(category, ()), key, one) for one in true)


def swaps(caption: str, picture: Picture, found: list[tuple[int, int, Entry]]) -> Iterator[str]:
    """The caption with its two colours exchanged, where that makes it false."""
    colours = [(start, end) for start, end, entry in found if entry.category == "colour"]
    if len(colours) != 2 or picture.kind == "landscape":
        return
    (a, b), (c, d) = colours
    families = {words.FAMILY_OF[caption[a:b]], words.FAMILY_OF[caption[c:d]]}
    same = picture.kind == "pattern" and (picture.pattern in looks.SYMMETRIC or caption[b:c] in (" and ", " "))
    mixed = picture.kind == "plain" and not re.search("top|left|right|above|below|over|from|into|to ", caption)
    if len(families) == 2 and not same and not mixed:
        yield caption[:a] + caption[c:d] + caption[b:c] + caption[a:b] + caption[d:]


def exchanges(caption: str, picture: Picture, rng: Random) -> Iterator[list[str]]:
    """For each thing the caption says, false things in its stead, in random order."""
    pattern, meanings, pools = lexicon(picture.kind)
    found = [(m.start(), m.end(), meanings[m.group()]) for m in pattern.finditer(caption)]
    yield list(swaps(caption, picture, found))
    for start, end, entry in found:
        before = caption[:start]
        if entry.category == "side":
            other = {"above": "below", "below": "above", "over": "below"}[entry.key]
            yield [before + other + caption[end:]]
            continue
        if entry.category == "place" and picture.kind == "shapes" and not picture.place:
            continue
        if entry.category == "relation" and (
            not picture.relation or not caption[end:] or re.match(" on|,", caption[end:])
        ):
            continue  # "a star over red" tells of a background, "with a star inside" of nothing further.
        pool = [
            phrase
            for phrase, key in pools.get((entry.category, entry.form), ())
            if phrase != caption[start:end]
            and allowed(picture, entry, key, caption)
            and phrase not in words.VAGUE_SKIES
            and not (phrase in words.DAYTIME and picture.sky in ("stormy", "misty"))
        ]
        rng.shuffle(pool)
        if entry.category == "style" and entry.form == "m":
            continue
        yield [before + phrase + caption[end:] for phrase in pool]


def misses(caption: str, picture: Picture, rng: Random, count: int) -> list[str]:
    """Up to `count` captions, each false of the picture by one change."""
    groups = [group for group in exchanges(caption, picture, rng) if group]
    if groups and len(groups[0]) == 1:
        first, rest = groups[0], groups[1:]
        rng.shuffle(rest)
        groups = [first, *rest]
    else:
        rng.shuffle(groups)
    out: list[str] = []
    for turn in range(max((len(group) for group in groups), default=0)):
        for group in groups:
            if turn < len(group) and len(out) < count:
                text = articles(group[turn])
                if text != caption and text not in out and len(text.split()) <= 18:
                    out.append(text)
        if len(out) >= count:
            break
    return out
