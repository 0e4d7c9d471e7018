"""Denoisers: their pictures are moving targets for the one that is painted."""

import dataclasses
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from PIL import Image
from torch import Tensor

from animator.errors import SceneError
from animator.film import keys
from animator.models import store
from animator.models.networks.code_transformer import CodeTransformer
from animator.models.networks.code_transformer import Shape as CodeShape
from animator.models.networks.denoiser import Denoiser, Shape
from animator.paint import denoisers, encoders, generators, guide, memory, target
from animator.paint.animate import animate, start
from animator.paint.denoisers import Steps
from animator.report import plan, sentences
from animator.scene.denoising import due
from animator.scene.document import Document, read
from animator.scene.frame_spec import Coming, DenoiserAt, FrameSpec
from animator.scene.motions import IDENTITY
from animator.scene.warnings import Wordless
from animator.training import denoiser, transformer
from tests.conftest import TINY

CPU = torch.device("cpu")
SHAPE = Shape(side=8, width=16, blocks=1, inner_blocks=1, told=16)
AT = DenoiserAt("d", 10.0, 0.2, 3.0, 8, 25)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("models") / "small.safetensors"
    denoiser.export(dict(Denoiser(SHAPE).named_parameters()), SHAPE, path)
    return path


def film(tmp_path: Path, denoisers: str, more: str = "") -> Document:
    scene = tmp_path / "tiny.yaml"
    scene.write_text(TINY.replace("denoisers: {}", denoisers) + more)
    return read(scene)


def pictures(document: Document) -> list[Tensor]:
    built = guide.build(document, CPU)
    painters = [generators.build(document.scene.generator[0], document.scene.size, CPU)]
    begun = start(painters, document.frames[0], document.scene.seed)
    return [frame.picture for frame in animate(painters, built, document.frames[:3], begun)]


def test_it_pulls_and_does_so_the_same_way_again(tmp_path: Path, weights: Path) -> None:
    with_it = film(tmp_path, f"denoisers: {{{weights}: {{weight: 50, every: 2, tries: 2}}}}")
    without = film(tmp_path, "denoisers: {}")
    one, two, plain = pictures(with_it), pictures(with_it), pictures(without)
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    assert not torch.equal(one[0], plain[0])
    assert with_it.models[-1].path == weights


def test_the_shipped_one_is_there_where_pocket_guides(tmp_path: Path, weights: Path) -> None:
    for written, named in (
        ("encoders: pocket", ["pocket-transformer"]),
        ("encoders: pocket-judge", []),
        ("denoisers: {}", []),
        (f"denoisers: {{{weights}: 15}}", [str(weights)]),
    ):
        assert list(film(tmp_path, written).denoisers) == named


def test_films_without_one_do_not_have_it_in_their_keys(tmp_path: Path, weights: Path) -> None:
    without, with_it = film(tmp_path, "denoisers: {}"), film(tmp_path, f"denoisers: {{{weights}: 15}}")
    weightless = film(tmp_path, f"denoisers: {{{weights}: 0}}")
    one, two, three = (keys.keys_of(keys.base_of(each), each) for each in (without, weightless, with_it))
    assert one == two
    assert not set(one) & set(three)


def test_what_it_reads_must_be_there(tmp_path: Path, weights: Path) -> None:
    with pytest.raises(SceneError, match=r"reads texts as pocket does; add that to guide.encoders"):
        film(tmp_path, f"encoders: pocket-judge, denoisers: {{{weights}: 15}}")
    with pytest.raises(SceneError, match=r"guide.denoisers.nowhere: unknown model"):
        film(tmp_path, "denoisers: {nowhere: 15}")
    with pytest.raises(SceneError, match=r"no such file"):
        film(tmp_path, "denoisers: {nowhere.safetensors: 15}")


