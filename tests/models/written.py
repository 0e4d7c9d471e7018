"""Model files that tests write, of the layouts in which the real ones come, and small."""

import json
import warnings
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from animator.models.networks.clip.package import new_clip
from animator.models.tokens import package

VIT: dict[str, Any] = {"vision_layers": 2, "vision_width": 64, "vision_patch_size": 16}
RESNET: dict[str, Any] = {"vision_layers": (1, 1, 1, 1), "vision_width": 8, "vision_patch_size": None}


def clip(seed: int = 1, size: int = 32, dim: int = 16, text: tuple[int, int] = (2, 64), **vision: Any) -> Any:
    """A `clip.model.CLIP` with random weights; `text` are its text tower's layers and width."""
    torch.manual_seed(seed)
    layers, width = text
    made = new_clip(
        embed_dim=dim,
        image_resolution=size,
        context_length=77,
        vocab_size=49408,
        transformer_width=width,
        transformer_heads=width // 64,
        transformer_layers=layers,
        **(vision or VIT),
    )
    return made.eval().requires_grad_(False)


def archive(model: Any, path: Path) -> Path:
    """As OpenAI ships them: a TorchScript archive, with its program."""
    size = model.visual.input_resolution
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(model, (torch.rand(1, 3, size, size), torch.zeros(1, 77, dtype=torch.long)))
        traced.save(str(path))
    return path


def hub_clip(model: Any, folder: Path) -> Path:
    """The same weights as `transformers` writes them: a repository with its tokenizer."""
    from transformers import CLIPConfig, CLIPModel

    vision, width = model.visual, model.visual.conv1.weight.shape[0]
    text_width = model.ln_final.weight.shape[0]
    common = {"hidden_act": "quick_gelu", "projection_dim": model.text_projection.shape[1]}
    config = CLIPConfig(
        text_config={
            "vocab_size": 49408, "hidden_size": text_width, "intermediate_size": 4 * text_width,
            "num_hidden_layers": len(model.transformer.resblocks), "num_attention_heads": text_width // 64,
            "max_position_embeddings": 77, "bos_token_id": 49406, "eos_token_id": 49407, "pad_token_id": 49407,
            **common,
        },
        vision_config={
            "hidden_size": width, "intermediate_size": 4 * width, "num_attention_heads": width // 64,
            "num_hidden_layers": len(vision.transformer.resblocks), "image_size": vision.input_resolution,
            "patch_size": vision.conv1.weight.shape[-1], **common,
        },
        projection_dim=common["projection_dim"],
    )  # fmt: skip
    made = CLIPModel(config).eval()
    made.load_state_dict(_renamed(model.state_dict()), strict=True)
    made.save_pretrained(folder)
    _tokenizer(folder)
    mean, std = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
    (folder / "preprocessor_config.json").write_text(json.dumps({"image_mean": mean, "image_std": std}))
    return folder


