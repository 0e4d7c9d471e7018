"""How the shipped CLIPs are made."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """How one model is made. `vision_layers` counts the blocks of a ResNet's four stages."""

    seed: int
    vision_layers: tuple[int, int, int, int]
    vision_width: int  # channels
    embed_dim: int
    transformer_width: int  # of the text tower; 64 to a head
    transformer_layers: int
    radius: float  # L2 radius of the attack, at most, on 3 x 64 x 64 pictures in [0,1]
    attacked: float  # share of a batch that is attacked, once that has been ramped up
    noise: float  # standard deviation, at most, on pictures in [0,1]
    steps: int
    dreams: int = 0  # pictures of a batch that it painted itself
    dreams_from: float = 0.35  # share of the steps before it paints
    spoilt: int = 0  # pictures of a batch that are shown once more, spoilt
    begins: str = ""  # the shipped model whose weights it goes on from
    attack_steps: int = 1
    batch: int = 256
    pictures: int = 100_000
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warmup: int = 200  # steps
    averaging: float = 0.998  # of the weights that are shipped, per step


RECIPES = {
    "pocket": Recipe(1, (2, 2, 2, 2), 16, 192, 128, 3, radius=3.0, attacked=0.5, noise=0.5, steps=6000, dreams=64),
    "pocket-judge": Recipe(2, (1, 2, 2, 1), 20, 160, 128, 2, radius=1.5, attacked=0.5, noise=0.2, steps=2000),
    "pocket-form": Recipe(
        3,
        (1, 2, 2, 1),
        20,
        160,
        128,
        2,
        radius=1.5,
        attacked=0.2,
        noise=0.2,
        steps=1200,
        dreams=32,
        dreams_from=0.1,
        spoilt=128,
        begins="pocket-judge",
        batch=128,
        learning_rate=8e-4,
        averaging=0.995,
    ),
}
