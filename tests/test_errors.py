"""What is told apart when something goes wrong."""

import pytest
import torch

from animator.errors import ran_out

MESSAGES = [
    RuntimeError("could not create a primitive"),
    RuntimeError("could not execute a primitive"),
    RuntimeError("std::bad_alloc"),
    RuntimeError("can't start new thread"),
    RuntimeError(
        "[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory: "
        "you tried to allocate 4611686018427387904 bytes. Error code 12 (Cannot allocate memory)"
    ),
    RuntimeError(
        "[enforce fail at alloc_cpu.cpp:75] data. DefaultCPUAllocator: not enough memory: "
        "you tried to allocate 9 bytes."
    ),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    RuntimeError(
        "MPS backend out of memory (MPS allocated: 1.00 GB, other allocations: 1.00 GB, max allowed: 2.00 GB)."
    ),
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB."),
    MemoryError(),
]
OTHERS = [
    RuntimeError("could not create a primitive descriptor for a convolution forward propagation primitive"),
    RuntimeError("could not execute a primitive because its arguments are wrong"),
    RuntimeError("the file says: can't allocate memory"),
    RuntimeError("CUDA error: an illegal memory access was encountered"),
    ValueError("std::bad_alloc"),
]


@pytest.mark.parametrize("error", MESSAGES, ids=str)
def test_each_library_says_in_its_own_words_that_memory_ran_out(error: Exception) -> None:
    assert ran_out(error)


@pytest.mark.parametrize("error", OTHERS, ids=str)
def test_other_failures_are_no_lack_of_memory(error: Exception) -> None:
    assert not ran_out(error)


def test_the_real_allocator_says_so() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60, dtype=torch.uint8)
    assert ran_out(caught.value), str(caught.value)
