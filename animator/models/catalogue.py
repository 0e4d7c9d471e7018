"""The models that this program knows by name: what each is, and where its files come from.

An entry's files are tried in order, and of a file its addresses. `hub:OWNER/NAME:PATH` is a file of a repository on the
Hugging Face hub, and without `:PATH` a whole one; `@REVISION` after the name pins it, else the revision of the first
download is noted and kept. OpenAI's addresses hold the sha256 of their files. The publishers of the VQGANs give none;
theirs are the ones that PyTTI Portable's mirror lists, and where there is none, the first download's is noted and kept.
"""

import re
from dataclasses import dataclass

HEIBOX = "https://heibox.uni-heidelberg.de/d/{}/files/?p=%2F{}&dl=1"
OPENAI = "https://openaipublic.azureedge.net/clip/models/{}/{}.pt"
MIRROR = "hub:pxlpshr/pytti-models:vqgan/{}"
PIXRAY = "https://github.com/pixray/pixray/releases/download/v1.7.1/vqgan_{}"
HUB = re.compile(r"hub:(?P<repository>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+?))?(:(?P<path>[\w./-]+))?")


@dataclass(frozen=True)
class File:
    """Bytes that lie at several addresses. `size` 0 and `sha256` "" are unknown."""

    addresses: tuple[str, ...]
    size: int = 0  # bytes
    sha256: str = ""


@dataclass(frozen=True)
class Entry:
    """A model that can be had: by any one of `weights`, which may be different files of the same numbers."""

    name: str
    kind: str  # clip or vqgan
    licence: str
    good_for: str
    weights: tuple[File, ...]
    config: File | None = None  # a VQGAN's YAML
    encoder: str = ""  # a CLIP's file in animator/paint/encoders
    pictures: str = ""  # of a model that reads only texts: the one whose pictures it belongs to

    @property
    def size(self) -> int:
        """Of a download, in bytes, as far as anybody says; else 0."""
        return next((file.size for file in self.weights if file.size), 0)


def _clip(name: str, sha256: str, size: int, good_for: str, *hub: str, hub_size: int = 0) -> Entry:
    file = name.replace("/", "-").replace("@", "-")
    openai = File((OPENAI.format(sha256, file),), size, sha256)
    safe = tuple(File((address,), hub_size) for address in hub)  # float32: as large as the weights are in memory
    return Entry(name, "clip", "MIT", good_for, (*safe, openai), encoder="openai_clip")


def _vqgan(name: str, licence: str, good_for: str, weights: File, config: File) -> Entry:
    return Entry(name, "vqgan", licence, good_for, (weights,), config)


