"""What a scene needs: models that are here or not, prompts that an encoder can take, pictures as prompts."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from animator import files
from animator.errors import ModelError, SceneError
from animator.models import lockfile, store
from animator.models.lockfile import Record
from animator.paint import guide
from animator.paint.cutouts import cut
from animator.paint.generators import Draft
from animator.scene import document, needs
from animator.scene.document import Document
from animator.scene.frame_spec import Aim, CutoutsAt
from tests.models import written

WriteScene = Callable[..., Path]
CPU = torch.device("cpu")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with a small ViT-B/32, a small RN50 and a small SBERT."""
    monkeypatch.setenv("ANIMATOR_MODELS", str(tmp_path / "models"))
    home = tmp_path / "models"
    home.mkdir()
    written.safetensors(written.clip(1, 32, 16), home / "ViT-B-32.safetensors")
    written.safetensors(written.clip(2, 64, 24, **written.RESNET), home / "RN50.safetensors")
    folder = store.find("multilingual", "clip").path
    folder.parent.mkdir(parents=True)
    written.sbert(folder)
    kept = {str(path.relative_to(folder)): files.sha256(path) for path in folder.rglob("*") if path.is_file()}
    lockfile.note("multilingual", Record("hub:x/y", folder.name, {}, kept))
    return home


def resolve(**fields: object) -> Document:
    plain = {"size": [32, 32], "fps": 4, "duration": "6f", "prompts": "a red circle", **fields}
    return document.resolve(plain, "scene")


def problems(write_scene: WriteScene, text: str) -> list[str]:
    with pytest.raises(SceneError) as caught:
        document.read(write_scene(f"duration: 1s\n{text}"))
    return [str(problem).partition(".yaml:")[2] for problem in caught.value.problems]


def test_several_encoders_look_at_one_set_of_cutouts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film = resolve(guide={"encoders": {"ViT-B/32": 1, "RN50": 0.5}, "cutouts": {"count": 3}})
    built = guide.build(film, CPU)
    made: list[int] = []

    def counted(picture: Tensor, size: int, options: CutoutsAt, seed: int) -> Tensor:
        made.append(size)
        return cut(picture, size, options, seed)

    monkeypatch.setattr(guide, "cut", counted)

    class Plain:
        def decode(self, latent: dict[str, Tensor], draft: Draft | None = None) -> Tensor:
            return latent["x"]

    terms = built.objective(film.frames[0], Plain(), {})({"x": torch.rand(1, 3, 32, 32)}, 0)  # type: ignore[arg-type]
    assert made == [64]
    assert set(terms) == {"prompt ViT-B/32", "prompt RN50"}
    alone = resolve(guide={"encoders": {"RN50": 0.5}})
    assert set(guide.build(alone, CPU).weights) == {"RN50"}


def test_a_language_is_read_by_those_that_know_it(home: Path) -> None:
    prompts = [{"text": "夜の海", "lang": "ja"}, "the sea at night"]
    film = resolve(guide={"encoders": {"ViT-B/32": 1, "multilingual": 1}}, prompts=prompts)
    built = guide.build(film, CPU)
    night = Aim("夜の海", lang="ja")
    assert night in built.aims["multilingual"]
    assert night not in built.aims["ViT-B/32"]
    rows = {name: built._targets(name, film.frames[0].prompts)[0] for name in built.encoders}
    assert len(rows["multilingual"]) == 2
    assert len(rows["ViT-B/32"]) == 1


def test_a_fade_between_languages_counts_by_its_share(home: Path) -> None:
    track = {"0s": {"text": "夜の海", "lang": "ja"}, "0.75s": "the sea", "fade": "0.5s"}
    film = resolve(guide={"encoders": {"ViT-B/32": 1, "multilingual": 1}}, prompts=[track])
    built = guide.build(film, CPU)
    assert built.looking(film.frames[0]) == ("multilingual",)
    for index, pull in ((3, 0.5), (5, 1.0)):
        assert set(built.looking(film.frames[index])) == {"ViT-B/32", "multilingual"}
        assert built._targets("ViT-B/32", film.frames[index].prompts)[1].tolist() == [pull]


