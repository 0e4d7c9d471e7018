"""What happens while films are rendered, as records: every fact that a person or a program may want to see.

They come in this order, for each film: Warned, FramesBorrowed and FramesKept if there are some, StatesDamaged and
MemoryTight if so, FilmBegan, then StepInfo and FrameDone over and over, CutoutsInPieces whenever memory ran out and
PaintedOtherwise whenever a loss was no number, Encoding, then PaintingAgain, PaintedAgain over and over, Encoding and
TimelapseDone if there is a timelapse, FilmDone; or SceneFailed at any point. FrameBegan comes before a frame's steps,
FrameOdd after FrameDone, CellBegan before each film of a sweep, EncodingSoFar and FilmSoFar when somebody stops a film,
ModelsMissing before the first film, and Listening before a film whose song nobody listened to yet. Those of batches
are in `batch_events`.
"""

from animator.paint.step_info import FrameBegan, StepInfo
from animator.report.batch_events import (
    BatchBegan,
    BatchDone,
    BatchEnding,
    Beat,
    Estimated,
    PutFirst,
    Retrying,
    SceneQueued,
    SceneWrong,
    TaskBegan,
    TaskEnded,
)
from animator.report.film_events import (
    CellBegan,
    CutoutsInPieces,
    Edited,
    Encoding,
    EncodingSoFar,
    FilmBegan,
    FilmDone,
    FilmSoFar,
    FrameDone,
    FrameOdd,
    FramesBorrowed,
    FramesKept,
    Listening,
    MemoryTight,
    ModelsMissing,
    PaintedAgain,
    PaintedOtherwise,
    PaintingAgain,
    Reduced,
    SceneFailed,
    SceneOpened,
    StatesDamaged,
    TimelapseDone,
    Warned,
)

__all__ = [
    "BatchBegan",
    "BatchDone",
    "BatchEnding",
    "Beat",
    "CellBegan",
    "CutoutsInPieces",
    "Edited",
    "Encoding",
    "EncodingSoFar",
    "Estimated",
    "Event",
    "FilmBegan",
    "FilmDone",
    "FilmSoFar",
    "FrameBegan",
    "FrameDone",
    "FrameOdd",
    "FramesBorrowed",
    "FramesKept",
    "Listening",
    "MemoryTight",
    "ModelsMissing",
    "PaintedAgain",
    "PaintedOtherwise",
    "PaintingAgain",
    "PutFirst",
    "Reduced",
    "Retrying",
    "SceneFailed",
    "SceneOpened",
    "SceneQueued",
    "SceneWrong",
    "StatesDamaged",
    "StepInfo",
    "TaskBegan",
    "TaskEnded",
    "TimelapseDone",
    "Warned",
]

Event = (
    BatchBegan
    | Estimated
    | SceneQueued
    | SceneWrong
    | PutFirst
    | TaskBegan
    | TaskEnded
    | Beat
    | Retrying
    | BatchEnding
    | BatchDone
    | Warned
    | Listening
    | ModelsMissing
    | FramesBorrowed
    | FramesKept
    | StatesDamaged
    | MemoryTight
    | SceneOpened
    | Edited
    | Reduced
    | FilmBegan
    | FrameBegan
    | StepInfo
    | FrameDone
    | FrameOdd
    | PaintedOtherwise
    | CutoutsInPieces
    | Encoding
    | PaintingAgain
    | PaintedAgain
    | CellBegan
    | TimelapseDone
    | EncodingSoFar
    | FilmSoFar
    | FilmDone
    | SceneFailed
)
