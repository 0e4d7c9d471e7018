"""`--set key.key=value`: what it changes, and what is said of its mistakes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from animator.errors import SceneError
from animator.scene.document import read
from animator.scene.overrides import apply
from animator.scene.prompts import Prompt
from animator.scene.scene import Scene

WriteScene = Callable[..., Path]
GOOD = "duration: 2s\nprompts: a red circle\n"
TEXTS = "duration: 2s\nprompts: [a red circle, {text: a star, weight: 2}]\n"


@pytest.fixture
def changed(write_scene: WriteScene) -> Callable[..., Scene]:
    """A scene file's text with changes, read."""
    return lambda *changes, text=GOOD: read(write_scene(text), changes).scene


def mistakes(path: Path, *changes: str) -> list[str]:
    with pytest.raises(SceneError) as caught:
        read(path, changes)
    return [str(problem) for problem in caught.value.problems]


def test_changes_come_before_the_checks(write_scene: WriteScene, changed: Callable[..., Scene]) -> None:
    scene = changed("generator.layers=6", "motion.zoom=1.5", "seed=9", "prompts=a star")
    (painter,) = scene.generator
    assert painter.type == "siren"
    assert painter.config.model_dump(exclude_defaults=True) == {"layers": 6}
    assert scene.motion.rates["zoom"].source == 1.5
    assert scene.seed == 9
    assert scene.prompts == (Prompt(text="a star"),)
    for bad in ("generator.hiden=3", "seed", "prompts.0.x=1", "seed=[1"):
        with pytest.raises(SceneError):
            read(write_scene(GOOD), (bad,))


def test_a_size_may_be_one_word(changed: Callable[..., Scene]) -> None:
    assert changed("size=512x288").size == changed("size=[512, 288]").size == (512, 288)
    assert changed(text=f"{GOOD}size: 512x288\n").size == (512, 288)


def test_what_is_there_is_kept_beside_a_change(changed: Callable[..., Scene]) -> None:
    text = f"{TEXTS}generator: {{0s: siren, 1s: fft}}\nmotion: affine\n"
    scene = changed("generator.0s.layers=6", "motion.zoom=2", "prompts.1.text=the sea", "losses.drift=1", text=text)
    assert [painter.config.model_dump(exclude_defaults=True) for painter in scene.generator] == [{"layers": 6}, {}]
    assert [painter.type for painter in scene.generator] == ["siren", "fft"]
    assert scene.motion.rates["zoom"].source == 2
    first, second = scene.prompts
    assert isinstance(first, Prompt)
    assert isinstance(second, Prompt)
    assert (first.text, second.text, second.weight.source) == ("a red circle", "the sea", 2)
    assert list(scene.losses) == ["drift"]


def test_the_last_of_two_changes_holds(changed: Callable[..., Scene]) -> None:
    assert changed("seed=1", "seed=2").seed == 2
    scene = changed("generator=fft", "generator.decay=1.2")
    assert [(painter.type, painter.config.model_dump(exclude_defaults=True)) for painter in scene.generator] == [
        ("fft", {"decay": 1.2})
    ]


def test_a_change_through_an_alias_changes_one_place_only(changed: Callable[..., Scene]) -> None:
    text = f"{GOOD}losses: {{drift: &loss {{weight: 0.1}}, total_variation: *loss}}\n"
    scene = changed("losses.drift.weight=5", text=text)
    assert {name: term.weight.source for name, term in scene.losses.items()} == {"drift": 5, "total_variation": 0.1}
    scene = changed("losses.total_variation.weight=5", text=text)
    assert {name: term.weight.source for name, term in scene.losses.items()} == {"drift": 0.1, "total_variation": 5}


def test_the_plain_values_that_were_read_stay_as_they_were() -> None:
    shared = {"weight": 0.1}
    plain = {"losses": {"drift": shared, "total_variation": shared}, "prompts": ["a", "b"]}
    made, overrides = apply(plain, ("losses.drift.weight=5", "prompts.1=c"))
    assert made == {"losses": {"drift": {"weight": 5}, "total_variation": {"weight": 0.1}}, "prompts": ["a", "c"]}
    assert [override.path for override in overrides] == [("losses", "drift", "weight"), ("prompts", 1)]
    assert plain == {"losses": {"drift": shared, "total_variation": shared}, "prompts": ["a", "b"]}
    assert shared == {"weight": 0.1}


