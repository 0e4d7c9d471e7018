"""How a scene writes generators, losses and motions, and what is said of each mistake."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from animator.errors import SceneError
from animator.scene import choices
from animator.scene.choices import LossTerm, Motion, Painter
from animator.scene.document import read
from animator.scene.problems import Flaw
from animator.scene.times import Time
from animator.variants import config

SIREN, FFT = config("generators", "siren"), config("generators", "fft")
AT = ("here",)  # the path that is handed in; all others begin with it


def painters(value: object) -> tuple[Painter, ...]:
    flaws: list[Flaw] = []
    found = choices.generators(value, AT, flaws)
    assert not flaws
    return found


def losses(value: object) -> dict[str, LossTerm]:
    flaws: list[Flaw] = []
    found = choices.losses(value, AT, flaws)
    assert not flaws
    return found


def motion(value: object) -> Motion:
    flaws: list[Flaw] = []
    found = choices.motion(value, AT, flaws)
    assert not flaws
    return found


def test_a_generator_is_a_name_or_has_options() -> None:
    for value, key in (
        ("siren", None),
        ({"type": "siren"}, None),
        ({"0s": "siren"}, "0s"),
        ({0: {"type": "siren"}}, 0),
    ):
        assert painters(value) == (Painter(start=Time(0.0), key=key, type="siren", config=SIREN()),)
    (painter,) = painters({"type": "siren", "layers": 6, "hidden": 64})
    assert painter.config.model_dump(exclude_defaults=True) == {"layers": 6, "hidden": 64}
    assert isinstance(painter.config, SIREN)


def test_generators_come_one_after_another() -> None:
    found = painters({"0s": "siren", "36f": {"type": "fft", "decay": 1.2}, "1:02": {"type": "siren", "layers": 3}})
    assert [(painter.start, painter.type) for painter in found] == [
        (Time(0.0), "siren"),
        (Time(36.0, "f"), "fft"),
        (Time(62.0), "siren"),
    ]
    assert [painter.config for painter in found] == [
        SIREN(),
        FFT.model_validate({"decay": 1.2}),
        SIREN.model_validate({"layers": 3}),
    ]


def test_a_loss_is_a_weight_or_has_options_beside_it() -> None:
    found = losses({"drift": 0.3, "total_variation": {"weight": 0.1}})
    assert list(found) == ["drift", "total_variation"]
    assert [term.weight.source for term in found.values()] == [0.3, 0.1]
    assert [type(term.config) for term in found.values()] == [
        config("losses", "drift"),
        config("losses", "total_variation"),
    ]
    for weight in ("0.5 + t", {"0s": 0, "4s": 1}, [{"at": "0s", "value": 1}]):
        for written in (weight, {"weight": weight}):
            assert losses({"drift": written})["drift"].weight.source == weight
    assert losses({}) == {}


def test_a_motion_is_rates_and_may_say_its_type() -> None:
    assert motion({}) == motion("affine") == motion({"type": "affine"}) == Motion()
    rates = {"zoom": 1.1, "rotate": {"0s": 0, "4s": 90}, "pan_x": "0.1*t"}
    for found in (motion(rates), motion({"type": "affine", **rates})):
        assert found.type == "affine"
        assert {name: curve.source for name, curve in found.rates.items()} == rates


Wrong = tuple[Any, tuple[Any, ...], bool, str]  # what is written, where it is wrong, whether at the key, what is said

GENERATORS: list[Wrong] = [
    (3, (), False, "a generator is a name, or {type: ..., ...}; got 3"),
    (None, (), False, "a generator is a name, or {type: ..., ...}; got None"),
    (["siren"], (), False, "a generator is a name, or {type: ..., ...}; got ['siren']"),
    ({}, (), False, '"type" is missing'),
    ({"layers": 6}, (), False, '"type" is missing'),
    ("sirn", ("type",), False, 'unknown type; did you mean "siren"?'),
    ({"type": "../../x"}, ("type",), False, "unknown type. Types: fft, siren, vqgan"),
    ({"type": "_starts"}, ("type",), False, "unknown type"),
    ({"type": ["siren"]}, ("type",), False, "unknown type"),
    ({"type": None}, ("type",), False, "unknown type"),
    ({"type": "siren", "hiden": 3}, ("hiden",), True, 'unknown option; did you mean "hidden"?'),
    ({"type": "siren", "hidden": "3"}, ("hidden",), False, "input should be a valid integer, got '3'"),
    ({"type": "siren", "hidden": True}, ("hidden",), False, "input should be a valid integer, got true"),
    ({"type": "siren", "hidden": 3}, ("hidden",), False, "input should be greater than or equal to 8, got 3"),
    ({"0s": "siren", "soon": "fft"}, ("soon",), True, "not a time: 'soon'"),
    ({"0s": "siren", 4: "fft"}, (4,), True, "a time needs a unit: write 4s for seconds or 4f for frames"),
    ({"0s": "siren", "type": "fft"}, ("type",), True, "not a time: 'type'"),
    ({"0s": "siren", "1s": 3}, ("1s",), False, "a generator is a name, or {type: ..., ...}; got 3"),
    ({"0s": "siren", "1s": {}}, ("1s",), False, '"type" is missing'),
    ({"0s": "siren", "1s": "ftt"}, ("1s", "type"), False, 'unknown type; did you mean "fft"?'),
    ({"0s": "siren", "1s": {"type": "fft", "decy": 1}}, ("1s", "decy"), True, 'unknown option; did you mean "decay"?'),
    (
        {"type": "vqgan", "start": {"from": "noise", "temprature": 2}},
        ("start", "temprature"),
        True,
        'unknown option; did you mean "temperature"?',
    ),
]

LOSSES: list[Wrong] = [
    (3, (), False, "expected losses by name, such as {drift: 0.3}; got 3"),
    (None, (), False, "expected losses by name"),
    (["drift"], (), False, "expected losses by name"),
    ({"drfit": 1}, ("drfit",), True, 'unknown loss; did you mean "drift"? Losses: drift, total_variation'),
    ({1: 1}, (1,), True, "unknown loss"),
    ({"prompt": 2}, ("prompt",), True, "unknown loss"),
    ({"drift": {"weight": 1, "options": 3}}, ("drift", "options"), True, "unknown option"),
    ({"drift": {"weight": 1, "wieght": 2}}, ("drift", "wieght"), True, "unknown option"),
    ({"drift": None}, ("drift",), False, "expected a number"),
    ({"drift": "3 +"}, ("drift",), False, "not an expression: '3 +'"),
    ({"drift": {}}, ("drift",), False, '"weight" is missing'),
    ({"drift": {"wieght": 2}}, ("drift",), False, '"weight" is missing'),
    ({"drift": {"0s": 1, 4: 1}}, ("drift", 4), True, "a time needs a unit"),
    ({"drift": {"0s": 1, "4s": "x"}}, ("drift", "4s"), False, "expected a number, got 'x'"),
    ({"drift": {"0s": 1, "ease": "bounce"}}, ("drift", "ease"), False, "unknown easing 'bounce'"),
    ({"drift": {"weight": True}}, ("drift", "weight"), False, "expected a number"),
    ({"drift": {"weight": {"soon": 1}}}, ("drift", "weight", "soon"), True, "not a time: 'soon'"),
    ({"drift": {"weight": [{"at": "0s", "valu": 1}]}}, ("drift", "weight", 0, "valu"), True, "unknown option"),
]

MOTIONS: list[Wrong] = [
    (3, (), False, "expected rates by name, such as {zoom: 1.1}; got 3"),
    (None, (), False, "expected rates by name"),
    (["zoom"], (), False, "expected rates by name"),
    ("spin", ("type",), False, "unknown type. Types: affine"),
    ({"type": "spin", "zoom": "x"}, ("type",), False, "unknown type. Types: affine"),
    ({"type": ["affine"]}, ("type",), False, "unknown type"),
    ({"pan_z": 1}, ("pan_z",), True, 'unknown option; did you mean "pan_y"? Options: center_x, center_y, pan_x'),
    ({1: 1}, (1,), True, "unknown option"),
    ({"zoom": None}, ("zoom",), False, "expected a number"),
    ({"zoom": {"0s": 1, 4: 2}}, ("zoom", 4), True, "a time needs a unit"),
    ({"zoom": {"0s": 1, "4s": None}}, ("zoom", "4s"), False, "expected a number, got None"),
    ({"zoom": [{"at": "0s", "value": 1}, {"at": 4, "value": 2}]}, ("zoom", 1, "at"), False, "a time needs a unit"),
    ({"zoom": "0:(1), 5:2"}, ("zoom",), False, "the value of frame 5 belongs in parentheses"),
]


def check(grammar: Callable[[Any, tuple[Any, ...], list[Flaw]], object], wrong: Wrong) -> None:
    """What is wrong is found once, at its place, and nothing is raised."""
    written, path, at_key, said = wrong
    flaws: list[Flaw] = []
    grammar(written, AT, flaws)
    (flaw,) = flaws
    assert (flaw.path, flaw.at_key) == ((*AT, *path), at_key)
    assert flaw.message.startswith(said)


def ids(wrong: Wrong) -> str:
    return str(wrong[0])


@pytest.mark.parametrize("wrong", GENERATORS, ids=ids)
def test_a_mistake_in_a_generator_has_its_place(wrong: Wrong) -> None:
    check(choices.generators, wrong)


@pytest.mark.parametrize("wrong", LOSSES, ids=ids)
def test_a_mistake_in_a_loss_has_its_place(wrong: Wrong) -> None:
    check(choices.losses, wrong)


@pytest.mark.parametrize("wrong", MOTIONS, ids=ids)
def test_a_mistake_in_a_motion_has_its_place(wrong: Wrong) -> None:
    check(choices.motion, wrong)


def test_every_mistake_is_found() -> None:
    flaws: list[Flaw] = []
    generators = {"0s": {"type": "siren", "hiden": 3, "layers": "6"}, "1s": "ftt", "soon": "fft"}
    assert choices.generators(generators, AT, flaws) == ()
    assert choices.losses({"drfit": 1, "drift": {"weight": "x y", "options": 3}}, AT, flaws) == {}
    assert choices.motion({"pan_z": 1, "zoom": None, "rotate": 5}, AT, flaws).rates.keys() == {"rotate"}
    assert {flaw.path[1:] for flaw in flaws} == {
        *(("0s", "hiden"), ("0s", "layers"), ("1s", "type"), ("soon",)),
        *(("drfit",), ("drift", "weight"), ("drift", "options")),
        *(("pan_z",), ("zoom",)),
    }


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("losses: {drift: {weight: 1, options: 3}}", ["3:29: losses.drift.options: unknown option"]),
        ("generator: {0s: {type: sirn}, 1s: fft}", ["3:24: generator.0s.type: unknown type"]),
        ("generator: {0s: {type: siren, hiden: 3}, 1s: fft}", ["3:31: generator.0s.hiden: unknown option"]),
        ("generator: {type: sirn}\nmotion: {zom: 1}\nlosses: {drfit: 1}\nseed: -1", ["3:19", "4:10", "5:10", "6:7"]),
    ],
)
def test_a_mistake_brings_no_other_with_it(write_scene: Callable[..., Path], written: str, said: list[str]) -> None:
    with pytest.raises(SceneError) as caught:
        read(write_scene(f"duration: 2s\nprompts: a star\n{written}\n"))
    found = [f"{problem.line}:{problem.column}: {problem.message}" for problem in caught.value.problems]
    assert len(found) == len(said), found
    assert all(one.startswith(start) for one, start in zip(found, said, strict=True)), found
