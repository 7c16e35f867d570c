"""What becomes of a row, as its line: `made` of the record of its bundle, `failed` of the error that kept it from one.

The drivers and workers of every engine say it through here, so that a line means the same whoever wrote it.
"""

import contextlib
import errno
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from personify.avatar.diffusion.device import says_memory_is_full
from personify.pipelines.batch.values import Failed, FailedAt, Made, Outcome, Planned, Row
from personify.pipelines.bundle import AvatarRecord, now
from personify.pipelines.create import read_text
from personify.voices.errors import BadInput, NotKept, PersonifyError

if TYPE_CHECKING:
    from personify.pipelines.batch.store import Store

FOLDER = "avatars"
"""Where the bundles lie in a batch's output."""

MOST_SAID = 600
"""So many characters of a problem or a description are kept: texts from outside may be of any length."""

OUT_OF_MEMORY = "there was not enough memory for it"
_CV_NO_MEMORY = -4  # StsNoMem of OpenCV's cv::Error::Code


class Unreached(PersonifyError):
    """The language model's server gave no answer: it can't be reached, hangs, fails, or takes no requests of ours. That
    says nothing of the row."""


def made(row: Row, record: AvatarRecord, planned: Planned | None = None) -> Made:
    """The line of a row whose bundle has that record; `planned` adds what only the batch knows of it."""
    persona, verdict = record.persona, record.portrait.verdict
    notes = (record.tone.note, *persona.notes)
    return Made(
        row=row.number,
        id=row.id,
        copy_number=row.copy,
        folder=f"{FOLDER}/{row.id}",
        description=persona.description,
        name=persona.name,
        nature=persona.social.nature,
        language=persona.language,
        category=persona.appearance.category,
        archetype=persona.appearance.archetype,
        gender=persona.appearance.gender,
        age=persona.appearance.age,
        tone=record.tone.name,
        expert=record.portrait.expert,
        seed=record.seed,
        found=verdict.found,
        plausible=verdict.plausible,
        stand_in=record.portrait.stand_in,
        greeting=persona.speaking.greeting,
        notes=tuple(note for note in notes if note),
        nearest=planned.nearest if planned else None,
        fingerprint=planned.fingerprint if planned else "",
        seconds=record.seconds,
        created=record.created,
    )


def failed(row: Row, stage: FailedAt, error: BaseException, *, attempts: int = 1) -> Failed:
    """The line of a row that could not be made, by the error that came up in that stage.

    What Personify raises on purpose is a sentence already. A full memory is `died`: it says nothing of the row, which
    may be made where there is more of it. Everything else is a `bug`, told by its type and text, without the paths of
    this installation.
    """
    kind = kind_of(error)
    if kind == "died":
        problem = OUT_OF_MEMORY
    elif kind == "bug":
        problem = f"an error that Personify doesn't know: {type(error).__name__}: {_without_our_paths(str(error))}"
    else:
        problem = str(error)
    return _failed(row, stage, kind, problem, attempts)


def whole(store: "Store", planned: Planned) -> Made | None:
    """The line of a planned row whose bundle is in the store, None where it isn't."""
    row = planned.row
    return made(row, store.record(row.id), planned) if store.has(row.id) else None


def given_up(store: "Store", planned: Planned, problem: str, *, attempts: int) -> Outcome:
    """What became of a row that isn't tried again: its worker may have ended just after its bundle was whole."""
    with contextlib.suppress(PersonifyError):  # what the store can't tell, the worker's end does
        if there := whole(store, planned):
            return there
    return died(planned.row, problem, attempts=attempts)


def died(row: Row, problem: str, *, attempts: int) -> Failed:
    """The line of a row over which its worker died, by a sentence that says how."""
    return _failed(row, "worker", "died", problem, attempts)


def kind_of(error: BaseException) -> str:
    """What a failure's `kind` is; see `Failed`."""
    if isinstance(error, BadInput):
        return "refused"
    if is_memory_full(error):
        return "died"
    if isinstance(error, NotKept):
        return "unkept"
    if isinstance(error, Unreached):
        return "unreached"
    return "failed" if isinstance(error, PersonifyError) else "bug"


def is_memory_full(error: BaseException | None) -> bool:
    """Whether an error is Python's, torch's, OpenCV's or the system's way of saying that memory is full."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if getattr(error, "code", None) == _CV_NO_MEMORY and type(error).__module__ == "cv2":
        return True
    if isinstance(error, MemoryError | RuntimeError):
        return says_memory_is_full(error) or "can't start new thread" in str(error).lower()
    return isinstance(error, PersonifyError) and is_memory_full(error.__cause__)


def shortened(text: str) -> str:
    """Text from outside as a line keeps it: one line, nothing that can't be seen, of bounded length."""
    clean = read_text(text[: 4 * MOST_SAID])
    return clean if len(clean) <= MOST_SAID else clean[: MOST_SAID - 1] + "…"


def _failed(row: Row, stage: FailedAt, kind: str, problem: str, attempts: int) -> Failed:
    return Failed.model_validate(
        {
            "row": row.number,
            "id": row.id,
            "copy_number": row.copy,
            "description": shortened(row.description),
            "stage": stage,
            "kind": kind,
            "problem": shortened(problem),
            "attempts": attempts,
            "at": now(),
        }
    )


def _without_our_paths(text: str) -> str:
    """Where Personify and Python are installed, and whose machine it is, are no news to who reads a list of rows."""
    ours = {str(Path(__file__).parents[2]), sys.prefix, sys.base_prefix, str(Path("~").expanduser()), str(Path.cwd())}
    for path in sorted(ours - {"/", ""}, key=len, reverse=True):
        text = text.replace(path, "…")
    return text
