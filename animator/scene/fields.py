"""What the parts of a scene are made of: frozen records, and values that are read from plain ones."""

import re
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from animator.scene.problems import invalid
from animator.scene.times import Time, parse_time


def _time(value: Any) -> Time:
    try:
        return parse_time(value)
    except ValueError as error:
        raise invalid(str(error)) from error


def _fps(value: Any) -> Fraction:
    try:
        if isinstance(value, bool) or not isinstance(value, (int, float, str, Fraction)):
            raise ValueError
        written = re.sub(r"\s*fps$", "", value) if isinstance(value, str) else value
        fps = Fraction(written).limit_denominator(1001)
    except (ValueError, ZeroDivisionError, OverflowError):
        fps = Fraction(0)
    if not 1 <= fps <= 240:
        raise invalid(f"expected frames per second from 1 to 240, such as 24 or 24000/1001; got {value!r}")
    return fps


class Record(BaseModel):
    """Base of all that a scene is made of: unknown keys are errors, numbers are numbers, nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=True)
    example: ClassVar[str] = ""  # how its options are written, for messages


AnyTime = Annotated[Time, BeforeValidator(_time)]
AnyFps = Annotated[Fraction, BeforeValidator(_fps)]
Number = Annotated[float, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]
