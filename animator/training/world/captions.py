"""The grammar: many true ways to say what is in a picture."""

from __future__ import annotations

import re
from random import Random

from animator.training.world import looks, objects, templates, words
from animator.training.world.spec import Mark, Picture, Thing

LONGEST = 18  # Words.


def plural(phrase: str) -> str:
    """The plural of a shape's name."""
    if phrase == "rhombus":
        return "rhombuses"
    return phrase + ("es" if phrase.endswith(("s", "x")) else "s")


def articles(text: str) -> str:
    """Puts "an" before a vowel and "a" before anything else."""
    text = re.sub(r"\b(an?) (?=the\b)", "", text)
    return re.sub(r"\b(?:a|an) (?=([aeio]|um|up)?)", lambda m: "an " if m.group(1) else "a ", text)


def colour_word(rng: Random, colour: str) -> str:
    """The colour's own word or its family's name."""
    family = words.FAMILY_OF[colour]
    own = rng.choice(words.COLOURS[family][:2])[0] if family == "grey" and colour in ("grey", "gray") else colour
    return own if rng.random() < 0.6 else words.COLOURS[family][0][0]


def noun(rng: Random, forms: words.Forms, colour: str = "") -> tuple[str, str]:
    """A phrase with and without its article."""
    form = rng.choice([key for key in forms for _ in range(3 if key == "s" else 1)])
    bare = rng.choice(forms[form])
    bare = f"{colour} {bare}" if colour else bare
    if form == "s":
        return rng.choice(("a", "the")) + " " + bare, bare
    return (f"the {bare}" if rng.random() < 0.15 else bare), bare


def thing_phrase(rng: Random, thing: Thing, mono: bool) -> str:
    """A thing of a landscape, with its colour now and then."""
    colour = colour_word(rng, thing.colour) if thing.colour and not mono and rng.random() < 0.75 else ""
    forms = words.THINGS[thing.name]
    if colour:
        forms = {"s": tuple(p for p in forms.get("s", ()) if " " not in p) or forms["s"]}
    phrase, _ = noun(rng, forms, colour)
    return re.sub(r"\ba (?=(?:[a-z]+ )?(?:sun|moon)$)", rng.choice(("a ", "the ")), phrase)


def sky_phrases(rng: Random, picture: Picture, mono: bool) -> dict[str, str]:
    """The slots that speak of the sky."""
    names = {thing.name for thing in picture.things}
    if picture.sky == "colour":
        if mono:
            return {}
        bare = f"{colour_word(rng, picture.sky_colour)} sky"
        return {"k": bare, "K": f"a {bare}"}
    forms = dict(words.SKIES[picture.sky])
    if mono and picture.sky in ("sunset", "dawn", "clear"):
        return {}
    if "stars" in names and picture.sky == "night":
        forms["k"] = forms["k"] + words.STARRY
    if mono:
        forms["k"] = tuple(p for p in forms.get("k", ()) if not re.search("blue|grey", p))
    slots = {}
    for form, slot in (("t", "T"), ("n", "N"), ("k", "k")):
        if forms.get(form):
            slots[slot] = rng.choice(forms[form])
    if "k" in slots:
        slots["K"] = slots["k"] if slots["k"] == "dark clouds" else rng.choice(("a ", "the ")) + slots["k"]
    if "N" in slots and slots["N"] in ("storm", "sunset", "sunrise", "northern lights", "aurora"):
        slots["N"] = rng.choice(("", "the ")) + slots["N"]
        slots["N"] = "a storm" if slots["N"] == "storm" else slots["N"]
    return slots


