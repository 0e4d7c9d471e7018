"""Where steps are computed, and in which numbers."""

import platform

import torch

from animator.errors import ModelError
from animator.models.networks.torch_internals import has_fast_bfloat16

Device = torch.device


def pick(name: str) -> Device:
    """`auto` is CUDA where there is one, else the CPU: Apple's has no 64-bit floats, which a SIREN's camera needs.

    Raises: ModelError for one that is not here.
    """
    here = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = "cuda" if here["cuda"] else "cpu"
    kind, colon, number = name.partition(":")
    if kind not in here or (colon and not (number.isascii() and number.isdigit() and len(number) < 4)):
        raise ModelError(f"unknown device {name!r}; devices: auto, cpu, cuda, cuda:0, ..., mps")
    count = torch.cuda.device_count() if kind == "cuda" else 1
    if not here[kind] or int(number or 0) >= count:
        raise ModelError(f"the device {name!r} is not here; --device auto takes the best there is")
    return torch.device(name)


def described(device: Device) -> str:
    """What a device is, for people: a card by its name, a CPU with the threads that are used."""
    if device.type == "cuda":
        return f"{device}, {torch.cuda.get_device_name(device)}"
    threads = torch.get_num_threads()
    return f"{device}, {platform.machine()}, {threads} thread{'s' * (threads != 1)}"


def working_type(name: str, device: Device) -> torch.dtype:
    """What steps are computed in, by its name in scenes; `auto` is bf16 where that is faster than fp32."""
    if name == "auto":
        return torch.bfloat16 if _multiplies_bfloat16(device) else torch.float32
    return {"fp32": torch.float32, "bf16": torch.bfloat16}[name]


def _multiplies_bfloat16(device: Device) -> bool:
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    return device.type == "cpu" and has_fast_bfloat16()
