"""Vocabulary of patterns, styles, places, relations, sizes and numbers."""

from __future__ import annotations

from animator.training.world.words import Forms

PATTERNS: dict[str, Forms] = {
    "stripes": {"p": ("stripes", "bands")},
    "checkerboard": {"s": ("checkerboard", "chessboard", "checkered pattern")},
    "dots": {"p": ("dots", "polka dots", "spots")},
    "spiral": {"s": ("spiral", "swirl")},
    "target": {"s": ("target", "bullseye"), "p": ("concentric rings", "concentric circles")},
    "zigzag": {"s": ("zigzag", "zigzag pattern"), "p": ("zigzags", "zigzag lines")},
    "waves": {"p": ("waves", "wavy lines", "wavy stripes")},
    "grid": {"s": ("grid", "lattice")},
    "bricks": {"s": ("brick wall", "wall of bricks"), "p": ("bricks",)},
    "triangles": {"p": ("triangles",), "s": ("triangle pattern",)},
    "rays": {"s": ("sunburst", "starburst"), "p": ("rays",)},
    "scales": {"p": ("scales", "fish scales")},
    "diamonds": {"p": ("diamonds",), "s": ("diamond pattern",)},
}
# Patterns in which the two colours play the same part, so that exchanging them says nothing false.
SYMMETRIC = frozenset(
    {"stripes", "checkerboard", "spiral", "target", "zigzag", "waves", "triangles", "rays", "diamonds"}
)
CLOSE_PATTERNS = (
    ("waves", "zigzag"),
    ("stripes", "waves"),
    ("stripes", "zigzag"),
    ("triangles", "zigzag"),
    ("triangles", "diamonds"),
    ("checkerboard", "diamonds"),
    ("spiral", "target"),
    ("grid", "bricks"),
    ("diamonds", "zigzag"),
    ("scales", "waves"),
    ("scales", "bricks"),
)

# Form s takes an article ("a X of"), m stands alone after a comma or before "style".
STYLES: dict[str, Forms] = {
    "watercolour": {"s": ("watercolour", "watercolor", "watercolour painting", "watercolor painting")},
    "oil": {"s": ("oil painting", "impressionist painting")},
    "pencil": {"s": ("pencil sketch", "pencil drawing", "sketch")},
    "ink": {"s": ("ink drawing", "line drawing", "pen drawing")},
    "crayon": {"s": ("crayon drawing", "chalk drawing", "coloured pencil drawing")},
    "pixel art": {"m": ("pixel art",), "s": ("pixelated picture",)},
    "mosaic": {"s": ("mosaic", "tile mosaic")},
    "stained glass": {"s": ("stained glass window",), "m": ("stained glass",)},
    "low poly": {"s": ("low poly picture", "low poly render"), "m": ("low poly",)},
    "cartoon": {"s": ("cartoon", "comic")},
    "woodcut": {"s": ("woodcut", "linocut", "woodcut print")},
    "black and white": {
        "s": ("black and white photo", "black and white photograph"),
        "m": ("black and white",),
    },
    "neon": {"s": ("neon sign", "neon light")},
    "pastel": {"s": ("pastel drawing", "pastel picture"), "m": ("pastel colours",)},
    "blurry": {"s": ("blurry picture", "blurry photo", "blurred picture"), "m": ("out of focus",)},
    "photo": {"s": ("photo", "photograph")},
    "silhouette": {"s": ("silhouette",)},
    "pointillism": {"s": ("pointillist painting",), "m": ("pointillism",)},
}
# Styles that show no colours.
MONO = frozenset({"pencil", "ink", "woodcut", "black and white"})
CLOSE_STYLES = (
    ("pencil", "ink"),
    ("ink", "woodcut"),
    ("pencil", "woodcut"),
    ("mosaic", "stained glass"),
    ("oil", "pointillism"),
    ("pencil", "crayon"),
    ("photo", "blurry"),
    ("black and white", "pencil"),
    ("black and white", "woodcut"),
    ("black and white", "ink"),
    ("pastel", "crayon"),
    ("oil", "watercolour"),
    ("pastel", "watercolour"),
    ("low poly", "mosaic"),
    ("photo", "black and white"),
    ("mosaic", "pixel art"),
)

PLACES: dict[str, tuple[str, ...]] = {
    "centre": ("in the centre", "in the middle", "in the center"),
    "left": ("on the left", "at the left", "on the left side"),
    "right": ("on the right", "at the right", "on the right side"),
    "top": ("at the top", "in the upper half"),
    "bottom": ("at the bottom", "in the lower half"),
    "top left": ("in the top left corner", "at the top left", "in the upper left corner"),
    "top right": ("in the top right corner", "at the top right", "in the upper right corner"),
    "bottom left": ("in the bottom left corner", "at the bottom left", "in the lower left corner"),
    "bottom right": ("in the bottom right corner", "at the bottom right", "in the lower right corner"),
}
# Centre of a shape at a place, in units of the side, y down.
CENTRES = {
    "": (0.5, 0.5),
    "centre": (0.5, 0.5),
    "left": (0.26, 0.5),
    "right": (0.74, 0.5),
    "top": (0.5, 0.27),
    "bottom": (0.5, 0.73),
    "top left": (0.26, 0.27),
    "top right": (0.74, 0.27),
    "bottom left": (0.26, 0.73),
    "bottom right": (0.74, 0.73),
}
CLOSE_PLACES = tuple((side, f"{end} {side}") for side in ("left", "right") for end in ("top", "bottom")) + tuple(
    (end, f"{end} {side}") for side in ("left", "right") for end in ("top", "bottom")
)

# First mark to second mark; and the relation of the second to the first.
RELATIONS: dict[str, tuple[str, ...]] = {
    "left": ("left of", "to the left of"),
    "right": ("right of", "to the right of"),
    "above": ("above", "over"),
    "below": ("below", "under", "beneath"),
    "inside": ("inside", "in the middle of", "within"),
    "around": ("around", "surrounding"),
}
INVERSE = {
    "left": "right",
    "right": "left",
    "above": "below",
    "below": "above",
    "inside": "around",
    "around": "inside",
}

SIZES: dict[str, tuple[str, ...]] = {"small": ("small", "tiny", "little"), "large": ("large", "big", "huge")}
MANY = 9
COUNTS: dict[int, tuple[str, ...]] = {
    2: ("two", "a pair of"),
    3: ("three",),
    MANY: ("many", "lots of", "several"),
}
WAYS: dict[str, tuple[str, ...]] = {
    "horizontal": ("horizontal",),
    "vertical": ("vertical", "upright"),
    "diagonal": ("diagonal", "slanted"),
}

WATERS = ("sea", "lake", "beach", "river", "ice")
CELESTIAL = ("sun", "moon", "crescent moon", "stars", "clouds", "rainbow", "lightning", "birds", "balloon")
