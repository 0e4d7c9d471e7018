"""Vocabulary of things alone."""

from __future__ import annotations

from animator.training.world.words import COLOURS

# Things alone: singular, plural ("" where there is always one), and the colours they come in (a word per family).
FLOWERY = ("red", "pink", "yellow", "white", "purple", "blue", "orange", "magenta")
ANY = tuple(COLOURS)
OBJECTS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "flower": (("flower", "blossom", "bloom"), ("flowers", "blossoms"), FLOWERY),
    "daisy": (("daisy",), ("daisies",), ("white", "yellow", "pink")),
    "tulip": (("tulip",), ("tulips",), FLOWERY),
    "sunflower": (("sunflower",), ("sunflowers",), ("yellow",)),
    "rose": (("rose",), ("roses",), ("red", "pink", "white", "yellow")),
    "tree": (("tree",), ("trees",), ("green", "orange", "red", "pink", "yellow", "purple", "blue")),
    "pine": (("pine tree", "fir tree", "christmas tree"), ("pine trees",), ("green",)),
    "leaf": (("leaf",), ("leaves",), ("green", "red", "orange", "yellow", "brown")),
    "fire": (("fire", "flame"), (), ("orange",)),
    "candle": (("candle",), ("candles",), ("white", "red", "blue", "green", "beige", "pink")),
    "eye": (("eye",), ("eyes",), ("blue", "green", "brown", "red", "purple", "yellow")),
    "fish": (("fish",), (), ANY),
    "face": (
        ("face", "smiley", "smiling face", "smiley face"),
        (),
        ("yellow", "orange", "green", "pink", "blue"),
    ),
    "house": (("house", "cottage"), (), ("red", "white", "yellow", "blue", "brown", "pink", "green")),
    "mushroom": (("mushroom", "toadstool"), ("mushrooms",), ("red", "brown", "orange", "purple", "blue")),
    "butterfly": (("butterfly",), ("butterflies",), ANY),
    "apple": (("apple",), ("apples",), ("red", "green", "yellow")),
    "balloon": (("balloon",), ("balloons",), ANY),
    "umbrella": (("umbrella",), (), ANY),
    "cat": (("cat", "kitten"), (), ("black", "grey", "orange", "white", "brown")),
    "bird": (("bird",), ("birds",), ANY),
    "planet": (("planet", "ringed planet"), (), ANY),
    "snowman": (("snowman",), (), ("white",)),
    "boat": (("boat", "sailboat", "sailing boat"), (), ("white", "red", "blue", "yellow", "brown")),
    "cup": (("cup", "mug"), ("cups",), ANY),
    "rocket": (("rocket",), (), ("red", "white", "grey", "blue", "yellow")),
    "key": (("key",), ("keys",), ("yellow", "grey", "black", "brown", "white")),
    "lamp": (("light bulb", "lamp"), (), ("yellow", "white", "orange")),
}
GREENERY = frozenset({"flower", "daisy", "tulip", "sunflower", "rose"})
CLOSE_OBJECTS = (
    ("flower", "daisy"),
    ("flower", "tulip"),
    ("flower", "sunflower"),
    ("flower", "rose"),
    ("daisy", "sunflower"),
    ("tree", "pine"),
    ("fire", "candle"),
    ("bird", "butterfly"),
    ("mushroom", "umbrella"),
    ("balloon", "lamp"),
    ("apple", "balloon"),
    ("tree", "leaf"),
)
