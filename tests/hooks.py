"""What .pre-commit-config.yaml runs: `python -m tests.hooks yaml|large FILE...`. The exit code is 1 for a bad file."""

import sys
from pathlib import Path

import yaml

from animator.errors import SceneError
from animator.scene.document import read

LARGEST = 8 << 20  # bytes


def bad_yaml(paths: list[Path]) -> list[str]:
    """YAML files that cannot be read; those of scenes/ must be scenes."""
    wrong = []
    for path in paths:
        try:
            if "scenes" in path.parts:
                read(path)
            else:
                list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
        except (SceneError, yaml.YAMLError) as error:
            wrong.append(f"{path}: {error}")
    return wrong


def too_large(paths: list[Path]) -> list[str]:
    """Files that are larger than a repository should hold."""
    return [f"{path}: over {LARGEST >> 20} MB" for path in paths if path.is_file() and path.stat().st_size > LARGEST]


def main(arguments: list[str]) -> int:
    """Print what is wrong."""
    kind, *names = arguments
    wrong = {"yaml": bad_yaml, "large": too_large}[kind]([Path(name) for name in names])
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
