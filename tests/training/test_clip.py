"""Training itself, on a few pictures."""

import dataclasses
from pathlib import Path

import pytest
import torch

from animator.models import header, store
from animator.paint import encoders
from animator.training import clip, clip_recipes, dataset, dreams, pictures, robust

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work")
    dataset.build(folder / "pictures", 256, 1 << 32, workers=1)
    return folder


SMALL = dataclasses.replace(
    clip_recipes.RECIPES["pocket"], vision_layers=(1, 1, 1, 1), vision_width=8, embed_dim=32, transformer_width=64,
    transformer_layers=1, batch=16, pictures=256, steps=6, warmup=2, dreams=8, dreams_from=0.3,
)  # fmt: skip


@pytest.mark.slow
def test_train_stop_and_go_on(work: Path, tmp_path: Path) -> None:
    output, cpu = tmp_path / "small.safetensors", torch.device("cpu")
    assert not clip.train("small", SMALL, work, output, cpu, 1, seconds=0.0)
    assert clip.train("small", SMALL, work, output, cpu, 1, seconds=600.0)
    encoder = encoders.build(store.find(str(output), "clip"), cpu)
    assert encoder.encode_image(torch.rand(2, 3, 64, 64)).shape == (2, 32)


def test_a_judge_of_form_goes_on_from_another_and_is_shown_spoilt_pictures(work: Path) -> None:
    recipe = dataclasses.replace(clip_recipes.RECIPES["pocket-form"], batch=16, spoilt=8, dreams=4, dreams_from=0.0)
    cpu = torch.device("cpu")
    begun = encoders.build(store.find("pocket-judge", "clip"), cpu)
    used = header.read(store.find("pocket-judge", "clip").weights)["token_embedding.weight"]["shape"][0]
    trainer = clip.Trainer(recipe, used, cpu)
    picture = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    trainer.model.eval()
    with torch.no_grad():  # a training may round to bfloat16
        assert torch.allclose(trainer.embed_image(picture), begun.encode_image(picture), atol=0.03)
    data, random = dataset.build(work / "pictures", 256, 1 << 32, workers=1), torch.Generator().manual_seed(1)
    tokens = torch.unique(data.tokens, return_inverse=True)[1][:16, 0]
    under_way = dreams.Dreams(16, random)
    seen = trainer.train_step(data.images[:16], tokens, under_way, under_way.some(4, random), random)
    assert seen["loss"].isfinite()


@pytest.mark.slow
def test_a_training_that_was_stopped_ends_like_one_that_was_not(work: Path, tmp_path: Path) -> None:
    ends = []
    for name, limits in (("whole", [600.0]), ("parts", [0.0] * 6)):  # each of the six makes one step
        folder = tmp_path / name
        folder.mkdir()
        (folder / "pictures").symlink_to(work / "pictures")
        done = [
            clip.train("small", SMALL, folder, folder / "out.safetensors", torch.device("cpu"), 1, seconds)
            for seconds in limits
        ]
        assert done == [False] * (len(limits) - 1) + [True]
        ends.append(torch.load(folder / "small.pt", weights_only=True))
    whole, parts = ends
    for group in ("model", "averaged", "dreams"):
        assert all(torch.equal(whole[group][name], parts[group][name]) for name in whole[group]), group


def test_dreams_become_what_they_are_of_and_some_end() -> None:
    random = torch.Generator().manual_seed(3)
    under_way = dreams.Dreams(100, random)
    places = under_way.some(64, random)
    assert len(places.unique()) == 64
    before, captions = under_way.images[places].clone(), under_way.pick[places].clone()
    for _ in range(5):
        after = under_way.climb(places, lambda x: x[:, 0].mean((1, 2)) - x[:, 1].mean((1, 2)), random)
    assert (after[:, 0].mean((1, 2)) > before[:, 0].mean((1, 2))).float().mean() > 0.8  # those that did not start anew
    assert 0 < (under_way.pick[places] != captions).sum() < 40
    assert 0 <= under_way.images.min() <= under_way.images.max() <= 1


def test_a_dream_counts_against_its_caption() -> None:
    rows = torch.nn.functional.normalize(torch.randn(4, 8, generator=torch.Generator().manual_seed(0)), dim=1)
    same, scale = torch.eye(4, dtype=torch.bool), torch.tensor(5.0)
    near, far = torch.cat([rows, rows[:1]]), torch.cat([rows, -rows[:1]])
    assert clip.contrast(near, rows, scale, same) > clip.contrast(far, rows, scale, same)


def test_text_in_groups_is_clips_own_text(work: Path) -> None:
    tokens = dataset.build(work / "pictures", 256, 1 << 32, workers=1).tokens[:40, 0].flatten(0, 1)
    used, compact = torch.unique(tokens, return_inverse=True)
    trainer = clip.Trainer(SMALL, len(used), torch.device("cpu"))
    trainer.model.eval()
    own = torch.nn.functional.normalize(trainer.model.encode_text(compact), dim=-1)
    assert ((trainer.embed_text(compact) * own).sum(-1) > 0.999).all()  # bfloat16 against float32


def test_an_attack_stays_within_its_radius_and_raises_the_loss() -> None:
    random = torch.Generator().manual_seed(1)
    images = torch.rand(5, 3, 16, 16, generator=random) * 0.5 + 0.25
    radius = torch.tensor([0.0, 0.5, 1.0, 2.0, 4.0]).view(5, 1, 1, 1)
    direction = torch.randn(3, 16, 16, generator=random)

    def loss(pictures: torch.Tensor) -> torch.Tensor:
        return (pictures * direction).sum()

    attacked = robust.attack(images, loss, radius, 2, random)
    lengths = (attacked - images).flatten(1).norm(dim=1)
    assert (lengths <= radius.flatten() + 1e-4).all()
    assert ((attacked - images) * direction).sum((1, 2, 3))[1:].min() > 0


def test_equal_captions_are_not_told_apart() -> None:
    rows = torch.nn.functional.normalize(torch.randn(4, 8, generator=torch.Generator().manual_seed(0)), dim=1)
    rows[1] = rows[0]
    same = torch.eye(4, dtype=torch.bool)
    told_apart = clip.contrast(rows, rows, torch.tensor(50.0), same)
    same[0, 1] = same[1, 0] = True
    assert clip.contrast(rows, rows, torch.tensor(50.0), same) < told_apart


def test_pictures_vary_but_keep_their_shape_and_range() -> None:
    images = torch.rand(8, 3, 64, 64)
    one = robust.vary(images, torch.Generator().manual_seed(1))
    again = robust.vary(images, torch.Generator().manual_seed(1))
    assert torch.equal(one, again)
    assert one.shape == images.shape
    assert 0 <= one.min() <= one.max() <= 1
    assert (one - images).abs().mean() > 0.01


def test_training_never_draws_a_held_out_combination(work: Path) -> None:
    firsts = [next(dataset.specimens(seed, held_out=False))[1] for seed in range(1 << 32, (1 << 32) + 60)]
    assert not any(pictures.held_out(picture) for picture in firsts)
