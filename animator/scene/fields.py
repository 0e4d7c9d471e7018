"""What the parts of a scene are made of: frozen records, and values that are read from plain ones."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from animator.scene.problems import invalid
from animator.scene.times import Time, parse_time


def _time(value: Any) -> Time:
    try:
        return parse_time(value)
    except ValueError as error:
        raise invalid(str(error)) from error


class Record(BaseModel):
    """Base of all that a scene is made of: unknown keys are errors, numbers are numbers, nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=True)


AnyTime = Annotated[Time, BeforeValidator(_time)]
Number = Annotated[float, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]
