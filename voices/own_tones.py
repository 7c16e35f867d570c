"""The user's own tones: `[[tone]]` tables in `personify.toml`, beside the catalogue's."""

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from personify.voices.errors import BadInput
from personify.voices.settings import own_tables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from personify.voices.tones import Tone


def own_tones(catalogue: "Mapping[str, Tone]") -> "dict[str, Tone]":
    """`catalogue` and then the user's tones by name, in the file's order.

    A relative `sample` counts from the file. Raises `BadInput` that names the file, the entry and what is wrong with
    it, also for a name that the catalogue has.
    """
    own = own_tables("tone")
    tones = dict(catalogue)
    for entry in own.tables:
        assert own.path  # tables come from a file
        tone = _checked(entry, own.path)
        if tone.name in catalogue:
            raise BadInput(
                f"{own.path}: tone {tone.name!r} is Personify's own; give yours another name: 'my-{tone.name}'"
            )
        if tone.name in tones:
            raise BadInput(f"{own.path}: tone {tone.name!r} occurs twice; give one of them another name")
        tones[tone.name] = tone
    return tones


def _checked(entry: dict[str, Any], path: "Path") -> "Tone":
    from personify.voices.tones import Tone

    try:
        tone = Tone.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{path}: tone {entry.get('name')!r}: {where}: {first['msg']}") from error
    if tone.sample is None:
        return tone
    try:
        return tone.model_copy(update={"sample": path.parent / tone.sample.expanduser()})
    except RuntimeError as error:
        raise BadInput(
            f"{path}: tone {tone.name!r}: sample: {tone.sample} begins with the home folder of nobody on this machine"
        ) from error
