"""Does the night come to its end? `python -m bench.night` breaks renders in every way and counts what was lost.

Each kind of damage is a row: `python -m bench.night kills writes` does two of them, `--share 0.1` a tenth of each. A
small film is rendered in peace first. What is there after the damage must be that film's, byte for byte, and so must
the film that the same command makes of it.
"""

import os

# One thread for each process: so small a film is quicker so, and its bytes are those of that number.
os.environ.setdefault("OMP_NUM_THREADS", "1")
