"""On a CUDA card: what no other machine can show. Skipped without one."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import animator
from animator import variants
from tests.conftest import TINY

WriteScene = Callable[..., Path]
pytestmark = [pytest.mark.gpu, pytest.mark.slow]


def film(scene: Path, out: Path, **options: object) -> list[str]:
    """The hashes of a film's frames."""
    animator.render(animator.read(scene), out, device="cuda", **options)  # type: ignore[arg-type]
    return [json.loads(line)["png"] for line in (out / "tiny" / "journal.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("generator", variants.names("generators"))
def test_every_generator_paints_on_a_card(generator: str, write_scene: WriteScene, tmp_path: Path) -> None:
    scene = write_scene(TINY.replace("{type: siren, layers: 2, hidden: 16, draft: 32}", generator))
    assert len(film(scene, tmp_path / "out")) == 6


def test_a_deterministic_film_in_two_parts_is_the_film(write_scene: WriteScene, tmp_path: Path) -> None:
    whole = film(write_scene(), tmp_path / "whole", deterministic=True)
    film(write_scene(), tmp_path / "parts", deterministic=True, frames=(0, 3))
    assert film(write_scene(), tmp_path / "parts", deterministic=True) == whole