CATALOGUE = (
    _clip(
        "ViT-B/32",
        "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af",
        353_976_522,
        "the usual first choice: quick; broad forms, bold colours",
        "hub:openai/clip-vit-base-patch32:model.safetensors",
        "hub:timm/vit_base_patch32_clip_224.openai@ab5b8ef490e86faa07d3523926b842c765de1de5:open_clip_model.safetensors",
        hub_size=605_000_000,
    ),
    _clip(
        "ViT-B/16",
        "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f",
        350_837_078,
        "finer than ViT-B/32, at 3.5 times its work",
        "hub:openai/clip-vit-base-patch16:model.safetensors",
        "hub:timm/vit_base_patch16_clip_224.openai:open_clip_model.safetensors",
        hub_size=598_000_000,
    ),
    _clip(
        "ViT-L/14",
        "b8cca3fd41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836",
        932_768_134,
        "reads prompts best of the nine; heavy",
        "hub:openai/clip-vit-large-patch14:model.safetensors",
        "hub:timm/vit_large_patch14_clip_224.openai:open_clip_model.safetensors",
        hub_size=1_710_000_000,
    ),
    _clip(
        "ViT-L/14@336px",
        "3035c92b350959924f9f00213499208652fc7ea050643e8b385c2dac08641f02",
        934_088_680,
        "ViT-L/14 at 336 pixels; the heaviest of the ViTs",
        "hub:openai/clip-vit-large-patch14-336:model.safetensors",
        "hub:timm/vit_large_patch14_clip_336.openai:open_clip_model.safetensors",
        hub_size=1_712_000_000,
    ),
    _clip(
        "RN50",
        "afeb0e10f9e5a86da6080e35cf09123aca3b358a0c3e3b6c78a7b63bc04b6762",
        255_827_503,
        "the lightest; textures rather than things",
    ),
    _clip(
        "RN101",
        "8fa8567bab74a42d41c5915025a8e4538c3bdbe8804a470a72f30b0d94fab599",
        291_791_292,
        "a deeper RN50; a companion of ViT-B/32",
    ),
    _clip(
        "RN50x4",
        "7e526bd135e493cef0776de27d5f42653e6b4c8bf9e0f653bb11773263205fdd",
        421_854_225,
        "a wider ResNet, at 288 pixels",
    ),
    _clip(
        "RN50x16",
        "52378b407f34354e150460fe41077663dd5b39c54cd0bfd2b27167a4a06ec9aa",
        661_125_706,
        "a large ResNet, at 384 pixels",
    ),
    _clip(
        "RN50x64",
        "be1cfb55d75a9666199fb2206c106743da0f6468c9d327f3e0d0a543a9919d9c",
        1_353_500_174,
        "the largest ResNet, at 448 pixels",
    ),
    Entry(
        "multilingual",
        "clip",
        "Apache-2.0",
        "prompts in over fifty languages; ViT-B/32 looks at the pictures",
        (
            File(
                ("hub:sentence-transformers/clip-ViT-B-32-multilingual-v1@238402c12a26c6cb9d823b90bc8a4d32a27e434c",),
                543_000_000,
            ),
        ),
        encoder="sbert",
        pictures="ViT-B/32",
    ),
    _vqgan(
        "imagenet_f16_16384",
        "MIT",
        "the usual first choice: of everything, in fine pieces",
        File(
            (HEIBOX.format("a7530b09fed84f80a887", "ckpts%2Flast.ckpt"), MIRROR.format("imagenet.ckpt")),
            980_092_370,
            "845a68805098cb666420d5db93df53f3a3b6dd443e6dd85c05759c5b998cd663",
        ),
        File((HEIBOX.format("a7530b09fed84f80a887", "configs%2Fmodel.yaml"), MIRROR.format("imagenet.yaml"))),
    ),
    _vqgan(
        "imagenet_f16_1024",
        "MIT",
        "of everything, in larger pieces: softer",
        File((HEIBOX.format("8088892a516d4e3baf92", "ckpts%2Flast.ckpt"),), 957_954_257),
        File((HEIBOX.format("8088892a516d4e3baf92", "configs%2Fmodel.yaml"),)),
    ),
    _vqgan(
        "openimages_gumbel_f8_8192",
        "MIT",
        "f8: fine detail, four times the cells to decode",
        File(
            (HEIBOX.format("2e5662443a6b4307b470", "ckpts%2Flast.ckpt"), MIRROR.format("openimages.ckpt")),
            376_581_823,
            "5cd6c74810ab97e00e942c25403f73afc081e8b19987b31ec0d9ff5b68e7ab14",
        ),
        File((HEIBOX.format("2e5662443a6b4307b470", "configs%2Fmodel.yaml"), MIRROR.format("openimages.yaml"))),
    ),
    _vqgan(
        "sflckr_f16",
        "MIT",
        "landscapes; taken out of a much larger file",
        File(
            (HEIBOX.format("73487ab6e5314cb5adba", "checkpoints%2Flast.ckpt"), MIRROR.format("sflckr.ckpt")),
            4_263_525_412,
            "8a8adea3da8dab412675772831370dd948e0aa97bb11a9488a2f328b58dbc929",
        ),
        File(
            (
                HEIBOX.format("73487ab6e5314cb5adba", "configs%2F2020-11-09T13-31-51-project.yaml"),
                MIRROR.format("sflckr.yaml"),
            )
        ),
    ),
    _vqgan(
        "coco_f16",
        "not stated",
        "everyday scenes",
        File(
            (MIRROR.format("coco_first_stage.ckpt"),),
            296_030_214,
            "106cc20fde571df14afc4349d62218d8213cf47177c682ecaa78a8c28b12f9de",
        ),
        File((MIRROR.format("coco_first_stage.yaml"),)),
    ),
    _vqgan(
        "wikiart_f16_16384",
        "not stated",
        "paintings",
        File(
            (MIRROR.format("wikiart.ckpt"),),
            1_005_327_541,
            "bd08bb46301f98be1712bb2be9f8868cea30b53137cd985d4d6e8da8b3e02c36",
        ),
        File((MIRROR.format("wikiart.yaml"),)),
    ),
    _vqgan(
        "wikiart_f16_1024",
        "not stated",
        "paintings, softer",
        File((PIXRAY.format("wikiart_1024.ckpt"),), 957_000_000),
        File((PIXRAY.format("wikiart_1024.yaml"),)),
    ),
)
BY_NAME = {entry.name: entry for entry in CATALOGUE}
