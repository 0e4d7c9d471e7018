"""Text-to-image models of the Hugging Face hub, in the layout of Stable Diffusion: through `diffusers`.

Any repository with a `unet`, a `scheduler`, a `tokenizer` and a `text_encoder`. Noise is added to latents where there
is a `vae`, and to pixels where there is none. Models that need few steps are meant (SD-Turbo, models with LCM).
Safetensors only, and no code of the repository's own.

Source: Rombach et al. 2022; Sauer et al. 2023 (SD-Turbo); Luo et al. 2023 (LCM).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from animator.errors import ModelError
from animator.paint import process
from animator.paint.denoisers import Reader, Steps
from animator.variants import Options

if TYPE_CHECKING:
    import torch
    from torch import Tensor

PARTS = ("unet", "text_encoder", "vae")  # folders with tensors
CLASSES = {"UNet2DConditionModel", "CLIPTextModel", "AutoencoderKL"}  # that they may be of
SIGNAL = {"epsilon", "v_prediction", "sample"}  # what a network of the hub may answer
FEW = Steps(first=4, then=2, later=1)
LOUDEST = 1000.0  # what LCM multiplies its guidance by


class Config(Options):
    """Where the model is."""

    weights: str = Field(description="folder of a repository")


def build(config: Config, device: torch.device) -> Reader:
    """Raises: ModelError when the repository is not such a model, or `diffusers` is not installed."""
    from animator.models.networks import reading

    try:
        import diffusers
    except ImportError as error:
        raise ModelError(f"{config.weights}: needs diffusers; install it with: pip install diffusers") from error
    import transformers

    process.quiet_transformers()
    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    folder = Path(config.weights)
    _check(folder)
    with reading.refusing(folder, "a text-to-image model that can be read"):
        unet = _network(diffusers.UNet2DConditionModel, folder / "unet", device)
        vae = _network(diffusers.AutoencoderKL, folder / "vae", device) if (folder / "vae").is_dir() else None
        reader = _network(transformers.CLIPTextModel, folder / "text_encoder", device)
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            folder / "tokenizer", local_files_only=True, trust_remote_code=False
        )
        described = reading.described(folder / "scheduler" / "scheduler_config.json")
        signal = described.get("prediction_type", "epsilon")
        if signal not in SIGNAL:
            raise ModelError(f"{folder}: its network answers {signal!r}; {', '.join(sorted(SIGNAL))} are understood")
        levels = _levels(diffusers.DDPMScheduler.from_config(described).alphas_cumprod).to(device)
        scale = _scale(vae) if vae else 1
        size, cell = unet.config.sample_size * scale, _scale(unet) * scale
        return _Hub(unet, vae, reader, tokenizer, signal, levels, device, size, cell)


def _check(folder: Path) -> None:
    """Raises: ModelError for a repository of another layout."""
    from animator.models.networks import reading

    if (folder / "text_encoder_2").is_dir():
        raise ModelError(f"{folder}: it reads texts with two encoders; models with one are read here")
    for part in PARTS:
        if part == "vae" and not (folder / part).is_dir():
            continue
        described = reading.described(folder / part / "config.json")
        kind = described.get("_class_name") or next(iter(described.get("architectures") or ()), None)
        if kind not in CLASSES or "auto_map" in described:
            raise ModelError(f"{folder / part}: {kind!r} is not read here; {', '.join(sorted(CLASSES))} are")


def _network(kind: Any, folder: Path, device: torch.device) -> Any:
    from animator.models.networks import reading

    options = {"local_files_only": True, "use_safetensors": True, "output_loading_info": True}
    model, loading = kind.from_pretrained(folder, **options)
    reading.check_loaded(folder, loading)
    return model.float().to(device).eval().requires_grad_(False)


def _scale(network: Any) -> int:
    """How many cells of what goes in are one of the smallest grid inside."""
    return int(2 ** (len(network.config.block_out_channels) - 1))


def _levels(kept: Tensor) -> Tensor:
    """The level of noise of each of the steps that a model was trained with, from the share of the picture's variance
    that is left."""
    levels: Tensor = ((1 - kept) / kept.clamp(min=1e-8)).sqrt()
    return levels


@dataclass
class _Hub:
    unet: Any
    vae: Any  # None where noise is added to pixels
    reader: Any
    tokenizer: Any
    signal: str
    levels: Tensor  # of noise, at each step of the training
    device: torch.device
    size: int
    cell: int
    steps: Steps = FEW
    spread: float = 1.0
    reads: str = ""
    draws: bool = False

    def __post_init__(self) -> None:
        self.silence = self._tokens([""])  # what it reads in a text of no words (1,L,W)

    def encode_text(self, texts: list[str]) -> Tensor:
        """A text's tokens, in one row of unit length, so that texts cross-fade along an arc. Their length, which the
        model's last normalisation keeps nearly the same, is that of the text of no words."""
        import torch.nn.functional as F

        return F.normalize(self._tokens(texts).flatten(1), dim=1)

    def _tokens(self, texts: list[str]) -> Tensor:
        import torch

        limit = self.reader.config.max_position_embeddings
        tokens = self.tokenizer(texts, padding="max_length", max_length=limit, return_tensors="pt")["input_ids"]
        if tokens.shape[1] > limit:
            raise ModelError(f"prompt too long: this model reads at most {limit} tokens: {max(texts, key=len)!r}")
        with torch.no_grad():
            read: Tensor = self.reader(tokens.to(self.device))[0]
        return read

    def encode(self, pictures: Tensor) -> Tensor:
        import torch

        if self.vae is None:
            return 2 * pictures - 1
        with torch.no_grad():
            latents: Tensor = self.vae.encode(2 * pictures - 1).latent_dist.mode()
        scaled: Tensor = (latents - (self.vae.config.shift_factor or 0)) * self.vae.config.scaling_factor
        return scaled

    def denoise(self, noisy: Tensor, level: float, texts: Tensor, guidance: float, seed: int) -> Tensor:
        import torch

        silence = self.silence.expand(len(noisy), -1, -1)
        told = texts.view_as(silence) * silence[0].norm()
        step = (self.levels - level).abs().argmin()
        whole = (1 + level**2) ** 0.5
        with torch.no_grad():
            if self.unet.config.time_cond_proj_dim:  # it was distilled with guidance, and is told how much
                answer = self._answer(noisy / whole, step, told, guidance)
            elif guidance == 1:
                answer = self._answer(noisy / whole, step, told)
            else:
                seen = (noisy / whole).repeat(2, 1, 1, 1)
                with_text, without = self._answer(seen, step, torch.cat([told, silence])).chunk(2)
                answer = without + guidance * (with_text - without)
        clean: Tensor = answer
        if self.signal == "v_prediction":
            clean = noisy / whole**2 - answer * (level / whole)
        elif self.signal == "epsilon":
            clean = noisy - level * answer
        return clean

    def _answer(self, seen: Tensor, step: Tensor, told: Tensor, guidance: float | None = None) -> Tensor:
        known = None if guidance is None else self._known(guidance, len(seen))
        answer: Tensor = self.unet(seen, step, encoder_hidden_states=told, timestep_cond=known).sample
        return answer

    def _known(self, guidance: float, count: int) -> Tensor:
        """How an LCM is told of guidance: by waves (B,W)."""
        import torch

        half = self.unet.config.time_cond_proj_dim // 2
        rates = torch.exp(torch.arange(half, device=self.device) * (-torch.log(torch.tensor(10_000.0)) / (half - 1)))
        angles = LOUDEST * (guidance - 1) * rates
        return torch.cat([angles.sin(), angles.cos()]).expand(count, -1)

    def decode(self, clean: Tensor) -> Tensor:
        import torch

        if self.vae is None:
            return ((clean + 1) / 2).clamp(0, 1)
        with torch.no_grad():
            latents = clean / self.vae.config.scaling_factor + (self.vae.config.shift_factor or 0)
            pictures: Tensor = self.vae.decode(latents).sample
        return ((pictures + 1) / 2).clamp(0, 1)
