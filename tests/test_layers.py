"""The shape of the program: imports go one way, and nothing grows too large to read."""

import ast
from pathlib import Path

import pytest

from animator import variants

ROOT = Path(__file__).parents[1]
# Each line may import from itself downwards to nothing below it: only from lines above, and within its own line.
LAYERS = [
    ["errors", "clock", "expressions", "problems", "files"],
    ["curves", "motions"],
    ["records"],
    ["prompts"],
    ["scene"],
    ["models", "variants"],
    ["needs", "timeline"],
    ["scene_file"],
    ["words", "plan", "pace"],
    ["resample", "picture", "precision"],
    ["generators", "encoders"],
    ["losses"],
    ["cutouts"],
    ["guide"],
    ["optimize", "memory"],
    ["animate"],
    ["store", "movie", "report"],
    ["batch"],
    ["training"],
]
RANK = {module: rank for rank, line in enumerate(LAYERS) for module in line}
LIGHT = LAYERS[: next(rank for rank, line in enumerate(LAYERS) if "resample" in line)]
SOURCES = sorted([ROOT / "render.py", *(ROOT / "animator").rglob("*.py"), *(ROOT / "bench").rglob("*.py")])
THIRD_PARTY_MODELS = {"clip", "taming", "sentence_transformers", "transformers"}


def module_of(path: Path) -> str:
    """The line of LAYERS that a file belongs to."""
    parts = path.relative_to(ROOT / "animator").with_suffix("").parts
    return parts[0]


def imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


IN_ANIMATOR = [path for path in SOURCES if path.is_relative_to(ROOT / "animator") and path.name != "__init__.py"] + [
    path for path in SOURCES if path.name == "__init__.py" and path.parent.parent == ROOT / "animator"
]


@pytest.mark.parametrize("path", IN_ANIMATOR, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    own = module_of(path)
    for name in imports(path):
        if name.startswith("animator."):
            other = name.split(".")[1]
            # `from animator.models.x import y` inside a function of a variant is an import all the same
            assert RANK[other] <= RANK[own], f"{own} (layer {RANK[own]}) imports {other} (layer {RANK[other]})"


@pytest.mark.parametrize("path", IN_ANIMATOR, ids=lambda path: str(path.relative_to(ROOT)))
def test_light_layers_import_nothing_heavy(path: Path) -> None:
    own = module_of(path)
    is_network = own == "models" and path.stem not in ("__init__", "catalogue", "ledger", "clip_tokens")
    if any(own in line for line in LIGHT) and not is_network:
        assert not {name.split(".")[0] for name in imports(path)} & {"torch", "numpy", "kornia", *THIRD_PARTY_MODELS}


@pytest.mark.parametrize("folder", variants.FOLDERS)
def test_variants_import_model_packages_only_when_built(folder: str) -> None:
    for name in variants.names(folder):
        tree = ast.parse((ROOT / "animator" / folder / f"{name}.py").read_text(encoding="utf-8"))
        for node in tree.body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {module.split(".")[0] for module in names} & THIRD_PARTY_MODELS


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_too_long_to_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno + 1 <= 60, node.name


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_unsafe_is_ever_loaded(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for call, word in (("weights_only=", "False"), ("torch.jit.", "load"), ("pickle.", "load"), ("shell=", "True")):
        assert call + word not in text
    assert "yaml.load" not in text


def test_every_public_function_says_what_it_does() -> None:
    bare = []
    for path in SOURCES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            public = isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
            if public and node.name not in ("build", "main", "Config") and not ast.get_docstring(node):  # type: ignore[union-attr,arg-type]
                bare.append(f"{path.name}: {node.name}")  # type: ignore[union-attr]
    assert not bare
