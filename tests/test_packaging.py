"""What is installed, in three places that must say the same; and the hooks before a commit."""

import re
import tomllib
from pathlib import Path

import yaml

from animator.models import packages
from animator.models.store import POCKET, SHIPPED
from animator.version import VERSION
from tests import hooks
from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def named(path: str) -> list[str]:
    """The requirements of a file, without comments."""
    return [line.strip() for line in (ROOT / path).read_text().splitlines() if line.strip() and line[0] != "#"]


def test_requirements_and_the_project_are_in_step() -> None:
    assert sorted(PROJECT["project"]["dependencies"]) == sorted(named("requirements.txt"))


def test_every_requirement_has_its_version_in_the_constraints() -> None:
    pinned = {re.split("[=;<>]", line)[0].lower().replace("_", "-") for line in named("constraints.txt")}
    wanted = [*named("requirements.txt"), *named("requirements-nodeps.txt"), *named("requirements-test.txt")]
    assert not {re.split("[=;<>]", name)[0].lower().replace("_", "-") for name in wanted} - pinned
    assert not [line for line in named("constraints.txt") if "+cpu" in line or line.startswith("nvidia")]


def test_the_packages_without_dependencies_are_those_that_messages_name() -> None:
    pinned = named("constraints.txt")
    assert sorted(packages.VERSIONS) == sorted(named("requirements-nodeps.txt"))
    assert all(f"{name}=={version}" in pinned for name, version in packages.VERSIONS.items())
    assert packages.COMMAND.endswith("--no-deps openai-clip==1.0.1 taming-transformers==0.0.1")


def test_the_version_is_one() -> None:
    assert PROJECT["project"]["version"] == VERSION
    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_models_and_the_command_are_in_the_package() -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["animator"]
    data = {path.name for pattern in patterns for path in (ROOT / "animator").glob(pattern)}
    templates = {path.name for path in (ROOT / "animator" / "cli" / "templates").glob("*.yaml")}
    pages = {name for name in data if name.endswith((".html", ".css", ".js"))}
    assert data == {"py.typed", *(f"{name}.safetensors" for name in SHIPPED), *templates, *pages}
    assert len(templates) == 4
    files = (ROOT / "animator" / "report" / "pages").iterdir()
    assert pages == {path.name for path in files if path.suffix in (".html", ".css", ".js")}
    assert POCKET.is_relative_to(ROOT / "animator")
    module, _, function = PROJECT["project"]["scripts"]["animator"].partition(":")
    assert callable(getattr(__import__(module, fromlist=["main"]), function))
    for folder in {path.parent for path in (ROOT / "animator").rglob("*.py")}:
        assert (folder / "__init__.py").exists(), f"{folder} would not be installed"


def test_the_readme_is_short_and_its_links_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    assert (ROOT / "README.md").read_text().count("\n") <= 150
    for page in pages:
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert "://" in link or (page.parent / link).exists(), f"{page.name}: {link}"


def test_hooks_find_bad_files(tmp_path: Path) -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    (tmp_path / "scenes").mkdir()
    wrong = tmp_path / "scenes" / "wrong.yaml"
    wrong.write_text("duration: 1\nprompts: x\n")
    assert hooks.bad_yaml([ROOT / "scenes" / "hello.yaml", ROOT / ".pre-commit-config.yaml"]) == []
    assert "wrong.yaml:1:11" in hooks.bad_yaml([wrong])[0]
    large = tmp_path / "large"
    large.write_bytes(b"0" * (hooks.LARGEST + 1))
    assert hooks.too_large([wrong, large]) == [f"{large}: over 8 MB"]
