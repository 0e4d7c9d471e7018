"""Whatever is raised while a film is rendered, as an error of ours. No torch."""

import traceback
from pathlib import Path

from animator import files
from animator.errors import (
    AnimatorError,
    DeviceError,
    FaultError,
    OutputError,
    RanOutError,
    first_line,
    lost,
    ran_out,
)


def of(error: Exception, log: Path) -> AnimatorError:
    """An error as one of ours. What happened where nobody foresaw it is written to `log`."""
    if isinstance(error, AnimatorError):
        return error
    if ran_out(error):
        return RanOutError(f"out of memory: {first_line(error)}; try fewer guide.cutouts.count or a smaller size")
    if lost(error):
        return DeviceError(f"the device failed: {first_line(error)}")
    if isinstance(error, OSError) and error.errno is not None:
        return files.refused(error, str(error.filename or log.parent))
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        files.write(log, "".join(traceback.format_exception(error)).encode("utf-8", "replace"))
        place = f"what happened is in {log}"
    except (OutputError, OSError):
        place = f"{log} cannot be written"
    what = f"{type(error).__name__}: {first_line(error)}"
    return FaultError(f"a fault of this program: {what}; {place}; please report it")
