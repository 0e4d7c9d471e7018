"""The transformer over codes: what it draws, what it learns from, how it goes on."""

import dataclasses
import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from animator.errors import ModelError
from animator.models.networks import code_transformer
from animator.models.networks.code_transformer import CodeTransformer, Shape, likely
from animator.models.networks.vqgan.network import VQGAN
from animator.training import captions, transformer
from animator.training.captions import Captioned
from animator.training.run import Run
from tests.training.test_vqgan import SMALL as VQ

CPU = torch.device("cpu")
SHAPE = Shape(codes=16, side=3, condition=4, width=16, layers=2, heads=2, dropout=0.1)
SMALL = transformer.Recipe(SHAPE, steps=6, batch=4, warmup=2)


def captioned(count: int = 20) -> Captioned:
    """Grids of one code each, and an embedding that says which."""
    kinds = torch.arange(count) % 4
    table = torch.eye(4)
    return Captioned(kinds[:, None].expand(-1, 9).int().contiguous(), lambda numbers, random: table[kinds[numbers]])


def run(work: Path, sittings: int) -> list[bool]:
    work.mkdir()
    torch.manual_seed(1)
    vqgan, data = VQGAN(VQ.architecture), captioned()
    seconds = 600.0 if sittings == 1 else 0.0
    tell = lambda step, steps, seen: None  # noqa: E731
    return [transformer.train(SMALL, data, vqgan, work, CPU, Run(seconds=seconds), tell) for _ in range(sittings)]


def test_a_training_that_was_stopped_ends_like_one_that_was_not(tmp_path: Path) -> None:
    assert run(tmp_path / "whole", 1) == [True]
    assert run(tmp_path / "parts", 6) == [False] * 5 + [True]
    whole, parts = (torch.load(tmp_path / name / "last.pt", weights_only=True) for name in ("whole", "parts"))
    for group in ("model", "averaged"):
        assert all(torch.equal(whole[group][name], parts[group][name]) for name in whole[group]), group
    read = code_transformer.load(tmp_path / "whole" / "transformer.safetensors")
    assert read.shape == SHAPE
    assert torch.allclose(read.lead.weight, whole["averaged"]["lead.weight"], atol=1e-3)
    with Image.open(tmp_path / "whole" / "samples.png") as samples:
        assert samples.size == (8 * 6, 4 * 6)


@pytest.mark.slow
def test_it_learns_to_draw_what_it_is_captioned() -> None:
    shape = SHAPE.model_copy(update={"dropout": 0.0})
    trainer = transformer.Trainer(dataclasses.replace(SMALL, architecture=shape, steps=200, batch=32), CPU)
    for _ in range(200):
        trainer.train_step(captioned())
    model = trainer.model.eval()
    drawn = model.draw(torch.eye(4), (3, 3), seed=1, temperature=0.1)
    assert drawn.tolist() == [[[kind] * 3] * 3 for kind in range(4)]
    wide = model.draw(torch.eye(4)[:1], (5, 4), seed=1, top_k=1, guidance=2.0)
    assert wide.shape == (1, 4, 5)
    assert (wide == 0).all()
    assert model.draw(torch.eye(4)[:1], (2, 1), seed=1).shape == (1, 1, 2)


def test_a_code_depends_on_the_ones_before_it_alone() -> None:
    model = CodeTransformer(SHAPE).eval()
    before, condition = torch.randint(16, (1, 8)), torch.randn(1, 4)
    other = before.clone()
    other[0, 5] = (other[0, 5] + 1) % 16
    one, two = model(before, condition), model(other, condition)
    assert torch.allclose(one[:, :6], two[:, :6], atol=1e-6)
    assert not torch.allclose(one[:, 6:], two[:, 6:], atol=1e-6)
    torch.manual_seed(5)
    assert torch.equal(model.draw(condition, (3, 3), 1), model.draw(condition, (3, 3), 1))
    assert not torch.equal(model.draw(condition, (3, 3), 1), model.draw(condition, (3, 3), 2))


def test_codes_that_are_read_one_by_one_are_read_as_all_at_once() -> None:
    model = CodeTransformer(SHAPE).eval()
    before, condition = torch.randint(16, (2, 8)), torch.randn(2, 4)
    reading = code_transformer._Reading(model, condition)
    with torch.no_grad():
        for count in (0, 1, 2, 5, 8):
            whole = model(before[:, :count], condition)[:, -1]
            assert torch.allclose(reading.following(before[:, :count]), whole, atol=1e-5)


