"""The guide, the inner loop and the outer loop, with an encoder that needs no weights."""

import dataclasses
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor

from animator import variants
from animator.errors import RenderError
from animator.paint.animate import Frame, animate
from animator.paint.generators.siren.generator import Siren
from animator.paint.guide import noise, slerp
from animator.paint.optimize import State, fresh, optimize, step_size
from animator.paint.step_info import Observed, StepInfo
from animator.scene.document import resolve
from animator.scene.frame_spec import FrameSpec
from tests.stand_in import guide

FIELDS: dict[str, object] = {
    "size": [32, 24],
    "fps": 4,
    "duration": "6f",
    "generator": {"type": "siren", "layers": 2, "hidden": 16, "draft": 16},
    "guide": {"cutouts": {"count": 3}, "denoisers": {}},
    "optimize": {"first_steps": 6, "steps": 3},
    "prompts": {"0s": "a", "0.75s": "b", "fade": "0.5s"},
    "motion": {"zoom": 1.5, "rotate": 30},
    "losses": {"drift": 0.5, "total_variation": 0.1},
}


def frames_of(**changes: object) -> Sequence[FrameSpec]:
    return resolve({**FIELDS, **changes}, "scene").frames


def film(
    specs: Sequence[FrameSpec], generator_name: str = "siren", state: State | None = None, warm: bool = True
) -> list[Frame]:
    variant = variants.module("generators", generator_name)
    options = FIELDS["generator"] if generator_name == "siren" else {}
    config = variant.Config(**{k: v for k, v in options.items() if k != "type"})  # type: ignore[attr-defined]
    generator = variant.build(config, (32, 24), torch.device("cpu"))
    state = state or fresh(generator.init(1))
    return list(animate([generator], guide("a", "b"), specs, state, warm))


def test_frames_come_in_order_and_in_range() -> None:
    frames = film(frames_of())
    assert [frame.spec.index for frame in frames] == list(range(6))
    for frame in frames:
        assert frame.picture.shape == (1, 3, 24, 32)
        assert 0 <= frame.picture.min() <= frame.picture.max() <= 1
        assert not frame.picture.requires_grad
    assert frames[-1].state.age == 6 + 5 * 3


@pytest.mark.parametrize("optimize", [FIELDS["optimize"], {"first_steps": 6, "steps": 4, "adapt": True}])
def test_a_film_in_two_parts_is_the_film_bit_for_bit(optimize: object) -> None:
    specs = frames_of(optimize=optimize)
    whole = film(specs)
    first = film(specs[:3])
    second = film(specs[3:], state=first[-1].state)
    for one, other in zip(whole, first + second, strict=True):
        assert torch.equal(one.picture, other.picture)
        assert one.state.pace == other.state.pace


def steps_of(seen: list[Observed]) -> list[StepInfo]:
    return [info for info in seen if isinstance(info, StepInfo)]


def test_observers_see_a_frame_from_its_start_to_its_picture() -> None:
    """What can be looked at on the way is what the camera left, and what is shown in the end."""
    seen: list[tuple[int, int, Tensor]] = []

    def look(info: Observed) -> None:
        seen.append((info.frame, info.step + 1 if isinstance(info, StepInfo) else 0, info.picture()))

    variant = variants.module("generators", "siren")
    generator = variant.build(variant.Config(layers=2, hidden=16, draft=16), (32, 24), torch.device("cpu"))
    specs = frames_of(motion={}, optimize={"first_steps": 3, "steps": 2})[:3]
    frames = list(animate([generator], guide("a", "b"), specs, fresh(generator.init(1)), observe=look))
    assert [(frame, step) for frame, step, _ in seen] == [
        (0, 0),
        (0, 1),
        (0, 2),
        (0, 3),
        *((f, s) for f in (1, 2) for s in range(3)),
    ]
    assert torch.equal(seen[0][2], generator.decode(generator.init(1)))
    assert all(torch.equal(seen[place][2], frames[frame].picture) for place, frame in ((3, 0), (6, 1), (9, 2)))
    assert torch.equal(seen[4][2], frames[0].picture)
    plain = list(animate([generator], guide("a", "b"), specs, fresh(generator.init(1))))
    assert torch.equal(plain[-1].picture, frames[-1].picture)


