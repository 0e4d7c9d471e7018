"""Soft cuts, in pictures of one colour each."""

from fractions import Fraction

import numpy as np

from animator.film.dissolve import dissolved
from animator.film.encode import Reel
from animator.scene.frame_spec import FrameSpec
from animator.scene.motions import IDENTITY

SIZE = (6, 4)
ZOOM = ((0.5, 0.0, 0.0), (0.0, 0.5, 0.0), (0.0, 0.0, 1.0))


def flat(level: int) -> bytes:
    return bytes([level]) * (SIZE[0] * SIZE[1] * 3)


def levels(specs: list[FrameSpec], pictures: list[bytes]) -> list[float]:
    reel = dissolved(Reel(pictures, len(pictures), SIZE, Fraction(4)), specs)
    return [float(np.frombuffer(picture, np.uint8).mean()) for picture in reel.pictures]


def test_the_picture_before_fades_out_over_the_next_ones() -> None:
    pictures = [flat(10), flat(100), flat(200), flat(200), flat(200), flat(50)]
    cuts = [FrameSpec(index, 0.0, 0, 1, cut=index == 2, dissolve=3 * (index == 2)) for index in range(6)]
    assert levels(cuts, pictures) == [10, 100, 125, 150, 175, 50]


def test_a_hard_cut_and_a_film_that_begins_with_a_dissolve_stay_as_they_are() -> None:
    pictures = [flat(10), flat(100), flat(200)]
    assert levels([FrameSpec(index, 0.0, 0, 1, cut=index == 1) for index in range(3)], pictures) == [10, 100, 200]
    begins = [FrameSpec(index, 0.0, 0, 1, cut=index == 0, dissolve=2 * (index == 0)) for index in range(3)]
    assert levels(begins, pictures) == [10, 100, 200]


def test_the_camera_carries_on_what_fades_out() -> None:
    picture = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    picture[1:3, 2:4] = 255
    specs = [
        FrameSpec(0, 0.0, 0, 1),
        FrameSpec(1, 0.0, 0, 1, cut=True, dissolve=2),
        FrameSpec(2, 0.0, 0, 1, matrix=ZOOM),
    ]
    reel = Reel([picture.tobytes(), flat(0), flat(0)], 3, SIZE, Fraction(4))
    still = Reel([picture.tobytes(), flat(0), flat(0)], 3, SIZE, Fraction(4))
    moved = list(dissolved(reel, specs).pictures)
    held = list(dissolved(still, [specs[0], specs[1], FrameSpec(2, 0.0, 0, 1, matrix=IDENTITY)]).pictures)
    assert moved[:2] == held[:2]
    assert np.frombuffer(moved[2], np.uint8).mean() > 1.5 * np.frombuffer(held[2], np.uint8).mean()  # it is nearer
