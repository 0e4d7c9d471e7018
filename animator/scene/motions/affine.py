"""Zoom, rotation and pan of a flat picture."""

import cmath
import math

from pydantic import Field

from animator.scene.motions import Matrix
from animator.variants import Options


class Config(Options):
    """Rates at one moment. The point (center_x, center_y) is where zoom and rotation leave the picture at rest."""

    zoom: float = Field(default=1.0, ge=0.01, le=100, description="factor per second, above 1 moves in")
    rotate: float = Field(default=0.0, ge=-7200, le=7200, description="degrees per second, counter-clockwise")
    pan_x: float = Field(default=0.0, ge=-100, le=100, description="frame widths per second, camera to the right")
    pan_y: float = Field(default=0.0, ge=-100, le=100, description="frame heights per second, camera down")
    center_x: float = Field(default=0.0, ge=-10, le=10, description="frame widths right of the frame's centre")
    center_y: float = Field(default=0.0, ge=-10, le=10, description="frame heights below the frame's centre")


def matrix(rates: Config, seconds: float, size: tuple[int, int]) -> Matrix:
    """The exponential of the rates: exact for any length of time, however they mix.

    Points are complex numbers x + iy. A point of the new frame flows to the old one by dz/dt = w (z - center) + pan.
    """
    width, height = size
    wide, high = 2 * math.sqrt(width / height), 2 * math.sqrt(height / width)  # of the frame, in coordinates
    rate = complex(-math.log(rates.zoom), math.radians(rates.rotate))
    pan = complex(rates.pan_x * wide, rates.pan_y * high)
    center = complex(rates.center_x * wide, rates.center_y * high)
    turn = cmath.exp(rate * seconds)
    # (exp(w t) - 1) / w, by its series where w t is too small to divide by
    small = rate * seconds
    path = seconds * (1 + small / 2 + small**2 / 6) if abs(small) < 1e-5 else (turn - 1) / rate
    shift = pan * path + center * (1 - turn)
    return (
        (turn.real, -turn.imag, shift.real),
        (turn.imag, turn.real, shift.imag),
        (0.0, 0.0, 1.0),
    )
