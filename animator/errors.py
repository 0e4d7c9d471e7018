"""What can go wrong, the exit code that says so, and the nearest spelling of a name that nobody knows.

    AnimatorError            1   something failed; the message says what, where and what next
    |-- SceneError          65   the scene file is wrong: every problem, one a line, as file:line:column
    |-- SoundError          66   a song cannot be read as one
    |-- ModelError          69   a model, package or device that is needed is not there
    |-- BusyError           73   another renderer holds the output folder
    |-- OutputError         74   the disk is full, not writable, or holds something unexpected
    |   |-- FullError       74   the disk is full, or a quota is used up
    |   `-- MovieError      74   ffmpeg failed, or made something else than the film that was asked for
    |-- RenderError         70   the optimisation itself failed, e.g. a frame that looks odd
    |   |-- DivergedError   70   a loss that is not a number
    |   |-- RanOutError     70   there is not enough memory
    |   |-- DeviceError     70   the card failed, and nothing more can be computed on it by this process
    |   `-- ChildError      70   the process that rendered ended without a word, or fell silent
    |-- FaultError          70   a fault of this program; a log says what happened
    |-- LeftError           75   a batch ended before it was this film's turn; the same command goes on
    `-- StoppedError       130   Ctrl-C or SIGTERM: stopped cleanly, the same command goes on from there

Codes follow sysexits.h where it has one. 0 is "all good", 1 "some scenes failed", 2 "the command line is wrong".
"""

import difflib
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


class AnimatorError(Exception):
    """Root of the tree."""

    exit_code = 1


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with a scene file. Lines and columns count from 1; 0 means the file as a whole."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return escaped(f"{place}: {self.message}")


class SceneError(AnimatorError):
    """All problems of a scene file, found together."""

    exit_code = 65

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SoundError(AnimatorError):
    """A file is no song that can be read."""

    exit_code = 66


class ModelError(AnimatorError):
    """A model, package or device is missing or not what it should be."""

    exit_code = 69


class RenderError(AnimatorError):
    """The optimisation failed."""

    exit_code = 70


class DivergedError(RenderError):
    """A loss of a frame is not a number any more."""

    def __init__(self, message: str, frame: int) -> None:
        super().__init__(message)
        self.frame = frame


class RanOutError(RenderError):
    """There is not enough memory."""


class DeviceError(RenderError):
    """A card that failed, or was lost: a new process may find it well again."""


class ChildError(RenderError):
    """The process that rendered was killed, or fell silent."""


class FaultError(AnimatorError):
    """Something that this program should have foreseen."""

    exit_code = 70


class LeftError(AnimatorError):
    """A film was left for another time."""

    exit_code = 75


class BusyError(AnimatorError):
    """Another process is rendering into the same folder."""

    exit_code = 73


class OutputError(AnimatorError):
    """Something about the files on disk."""

    exit_code = 74


class FullError(OutputError):
    """There is no room on the disk: nothing that comes after it can be written, either."""


class MovieError(OutputError):
    """The film could not be encoded, or the encoded film is not the one that was asked for."""


class StoppedError(AnimatorError):
    """Asked to stop; `signal_number` says by which signal."""

    exit_code = 130

    def __init__(self, message: str, signal_number: int = 2) -> None:
        super().__init__(message)
        self.exit_code = 128 + signal_number


def unknown(kind: str, name: object, known: Iterable[str]) -> str:
    """What to say of a name that nobody knows: `unknown option; did you mean "hidden"? Options: hidden, layers`."""
    choices = sorted(known)
    if not choices:
        return f"unknown {kind}; there is none to choose from"
    near = difflib.get_close_matches(str(name), choices, n=1, cutoff=0.5)
    hint = f'; did you mean "{near[0]}"?' if near else "."
    plural = {"loss": "Losses"}.get(kind, f"{kind.capitalize()}s")
    return f"unknown {kind}{hint} {plural}: {', '.join(choices)}"


def escaped(text: str) -> str:
    """A text as one line that cannot drive a terminal: what is not printable is written as Python would."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def command(words: str) -> str:
    """A command of this program as the person who runs it would type it."""
    installed = Path(sys.argv[0]).name in ("animator", "animator.exe")
    return f"animator {words}" if installed else f"python render.py {words}"


def first_line(error: BaseException) -> str:
    """The first line of another library's error, or its type where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


# What libraries say when there is no memory left, as whole messages: a part of one would match other failures, too.
RAN_OUT = (
    # torch's allocator for a CPU, c10/core/impl/alloc_cpu.cpp; with errno on POSIX, without on Windows
    re.compile(r"\[enforce fail at alloc_cpu\.cpp:\d+\] .*DefaultCPUAllocator: can't allocate memory: .*", re.DOTALL),
    re.compile(r"\[enforce fail at alloc_cpu\.cpp:\d+\] .*DefaultCPUAllocator: not enough memory: .*", re.DOTALL),
    # c10's mapped files, aten/src/ATen/MapAllocator.cpp
    re.compile(r"unable to mmap \d+ bytes from file .*: Cannot allocate memory \(12\)", re.DOTALL),
    re.compile(r"CUDA error: out of memory\n.*", re.DOTALL),  # c10/cuda/CUDAException.cpp, outside of the allocator
    re.compile(r"cuDNN error: CUDNN_STATUS_ALLOC_FAILED.*", re.DOTALL),  # aten/src/ATen/cudnn/Exceptions.h
    re.compile(r"std::bad_alloc"),  # C++'s own, as torch passes it on
    re.compile(r"could not (create|execute) a primitive"),  # oneDNN, through ideep; it gives no reason
    re.compile(r"can't start new thread"),  # CPython's _thread: there is no memory for a stack
    re.compile(r"CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling .*", re.DOTALL),  # aten/src/ATen/cuda/Exceptions.h
    re.compile(r"MPS backend out of memory .*", re.DOTALL),  # aten/src/ATen/mps/MPSAllocator.mm
)


# What torch says once a card cannot be used any more by this process, c10/cuda/CUDAException.cpp and ATen's checks.
LOST = re.compile(
    r"CUDA error: (?!out of memory|invalid argument|no kernel image|CUBLAS_STATUS_ALLOC).*"
    r"|cuDNN error: CUDNN_STATUS_(EXECUTION_FAILED|INTERNAL_ERROR|MAPPING_ERROR).*"
    r"|Unable to find a valid cuDNN algorithm.*",
    re.DOTALL,
)


def lost(error: BaseException) -> bool:
    """Whether a card failed: everything after it in the same process fails, too."""
    return isinstance(error, RuntimeError) and LOST.fullmatch(str(error)) is not None


def revived(kind: str, message: str, exit_code: int) -> AnimatorError:
    """An error of another process, by the name of its class, as if it had been raised here."""
    found = [AnimatorError]
    for one in found:
        found += one.__subclasses__()
    made = next((one for one in found if one.__name__ == kind), AnimatorError)
    error = made.__new__(made)
    Exception.__init__(error, message)
    error.exit_code = exit_code
    return error


def ran_out(error: BaseException) -> bool:
    """Whether memory, or a card's, is what was missing; for a CPU's torch has no error of its own."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":  # the latter is torch's
        return True
    return isinstance(error, RuntimeError) and any(message.fullmatch(str(error)) for message in RAN_OUT)