def test_when_a_target_is_due_and_how_it_pulls() -> None:
    first, later = FrameSpec(0, 0.0, 0, 200), FrameSpec(1, 0.1, 0, 10)
    assert [step for step in range(200) if due(AT, first, step)] == [0, 25, 50, 75, 100, 125, 150, 175]
    assert [step for step in range(10) if due(AT, later, step)] == [0]
    one = dataclasses.replace(AT, every=0)
    assert [step for step in range(200) if due(one, first, step)] == [0]
    assert target.way(Steps(4, 3, 2), one, first, 0) == target.way(Steps(4, 3, 2), AT, first, 0)
    assert target.weight(one, first, 199) == pytest.approx(10 * target.LAST)
    assert target.weight(AT, first, 0) == 10
    assert target.weight(AT, first, 199) == pytest.approx(10 * target.LAST)
    assert target.weight(AT, later, 3) == 10 * target.LATER
    changing = dataclasses.replace(AT, coming=Coming(1, (), 0.5, IDENTITY))
    assert target.weight(changing, later, 3) == pytest.approx(5 * target.LATER)
    assert target.way(Steps(4, 3, 2), changing, later, 0) == target.way(Steps(4, 3, 2), AT, first, 0)


@dataclasses.dataclass
class Grey:
    """Whatever it is shown, it sees grey, and notes how loud the noise was."""

    levels: list[float]
    size: int = 8
    cell: int = 4
    draws: bool = False
    spread: float = 1.0
    steps: Steps = Steps(4, 3, 2)  # noqa: RUF009 - it is frozen
    reads: str = ""

    def encode(self, pictures: Tensor) -> Tensor:
        return 2 * pictures - 1

    def denoise(self, noisy: Tensor, level: float, texts: Tensor, guidance: float, seed: int) -> Tensor:
        assert texts.shape == (len(noisy), 4)
        self.levels.append(level)
        return torch.zeros_like(noisy)

    def decode(self, clean: Tensor) -> Tensor:
        return (clean + 1) / 2


@pytest.mark.parametrize(
    ("spec", "calls"), [(FrameSpec(1, 0.1, 0, 10), 2), (dataclasses.replace(FrameSpec(0, 0.0, 0, 200), cut=True), 4)]
)
def test_a_target_is_what_the_denoiser_sees(spec: FrameSpec, calls: int) -> None:
    grey, mean = Grey([]), lambda seen: seen.mean((1, 2, 3))
    made = target.target(grey, torch.rand(2, 3, 16, 24), torch.ones(4), target.way(grey.steps, AT, spec, 0), 7, mean)
    assert made.shape == (2, 3, 16, 24)  # twice as large, with sharp edges
    assert torch.allclose(made, torch.full_like(made, 0.5))
    assert len(grey.levels) == 2 * calls  # two pictures
    assert grey.levels[0] == pytest.approx(2 * (target.LEVELS[0] if spec.starts else AT.level))  # twice: its spread
    assert min(grey.levels) == pytest.approx(2 * target.SMALLEST)
    assert float(target.pull(torch.full((1, 3, 16, 24), 0.5), made[:1])) == pytest.approx(0, abs=1e-6)


def test_a_transformer_redraws_what_is_there_and_draws_freely_of_noise() -> None:
    drawer = denoisers.build(store.find_denoiser("pocket-transformer"), CPU)
    reader = encoders.build(store.find("pocket", "clip"), CPU)
    text = reader.encode_text(["a red circle on white"])
    picture = torch.ones(1, 3, 64, 64)
    picture[:, 1:, 16:48, 16:48] = 0
    latents = drawer.encode(picture)
    redrawn = drawer.decode(drawer.denoise(latents, 0.05 * drawer.spread, text, 3.0, 1))
    assert float((redrawn - picture).abs().mean()) < 0.1
    free = [drawer.denoise(latents, 100 * drawer.spread, text, 3.0, seed) for seed in (1, 1, 2)]
    assert torch.equal(free[0], free[1])
    assert not torch.equal(free[0], free[2])
    drawn = drawer.decode(free[0])
    likeness = reader.encode_image(drawn) @ reader.encode_text(["a red circle on white", "the sea at night"]).T
    assert likeness[0, 0] > likeness[0, 1]
    high = torch.nn.functional.pad(picture, (0, 0, 32, 32), value=1)
    redrawn = drawer.decode(drawer.denoise(drawer.encode(high), 0.05 * drawer.spread, text, 3.0, 1))
    assert float((redrawn - high).abs().mean()) < 0.1


