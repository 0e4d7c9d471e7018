"""What becomes of memory that a step has freed: glibc's settings, where that is the C library."""

import contextlib
import ctypes
import sys

_MMAP_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -4, -3, -1  # of glibc's mallopt


def keep() -> None:
    """Memory that a step has freed stays with the process.

    glibc gives large blocks back to the kernel and asks for them again, zeroed page by page, some hundred times a step.
    """
    _set({_MMAP_MAX: 0, _TRIM_THRESHOLD: 2**31 - 1})


def give_back_at_once() -> None:
    """From now on what a step has freed goes back to the kernel at once, which is slower, and holds up to half as much.

    Blocks that stay with the process are cut up by smaller ones, and the next large one finds no place in them.
    """
    _set({_MMAP_MAX: 65536, _MMAP_THRESHOLD: 2**19, _TRIM_THRESHOLD: 2**17})


def give_back() -> None:
    """What was freed, and stays with the process, goes back to the kernel this once."""
    _set({})


def reset() -> None:
    """As good as glibc's own settings: thresholds where it takes them by itself, once large blocks were freed."""
    if _state.changed:
        _set({_MMAP_MAX: 65536, _MMAP_THRESHOLD: 2**25, _TRIM_THRESHOLD: 2**26})
        _state.changed = False


class _State:
    changed = False  # whether glibc's own settings still hold


_state = _State()


def _set(settings: dict[int, int]) -> None:
    if sys.platform != "linux":
        return
    _state.changed = _state.changed or bool(settings)
    with contextlib.suppress(OSError, AttributeError):  # musl has no mallopt
        glibc = ctypes.CDLL(None)
        for name, value in settings.items():
            glibc.mallopt(name, value)
        glibc.malloc_trim(0)