def test_a_picture_is_a_prompt_like_any_other(home: Path, tmp_path: Path, write_scene: WriteScene) -> None:
    Image.new("RGB", (40, 30), (200, 30, 30)).save(tmp_path / "red.png")
    image = {"image": str(tmp_path / "red.png")}
    film = resolve(
        guide={"encoders": {"ViT-B/32": 1}}, prompts=[{**image, "weight": -0.5}, {"0s": "a", "1s": image, "fade": "1s"}]
    )
    built = guide.build(film, CPU)
    rows, pulls = built._targets("ViT-B/32", film.frames[0].prompts)
    assert pulls.tolist() == [-0.5, 1.0]
    red = torch.tensor([200, 30, 30]).view(1, 3, 1, 1).expand(1, 3, 32, 32) / 255
    assert torch.allclose(rows[0], built.encoders["ViT-B/32"].encode_image(red)[0], atol=1e-5)
    assert needs.images(film.scene) == [tmp_path / "red.png"]
    (tmp_path / "no.png").write_text("no")
    Image.effect_noise((300, 300), 50).save(tmp_path / "whole.jpg")
    (tmp_path / "half.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:9000])
    for name, said in (("gone.png", "no such file"), ("no.png", "not a picture"), ("half.jpg", "not a picture")):
        (found,) = problems(write_scene, f"prompts: [{{image: {tmp_path / name}}}]\n")
        assert found.startswith("2:")
        assert said in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prompts: x\nguide: {encoders: {ViT-B/33: 1}}", '3:20: guide.encoders.ViT-B/33: unknown model; did you mean'),
        ("prompts: x\nguide: {encoders: {RN50: {text: multilingual}}}", "what RN50 sees lies in another"),
        ("prompts: x\nguide: {encoders: {RN50: {text: pocket}}}", "pocket has its own eyes"),
        ("prompts: [{text: 夜, lang: ja}]", "no encoder of this scene reads 'ja' (pocket)"),
        ("prompts: {0s: 夜, lang: ja}", "no encoder of this scene reads 'ja'"),
        (f"prompts: {'red ' * 60}", "too long for pocket: 62 tokens, it reads at most 24"),
        (f"prompts: {'red ' * 90}\nguide: {{encoders: {{ViT-L/14: 1}}}}", "ViT-L/14: 92 tokens, it reads at most 77"),
        ("prompts: [{text: a, image: b.png}]", "a text or an image"),
        ("prompts: [{weight: 1}]", "a text or an image"),
        ("prompts: [{image: b.png, lang: ja}]", "a picture has no language"),
        ("prompts: [{text: a, lang: Japanese}]", "string should match pattern"),
        ("prompts: [{text: a, lang: zh-TW}]", "no encoder of this scene reads 'zh-tw'"),
        ("prompts: {0s: {text: a, weight: 2}}", "has no weight of its own"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_said_with_its_place(write_scene: WriteScene, text: str, expected: str) -> None:
    assert any(expected in line for line in problems(write_scene, f"{text}\n")), problems(write_scene, f"{text}\n")


def test_too_long_for_the_multilingual_one(home: Path, write_scene: WriteScene) -> None:
    text = f"prompts: {'sea ' * 150}\nguide: {{encoders: {{multilingual: 1}}}}\n"
    assert any("too long for multilingual" in line for line in problems(write_scene, text))


def test_a_pair_that_belongs_together_may_be_written_out(home: Path) -> None:
    film = resolve(guide={"encoders": {"ViT-B/32": {"weight": 2, "text": "multilingual"}}})
    assert film.encoders["ViT-B/32"].name == "multilingual"
    assert {model.name for model in film.models} == {"multilingual", "ViT-B/32"}
    needs.demand(film.scene.name, film.models)


def test_what_is_missing_is_listed_with_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANIMATOR_MODELS", str(tmp_path / "none"))
    film = resolve(
        guide={"encoders": {"multilingual": 1, "pocket": 1}, "denoisers": {}},
        generator={"type": "vqgan", "model": "imagenet_f16_16384"},
    )
    assert [model.name for model in film.models] == ["multilingual", "pocket", "imagenet_f16_16384", "ViT-B/32"]
    with pytest.raises(ModelError) as caught:
        needs.demand(film.scene.name, film.models)
    assert "imagenet_f16_16384 (980 MB), ViT-B/32 (605 MB)" in str(caught.value)
    assert "models fetch multilingual imagenet_f16_16384 ViT-B/32" in str(caught.value)
    assert not lockfile.home().exists()