def _renamed(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """OpenAI's keys -> transformers', written from its documentation of the layout and not from ours."""
    made = {}
    for name, value in state.items():
        tower = "vision_model" if name.startswith("visual.") else "text_model"
        part = name.removeprefix("visual.")
        if part.startswith("transformer.resblocks."):
            _, _, number, *rest = part.split(".")
            layer = f"{tower}.encoder.layers.{number}"
            leaf = ".".join(rest)
            if leaf.startswith("attn.in_proj_"):
                for which, piece in zip("qkv", value.chunk(3), strict=True):
                    made[f"{layer}.self_attn.{which}_proj.{leaf.removeprefix('attn.in_proj_')}"] = piece.clone()
                continue
            for old, new in (
                ("attn.out_proj", "self_attn.out_proj"), ("ln_1", "layer_norm1"), ("ln_2", "layer_norm2"),
                ("mlp.c_fc", "mlp.fc1"), ("mlp.c_proj", "mlp.fc2"),
            ):  # fmt: skip
                leaf = leaf.replace(old, new)
            made[f"{layer}.{leaf}"] = value
            continue
        plain = {
            "visual.class_embedding": "vision_model.embeddings.class_embedding",
            "visual.conv1.weight": "vision_model.embeddings.patch_embedding.weight",
            "visual.positional_embedding": "vision_model.embeddings.position_embedding.weight",
            "visual.ln_pre.weight": "vision_model.pre_layrnorm.weight",
            "visual.ln_pre.bias": "vision_model.pre_layrnorm.bias",
            "visual.ln_post.weight": "vision_model.post_layernorm.weight",
            "visual.ln_post.bias": "vision_model.post_layernorm.bias",
            "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
            "positional_embedding": "text_model.embeddings.position_embedding.weight",
            "ln_final.weight": "text_model.final_layer_norm.weight",
            "ln_final.bias": "text_model.final_layer_norm.bias",
            "logit_scale": "logit_scale",
        }
        turned = {"visual.proj": "visual_projection.weight", "text_projection": "text_projection.weight"}
        made[plain.get(name) or turned[name]] = value.T.contiguous() if name in turned else value
    return made


def _tokenizer(folder: Path) -> None:
    from transformers import CLIPTokenizer

    ours = package("simple_tokenizer").SimpleTokenizer()
    merges = [(one, other) for one, other in ours.bpe_ranks]
    tokenizer = CLIPTokenizer(vocab=dict(ours.encoder), merges=merges)  # type: ignore[arg-type]
    tokenizer.save_pretrained(folder)


def siglip(folder: Path) -> Path:
    """A small SigLIP as `transformers` writes it, with a tokenizer of whole words."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import PreTrainedTokenizerFast, SiglipConfig, SiglipModel

    torch.manual_seed(4)
    words = ["<pad>", "<unk>", "a", "red", "blue", "circle"]
    small = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = SiglipConfig(
        text_config={"vocab_size": len(words), "max_position_embeddings": 16, "projection_size": 32, **small},
        vision_config={"image_size": 32, "patch_size": 8, **small},
    )
    SiglipModel(config).save_pretrained(folder)
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>").save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps({"image_mean": [0.5] * 3, "image_std": [0.5] * 3}))
    return folder


def pipeline(folder: Path, signal: str = "epsilon", latent: bool = True, lcm: bool = False) -> Path:
    """A small text-to-image model as `diffusers` writes it, in the layout of Stable Diffusion."""
    import diffusers
    from transformers import CLIPTextConfig, CLIPTextModel

    library: Any = diffusers
    torch.manual_seed(5)
    few: dict[str, Any] = {"block_out_channels": (8, 16), "norm_num_groups": 4}
    channels = 4 if latent else 3
    library.UNet2DConditionModel(
        sample_size=8 if latent else 16,
        in_channels=channels,
        out_channels=channels,
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=16,
        attention_head_dim=8,
        time_cond_proj_dim=8 if lcm else None,
        **few,
    ).save_pretrained(folder / "unet")
    if latent:
        library.AutoencoderKL(
            down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2, **few
        ).save_pretrained(folder / "vae")
    library.DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type=signal
    ).save_pretrained(folder / "scheduler")
    shape: dict[str, Any] = {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
    }
    CLIPTextModel(CLIPTextConfig(vocab_size=49408, **shape)).save_pretrained(folder / "text_encoder")
    _tokenizer(folder / "tokenizer")
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionPipeline"}))
    return folder


def sbert(folder: Path, dim: int = 16) -> Path:
    """A small SBERT of the shape of clip-ViT-B-32-multilingual-v1: DistilBERT, mean pooling, a dense layer."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer
    from transformers import BertTokenizer, DistilBertConfig, DistilBertModel

    torch.manual_seed(3)
    inner = folder.with_name(f"{folder.name}-inner")
    inner.mkdir(parents=True)
    letters = "abcdefghijklmnopqrstuvwxyz夜の海月赤"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    (inner / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizer(str(inner / "vocab.txt"), model_max_length=128).save_pretrained(inner)
    config = DistilBertConfig(vocab_size=len(words), dim=32, hidden_dim=64, n_layers=2, n_heads=2)
    DistilBertModel(config).save_pretrained(inner)
    reader = Transformer(str(inner), max_seq_length=128)
    pooling = Pooling(32, pooling_mode="mean")
    dense = Dense(32, dim, bias=False, activation_function=torch.nn.Identity())
    SentenceTransformer(modules=[reader, pooling, dense], device="cpu").save_pretrained(str(folder))
    return folder


def safetensors(model: Any, path: Path) -> Path:
    """OpenAI's keys, as open_clip writes them."""
    save_file({name: value.contiguous() for name, value in model.state_dict().items()}, path)
    return path