MISTAKES = [
    ("seed=-1", "seed: a whole number from 0 on; another number is another film; got -1"),
    ("colour=red", "colour: unknown option."),
    ("size=512x287", "size: both sides must be even: write 512x286; got 287"),
    ("duration=0s", "duration: 0 frames"),
    ("name=../../etc", "name: "),
    ("generator=3", "generator: a generator is a name"),
    ("generator.hiden=3", 'generator.hiden: unknown option; did you mean "hidden"?'),
    ("generator.type=sirn", 'generator.type: unknown type; did you mean "siren"?'),
    ("motion.zoom=0", "motion.zoom: frame 1: "),
    ("motion.zoom={0s: 1, soon: 2}", "motion.zoom.soon: not a time"),
    ("losses.drift=2000000", "losses.drift.weight: frame 0: is 2e+06"),
    ("losses.drfit=1", 'losses.drfit: unknown loss; did you mean "drift"?'),
    ("optimize.steps=1/t", "optimize.steps: frame 0: '1/t' has no value"),
    ("guide.encoders.RN51=1", 'guide.encoders.RN51: unknown model; did you mean "RN50"?'),
    ("guide.cutouts.count=99999", "guide.cutouts.count: frame 0: is 99999"),
    ("prompts=[]", "prompts: 0 prompts"),
    ("prompts={soon: the sea}", "prompts.soon: not a time"),
    ("prompts.1.weight=2000000", "prompts.1.weight: frame 0: is 2e+06"),
]


@pytest.mark.parametrize(("change", "said"), MISTAKES, ids=[change[:40] for change, _ in MISTAKES])
def test_a_mistake_says_which_change_it_is_in(write_scene: WriteScene, change: str, said: str) -> None:
    (found,) = mistakes(write_scene(TEXTS), change)
    assert found.startswith(f"--set {change}: {said}")


def test_of_two_changes_the_one_that_holds_is_named(write_scene: WriteScene) -> None:
    (found,) = mistakes(write_scene(GOOD), "seed=9", "seed=-1")
    assert found.startswith("--set seed=-1: seed: ")
    (found,) = mistakes(write_scene(GOOD), "generator=fft", "generator.decay=9")
    assert found.startswith("--set generator.decay=9: generator.decay: ")


@pytest.mark.parametrize("change", ["prompts.weight=2000000", f"prompts.text={'red ' * 60}"])
def test_a_mistake_in_the_only_prompt_is_that_of_the_change(write_scene: WriteScene, change: str) -> None:
    """It is the first of a list for the rest of the program, and not for who wrote it."""
    (found,) = mistakes(write_scene("duration: 2s\nprompts: {text: a star, weight: 1}\n"), change)
    assert found.startswith(f"--set {change}: prompts.")


def test_mistakes_of_the_file_keep_their_places(write_scene: WriteScene) -> None:
    path = write_scene(f"{GOOD}fps: 0\nlosses: {{drfit: 1}}\n")
    change, *others = sorted(mistakes(path, "seed=-1"))
    assert change.startswith("--set seed=-1: seed: ")
    assert others[0].startswith(f"{path}:3:6: fps: ")
    assert others[1].startswith(f"{path}:4:10: losses.drfit: ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("seed", "write key.key=value, e.g. generator.layers=6"),
        ("=1", "write key.key=value, e.g. generator.layers=6"),
        ("prompts.2=the sea", "the scene has no such place"),
        ("prompts.-1=the sea", "the scene has no such place"),
        ("seed=[1", "not YAML"),
        ("seed=!!python/object:os.system 1", "tags are not allowed"),
        ("prompts=&a [*a]", "alias of nothing, or of itself"),
    ],
)
def test_what_cannot_be_changed_is_said(write_scene: WriteScene, change: str, said: str) -> None:
    (found,) = mistakes(write_scene(TEXTS), change)
    assert found.startswith(f"--set {change}")
    assert said in found
