"""Words with their times, as players' files have them."""

from pathlib import Path

import pytest

from animator.errors import SoundError
from animator.media.lyrics import KINDS, Line, lines
from tests.mutations import Made, fuzz, mutated

LRC = """\
[ti:A song]
[ar:Nobody]
[offset:+500]

[00:01.50]the sea
[00:04.00]<00:04.00>mountains <00:04.80>far <00:05.20>away
[00:10.50][00:20.5]and again
[00:15]
"""
SRT = """\
1
00:00:01,000 --> 00:00:03,500
<i>the sea</i>

2
00:01:02,500 --> 00:01:04,000 X1:10
{\\an8}two lines
of it
"""
VTT = """\
WEBVTT - words

NOTE nobody sings this

intro
00:01.000 --> 00:03.500 align:start
<v Fred>the <c.loud>sea</c>

01:00:02.500 --> 01:00:04.000
later
"""
READ = {
    ".lrc": (
        LRC,
        (
            Line(1.0, "the sea", 3.5),
            Line(3.5, "mountains far away", 10.0),
            Line(10.0, "and again", 14.5),
            Line(20.0, "and again", None),
        ),
    ),
    ".srt": (SRT, (Line(1.0, "the sea", 3.5), Line(62.5, "two lines of it", 64.0))),
    ".vtt": (VTT, (Line(1.0, "the sea", 3.5), Line(3602.5, "later", 3604.0))),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
def test_every_kind_is_read(tmp_path: Path, kind: str, newline: str) -> None:
    text, expected = READ[kind]
    path = tmp_path / f"words{kind}"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", newline).encode())
    assert lines(path) == expected


def test_lines_at_one_time_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "words.lrc"
    path.write_text("[00:01]the sea\n[00:01]umi\n[00:03]on\n")
    assert lines(path) == (Line(1, "the sea umi", 3), Line(3, "on", None))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.lrc", None, "no such file"),
        ("words.txt", b"[00:01]x", "words come from .lrc, .srt, .vtt"),
        ("empty.lrc", b"", "no lines with times"),
        ("plain.srt", b"just some words", "no lines with times"),
        ("odd.vtt", b"\xff\xfe", "not UTF-8"),
        ("long.lrc", b"x" * (2 << 20), "larger than 1 MiB"),
    ],
)
def test_what_has_no_words(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SoundError, match=said):
        lines(path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_file_is_anything_but_an_error_of_ours(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"words{kind}"

    refused = list[str]()

    @fuzz
    def read(made: Made) -> None:
        path.write_bytes(mutated(READ[kind][0].encode(), made))
        try:
            for line in lines(path):
                assert line.text
                assert line.end is None or line.end >= line.start
        except SoundError as error:
            refused.append(str(error))

    read()
    assert refused
    assert all(str(path) in said for said in refused)
