"""Settings of the whole process. They are made here and nowhere else, and `restored` undoes them."""

import contextlib
import os
import sys
from collections.abc import Iterator

SPINS = "3000"


def before_torch() -> None:
    """What must be said before torch is imported; afterwards it has no effect.

    How often a thread that waits for the others looks before it sleeps; torch reads this. Its own default is a million
    times, which on a busy machine makes a step many times slower; not at all makes it half as fast on a quiet one.
    """
    if "OMP_WAIT_POLICY" not in os.environ and "torch" not in sys.modules:
        os.environ.setdefault("GOMP_SPINCOUNT", SPINS)


def prepare(deterministic: bool = False) -> None:
    """Before anything is computed for a film.

    float32 products go to oneDNN, which on AMD is twice as fast as MKL and exact as long as the processor has no matrix
    unit (with one, it would round to bfloat16). `deterministic` asks CUDA for the same bytes each time.
    """
    import torch

    from animator.models.networks.torch_internals import has_matrix_unit
    from animator.paint import allocator

    if not has_matrix_unit():
        torch.set_float32_matmul_precision("medium")
    if deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True)
    allocator.keep()


def prepare_training() -> None:
    """Before a training: products may be rounded to bfloat16, which a training does not mind."""
    import torch

    torch.set_float32_matmul_precision("medium")


@contextlib.contextmanager
def restored() -> Iterator[None]:
    """Whatever is set inside is as it was before afterwards."""
    import torch

    from animator.paint import allocator

    precision, threads = torch.get_float32_matmul_precision(), torch.get_num_threads()
    deterministic = torch.are_deterministic_algorithms_enabled()
    workspace = os.environ.get("CUBLAS_WORKSPACE_CONFIG")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(precision)
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(deterministic)
        if workspace is None:
            os.environ.pop("CUBLAS_WORKSPACE_CONFIG", None)
        allocator.reset()
