"""The picture world as tensors."""

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
