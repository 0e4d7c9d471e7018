"""The reference of options: what is printed, and what stands in docs/."""

from collections.abc import Callable

import pytest

from animator import variants
from animator.errors import SceneError
from animator.report import reference
from animator.scene import arithmetic, clock, expressions, music, options
from animator.scene.clock import Rule
from animator.scene.timelapse import Timelapse
from animator.scene.words import Words
from tests.conftest import ROOT


@pytest.mark.parametrize("page", reference.PAGES)
def test_the_pages_have_the_tables_of_today(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert text == reference.fill(text, reference.PAGES[page]()), "run `make docs`"


def test_every_option_has_a_description_a_kind_and_a_default() -> None:
    found = options.of_scene()
    for axis in reference.AXES:
        for name in variants.names(axis):
            found += options.of_variant(axis, name)
    found += (
        options.of_record(Rule, "every")
        + options.of_record(Words, "prompts")
        + options.of_record(Timelapse, "timelapse")
    )
    assert not [option for option in found if not (option.description and option.kind and option.default)]
    paths = {option.path: option for option in options.of_scene()}
    assert paths["guide.cutouts.count"].bounds == "1 to 4096"
    assert paths["guide.cutouts.count"].default == "16"
    assert paths["output.threads"].bounds == "from 1 to 64"
    assert paths["duration"].default == "the song's rest, else required"
    assert paths["optimize.precision"].kind == "auto, fp32, bf16"


def test_every_name_and_shape_of_expressions_is_in_the_reference() -> None:
    page = reference.scene_page()
    assert expressions.MEANINGS.keys() == expressions.SHAPES.keys()
    for name in (*clock.NAMES, *arithmetic.CONSTANTS, *music.NAMES, *arithmetic.FUNCTIONS):
        assert f"`{name}`" in page
    for name, numbers in expressions.SHAPES.items():
        assert f"`{name}(x, {numbers})`" in page


def test_options_are_printed_for_a_scene_or_a_variant() -> None:
    assert "optimize.steps  (number or curve; default 10; 0 to 100000)" in reference.as_text("")
    assert reference.as_text("affine").startswith("zoom  (number or curve; default 1.0; from 0.01 to 100)")
    assert "start.top_p" in reference.as_text("vqgan")
    assert reference.as_text("drift") == "drift has no options"
    with pytest.raises(SceneError, match='did you mean "siren"'):
        reference.as_text("sirn")


def test_the_command_prints_them(run_cli: Callable[..., object]) -> None:
    done = run_cli("options", "siren")
    assert "omega_first" in done.stdout  # type: ignore[attr-defined]
    assert run_cli("options", "sirn").returncode == 65  # type: ignore[attr-defined]
