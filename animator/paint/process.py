"""Settings of the whole process. They are made here and nowhere else, and `restored` undoes those of a film."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from animator.paint.device import Device

SPINS = "3000"


def before_torch() -> None:
    """What must be said before torch is imported; afterwards it has no effect.

    How often a thread that waits for the others looks before it sleeps; torch reads this. Its own default is a million
    times, which on a busy machine makes a step many times slower; not at all makes it half as fast on a quiet one.
    """
    if "OMP_WAIT_POLICY" not in os.environ and "torch" not in sys.modules:
        os.environ.setdefault("GOMP_SPINCOUNT", SPINS)


def prepare(deterministic: bool = False, device: Device | None = None) -> None:
    """Before anything is computed for a film, on the CPU or another device.

    On a CPU float32 products go to oneDNN, which on AMD is twice as fast as MKL and exact as long as the processor has
    no matrix unit (with one, it would round to bfloat16). On a card they are exact, too: TF32 would put the phases of a
    SIREN, tens of radians, off by some hundredths. `deterministic` asks CUDA for the same bytes each time.
    """
    import torch

    from animator.models.networks.torch_internals import has_matrix_unit
    from animator.paint import allocator

    settings: Any = torch.utils.deterministic

    if device is not None and device.type == "cuda":
        torch.cuda.set_device(device)  # else another card's memory is touched by whoever does not ask
        torch.set_float32_matmul_precision("highest")
        torch.backends.cudnn.allow_tf32 = False
    elif not has_matrix_unit():
        torch.set_float32_matmul_precision("medium")
    torch.use_deterministic_algorithms(deterministic)
    if deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        settings.fill_uninitialized_memory = False  # nothing here reads what it did not write
    allocator.keep()


def prepare_training(device: Device) -> None:
    """Before a training: products may be rounded to bfloat16, and the smallest numbers to 0. A training does not mind,
    and a CPU is slow with those: steps of a denoiser took 5 % longer."""
    import torch

    torch.set_flush_denormal(True)

    if device.type == "cuda":
        torch.cuda.set_device(device)
    torch.set_float32_matmul_precision("medium")


def quiet_transformers() -> None:
    """No warnings and no bars while the hub's libraries load a model: what is wrong with one is an error of ours."""
    from transformers import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


@contextlib.contextmanager
def restored() -> Iterator[None]:
    """What `prepare` and `prepare_training` set inside is afterwards as it was before."""
    import torch

    from animator.paint import allocator

    settings: Any = torch.utils.deterministic
    precision, threads = torch.get_float32_matmul_precision(), torch.get_num_threads()
    deterministic, tf32 = torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.allow_tf32
    fill = settings.fill_uninitialized_memory
    workspace = os.environ.get("CUBLAS_WORKSPACE_CONFIG")
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
        torch.set_float32_matmul_precision(precision)
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(deterministic)
        settings.fill_uninitialized_memory = fill
        torch.backends.cudnn.allow_tf32 = tf32
        if workspace is None:
            os.environ.pop("CUBLAS_WORKSPACE_CONFIG", None)
        allocator.reset()
