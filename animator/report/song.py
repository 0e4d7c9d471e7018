"""What is heard in a song, as text and as a picture: tempo, bars, parts, envelopes, beats, onsets and kicks."""

import math
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from animator import files
from animator.media import sections
from animator.media.bands import PER_SECOND
from animator.media.song import Song
from animator.scene.times import show_time

WIDTH, HEIGHT, LEFT, GAP = 1600, 150, 60, 26  # pixels: of a strip, left of it for its time, and between two
SECONDS, MOST = 30.0, 40  # of a strip, and strips of a picture, where longer songs have longer ones
PAPER, INK, GREY, AREA = "#101418", "#e8e6e1", "#6f7780", "#2b3640"
LINES = {"bass": "#e4572e", "mid": "#f3c969", "treble": "#6ec6ca"}
KICK, ONSET, BAR, BEAT = "#e4572e", "#b6c2cc", "#e8e6e1", "#56616b"
_BLOCKS = "▁▂▃▄▅▆▇█"


def describe(song: Song) -> str:
    """A song for a terminal. Raises: SoundError."""
    rhythm = song.rhythm
    counts = f"{len(rhythm.hits.get('onset', ()))} onsets, {len(rhythm.hits.get('kick', ()))} kicks"
    lines = [f"{song.path}: {show_time(song.seconds)}, {counts}"]
    if rhythm.beats:
        bars = sections.bars(song)
        lines.append(
            f"{rhythm.tempo:.1f} beats a minute; {len(rhythm.beats)} beats from {show_time(rhythm.beats[0])} on; "
            f"{len(bars)} bars of {rhythm.beats_per_bar} from {show_time(bars[0])} on"
        )
    else:
        lines.append("no beat was found")
    lines += ["", "parts by loudness"]
    for part in sections.sections(song):
        block = _BLOCKS[min(7, int(part.loudness * 8))]
        bars_of = f"bars {part.first_bar}-{part.end_bar - 1}" if rhythm.beats else ""
        lines.append(f"  {show_time(part.start)} to {show_time(part.end)}  {bars_of:<14} {block} {part.level}")
    return "\n".join(lines)


def draw(song: Song, path: Path) -> None:
    """Write a picture of a song: strips of time, one below the other. Raises: SoundError, OutputError."""
    span = max(SECONDS, math.ceil(song.seconds / MOST))
    count = max(1, math.ceil(song.seconds / span))
    image = Image.new("RGB", (WIDTH + LEFT + 10, 34 + count * (HEIGHT + GAP)), PAPER)
    pen = ImageDraw.Draw(image)
    _legend(pen)
    for strip in range(count):
        _strip(pen, song, strip * span, span, 34 + strip * (HEIGHT + GAP))
    with files.atomic(path) as temporary:
        image.save(temporary, format="PNG")


def _legend(pen: ImageDraw.ImageDraw) -> None:
    at = LEFT
    for word, colour in {"loudness": GREY, **LINES, "kick": KICK, "onset": ONSET, "bar": BAR, "beat": GREY}.items():
        pen.text((at, 8), word, fill=colour, font=_font(15))
        at += int(pen.textlength(word, font=_font(15))) + 24


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _strip(pen: ImageDraw.ImageDraw, song: Song, start: float, span: float, top: int) -> None:
    rhythm, scale = song.rhythm, WIDTH / span
    base = top + HEIGHT

    def x(time: float) -> float:
        return LEFT + (time - start) * scale

    pen.text((6, top + 2), show_time(start)[:-3], fill=INK, font=_font(15))
    first, last = int(start * PER_SECOND), int((start + span) * PER_SECOND)
    for name, colour in {"loudness": AREA, **LINES}.items():
        values = song.envelopes[name][first:last]
        points = [
            (x(start + place / PER_SECOND), base - 1 - value * (HEIGHT - 24)) for place, value in enumerate(values)
        ]
        if len(points) > 1 and name == "loudness":
            pen.polygon([(points[0][0], base), *points, (points[-1][0], base)], fill=colour)
        elif len(points) > 1:
            pen.line(points, fill=colour, width=1)
    for place, time in enumerate(rhythm.beats):
        if start <= time < start + span:
            number, within = divmod(place - rhythm.bar, rhythm.beats_per_bar)
            pen.line([(x(time), base), (x(time), base + (5 if within else 12))], fill=BEAT if within else BAR)
            if not within and (number % 4 == 0 or scale * 60 / max(rhythm.tempo, 1) > 25):
                pen.text((x(time) + 3, base + 3), str(number + 1), fill=GREY, font=_font(13))
    for name, colour, row in (("onset", ONSET, 0), ("kick", KICK, 9)):
        for time, height in rhythm.hits.get(name, ()):
            if start <= time < start + span:
                pen.line([(x(time), top + row), (x(time), top + row + 2 + 5 * height)], fill=colour, width=2)
    pen.line([(LEFT, base), (x(min(start + span, song.seconds)), base)], fill=GREY)
