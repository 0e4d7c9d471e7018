"""Motions: numbers that a scene gives, as rates per second, -> where the camera looks.

One file is one motion. It exposes a `Config`, the rates at one moment, and `matrix(rates, seconds, size) -> Matrix`:
the camera's move when those rates hold for so many seconds. `matrix(r, a + b) == compose(matrix(r, a), matrix(r, b))`.

Convention, for everything in this project that moves:

- Coordinates are isotropic: origin in the frame's centre, x right, y down. The frame spans +-sqrt(w/h) in x and
  +-sqrt(h/w) in y, so its area is 4 whatever its shape, and a similarity keeps shapes.
- A matrix is 3x3, rows first, and maps a point of the new frame to a point of the old one: new(x) = old(M x).
  Two moves one after the other are `first @ second`.
- Rates are per second, so a film keeps its look when its fps changes. zoom is a factor per second, above 1 moves
  in; rotate is in degrees per second and turns the picture counter-clockwise; pan moves the camera, in frame
  widths (to the right) and heights (down) per second.
"""

Row = tuple[float, float, float]
Matrix = tuple[Row, Row, Row]

IDENTITY: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def compose(first: Matrix, second: Matrix) -> Matrix:
    """The move `first` and then the move `second`, as one."""
    (a, b, c), (d, e, f), (g, h, i) = second
    x, y, z = first
    return (  # written out: this is most of what a long film's timeline takes
        (x[0] * a + x[1] * d + x[2] * g, x[0] * b + x[1] * e + x[2] * h, x[0] * c + x[1] * f + x[2] * i),
        (y[0] * a + y[1] * d + y[2] * g, y[0] * b + y[1] * e + y[2] * h, y[0] * c + y[1] * f + y[2] * i),
        (z[0] * a + z[1] * d + z[2] * g, z[0] * b + z[1] * e + z[2] * h, z[0] * c + z[1] * f + z[2] * i),
    )