def test_without_motion_and_steps_a_frame_is_the_one_before() -> None:
    specs = frames_of(motion={}, optimize={"first_steps": 5, "steps": 0})
    frames = film(specs)
    for frame in frames[1:]:
        assert torch.equal(frame.picture, frames[0].picture)


def test_optimising_lowers_the_loss() -> None:
    specs = frames_of(duration="1f", optimize={"first_steps": 40}, losses={})
    seen: list[Observed] = []
    variant = variants.module("generators", "siren")
    generator = variant.build(variant.Config(layers=2, hidden=16, draft=16), (32, 24), torch.device("cpu"))
    list(animate([generator], guide("a", "b"), specs, fresh(generator.init(1)), observe=seen.append))
    totals = [sum(float(term) for term in info.terms.values()) for info in steps_of(seen)]
    assert sum(totals[-5:]) < 0.8 * sum(totals[:5])


def test_drift_is_zero_at_a_frames_first_step_and_holds_it_back() -> None:
    seen: list[Observed] = []
    variant = variants.module("generators", "siren")
    generator = variant.build(variant.Config(layers=2, hidden=16, draft=16), (32, 24), torch.device("cpu"))

    def moved(weight: float) -> float:
        specs = frames_of(losses={"drift": weight}, motion={}, duration="2f")
        frames = list(animate([generator], guide("a", "b"), specs, fresh(generator.init(1)), observe=seen.append))
        return float((frames[1].picture - frames[0].picture).abs().mean())

    assert moved(300.0) < 0.7 * moved(0.001)
    assert all(info.terms["drift"] < 1e-9 for info in steps_of(seen) if info.step == 0)


def test_terms_are_named() -> None:
    seen: list[Observed] = []
    variant = variants.module("generators", "siren")
    generator = variant.build(variant.Config(layers=2, hidden=16, draft=16), (32, 24), torch.device("cpu"))
    list(animate([generator], guide("a", "b"), frames_of()[:1], fresh(generator.init(1)), observe=seen.append))
    assert set(steps_of(seen)[0].terms) == {"prompt", "drift", "total_variation"}


def test_fresh_moments_and_warm_ones_differ() -> None:
    specs = frames_of()
    assert not torch.equal(film(specs)[-1].picture, film(specs, warm=False)[-1].picture)


def test_a_loss_that_is_not_a_number_names_itself() -> None:
    specs = frames_of()
    state = fresh({"x": torch.ones(2)})
    variant = variants.module("generators", "siren")
    generator = variant.build(variant.Config(layers=2, hidden=16), (32, 24), torch.device("cpu"))

    def objective(latent: dict[str, torch.Tensor], step: int) -> dict[str, torch.Tensor]:
        return {"prompt": latent["x"].sum(), "drift": torch.tensor(float("nan"))}

    with pytest.raises(RenderError, match="frame 2: the loss 'drift' is nan"):
        optimize(generator, state, objective, specs[2], lambda info: None)


def test_noise_and_step_size_fall_through_the_first_frame_and_stay_in_the_others() -> None:
    specs = frames_of(optimize={"first_steps": 40, "steps": 4, "anneal": 3, "resting": 1, "first_noise": 0.6})
    assert noise(specs[0], 0) == pytest.approx(0.6)
    assert noise(specs[0], 20) == pytest.approx(0.35)
    falling = [noise(specs[0], step) for step in range(40)]
    assert falling == sorted(falling, reverse=True)
    assert falling[-1] == pytest.approx(0.1, abs=0.01)
    assert step_size(specs[0], 0) == pytest.approx(3.0)
    assert {noise(specs[1], step) for step in range(4)} == {0.1}
    assert {step_size(specs[1], step) for step in range(4)} == {1.0}


def test_slerp_stays_on_the_sphere_and_moves_evenly() -> None:
    a, b = torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 0.6, 0.8])
    points = [slerp(a, b, share / 4) for share in range(5)]
    assert torch.allclose(points[0], a, atol=1e-6)
    assert torch.allclose(points[4], b, atol=1e-6)
    for point in points:
        assert float(point.norm()) == pytest.approx(1)
    gaps = [float(torch.acos((p * q).sum())) for p, q in pairwise(points)]
    assert max(gaps) == pytest.approx(min(gaps), rel=1e-4)
    assert float(slerp(a, a, 0.3).norm()) == pytest.approx(1)
    assert torch.isfinite(slerp(a, -a, 0.5)).all()