@pytest.mark.parametrize("size", [(72, 128), (128, 72)])
def test_a_transformer_draws_wide_and_high_pictures_around_a_square(size: tuple[int, int]) -> None:
    drawer = cast(Any, denoisers.build(store.find_denoiser("pocket-transformer"), CPU))
    reader = encoders.build(store.find("pocket", "clip"), CPU)
    text = reader.encode_text(["a red circle on white"])
    shape = lambda seen: (reader.encode_image(torch.nn.functional.interpolate(seen, (64, 64))) @ text.T)[:, 0]  # noqa: E731
    way = target.way(drawer.steps, AT, FrameSpec(0, 0.0, 0, 200), 0)
    blank = torch.full((1, 3, *size), 0.5)
    square = target.target(drawer, blank[..., :72, :72], text[0], way, 3, shape)
    whole = target.target(drawer, blank, text[0], way, 3, shape)
    assert square.shape == (1, 3, 128, 128)
    assert whole.shape == (1, 3, *(224 if side == 128 else 128 for side in size))
    upright, turned = whole if size[0] < size[1] else whole.mT, square if size[0] < size[1] else square.mT
    assert float((upright[..., 48:176] - turned).abs().mean()) < 0.05
    ends = torch.cat([upright[..., :32], upright[..., -32:]], -1)
    edges = torch.cat([turned[..., :8], turned[..., -8:]], -1)
    assert float((ends.mean((2, 3)) - edges.mean((2, 3))).abs().max()) < 0.2
    assert torch.equal(target.target(drawer, blank, text[0], way, 3, shape), whole)
    odd = (8, 11) if size[0] < size[1] else (11, 8)
    assert drawer.extend(drawer.encode(square[..., ::2, ::2]), odd, text, 1).shape[-2:] == odd


def test_a_transformer_is_its_vqgan_too(tmp_path: Path) -> None:
    document = film(tmp_path, "denoisers: {pocket-transformer: 15}")
    assert {"pocket-transformer", "pocket-vqgan"} <= {model.name for model in document.models}
    hashes = [store.find_any(name).sha256 for name in ("pocket-transformer", "pocket-vqgan")]
    assert keys.base_of(document)["denoisers"] == {"pocket-transformer": "+".join(hashes)}


def test_a_transformer_whose_vqgan_nobody_knows_is_said_with_its_place(tmp_path: Path) -> None:
    shape = CodeShape(vqgan="nobodys", codes=16, side=2, condition=4, width=8, layers=1, heads=1)
    path = tmp_path / "astray.safetensors"
    transformer.export(CodeTransformer(shape).state_dict(), shape, path)
    with pytest.raises(SceneError, match=r"tiny\.yaml:\d+:\d+: guide\.denoisers.*nobodys"):
        film(tmp_path, f"denoisers: {{{path}: 15}}")


def test_a_steps_memory_is_known_without_a_drawing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = film(tmp_path, "denoisers: {pocket-transformer: {weight: 15, hold: 0}}")
    built = guide.build(document, CPU)
    drawer = cast(Any, built.denoisers["pocket-transformer"])
    monkeypatch.setattr(drawer.network, "draw", None)
    painter = generators.build(document.scene.generator[0], document.scene.size, CPU)
    canvas = torch.empty(1, 3, 32, 32)
    with_it = memory.of_step(built, painter, document.frames[0], canvas)
    without = memory.of_step(built, painter, document.frames[1], canvas)
    later = memory.of_step(built, painter, document.frames[5], canvas)
    canvases = [torch.empty(1, 3, *size) for size in ((32, 64), (64, 32))]
    others = [memory.of_step(built, painter, document.frames[0], each) for each in canvases]
    assert with_it is not None
    assert without is not None
    assert with_it > without
    assert later is not None
    assert later > without
    assert None not in others


def test_a_later_frame_has_a_target_while_a_prompt_changes(tmp_path: Path) -> None:
    frames = film(tmp_path, "denoisers: {pocket-transformer: {weight: 15, hold: 0}}").frames
    assert [bool(frame.denoisers) for frame in frames] == [True, False, False, False, True, True]
    frames = film(tmp_path, "denoisers: {pocket-transformer: {weight: 15, level: 0.12}}").frames
    assert all(frame.denoisers for frame in frames)