def join(parts: list[str]) -> str:
    """A list in words."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def landscape_slots(rng: Random, picture: Picture) -> dict[str, str]:
    """What the templates of landscapes may name."""
    mono = picture.style in looks.MONO
    tint = colour_word(rng, picture.tint) if picture.tint and not mono and rng.random() < 0.85 else ""
    slots = sky_phrases(rng, picture, mono)
    slots["G"], slots["g"] = noun(rng, words.GROUNDS[picture.ground], tint)
    if picture.far:
        slots["F"], _ = noun(rng, words.GROUNDS[picture.far])
    things = list(picture.things)
    rng.shuffle(things)
    if things:
        some = things[: rng.choice((1, 1, 2, 2, 3))]
        slots["W"] = join([thing_phrase(rng, thing, mono) for thing in some])
    above = [thing for thing in things if thing.name in looks.CELESTIAL]
    below = [thing for thing in things if thing.name not in looks.CELESTIAL]
    if above:
        slots["B"] = thing_phrase(rng, above[0], mono)
        if any(thing.name == "stars" for thing in above):
            slots["stars"] = "stars"
    if below:
        slots["L"] = thing_phrase(rng, below[0], mono)
        wet = picture.ground in looks.WATERS and picture.ground != "beach"
        where = (
            "water"
            if below[0].name in ("boat",) and wet
            else "shore"
            if wet
            or below[0].name in ("boat", "bridge")
            or picture.ground in ("city", "volcano", "mountains", "snowy mountains")
            else ("top" if picture.ground in ("hills", "beach", "snow") else "land")
        )
        where = "top" if where == "land" and slots["g"].endswith(("grass", "dunes")) else where
        slots["O"] = rng.choice(templates.STANDS[where]) if below[0].name != "bridge" else "over" if wet else "near"
    return slots


def subject(rng: Random, mark: Mark, count: int, mono: bool) -> tuple[str, str]:
    """A mark or several, with and without an article."""
    colour = "" if mono else colour_word(rng, mark.colour)
    size = rng.choice(looks.SIZES[mark.size]) if mark.size and rng.random() < 0.8 else ""
    name = rng.choice(words.SHAPES[mark.shape])
    if count > 1:
        bare = " ".join(filter(None, (size, colour, plural(name))))
        return (f"{rng.choice(looks.COUNTS[count])} {bare}" if rng.random() < 0.85 else bare), bare
    bare = " ".join(filter(None, (size, colour, name)))
    if mark.outline and rng.random() < 0.9:
        outlined = rng.choice(templates.OUTLINES).format(x=bare)
        return outlined, re.sub(r"^(a|an|the) ", "", outlined)
    return f"{rng.choice(('a', 'a', 'a', 'the', 'one'))} {bare}", bare


def shapes_text(rng: Random, picture: Picture) -> str:
    """A caption of shapes."""
    mono = picture.style in looks.MONO
    slots = {} if mono else {"c": colour_word(rng, picture.back)}
    if not mono:
        slots["C"] = f"{rng.choice(('a', 'a', 'the'))} {slots['c']}"
    if picture.relation:
        first, last = picture.marks
        slots["A"], slots["a"] = subject(rng, first, 1, mono)
        slots["Z"], slots["z"] = subject(rng, last, 1, mono)
        slots["R"] = rng.choice(looks.RELATIONS[picture.relation])
        slots["I"] = rng.choice(looks.RELATIONS[looks.INVERSE[picture.relation]])
        ways: tuple[str, ...] = templates.PAIRED
        if picture.relation in ("inside", "around"):
            inner, outer = ("A", "Z") if picture.relation == "inside" else ("Z", "A")
            slots["X"], slots["Y"] = slots[inner], slots[outer]
            ways = templates.PAIRED + templates.NESTED
        return fill(rng, ways, slots)
    slots["S"], slots["s"] = subject(rng, picture.marks[0], picture.count, mono)
    if picture.place:
        slots["P"] = rng.choice(looks.PLACES[picture.place])
    return fill(rng, templates.PLACED if picture.place and rng.random() < 0.8 else templates.SHAPES, slots)


def thing_text(rng: Random, picture: Picture) -> str:
    """A caption of a thing alone."""
    mono = picture.style in looks.MONO
    thing = picture.things[0]
    singular, several, _ = objects.OBJECTS[thing.name]
    colour = colour_word(rng, thing.colour)
    natural = thing.name in ("fire", "sunflower", "snowman", "pine", "lamp")
    colour = "" if mono or (natural and rng.random() < 0.9) or rng.random() < 0.12 else colour
    slots = {} if mono else {"c": colour_word(rng, picture.back)}
    if not mono:
        slots["C"] = f"{rng.choice(('a', 'a', 'the'))} {slots['c']}"
    if picture.count > 1:
        bare = f"{colour} {rng.choice(several)}".strip()
        number = rng.choice(
            looks.COUNTS[picture.count]
            + (("a bunch of",) if thing.name in objects.GREENERY and picture.count > 2 else ())
        )
        slots["S"], slots["s"] = (f"{number} {bare}" if rng.random() < 0.8 else bare), bare
    else:
        bare = f"{colour} {rng.choice(singular)}".strip()
        slots["S"], slots["s"] = f"{rng.choice(('a', 'a', 'a', 'the'))} {bare}", bare
    if picture.place:
        slots["P"] = rng.choice(looks.PLACES[picture.place])
    return fill(rng, templates.PLACED if picture.place and rng.random() < 0.7 else templates.SHAPES, slots)


def pattern_text(rng: Random, picture: Picture) -> str:
    """A caption of a pattern or a plain picture."""
    slots = {"c": colour_word(rng, picture.colour)}
    if picture.back:
        slots["d"] = colour_word(rng, picture.back)
        slots["C"] = f"a {slots['d']}"
    if picture.kind == "plain":
        ways = templates.GRADIENT[picture.pattern]
        if picture.pattern != "plain" and rng.random() < 0.5:
            ways = templates.GRADIENT[picture.way]
        return fill(rng, ways, slots)
    forms = looks.PATTERNS[picture.pattern]
    slots["P"], slots["p"] = noun(rng, forms)
    if picture.way and rng.random() < 0.8:
        way = rng.choice(looks.WAYS[picture.way])
        slots["P"], slots["p"] = f"{way} {slots['p']}", f"{way} {slots['p']}"
    if picture.style in looks.MONO:
        return slots["P"]
    symmetric = picture.pattern in looks.SYMMETRIC
    return fill(rng, templates.PATTERN if symmetric or rng.random() < 0.3 else templates.ON_GROUND, slots)


def fill(rng: Random, ways: tuple[str, ...], slots: dict[str, str]) -> str:
    """A template all of whose slots are known, filled."""
    while True:
        template = rng.choice(ways)
        if all(slot in slots for slot in re.findall(r"{(\w+)}", template)):
            return template.format(**slots)


def styled(rng: Random, picture: Picture, text: str) -> str:
    """The text with the style, a prefix, or as it is."""
    if not picture.style or rng.random() < 0.25:
        return (
            rng.choice(templates.PREFIXES[:3] if picture.style == "photo" else templates.PREFIXES).format(x=text)
            if (rng.random() < 0.12)
            else text
        )
    forms = looks.STYLES[picture.style]
    if "m" in forms and rng.random() < 0.5:
        return rng.choice(templates.STYLED_BARE).format(x=text, m=rng.choice(forms["m"]))
    style = rng.choice(forms["s"])
    return rng.choice(templates.STYLED).format(x=text, q=style, Q=f"{rng.choice(('a', 'a', 'the'))} {style}")


def told(rng: Random, picture: Picture) -> str:
    """A caption without the style."""
    if picture.kind == "landscape":
        return fill(rng, templates.LANDSCAPE, landscape_slots(rng, picture))
    if picture.kind == "shapes":
        return shapes_text(rng, picture)
    return thing_text(rng, picture) if picture.kind == "thing" else pattern_text(rng, picture)


def caption(picture: Picture, rng: Random) -> str:
    """A caption of at most `LONGEST` words."""
    while True:
        text = articles(styled(rng, picture, told(rng, picture)))
        if rng.random() < 0.12:  # Users drop articles.
            text = re.sub(r"\b(?:a|an|the) ", "", text)
        if len(text.split()) <= LONGEST:
            return text
