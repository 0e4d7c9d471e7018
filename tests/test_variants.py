"""What holds for every file in the four folders. A new one is found here by itself."""

import subprocess
import sys

import pytest
from pydantic import BaseModel

from animator import variants

ALL = [(folder, name) for folder in variants.FOLDERS for name in variants.names(folder)]


@pytest.mark.parametrize(("folder", "name"), ALL)
def test_the_config_read_alone_is_the_config(folder: str, name: str) -> None:
    alone, real = variants.config_class(folder, name), variants.module(folder, name).Config
    assert issubclass(real, BaseModel)
    assert alone.model_json_schema() == real.model_json_schema()


@pytest.mark.parametrize(("folder", "name"), ALL)
def test_a_config_is_frozen_strict_and_described(folder: str, name: str) -> None:
    config = variants.config_class(folder, name)
    assert config.model_config.get("frozen")
    assert config.model_config.get("extra") == "forbid"
    assert all(field.description for field in config.model_fields.values())


@pytest.mark.parametrize(("folder", "name"), [pair for pair in ALL if pair[0] != "motions"])
def test_a_variant_can_be_built(folder: str, name: str) -> None:
    assert callable(variants.module(folder, name).build)


def test_checking_a_scene_imports_no_torch() -> None:
    program = (
        "import sys; from animator import scene_file, words, plan; from pathlib import Path\n"
        "d = scene_file.read(Path('scenes/hello.yaml')); plan.describe(d); words.warnings(d)\n"
        "heavy = {'torch', 'numpy', 'kornia', 'clip', 'taming', 'PIL', 'rich'} & set(sys.modules)\n"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
