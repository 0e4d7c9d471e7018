"""Train the pocket CLIPs: `python -m animator.training.clip pocket` (or `pocket-judge`, or `pocket-form`) makes the
shipped file anew.

A contrastive model of the picture world with three additions. Every batch holds near misses, captions that differ from
a true one in one word. The pictures drown in noise and are attacked before they are learnt from (robust.py). And the
model paints pictures by its own gradient, and learns that they are not what it took them for (dreams.py). All of it
costs retrieval a little and makes the gradients worth following. A judge of form learns that spoilt pictures are not
what their captions say, either (spoil.py).
"""

import argparse
import dataclasses
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from animator.models import store
from animator.models.networks import safetensors_file
from animator.models.networks.clip.package import MEAN, ROWS, STD, new_clip
from animator.models.networks.torch_internals import blend
from animator.paint import process
from animator.training import dataset, pictures, robust
from animator.training.clip_recipes import RECIPES, Recipe
from animator.training.dreams import Dreams, glance
from animator.training.run import groups, halves, learning_rate, load_checkpoint, save_checkpoint
from animator.training.spoil import spoil


def new_model(recipe: Recipe, vocabulary: int) -> Any:
    """A `clip.model.CLIP` by the recipe, its weights drawn from the recipe's seed."""
    torch.manual_seed(recipe.seed)
    return new_clip(
        embed_dim=recipe.embed_dim,
        image_resolution=pictures.SIZE,
        vision_layers=recipe.vision_layers,
        vision_width=recipe.vision_width,
        vision_patch_size=None,
        context_length=dataset.CONTEXT,
        vocab_size=vocabulary,
        transformer_width=recipe.transformer_width,
        transformer_heads=recipe.transformer_width // 64,
        transformer_layers=recipe.transformer_layers,
    )


def _weights(name: str) -> dict[str, Tensor]:
    """Of a shipped model; it learnt from the same words, so its table of tokens has the same rows."""
    state = load_file(store.find(name, "clip").weights)
    return {key: value.float() if value.is_floating_point() else value for key, value in state.items() if key != ROWS}


def _text_features(model: Any, tokens: Tensor) -> Tensor:
    """`CLIP.encode_text` for tokens (N,L) of any length L up to the context, without features behind the end.

    Differs: attention is written out, because on a CPU the fused kernel's backward is slow for short rows.
    """
    length, heads = tokens.shape[1], model.transformer.resblocks[0].attn.num_heads
    mask = torch.full((length, length), -math.inf, device=tokens.device).triu(1)
    x = model.token_embedding(tokens) + model.positional_embedding[:length]
    for block in model.transformer.resblocks:
        attention = block.attn
        qkv = F.linear(block.ln_1(x), attention.in_proj_weight, attention.in_proj_bias)
        q, k, v = (part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in qkv.chunk(3, -1))  # (N,heads,L,D)
        weights = (q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5 + mask).softmax(-1).to(v.dtype)
        x = x + attention.out_proj((weights @ v).transpose(1, 2).flatten(2))
        x = x + block.mlp(block.ln_2(x))
    end = x[torch.arange(len(x), device=x.device), tokens.argmax(-1)]
    features: Tensor = model.ln_final(end) @ model.text_projection
    return features


def contrast(image: Tensor, text: Tensor, scale: Tensor, same: Tensor) -> Tensor:
    """Symmetric contrastive loss. image (B + more, D), text (B * (1 + misses), D), the true ones first; unit length.

    `same` (B,B) is true where two pictures have the same caption: those are not told apart. What comes after the B
    pictures, spoilt ones and dreams, is no caption's.
    """
    image, nobodys = image[: len(same)], image[len(same) :]
    count = len(image)
    target = torch.arange(count, device=image.device)
    others = same & ~torch.eye(count, dtype=torch.bool, device=image.device)
    logits = scale * image @ text.T
    logits = torch.cat([logits[:, :count].masked_fill(others, -1e4), logits[:, count:]], 1)
    seen = torch.cat([logits[:, :count].T, scale * text[:count] @ nobodys.T], 1)
    return (F.cross_entropy(logits, target) + F.cross_entropy(seen, target)) / 2


