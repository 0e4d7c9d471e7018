"""Which numbers the frozen networks of a step are computed in, and settings of the process that cost no accuracy."""

import contextlib
import ctypes
import os
import sys

import torch

_MMAP_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -4, -3, -1  # of glibc's mallopt


def working(name: str, device: torch.device) -> torch.dtype:
    """What steps are computed in, by its name in scenes; `auto` is bf16 where that is faster than fp32."""
    if name == "auto":
        return torch.bfloat16 if _has_fast_bfloat16(device) else torch.float32
    return {"fp32": torch.float32, "bf16": torch.bfloat16}[name]


def _has_fast_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    return device.type == "cpu" and torch.cpu._is_avx512_bf16_supported()


def repeat_exactly() -> None:
    """The same bytes each time on CUDA, too, where that is slower. Before anything is computed there."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)


def tune() -> None:
    """Before anything is computed for a scene.

    float32 products go to oneDNN, which on AMD is twice as fast as MKL and exact as long as the processor has no matrix
    unit (with one, it would round to bfloat16). Memory that a step has freed stays with the process: glibc gives large
    blocks back to the kernel and asks for them again, zeroed page by page, some hundred times a step.
    """
    if not torch.cpu._is_amx_tile_supported():
        torch.set_float32_matmul_precision("medium")
    _malloc({_MMAP_MAX: 0, _TRIM_THRESHOLD: 2**31 - 1})


def spare() -> None:
    """From now on what a step has freed goes back to the kernel at once, which is slower, and holds up to half as much.

    Blocks that stay with the process are cut up by smaller ones, and the next large one finds no place in them.
    """
    _malloc({_MMAP_MAX: 65536, _MMAP_THRESHOLD: 2**19, _TRIM_THRESHOLD: 2**17})


def give_back() -> None:
    """What was freed, and stays with the process, goes back to the kernel this once."""
    _malloc({})


def _malloc(settings: dict[int, int]) -> None:
    """Settings of glibc, where that is the C library; what is free is given back."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):  # musl has no mallopt
        glibc = ctypes.CDLL(None)
        for name, value in settings.items():
            glibc.mallopt(name, value)
        glibc.malloc_trim(0)