def test_a_plan_says_what_it_costs(tmp_path: Path, weights: Path) -> None:
    asked = f"denoisers: {{{weights}: {{weight: 50, every: 2}}}}"
    told = plan.describe(film(tmp_path, asked))
    assert f"; denoisers {weights}" in told
    assert "3 targets of denoisers" in told  # two of the first frame's steps, and one change
    assert "noise for small" not in told
    assert "noise for small" in plan.describe(film(tmp_path, f"denoisers: {{{weights}: {{level: 0.2}}}}"))
    assert "denoiser" not in plan.describe(film(tmp_path, "denoisers: {}"))


def test_a_film_whose_prompts_are_pictures_has_no_target(tmp_path: Path, weights: Path) -> None:
    Image.new("RGB", (16, 16), "red").save(tmp_path / "red.png")
    scene = tmp_path / "pictured.yaml"
    text = TINY.replace("denoisers: {}", f"denoisers: {{{weights}: 50}}")
    scene.write_text(
        text.replace(
            "prompts: {0s: a red circle, 1s: a blue square, fade: 0.5s}", f"prompts: {{image: {tmp_path}/red.png}}"
        )
    )
    document = read(scene)
    built = guide.build(document, CPU)
    painter = generators.build(document.scene.generator[0], document.scene.size, CPU)
    latent = painter.init(3)
    terms = built.objective(document.frames[0], painter, latent)(latent, 0)
    assert not any(name.startswith("denoiser") for name in terms)
    assert document.warnings == (Wordless(str(weights)),)
    assert "all prompts are pictures" in sentences.of_warning(document.warnings[0])


def test_several_prompts_and_one_to_keep_away_from_are_one_text(tmp_path: Path, weights: Path) -> None:
    scene = tmp_path / "several.yaml"
    text = TINY.replace("denoisers: {}", f"denoisers: {{{weights}: 50}}")
    several = "prompts: [a red circle, {text: a blue square, weight: 0.5}, {text: a forest, weight: -1}]"
    scene.write_text(text.replace("prompts: {0s: a red circle, 1s: a blue square, fade: 0.5s}", several))
    document = read(scene)
    built = guide.build(document, CPU)
    (at,) = document.frames[0].denoisers
    asked = built._text(at.name, document.frames[0].prompts)
    rows = {aim.text: row for aim, row in built.aims["pocket"].items()}
    assert asked is not None
    expected = rows["a red circle"] + 0.5 * rows["a blue square"]
    assert torch.allclose(asked, expected / expected.norm(), atol=1e-6)


def test_a_change_has_one_drawing_that_moves_with_the_camera(
    tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = film(tmp_path, f"denoisers: {{{weights}: {{weight: 50, tries: 2, hold: 0}}}}")
    drawn, seen = list[Tensor](), list[Tensor]()
    make, pull = target.target, target.pull

    def noted(*some: Any, **named: Any) -> Tensor:
        drawn.append(make(*some, **named))
        return drawn[-1]

    def pulls(picture: Tensor, wanted: Tensor) -> Tensor:
        seen.append(wanted)
        return pull(picture, wanted)

    monkeypatch.setattr(target, "target", noted)
    monkeypatch.setattr(target, "pull", pulls)
    changing = [frame for frame in document.frames[1:] if frame.denoisers]
    assert len(changing) == 2

    def shown(built: guide.Guide, frame: FrameSpec) -> Tensor:
        painter = generators.build(document.scene.generator[0], document.scene.size, CPU)
        latent = painter.init(3)
        built.objective(frame, painter, latent)(latent, 0)
        return seen[-1]

    built = guide.build(document, CPU)
    first, last = (shown(built, frame) for frame in changing)
    assert len(drawn) == 1
    assert torch.equal(first, drawn[0])
    assert not torch.equal(first, last)
    again = guide.build(document, CPU)  # as a film that goes on behind the first of them
    assert torch.equal(shown(again, changing[1]), last)
