"""Where a ground is painted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from animator.training.world.canvas import Floats, Pen, Rng, line_noise, lit, textured, wobble
from animator.training.world.words import RGB


@dataclass
class Site:
    """Where a ground is painted: the image so far, the horizon (0..1 from the top), the light and a tint."""

    rng: Rng
    image: Image.Image
    horizon: float
    light: tuple[float, float, float]
    tint: str = ""
    sky: str = ""

    @property
    def n(self) -> int:
        """Side in pixels."""
        return self.image.width

    def colour(self, *natural: RGB) -> RGB:
        """The tint, or one of the natural colours, wobbled and lit; tints keep more of themselves in the dark."""
        if self.tint:
            soft = tuple(0.45 + 0.55 * factor for factor in self.light)
            return lit(wobble(self.rng, self.tint), (soft[0], soft[1], soft[2]))
        return lit(wobble(self.rng, natural[int(self.rng.integers(len(natural)))], 8), self.light)

    def pen(self, x: float = 0.0, y: float = 0.0, r: float = 1.0) -> Pen:
        """A pen in sides from the upper left corner, or about a point."""
        return Pen(ImageDraw.Draw(self.image), self.n, x, y, r, light=self.light)

    def pixel(self, x: float, y: float) -> RGB:
        """The colour at a place in sides."""
        r, g, b = np.asarray(self.image)[int(y * self.n), int(x * self.n)].tolist()
        return r, g, b

    def below(self, heights: Floats, rgb: RGB, strength: float = 0.8) -> None:
        """Fills what lies under a line of heights (n values, 0..1 from the top) with a texture."""
        mask = Image.new("L", (self.n, self.n), 0)
        n = self.n
        line = [(x, float(heights[x]) * n) for x in range(0, n, 2)]
        ImageDraw.Draw(mask).polygon([(-1, line[0][1]), *line, (n + 1, line[-1][1]), (n + 1, n), (-1, n)], fill=255)
        self.image.paste(textured(self.rng, n, rgb, strength), (0, 0), mask)


def wavy(rng: Rng, n: int, base: float, height: float, bumps: int) -> Floats:
    """A soft skyline: n heights about `base`."""
    return base + height * line_noise(rng, n, max(2, bumps))