def test_a_cross_fade_blends_embeddings_not_losses() -> None:
    specs = frames_of()
    middle = next(spec for spec in specs if spec.prompts[0].blend == 0.5)
    targets, pulls = guide("a", "b")._targets("stand-in", middle.prompts)
    assert targets.shape == (1, 12)
    assert pulls.tolist() == [1.0]


def test_steps_of_a_frame_do_not_depend_on_the_frames_around_it() -> None:
    """Any frame can be replayed alone from the state before it."""
    specs = frames_of()
    frames = film(specs)
    alone = film(specs[4:5], state=frames[3].state)
    assert torch.equal(alone[0].picture, frames[4].picture)
    other_seed = dataclasses.replace(specs[4], seed=specs[4].seed + 1)
    assert not torch.equal(film((other_seed,), state=frames[3].state)[0].picture, frames[4].picture)


KEYFRAMES: dict[str, tuple[str, object, object]] = {
    "zoom": ("motion", 1.0, 2.0),
    "rotate": ("motion", 0.0, 90.0),
    "pan_x": ("motion", 0.0, 0.5),
    "drift": ("losses", 0.0, 50.0),
    "total_variation": ("losses", 0.0, 5.0),
    "steps": ("optimize", 2, 3),
    "step_size": ("optimize", 1.0, 3.0),
}


@pytest.mark.slow
@pytest.mark.parametrize("generator", variants.names("generators"))
def test_every_generator_obeys_keyframes_from_their_frame_on(generator: str) -> None:
    common: dict[str, object] = {"generator": generator, "motion": {}, "losses": {}, "prompts": "a"}
    common["optimize"] = {"first_steps": 2, "steps": 2}
    plain = [frame.picture for frame in film(frames_of(**common), generator)]
    changes: dict[str, dict[str, object]] = {"prompts": {"prompts": {"0s": "a", "0.75s": "b", "fade": "0s"}}}
    for name, (part, before, after) in KEYFRAMES.items():
        curve = {name: {"0s": before, "0.75s": after, "ease": "hold"}}
        changes[name] = {part: {"first_steps": 2, "steps": 2, **curve} if part == "optimize" else curve}
    for name, change in changes.items():
        pictures = [frame.picture for frame in film(frames_of(**{**common, **change}), generator)]
        same = [torch.equal(one, other) for one, other in zip(plain, pictures, strict=True)]
        assert same[:3] == [True] * 3, name
        assert not same[-1], name


def test_a_frame_for_which_nothing_pulls_is_the_one_before() -> None:
    specs = frames_of(prompts=[{"text": "a", "weight": {"0s": 1, "0.5s": 0, "ease": "hold"}}], losses={}, motion={})
    pictures = [frame.picture for frame in film(specs, warm=False)]
    assert not torch.equal(pictures[0], pictures[1])
    assert torch.equal(pictures[2], pictures[3])


def test_a_frame_that_no_encoder_looks_at_still_has_pixels_for_the_other_losses() -> None:
    plain = {"type": "siren", "layers": 2, "hidden": 16}  # the default draft, which follows the encoders
    specs = frames_of(prompts={"text": "a", "weight": 0}, losses={"total_variation": 1}, generator=plain)
    assert not specs[0].prompts
    variant = variants.module("generators", "siren")
    generator = variant.build(variant.Config(layers=2, hidden=16), (32, 24), torch.device("cpu"))
    sizes: list[torch.Size] = []
    guided = guide("a", "b")
    decode = type(generator).decode

    class Seen(Siren):
        def decode(self, latent: Any, draft: Any = None) -> torch.Tensor:
            picture: torch.Tensor = decode(self, latent, draft)
            sizes.append(picture.shape[2:])
            return picture

    seen = Seen(generator.config, generator.size, generator.device)
    frames = list(animate([seen], guided, specs[:2], fresh(seen.init(1))))
    assert set(sizes) == {torch.Size([24, 32])}
    assert all(torch.isfinite(frame.picture).all() for frame in frames)
