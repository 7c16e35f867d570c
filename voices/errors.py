"""The few errors Personify raises on purpose; every one says what was seen and the way out.

They live on the lowest floor because every package raises them. `personify.pipelines` hands them on to users.
"""

from difflib import get_close_matches

_LISTED, _NEAREST = 200, 8
"""So many choices can be read at a glance; of more, so many are named."""


class PersonifyError(Exception):
    """Something that was asked for could not be done. The message is one or two sentences for the user."""

    exit_code = 1


class BadInput(PersonifyError):
    """The request itself is wrong: an empty description, an unknown name, an existing folder. Nothing was written."""

    exit_code = 2


class NotKept(PersonifyError):
    """What was made can't be kept: the disk is full, or the store can't be reached. Whoever makes many of them stops,
    since the next one can't be kept either."""


class MissingExtra(PersonifyError):
    """An optional part is not installed; the message carries the `pip install` line that mends it."""


def unknown_name(kind: str, name: str, choices: list[str]) -> BadInput:
    """A `BadInput` that names the unknown thing and lists the choices; of very many those that look most like it."""
    if len(choices) <= _LISTED:
        return BadInput(f"unknown {kind} {name!r}; choose one of: {', '.join(sorted(choices))}")
    near = get_close_matches(name.lower(), choices, n=_NEAREST, cutoff=0.0)
    return BadInput(
        f"unknown {kind} {name!r}; the nearest of {len(choices)} are: {', '.join(near)}; see: personify {kind}s list"
    )
