"""A Document made smaller, to be seen early: fewer pixels, frames and steps; the real prompts, camera and song."""

import dataclasses
from collections.abc import Sequence

from animator.scene import output
from animator.scene.document import Document
from animator.scene.frame_spec import FrameSpec
from animator.scene.motions import IDENTITY, compose
from animator.scene.times import Time

QUARTER = 0.25
LEAST_SIDE = 96  # pixels of the shorter side, where the film has as many
QUICK = {"preset": "veryfast", "crf": 20}


def size_of(size: tuple[int, int], share: float = QUARTER) -> tuple[int, int]:
    """A size of about that share, in even numbers, and not so small that nothing is seen."""
    share = min(1.0, max(share, LEAST_SIDE / min(size)))
    width, height = (max(16, 2 * round(side * share / 2)) for side in size)
    return width, height


def thinned(document: Document, size: tuple[int, int], every: int, first_steps: int, steps: int) -> Document:
    """Every n-th frame of a film, at another size, with so many steps; it plays as long as the film."""
    frames = tuple(_thinned(document.frames, every, first_steps, steps))
    sound, fps = document.scene.audio, document.scene.fps
    lengths = {name: Time(getattr(sound, name).seconds(fps)) for name in ("start", "offset", "fade_out")}  # not frames
    scene = document.scene.model_copy(
        update={
            "name": "preview",
            "size": size,
            "fps": fps / every,
            "audio": sound.model_copy(update=lengths),
            "timelapse": None,
            "output": output.read(QUICK),
        }
    )
    return dataclasses.replace(document, scene=scene, frames=frames, lapse=None)


def _thinned(frames: Sequence[FrameSpec], every: int, first_steps: int, steps: int) -> list[FrameSpec]:
    found, pose, left, cut, dissolve = list[FrameSpec](), IDENTITY, 1.0, False, 0
    for spec in frames:
        cut, dissolve = cut or spec.cut, spec.dissolve if spec.cut else dissolve
        pose = IDENTITY if spec.cut else compose(pose, spec.matrix)
        left *= 1 - spec.home.share if spec.home else 1
        if spec.index % every == 0:
            place = len(found)
            first = cut or place == 0
            noise = (frames[0].anneal, frames[0].first_noise) if first else (1.0, None)
            home = spec.home and dataclasses.replace(spec.home, share=1 - left)
            found.append(
                dataclasses.replace(
                    spec,
                    index=place,
                    steps=first_steps if first else steps,
                    matrix=pose,
                    adapt=False,
                    home=home,
                    cut=cut,
                    dissolve=-(-dissolve // every),
                    anneal=noise[0],
                    first_noise=noise[1],
                )
            )
            pose, left, cut, dissolve = IDENTITY, 1.0, False, 0
    return found


def moment(document: Document, index: int, size: tuple[int, int], steps: int) -> Document:
    """One frame of a film as a film of its own, begun from nothing."""
    spec = dataclasses.replace(
        document.frames[index],
        index=0,
        steps=steps,
        matrix=IDENTITY,
        adapt=False,
        home=None,
        cut=False,
        dissolve=0,
        generator=0,
        anneal=document.frames[0].anneal,
        first_noise=document.frames[0].first_noise,
    )
    painter = document.scene.generator[document.frames[index].generator]
    scene = document.scene.model_copy(
        update={"name": f"at-{index:06d}", "size": size, "generator": (painter,), "timelapse": None}
    )
    return dataclasses.replace(document, scene=scene, frames=(spec,), lapse=None)