class Trainer:
    """A model, its averaged copy and its optimiser; one step at a time."""

    def __init__(self, recipe: Recipe, vocabulary: int, device: torch.device) -> None:
        self.recipe, self.device, self.step = recipe, device, 0
        self.model = new_model(recipe, vocabulary)
        if recipe.begins:
            self.model.load_state_dict(_weights(recipe.begins))
        self.model.to(device)
        self.mean, self.std = (torch.tensor(values, device=device).view(1, 3, 1, 1) for values in (MEAN, STD))
        self.model.visual.to(memory_format=torch.channels_last)
        self.averaged = {name: value.detach().clone() for name, value in self.model.state_dict().items()}
        decayed = groups(self.model, recipe.weight_decay)
        self.optimizer = torch.optim.AdamW(decayed, lr=recipe.learning_rate, betas=(0.9, 0.98), fused=True)

    def embed_image(self, images: Tensor) -> Tensor:
        with halves(self.device):
            images = (images - self.mean) / self.std
            features = self.model.encode_image(images.contiguous(memory_format=torch.channels_last))
        return F.normalize(features.float(), dim=-1)

    def embed_text(self, tokens: Tensor) -> Tensor:
        """What the model's encode_text answers, in groups of like length: most captions fill a third of the context."""
        lengths = tokens.argmax(-1) + 1
        order = lengths.argsort()
        with halves(self.device):
            groups = [_text_features(self.model, tokens[part, : lengths[part].max()]) for part in order.chunk(4)]
        return F.normalize(torch.cat(groups).float(), dim=-1)[order.argsort()]

    def train_step(
        self, images: Tensor, tokens: Tensor, dreams: Dreams, places: Tensor, random: torch.Generator
    ) -> dict[str, Tensor]:
        """One step on images uint8 (B,3,S,S), tokens (B, 1 + misses, CONTEXT) and the dreams at `places`, which are of
        the first captions."""
        recipe = self.recipe
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(recipe, self.step)
        truth = tokens[:, 0]
        same = (truth[:, None, :] == truth[None, :, :]).all(-1)
        text = self.embed_text(tokens.transpose(0, 1).flatten(0, 1))
        scale = self.model.logit_scale.exp().clamp(max=100)
        varied = robust.vary(images.float() / 255, random)
        noise = robust.noise(varied, recipe.noise, random)
        attacked = self._attack(varied, noise, text.detach(), scale.detach(), same, random)
        shown = attacked + noise
        if recipe.spoilt:
            some = slice(recipe.spoilt)
            shown = torch.cat([shown, spoil(varied[some], random) + noise[some]])
        if len(places):
            painted = dreams.climb(places, self._likeness(text[: len(places)].detach()), random)
            shown = torch.cat([shown, glance(painted, random)])
        loss = contrast(self.embed_image(shown), text, scale, same)
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self._average()
        self.step += 1
        return {"loss": loss.detach(), "scale": scale.detach()}

    def _likeness(self, text: Tensor) -> Callable[[Tensor], Tensor]:
        """How like each picture is to its caption, for a model at rest."""

        def of(shown: Tensor) -> Tensor:
            self.model.eval()
            likeness = (self.embed_image(shown) * text).sum(1)
            self.model.train()
            return likeness

        return of

    def _attack(
        self, images: Tensor, noise: Tensor, text: Tensor, scale: Tensor, same: Tensor, random: torch.Generator
    ) -> Tensor:
        """The batch with its attacked share replaced; attacks look through the noise. Unattacked pictures come first in
        the training too: forms are learnt several times faster from them, and the attack costs as much as a step."""
        ramp = min(1.0, max(0.0, self.step / self.recipe.steps - 0.1) / 0.3)
        count = round(len(images) * self.recipe.attacked * ramp)
        if count == 0:
            return images
        misses = torch.cat([text[:count], text[len(images) : len(images) + count]])
        radius = self.recipe.radius * torch.rand((count, 1, 1, 1), generator=random, device=self.device)
        self.model.eval()
        attacked = robust.attack(
            images[:count],
            lambda x: contrast(self.embed_image(x + noise[:count]), misses, scale, same[:count, :count]),
            radius,
            self.recipe.attack_steps,
            random,
        )
        self.model.train()
        return torch.cat([attacked, images[count:]])

    @torch.no_grad()
    def _average(self) -> None:
        keep = min(self.recipe.averaging, (1 + self.step) / (10 + self.step))
        state = self.model.state_dict()
        floats = [name for name, value in state.items() if value.is_floating_point()]
        blend([self.averaged[n] for n in floats], [state[n] for n in floats], 1 - keep)

    def save(self, path: Path, dreams: Dreams) -> None:
        whole = {"model": self.model.state_dict(), "averaged": self.averaged, "step": self.step}
        whole["dreams"] = dreams.state()
        save_checkpoint(path, {**whole, "optimizer": self.optimizer.state_dict()})

    def load(self, path: Path, dreams: Dreams) -> None:
        whole = load_checkpoint(path, self.device)
        self.model.load_state_dict(whole["model"])
        self.averaged, self.step = whole["averaged"], whole["step"]
        self.optimizer.load_state_dict(whole["optimizer"])
        dreams.load(whole["dreams"])


