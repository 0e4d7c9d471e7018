"""What the parts of a scene are made of: frozen records, and values that are read from plain ones."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from animator.clock import Time, parse_time
from animator.curves import Curve, CurveError, parse_curve


def flaw(message: str, path: tuple[Any, ...] = ()) -> PydanticCustomError:
    """A validation error with the place inside the value where it lies; `problems.explain` reads it."""
    return PydanticCustomError("scene", "{text}", {"text": message, "path": list(path)})


def _curve(value: Any) -> Curve:
    try:
        return parse_curve(value)
    except CurveError as error:
        raise flaw(str(error), error.path) from error


def _time(value: Any) -> Time:
    try:
        return parse_time(value)
    except ValueError as error:
        raise flaw(str(error)) from error


class Record(BaseModel):
    """Base of everything below: unknown keys are errors, numbers are numbers, nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=True)


AnyCurve = Annotated[Curve, BeforeValidator(_curve)]
AnyTime = Annotated[Time, BeforeValidator(_time)]
Number = Annotated[float, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]
