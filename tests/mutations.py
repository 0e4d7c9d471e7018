"""Files as nobody would write them: what tests of all readers share.

`MUTATIONS` of a kind are tried; `make soak` tries forty times as many.
"""

import os
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

MUTATIONS = int(os.environ.get("MUTATIONS", 500))
PIECES = [
    *(b"", b"{", b"}", b"[", b"]", b'"', b":", b",", b"\n", b"null", b"true", b"[]", b"{}", b'""', b"0", b"-1", b"7"),
    *(b"1e999", b"NaN", b"99999999999999999999", b"0.5", b"\xff", b"\x00\x00\x00\x00\x00\x00\x00\x00", b"\xc3", b"\\u"),
    *(b"F32", b"I64", b"U8", b"[0]", b"[1,1]", b'"data_offsets":', b'{"a":1}', b"__metadata__", b"[" * 200),
]
Made = list[tuple[int, int, bytes]]  # where, over how many bytes, what
change = st.tuples(st.integers(0, 1 << 20), st.integers(0, 12), st.sampled_from(PIECES))
changes = st.lists(change, min_size=1, max_size=5)


def mutated(content: bytes, made: Made, most: int | None = None) -> bytes:
    """The content with pieces put in, each at a place among the first `most` bytes, over some of what was there."""
    for place, over, piece in made:
        at = place % (min(len(content), most or len(content)) + 1)
        content = content[:at] + piece + content[at + over :]
    return content


def fuzz(test: Callable[..., Any]) -> Callable[..., Any]:
    """A test of one argument, `made`, for `mutated`."""
    return settings(max_examples=MUTATIONS)(given(made=changes)(test))
