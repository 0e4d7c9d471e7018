"""How often which thing is drawn, and what goes with what."""

from __future__ import annotations

from animator.training.world.words import COLOURS
from animator.training.world.words import SHAPES as ALL_SHAPES

FAMILIES = (*COLOURS, "red", "orange", "yellow", "green", "blue", "purple", "pink", "black", "white")
SHAPES = (*ALL_SHAPES, *("circle", "square", "triangle", "star", "ring", "heart") * 3)
# Things that stand on a ground.
STANDING: dict[str, tuple[str, ...]] = {
    "sea": ("boat", "boat", "boat", "lighthouse", "bridge"),
    "lake": ("boat", "boat", "house", "tree", "pines", "bridge", "person"),
    "forest": ("campfire", "house", "castle", "person"),
    "mountains": ("house", "tree", "pines", "castle", "campfire", "person"),
    "snowy mountains": ("house", "pines", "castle", "person"),
    "desert": ("cactus", "cactus", "palm", "campfire", "house", "person", "castle"),
    "city": ("bridge", "tree", "person"),
    "snow": ("house", "tree", "pines", "campfire", "person", "castle"),
    "meadow": ("house", "tree", "tree", "pines", "campfire", "castle", "person"),
    "hills": ("house", "tree", "pines", "castle", "person", "lighthouse", "campfire"),
    "beach": ("palm", "palm", "boat", "campfire", "lighthouse", "house", "person"),
    "river": ("bridge", "bridge", "tree", "house", "pines", "boat"),
    "flower field": ("house", "tree", "person", "castle"),
    "wheat": ("house", "tree", "person", "castle"),
    "volcano": ("palm", "tree", "house"),
    "ice": ("boat", "person"),
}
# Celestial things by sky, with the chance of each.
OVERHEAD: dict[str, dict[str, float]] = {
    "clear": {"sun": 0.5, "clouds": 0.35, "birds": 0.12, "rainbow": 0.1, "balloon": 0.1},
    "cloudy": {"birds": 0.15, "rainbow": 0.12, "balloon": 0.06, "sun": 0.15},
    "stormy": {"lightning": 0.45, "birds": 0.05, "rainbow": 0.06},
    "sunset": {"sun": 0.7, "birds": 0.15, "clouds": 0.15, "balloon": 0.05},
    "dawn": {"sun": 0.7, "birds": 0.15, "clouds": 0.12, "balloon": 0.08},
    "night": {"stars": 0.65, "moon": 0.4, "crescent moon": 0.25, "clouds": 0.06, "lightning": 0.04},
    "misty": {"sun": 0.2, "birds": 0.1, "moon": 0.05},
    "aurora": {"stars": 0.5, "moon": 0.12},
    "colour": {"sun": 0.3, "moon": 0.15, "clouds": 0.15, "stars": 0.1, "birds": 0.12, "crescent moon": 0.08},
}
SKY_WEIGHTS = {
    "clear": 22,
    "cloudy": 10,
    "stormy": 8,
    "sunset": 18,
    "dawn": 10,
    "night": 20,
    "misty": 7,
    "aurora": 5,
    "colour": 12,
}
GROUND_WEIGHTS = {
    "sea": 16,
    "lake": 8,
    "forest": 12,
    "mountains": 12,
    "snowy mountains": 6,
    "desert": 10,
    "city": 12,
    "snow": 8,
    "meadow": 8,
    "hills": 7,
    "beach": 6,
    "river": 5,
    "flower field": 6,
    "wheat": 4,
    "volcano": 5,
    "ice": 4,
}
FAR = {
    "sea": ("mountains", "city", "hills", "volcano", "snowy mountains"),
    "lake": ("mountains", "forest", "snowy mountains", "hills", "city"),
    "desert": ("mountains", "city", "volcano"),
    "snow": ("forest", "mountains", "snowy mountains", "city"),
    "river": ("mountains", "forest", "snowy mountains"),
    "meadow": ("mountains", "forest", "hills", "city", "snowy mountains", "volcano"),
    "flower field": ("mountains", "forest", "hills", "snowy mountains", "city"),
    "wheat": ("mountains", "forest", "hills", "city"),
    "beach": ("mountains", "city", "volcano"),
}
TINTS = (
    "red",
    "purple",
    "pink",
    "blue",
    "orange",
    "green",
    "yellow",
    "black",
    "white",
    "cyan",
    "magenta",
    "grey",
)
STYLE_NAMES = (
    "watercolour",
    "watercolour",
    "oil",
    "oil",
    "pencil",
    "ink",
    "crayon",
    "pixel art",
    "pixel art",
    "mosaic",
    "stained glass",
    "low poly",
    "cartoon",
    "cartoon",
    "woodcut",
    "black and white",
    "neon",
    "pastel",
    "blurry",
    "photo",
    "photo",
    "silhouette",
    "silhouette",
    "pointillism",
)