def test_what_is_known_of_a_cell_counts() -> None:
    model = CodeTransformer(SHAPE).eval()
    condition, known = torch.randn(2, 4), torch.zeros(2, 3, 4, 16)
    known[0, 1, 3, 7] = known[1, 2, 0, 5] = 100.0
    drawn = model.draw(condition, (4, 3), 1, guidance=2.0, known=known)
    assert [int(drawn[0, 1, 3]), int(drawn[1, 2, 0])] == [7, 5]
    nothing = torch.zeros_like(known)
    assert torch.equal(model.draw(condition, (4, 3), 1), model.draw(condition, (4, 3), 1, known=nothing))


def test_some_cells_are_drawn_among_others() -> None:
    torch.manual_seed(0)
    model, condition = CodeTransformer(SHAPE).eval(), torch.eye(4)
    grid, random = torch.randint(SHAPE.codes, (4, 3, 3)), torch.Generator().manual_seed(1)
    drawn = model.fill(condition, grid, [4, 5], random, 1e-6)
    assert torch.equal(drawn.flatten(1)[:, [0, 1, 2, 3, 6, 7, 8]], grid.flatten(1)[:, [0, 1, 2, 3, 6, 7, 8]])
    for cell in (4, 5):
        logits = model(drawn.flatten(1)[:, :cell], condition)[:, -1]
        assert torch.equal(logits.argmax(-1), drawn.flatten(1)[:, cell])
    every = torch.stack([model.fill(condition, grid, range(9), random, 1e-6), grid])
    likely, any_ = (model.likelihood(condition, each) for each in every)
    assert bool((likely > any_).all())
    one = sum(
        model(grid.flatten(1)[:, :cell], condition)[:, -1].log_softmax(-1)[torch.arange(4), grid.flatten(1)[:, cell]]
        for cell in range(9)
    )
    assert torch.allclose(any_, torch.as_tensor(one), atol=1e-4)


def test_what_is_likely_enough() -> None:
    logits = torch.tensor([[0.5, 0.25, 0.15, 0.1]]).log()
    kept = lambda **options: likely(logits, **options).isfinite().tolist()[0]  # noqa: E731
    assert kept(top_k=0, top_p=1.0) == [True] * 4
    assert kept(top_k=2, top_p=1.0) == [True, True, False, False]
    assert kept(top_k=0, top_p=0.6) == [True, True, False, False]
    assert kept(top_k=0, top_p=0.01) == [True, False, False, False]


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    trainer = transformer.Trainer(SMALL, CPU)
    transformer.export(trainer.averaged, SHAPE.model_copy(update={"width": 32}), tmp_path / "x.safetensors")
    with pytest.raises(ModelError, match="not a transformer over codes"):
        code_transformer.load(tmp_path / "x.safetensors")
    part = {name: value for name, value in trainer.averaged.items() if name != "lead.bias"}
    transformer.export(part, SHAPE, tmp_path / "y.safetensors")
    with pytest.raises(ModelError, match=r"lead\.bias"):
        code_transformer.load(tmp_path / "y.safetensors")


def test_captions_beside_pictures_and_in_a_file_like_cocos(tmp_path: Path) -> None:
    for name in ("a.png", "b.jpg", "c.png"):
        Image.new("RGB", (4, 4)).save(tmp_path / name)
    with pytest.raises(ModelError, match="has a caption"):
        captions.of_folder(tmp_path, None)
    (tmp_path / "a.txt").write_text("a cat\n\n  a black cat \n")
    (tmp_path / "c.txt").write_text("\n")
    assert captions.of_folder(tmp_path, None) == [(tmp_path / "a.png", ["a cat", "a black cat"])]
    coco = {
        "images": [{"id": 7, "file_name": "b.jpg"}, {"id": 8, "file_name": "gone.jpg"}],
        "annotations": [{"image_id": n, "caption": text} for n, text in ((7, "A dog. "), (7, "Two"), (8, "x"))],
    }
    (tmp_path / "captions.json").write_text(json.dumps(coco))
    assert captions.of_folder(tmp_path, tmp_path / "captions.json") == [(tmp_path / "b.jpg", ["A dog.", "Two"])]
    (tmp_path / "captions.json").write_text("[]")
    with pytest.raises(ModelError, match=r"captions\.json: not a captions file"):
        captions.of_folder(tmp_path, tmp_path / "captions.json")
