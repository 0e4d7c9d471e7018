"""Two packages that are installed without what they declare: it is dead weight, or breaks a fresh environment."""

from animator.errors import ModelError

VERSIONS = {"openai-clip": "1.0.1", "taming-transformers": "0.0.1"}  # as in constraints.txt; a test compares them
COMMAND = f"python -m pip install --no-deps {' '.join(f'{name}=={version}' for name, version in VERSIONS.items())}"


def missing(name: str) -> ModelError:
    """The error for one of them that is not installed, with the command that helps."""
    return ModelError(f"the package {name} is not installed; run: {COMMAND}")
