"""Vocabulary: what each thing may be called, and which things are too alike to be told apart."""

from __future__ import annotations

RGB = tuple[int, int, int]


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Pairs of keys, from "one/other, one/other"."""
    return tuple((one, other) for one, _, other in (pair.partition("/") for pair in text.split(", ")))


# Family -> (phrase, sRGB 0..255). The first phrase is the family's own name.
COLOURS: dict[str, tuple[tuple[str, RGB], ...]] = {
    "red": (
        ("red", (222, 28, 32)),
        ("crimson", (176, 14, 44)),
        ("scarlet", (238, 36, 18)),
        ("dark red", (136, 8, 14)),
        ("bright red", (245, 20, 30)),
        ("ruby", (186, 12, 58)),
    ),
    "orange": (
        ("orange", (246, 130, 20)),
        ("bright orange", (255, 122, 0)),
        ("dark orange", (224, 100, 8)),
        ("tangerine", (250, 138, 40)),
    ),
    "yellow": (
        ("yellow", (250, 222, 36)),
        ("golden", (226, 176, 40)),
        ("gold", (222, 172, 34)),
        ("lemon", (252, 240, 86)),
        ("bright yellow", (255, 232, 0)),
    ),
    "green": (
        ("green", (34, 154, 58)),
        ("emerald", (8, 148, 88)),
        ("lime", (136, 214, 40)),
        ("dark green", (10, 84, 38)),
        ("light green", (134, 214, 122)),
        ("bright green", (28, 204, 50)),
        ("olive", (116, 124, 40)),
    ),
    "blue": (
        ("blue", (34, 78, 214)),
        ("azure", (44, 126, 238)),
        ("navy", (18, 28, 108)),
        ("dark blue", (16, 36, 132)),
        ("light blue", (126, 180, 244)),
        ("bright blue", (20, 90, 250)),
        ("cobalt", (20, 66, 176)),
    ),
    "cyan": (
        ("cyan", (26, 206, 220)),
        ("turquoise", (48, 206, 190)),
        ("teal", (8, 126, 132)),
        ("aqua", (70, 226, 224)),
    ),
    "purple": (
        ("purple", (122, 38, 164)),
        ("violet", (142, 62, 214)),
        ("dark purple", (74, 18, 106)),
        ("lavender", (182, 152, 230)),
        ("lilac", (196, 152, 222)),
    ),
    "magenta": (("magenta", (220, 26, 168)), ("fuchsia", (232, 30, 140))),
    "pink": (
        ("pink", (250, 142, 188)),
        ("light pink", (252, 184, 208)),
        ("hot pink", (252, 94, 170)),
        ("salmon", (248, 148, 136)),
    ),
    "brown": (
        ("brown", (118, 68, 32)),
        ("chocolate", (92, 50, 24)),
        ("dark brown", (74, 42, 20)),
        ("light brown", (164, 112, 66)),
    ),
    "black": (("black", (12, 12, 14)), ("pitch black", (5, 5, 5))),
    "white": (("white", (248, 248, 246)), ("snow white", (254, 254, 254))),
    "grey": (
        ("grey", (128, 128, 130)),
        ("gray", (126, 128, 130)),
        ("silver", (178, 180, 184)),
        ("dark grey", (74, 74, 78)),
    ),
    "beige": (("beige", (232, 212, 172)), ("cream", (246, 234, 202)), ("tan", (210, 180, 138))),
}
FAMILY_OF = {phrase: family for family, shades in COLOURS.items() for phrase, _ in shades}
RGB_OF = {phrase: rgb for shades in COLOURS.values() for phrase, rgb in shades}

# Families whose shades meet: never one for the other in a near miss, nor one upon the other.
CLOSE_COLOURS = pairs(
    "white/beige, yellow/beige, brown/beige, orange/beige, pink/beige, blue/cyan, green/cyan, "
    "pink/magenta, purple/magenta, purple/pink, red/magenta, orange/yellow, orange/brown, red/brown, "
    "grey/white, grey/beige, red/orange, blue/purple, grey/black"
)

SHAPES: dict[str, tuple[str, ...]] = {
    "circle": ("circle", "disc", "disk", "dot", "ball"),
    "square": ("square", "box"),
    "rectangle": ("rectangle", "bar"),
    "triangle": ("triangle",),
    "star": ("star",),
    "ring": ("ring", "hoop"),
    "heart": ("heart",),
    "cross": ("cross", "plus"),
    "diamond": ("diamond", "rhombus"),
    "hexagon": ("hexagon",),
    "pentagon": ("pentagon",),
    "crescent": ("crescent",),
    "oval": ("oval", "ellipse"),
    "arrow": ("arrow",),
    "cloud": ("cloud",),
    "drop": ("drop", "teardrop"),
    "halfcircle": ("half circle", "semicircle"),
    "bolt": ("lightning bolt",),
}
CLOSE_SHAPES = pairs(
    "circle/oval, circle/ring, ring/oval, circle/drop, oval/drop, circle/halfcircle, "
    "crescent/halfcircle, circle/crescent, square/rectangle, square/diamond, rectangle/diamond, "
    "hexagon/pentagon, circle/hexagon, circle/pentagon, oval/hexagon, oval/pentagon, square/pentagon, "
    "oval/cloud, ring/crescent"
)

# Form -> phrases. Forms: s takes an article, p is a plural, m is neither.
Forms = dict[str, tuple[str, ...]]

GROUNDS: dict[str, Forms] = {
    "sea": {"s": ("sea", "ocean")},
    "lake": {"s": ("lake",)},
    "forest": {"s": ("forest", "wood", "pine forest"), "p": ("woods",)},
    "mountains": {"s": ("mountain", "mountain range"), "p": ("mountains", "peaks")},
    "snowy mountains": {"s": ("snowy mountain", "snowy peak"), "p": ("snowy mountains", "snowy peaks")},
    "desert": {"s": ("desert",), "p": ("dunes", "sand dunes")},
    "city": {"s": ("city", "skyline", "city skyline"), "p": ("skyscrapers", "buildings")},
    "snow": {"s": ("snowy field", "snowy landscape", "field of snow"), "m": ("snow",)},
    "meadow": {"s": ("meadow", "grassy field", "field"), "m": ("grass",)},
    "hills": {"s": ("hill",), "p": ("hills", "rolling hills")},
    "beach": {"s": ("beach", "sandy beach", "shore")},
    "river": {"s": ("river", "stream")},
    "flower field": {"s": ("flower field", "field of flowers", "flower meadow")},
    "wheat": {"s": ("wheat field", "field of wheat")},
    "volcano": {"s": ("volcano",)},
    "ice": {"s": ("frozen sea", "icy sea", "iceberg"), "p": ("icebergs",), "m": ("ice",)},
}
CLOSE_GROUNDS = pairs(
    "sea/beach, sea/lake, sea/ice, lake/river, sea/river, lake/beach, lake/ice, beach/river, "
    "meadow/flower field, meadow/hills, meadow/wheat, meadow/river, hills/river, hills/wheat, "
    "hills/flower field, wheat/flower field, river/flower field, meadow/lake, hills/lake, "
    "mountains/snowy mountains, wheat/river, mountains/volcano, snowy mountains/volcano, "
    "mountains/hills, snow/ice, snow/snowy mountains, ice/snowy mountains, desert/beach, desert/hills, "
    "desert/wheat, meadow/snow, wheat/snow, flower field/snow, snow/hills"
)

# Forms: t is a phrase of time or weather, k a kind of sky, n a noun that can lie over a ground.
SKIES: dict[str, Forms] = {
    "clear": {
        "t": ("on a sunny day", "on a clear day", "at noon", "by day"),
        "k": ("blue sky", "clear blue sky", "clear sky", "bright blue sky", "cloudless sky"),
    },
    "cloudy": {"t": ("on a cloudy day",), "k": ("cloudy sky", "sky full of clouds")},
    "stormy": {
        "t": ("in a storm", "during a storm", "in stormy weather"),
        "k": ("stormy sky", "dark stormy sky", "grey sky", "dark clouds"),
        "n": ("storm",),
    },
    "sunset": {
        "t": ("at sunset", "at dusk", "in the evening"),
        "k": ("sunset sky", "evening sky"),
        "n": ("sunset",),
    },
    "dawn": {
        "t": ("at dawn", "at sunrise", "in the morning", "at daybreak"),
        "k": ("dawn sky", "morning sky"),
        "n": ("sunrise", "dawn"),
    },
    "night": {
        "t": ("at night", "by night", "in the night"),
        "k": ("night sky", "dark night sky", "dark sky"),
        "n": ("night",),
    },
    "misty": {
        "t": ("in the fog", "in the mist", "on a foggy day", "on a misty day"),
        "k": ("misty sky", "foggy sky"),
        "n": ("mist", "fog"),
    },
    "aurora": {
        "t": ("under the northern lights", "under the aurora", "with northern lights"),
        "n": ("northern lights", "aurora"),
    },
}
STARRY = ("starry sky", "starry night sky", "sky full of stars")
CLOSE_SKIES = pairs(
    "clear/cloudy, cloudy/stormy, stormy/misty, sunset/dawn, night/aurora, cloudy/misty, dawn/misty, "
    "dawn/clear, cloudy/sunset, cloudy/dawn"
)
# Phrases that may be true under other skies too: never put in a caption to make it false.
VAGUE_SKIES = frozenset(
    {"clear sky", "cloudless sky", "dark sky", "on a clear day", "in the morning", "in the evening"}
)
DAYTIME = frozenset({"by day", "at noon", "on a sunny day"})

# Things in landscapes.
THINGS: dict[str, Forms] = {
    "sun": {"s": ("sun",)},
    "moon": {"s": ("moon", "full moon")},
    "crescent moon": {"s": ("crescent moon", "half moon", "moon")},
    "stars": {"p": ("stars",)},
    "clouds": {"p": ("clouds", "white clouds")},
    "rainbow": {"s": ("rainbow",)},
    "lightning": {"m": ("lightning",), "s": ("lightning bolt",)},
    "birds": {"p": ("birds",)},
    "boat": {"s": ("boat", "sailboat", "sailing boat", "ship")},
    "house": {"s": ("house", "cottage", "hut")},
    "tree": {"s": ("tree", "lone tree")},
    "pines": {"p": ("trees", "pine trees", "pines")},
    "palm": {"s": ("palm tree", "palm")},
    "lighthouse": {"s": ("lighthouse",)},
    "campfire": {"s": ("campfire", "fire", "bonfire")},
    "balloon": {"s": ("balloon", "hot air balloon")},
    "bridge": {"s": ("bridge",)},
    "cactus": {"s": ("cactus",)},
    "castle": {"s": ("castle",)},
    "person": {"s": ("person", "figure")},
}
CLOSE_THINGS = pairs(
    "moon/crescent moon, tree/pines, tree/palm, pines/palm, tree/cactus, house/castle, sun/moon, "
    "lighthouse/castle, palm/cactus"
)
# What a sky or a ground brings with it, so that naming it would not be false.
IMPLIES: dict[str, tuple[str, ...]] = {
    "forest": ("tree", "pines", "palm"),
    "city": ("house", "castle", "bridge", "lighthouse"),
    "beach": ("sea",),
    "sunset": ("sun", "clouds"),
    "dawn": ("sun", "clouds"),
    "cloudy": ("clouds",),
    "stormy": ("clouds", "lightning"),
    "aurora": ("night",),
    "volcano": ("campfire", "clouds"),
    "misty": ("clouds",),
    "river": ("meadow",),
    "snowy mountains": ("snow",),
    "lake": ("meadow",),
}
