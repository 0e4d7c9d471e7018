"""The picture world as tensors."""

from pathlib import Path

import torch

from animator.models.tokens import encode
from animator.training import dataset, pictures

WORDY = 4295259377  # the seed of a picture of which more can be said than a model reads


def test_a_picture_of_which_too_much_can_be_said_gets_a_shorter_caption() -> None:
    picture = pictures.sample(WORDY)
    said = pictures.caption(picture, WORDY * dataset.CAPTIONS)
    assert len(encode(said)) > dataset.CONTEXT
    tokens = dataset._tokens(picture, WORDY)
    assert tokens.shape == (dataset.CAPTIONS, 1 + dataset.MISSES, dataset.CONTEXT)
    ends = tokens.max(-1)
    assert (ends == ends[0, 0]).all()


def test_landscapes_where_things_stand_close_come_behind_the_others(tmp_path: Path) -> None:
    plain = dataset.build(tmp_path / "plain", 10, 1 << 32, 1, size=16)
    more = dataset.build(tmp_path / "more", 10, 1 << 32, 1, size=16, close=10)
    assert (len(plain.images), len(more.images)) == (dataset.CHUNK, 2 * dataset.CHUNK)
    assert torch.equal(more.images[: dataset.CHUNK], plain.images)
    behind = dataset.specimens((1 << 32) + dataset.CLOSE_SEEDS, False, dataset.CLOSE_STYLED)
    seed, picture = next(one for one in behind if pictures.stands(one[1]))
    painted = torch.tensor(pictures.paint(picture, seed, 16, close=True)).permute(2, 0, 1)
    assert torch.equal(more.images[dataset.CHUNK], painted)
    assert dataset.build(tmp_path / "more", 10, 1 << 32, 1, size=16, close=10).images.shape == more.images.shape
