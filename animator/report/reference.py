"""The reference of scenes and variants: as text for `animator options`, as Markdown for docs/."""

import inspect
from collections.abc import Sequence
from pathlib import Path

from animator import variants
from animator.errors import Problem, SceneError, unknown
from animator.report import schema
from animator.scene import clock, music, options
from animator.scene.arithmetic import FUNCTIONS
from animator.scene.clock import Rule
from animator.scene.easings import EASINGS
from animator.scene.expressions import MEANINGS, SHAPES
from animator.scene.options import Option
from animator.scene.timelapse import Timelapse
from animator.scene.words import Words

AXES = {
    "generators": "Generators",
    "motions": "Motions",
    "losses": "Losses",
    "codecs": "Codecs",
}  # that a scene can name
BEGIN, END = "<!-- made by `make docs` -->", "<!-- to here -->"
COLUMNS = ("option", "what it is", "kind", "default", "range")


def as_text(name: str) -> str:
    """The options of a scene, or of the variant with this name, a line or two each. Raises: SceneError."""
    found = options.of_scene() if not name else [o for axis in _axes_of(name) for o in options.of_variant(axis, name)]
    lines = []
    for option in found:
        limits = f"; {option.bounds}" if option.bounds else ""
        lines += [f"{option.path}  ({option.kind}; default {option.default}{limits})", f"    {option.description}"]
    return "\n".join(lines) or f"{name} has no options"


def _axes_of(name: str) -> list[str]:
    known = {variant: axis for axis in AXES for variant in variants.names(axis)}
    if name not in known:
        raise SceneError([Problem("options", 0, 0, unknown("type", name, known))])
    return [known[name]]


def scene_page() -> str:
    """The tables of docs/scene.md."""
    parts = {
        "The scene": "",
        "`guide`": "guide.",
        "`optimize`": "optimize.",
        "`audio`": "audio.",
        "`output`": "output.",
    }
    found = options.of_scene()
    pages = []
    for title, prefix in parts.items():
        own = [o for o in found if (o.path.startswith(prefix) if prefix else "." not in o.path)]
        pages.append(f"### {title}\n\n{_table(own)}")
    pages.append(f"### `every`, in prompts and curves\n\n{_table(options.of_record(Rule, 'every'))}")
    pages.append(f"### Words of a song, in `prompts`\n\n{_table(options.of_record(Words, 'prompts'))}")
    pages.append(f"### `timelapse`\n\n{_table(options.of_record(Timelapse, 'timelapse'))}")
    names = "\n".join(f"- `{name}`: {meaning}" for name, meaning in {**clock.NAMES, **music.NAMES}.items())
    pages.append(f"### Names in expressions\n\n{names}\n- `pi`, `e`, `tau`\n")
    pages.append(f"### Functions\n\n{', '.join(f'`{name}`' for name in FUNCTIONS)}\n")
    shapes = "\n".join(f"- `{name}(x, {SHAPES[name]})`: {meaning}" for name, meaning in MEANINGS.items())
    pages.append(f"### Shapes\n\n{shapes}\n")
    pages.append(f"### Easings\n\n{', '.join(f'`{name}`' for name in EASINGS)}, `cubic-bezier(x1,y1,x2,y2)`\n")
    return "\n".join(pages)


def variants_page() -> str:
    """The tables of docs/variants.md: every variant that a scene can name."""
    pages = []
    for axis, title in AXES.items():
        pages.append(f"## {title}\n")
        for name in variants.names(axis):
            if (axis, name) == ("losses", "prompt"):
                continue  # it is always there, and has nothing to set
            summary = (inspect.getdoc(variants.module(axis, name)) or "").split("\n\n")[0].replace("\n", " ")
            found = options.of_variant(axis, name)
            pages.append(f"### `{name}`\n\n{summary}\n\n{_table(found) if found else 'It has no options.'}\n")
    return "\n".join(pages)


def _table(found: Sequence[Option]) -> str:
    rows = [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    for option in found:
        cells = (f"`{option.path}`", option.description, option.kind, option.default, option.bounds)
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(rows) + "\n"


def fill(page: str, tables: str) -> str:
    """A page of docs/ with the tables between its two marks. Raises: ValueError where the marks are missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no place for the tables: {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n\n{tables.strip()}\n\n{END}{after}"


def main() -> None:
    """Write the tables and the schema into docs/: `make docs`."""
    for path, tables in PAGES.items():
        page = Path(path).read_text(encoding="utf-8")
        Path(path).write_text(fill(page, tables()), encoding="utf-8")
    schema.PLACE.write_text(schema.as_text(), encoding="utf-8")


PAGES = {"docs/scene.md": scene_page, "docs/variants.md": variants_page}

if __name__ == "__main__":
    main()
