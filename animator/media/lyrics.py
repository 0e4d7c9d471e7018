"""Words with their times -> lines: .lrc, .srt and .vtt, as players read them."""

import re
import stat
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from animator.errors import SoundError

LARGEST = 1 << 20  # bytes
KINDS = (".lrc", ".srt", ".vtt")

_STAMP = re.compile(r"\[(\d{1,4}):(\d{1,2}(?:[.:]\d{1,3})?)\]", re.ASCII)
_WORD = re.compile(r"<\d{1,4}:\d{1,2}(?:[.:]\d{1,3})?>", re.ASCII)
_OFFSET = re.compile(r"\[offset:\s*([+-]?\d{1,7})\s*\]", re.ASCII | re.IGNORECASE)
_CUE = re.compile(
    r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2}[.,]\d{1,3})\s*-->\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2}[.,]\d{1,3})", re.ASCII
)
_TAG = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")


@dataclass(frozen=True)
class Line:
    """What is sung from `start` on, in seconds of the song, until `end`; none where the file does not say."""

    start: float
    text: str
    end: float | None = None


def lines(path: Path) -> tuple[Line, ...]:
    """The lines of a file in order, those at one time as one. Raises: SoundError."""
    if path.suffix.lower() not in KINDS:
        raise SoundError(f"{path}: words come from {', '.join(KINDS)}")
    try:
        if not stat.S_ISREG(path.stat().st_mode) or path.stat().st_size > LARGEST:
            raise SoundError(f"{path}: not a file, or larger than {LARGEST >> 20} MiB")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SoundError(f"{path}: not UTF-8 text: {error.reason}") from error
    except (OSError, ValueError) as error:
        raise SoundError(f"{path}: no such file") from error
    found = _lrc(text) if path.suffix.lower() == ".lrc" else _cues(text)
    if not any(line.text for line in found):
        raise SoundError(f"{path}: no lines with times in it")
    return _joined(sorted(found, key=lambda line: line.start))


def _lrc(text: str) -> list[Line]:
    """`[01:02.50]a line`, also with several times, or with `<01:02.80>` before its words. A line without words ends
    the one before."""
    offset = _OFFSET.search(text)
    sooner = int(offset[1]) / 1000 if offset else 0.0
    found = []
    for row in text.splitlines():
        stamps = list(_STAMP.finditer(row))
        if stamps:
            words = " ".join(_WORD.sub(" ", row[stamps[-1].end() :]).split())
            found += [Line(max(0.0, _minutes(stamp[1], stamp[2]) - sooner), words) for stamp in stamps]
    return found


def _cues(text: str) -> list[Line]:
    """Blocks of `00:01:02,500 --> 00:01:04,000` and what is said then."""
    found = []
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        rows = block.strip().split("\n")
        place = next((number for number, row in enumerate(rows[:3]) if _CUE.match(row.strip())), None)
        match = _CUE.match(rows[place].strip()) if place is not None else None
        if place is None or match is None:
            continue
        words = " ".join(_TAG.sub("", " ".join(rows[place + 1 :])).split())
        start, end = (3600 * int(match[n] or 0) + _minutes(match[n + 1], match[n + 2]) for n in (1, 4))
        found.append(Line(start, words, max(start, end)))
    return found


def _minutes(minutes: str, seconds: str) -> float:
    return 60 * int(minutes) + float(seconds.replace(",", ".").replace(":", "."))


def _joined(found: list[Line]) -> tuple[Line, ...]:
    """Lines with the end of each, where it is known: its own, or that the next one begins."""
    whole: list[Line] = []
    for line in found:
        if whole and line.start - whole[-1].start < 1e-6:
            words = " ".join(part for part in (whole[-1].text, line.text) if part)
            ends = [end for end in (whole[-1].end, line.end) if end is not None]
            whole[-1] = Line(whole[-1].start, words, max(ends, default=None))
        else:
            whole.append(line)
    ended = [
        Line(line.start, line.text, min(line.end, after.start) if line.end is not None else after.start)
        for line, after in pairwise(whole)
    ]
    return tuple(line for line in (*ended, whole[-1]) if line.text)