def export(state: dict[str, Tensor], used: Tensor, path: Path, metadata: dict[str, str]) -> None:
    """Write the weights in OpenAI's layout as half floats. The token table has only the rows of `used` tokens."""
    half = {name: value.detach().cpu().contiguous() for name, value in state.items()}
    half = {name: value.half() if value.is_floating_point() else value for name, value in half.items()}
    safetensors_file.save({**half, ROWS: used.int()}, path, metadata)


def train(
    name: str, recipe: Recipe, work: Path, output: Path, device: torch.device, workers: int, seconds: float
) -> bool:
    """Train to the recipe's last step or for `seconds` (a step at least), on from a checkpoint in `work` if there is
    one. `output` gets the averaged weights as they are then. Returns whether the last step is done."""
    data = dataset.build(work / "pictures", recipe.pictures, 1 << 32, workers)
    used, tokens = torch.unique(data.tokens, return_inverse=True)  # ids in order, so the end is still the largest
    images = data.images.to(device) if device.type == "cuda" else data.images
    tokens = tokens.to(device)
    trainer, checkpoint = Trainer(recipe, len(used), device), work / f"{name}.pt"
    dreams = Dreams(len(tokens), torch.Generator(device).manual_seed(recipe.seed))
    if checkpoint.exists():
        trainer.load(checkpoint, dreams)
    began = time.monotonic()
    with (work / f"{name}.log").open("a") as log:
        while trainer.step < recipe.steps:
            random = torch.Generator(device).manual_seed(recipe.seed * 1_000_003 + trainer.step)
            pick = torch.randint(len(tokens), (recipe.batch,), generator=random, device=device)
            way = torch.randint(dataset.CAPTIONS, (recipe.batch,), generator=random, device=device)
            places = dreams.some(recipe.dreams if trainer.step >= recipe.dreams_from * recipe.steps else 0, random)
            pick[: len(places)], way[: len(places)] = dreams.pick[places], dreams.way[places]
            batch = images[pick.to(images.device)].to(device)
            seen = trainer.train_step(batch, tokens[pick, way], dreams, places, random)
            if trainer.step % 50 == 0:
                values = " ".join(f"{key} {value.item():.4f}" for key, value in seen.items())
                print(f"{name} {trainer.step} {time.monotonic() - began:.0f}s {values}", file=log, flush=True)
            if trainer.step % 250 == 0:
                trainer.save(checkpoint, dreams)
                export(trainer.averaged, used, checkpoint.with_suffix(".safetensors"), description(name, recipe))
            if time.monotonic() - began >= seconds:
                break
        trainer.save(checkpoint, dreams)
    export(trainer.averaged, used, output, description(name, recipe))
    return trainer.step >= recipe.steps


def description(name: str, recipe: Recipe) -> dict[str, str]:
    """What the file says of itself."""
    fields = {key: str(value) for key, value in dataclasses.asdict(recipe).items()}
    return {"name": name, "words": " ".join(sorted(pictures.words())), **fields}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=sorted(RECIPES))
    parser.add_argument("--work", type=Path, default=Path("outputs/training"), help="pictures and checkpoints")
    parser.add_argument("--output", type=Path, help="default: the shipped file's place")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--workers", type=int, default=2, help="processes that draw pictures")
    parser.add_argument("--seconds", type=float, default=math.inf, help="stop (and save) after this long")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=NUMBER", help="change the recipe")
    chosen = parser.parse_args()
    changes = {key: float(value) for key, _, value in (item.partition("=") for item in chosen.set)}
    recipe = RECIPES[chosen.name]
    recipe = dataclasses.replace(recipe, **{key: type(getattr(recipe, key))(value) for key, value in changes.items()})
    output = chosen.output or Path(__file__).parents[1] / "models" / "pocket" / f"{chosen.name}.safetensors"
    chosen.work.mkdir(parents=True, exist_ok=True)
    process.prepare_training(torch.device(chosen.device))
    finished = train(
        chosen.name, recipe, chosen.work, output, torch.device(chosen.device), chosen.workers, chosen.seconds
    )
    print(f"{output}: {'finished' if finished else 'not finished; run the same command again to go on'}")


if __name__ == "__main__":
    main()
