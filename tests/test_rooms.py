"""The house: imports go one way by room, torch stays where it belongs, and nothing grows too large to read."""

import ast
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LEAVES = ("errors", "files", "seeds", "variants", "version")
ROOMS = ("media", "models", "scene", "paint", "film", "report", "batch", "cli")  # in the order of imports
MAY_IMPORT = {room: {*ROOMS[: rank + 1]} for rank, room in enumerate(ROOMS)}
MAY_IMPORT["training"] = {"media", "models", "paint", "training"}
MAY_IMPORT["cli"] |= {"training"}
WITH_TORCH = ("animator/paint/", "animator/film/states.py", "animator/training/", "animator/models/networks/")
SOURCES = sorted([ROOT / "render.py", *(ROOT / "animator").rglob("*.py"), *(ROOT / "bench").rglob("*.py")])
IN_ROOMS = [path for path in SOURCES if path.is_relative_to(ROOT / "animator") and path.parent != ROOT / "animator"]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> set[str]:
    """Every module that a file imports, at its top, inside of a function, or for type checking alone."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def graph() -> dict[str, set[str]]:
    """Which rooms each room imports."""
    drawn: dict[str, set[str]] = defaultdict(set)
    for path in IN_ROOMS:
        room = path.relative_to(ROOT / "animator").parts[0]
        for name in imports(path):
            if name.startswith("animator."):
                drawn[room].add(name.split(".")[1])
    return drawn


def test_imports_between_rooms_go_one_way() -> None:
    drawn = graph()
    wrong = [
        f"{room} -> {other}"
        for room, others in drawn.items()
        for other in others
        if other not in LEAVES and other not in MAY_IMPORT[room]
    ]
    assert not wrong


@pytest.mark.parametrize("leaf", LEAVES)
def test_leaves_import_nothing_of_ours_but_leaves(leaf: str) -> None:
    ours = {name.split(".")[1] for name in imports(ROOT / "animator" / f"{leaf}.py") if name.startswith("animator.")}
    assert ours <= set(LEAVES)


def test_every_folder_is_a_known_room_and_says_what_it_is() -> None:
    rooms = {path.name for path in (ROOT / "animator").iterdir() if (path / "__init__.py").exists()}
    assert rooms == {*ROOMS, "training"}
    for room in rooms:
        words = ast.get_docstring(ast.parse((ROOT / "animator" / room / "__init__.py").read_text())) or ""
        assert "What comes in" in words, room
        assert "What goes out" in words, room
        assert "What may be touched" in words, room


def test_torch_stays_where_it_belongs() -> None:
    with_torch = {name_of(path) for path in SOURCES if any(n.split(".")[0] == "torch" for n in imports(path))}
    ours = {name for name in with_torch if name.startswith("animator/")}
    assert not {name for name in ours if not name.startswith(WITH_TORCH)}


def test_what_only_reads_imports_nothing_heavy() -> None:
    """Checking and describing a scene, and importing every variant, answer before torch is there."""
    program = (
        "import sys, animator; from animator import variants; from animator.report import plan, reference\n"
        "plan.describe(animator.read('scenes/relay.yaml')); reference.scene_page(); reference.variants_page()\n"
        "[variants.module(axis, name) for axis in variants.AXES for name in variants.names(axis)]\n"
        "import animator.cli\n"
        "heavy = {'torch', 'numpy', 'kornia', 'clip', 'taming', 'transformers', 'PIL', 'rich'} & set(sys.modules)\n"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60, cwd=ROOT)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_is_too_long_to_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno + 1 <= 60, node.name


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_unsafe_is_ever_loaded(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for call, word in (("weights_only=", "False"), ("torch.jit.", "load"), ("pickle.", "load"), ("shell=", "True")):
        assert call + word not in text
    assert "yaml.load" not in text
    calls = [node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    assert not {called.id for called in calls if isinstance(called, ast.Name)} & {"exec", "eval"}


def test_private_parts_of_torch_are_in_one_place() -> None:
    outside = []
    for path in SOURCES:
        if path.name != "torch_internals.py" and path.is_relative_to(ROOT / "animator"):
            names = {name for name in imports(path) if name.startswith("torch.") and "._" in name}
            names |= {
                f"{ast.unparse(node.value)}.{node.attr}"
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Attribute)
                and node.attr.startswith("_")
                and not node.attr.startswith("__")
                and ast.unparse(node.value).startswith("torch.")
            }
            outside += [f"{name_of(path)}: {name}" for name in names]
    assert not outside


def test_every_public_function_says_what_it_does() -> None:
    bare = []
    for path in SOURCES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) or node.name.startswith("_"):
                continue
            if node.name not in ("build", "main") and not ast.get_docstring(node):
                bare.append(f"{name_of(path)}: {node.name}")
    assert not bare
