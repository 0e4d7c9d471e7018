"""Reading pictures, also those that mean harm."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from animator.errors import ModelError
from animator.media import pictures
from animator.paint import pixels


def test_a_picture_fills_the_size_that_was_asked_for(tmp_path: Path) -> None:
    image = Image.new("RGB", (40, 20), (255, 0, 0))
    image.paste((0, 0, 255), (0, 0, 10, 20))
    image.save(tmp_path / "x.png")
    read = pixels.from_image(pictures.read(tmp_path / "x.png", (20, 20)))
    assert read.shape == (1, 3, 20, 20)
    assert torch.equal(read[0, 0], torch.ones(20, 20))  # the middle of it: the blue edge is cut off
    sideways = Image.new("RGB", (4, 2))
    sideways.putpixel((0, 0), (255, 255, 255))
    exif = Image.Exif()
    exif[0x0112] = 6
    sideways.save(tmp_path / "y.png", exif=exif)
    assert pictures.read(tmp_path / "y.png", (2, 4)).getpixel((1, 0)) == (255, 255, 255)
    assert pictures.problem(tmp_path / "x.png") == pictures.problem(tmp_path / "y.png") == ""


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says it is large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg/>", b"%!PS-Adobe-3.0 EPSF-3.0\n", bomb(9000, 9000), bomb(12_000, 12_000), bomb(30_000, 30_000)],
    ids=["empty", "SVG", "PostScript", "9000 pixels", "12000 pixels", "30000 pixels"],
)
def test_what_is_not_a_picture_or_too_large_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(ModelError, match=r"x\.png"):
        pictures.read(tmp_path / "x.png", (16, 16))
    with pytest.raises(ModelError, match=r"y\.png"):
        pictures.read(tmp_path / "y.png", (16, 16))
    assert "x.png" in pictures.problem(tmp_path / "x.png")
    assert pictures.problem(tmp_path / "y.png") == f"{tmp_path / 'y.png'}: no such file"


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_16_bits_are_scaled_by_their_range(tmp_path: Path, ending: str) -> None:
    values = np.linspace(0, 65535, 64 * 32).reshape(32, 64).astype(np.uint16)
    path = tmp_path / f"deep.{ending}"
    Image.fromarray(values).save(path)
    seen = np.asarray(pictures.read(path, (64, 32)))[..., 0].astype(int)
    assert abs(seen - values / 257).max() <= 1.5


@pytest.mark.parametrize("top", [1.0, 300.0])
def test_floats_are_scaled_by_their_values(tmp_path: Path, top: float) -> None:
    values = np.linspace(0, top, 64 * 32).reshape(32, 64).astype(np.float32)
    path = tmp_path / "float.tif"
    Image.fromarray(values).save(path)
    seen = np.asarray(pictures.read(path, (64, 32)))[..., 0].astype(int)
    assert abs(seen - values / top * 255).max() <= 1.5
