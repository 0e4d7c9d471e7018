"""Random numbers by counter: a seed for a place in the film."""

import hashlib


def derive(seed: int, *counters: int) -> int:
    """A seed in 0..2^63-1 for a place in the film: a hash of the scene's seed and of where it is needed.

    No generator's state is carried from frame to frame, so any frame and any step can be replayed alone.
    """
    digest = hashlib.sha256(repr((seed, *counters)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
