"""Whose memories: what a user and an avatar may be called in the database."""

import os
import re
import unicodedata

from personify.voices.errors import BadInput

ME = "me"
"""The user where nobody says who it is."""
USER_VARIABLE = "PERSONIFY_USER"
LONGEST = 100
"""Characters of a user's name."""

_KEY = re.compile(r"[0-9a-z][0-9a-z._-]{0,63}")


def user_name(given: str | None = None) -> str:
    """The user's name as the database has it: given, else `$PERSONIFY_USER`, else `ME`; composed (NFC), with single
    spaces, none around it.

    Raises `BadInput` for a blank or too long name, and for characters that can't be seen.
    """
    said = given if given is not None else os.environ.get(USER_VARIABLE, "").strip() or ME
    name = " ".join(unicodedata.normalize("NFC", said[: 4 * LONGEST]).split(" ")).strip()
    name = re.sub(r" {2,}", " ", name)
    if not name:
        raise BadInput(f"the user's name is blank; name one with --user, or leave it out for {ME!r}")
    if len(name) > LONGEST or len(said) > 4 * LONGEST:
        raise BadInput(f"the user's name has {len(said)} characters; {LONGEST} are the most")
    unseen = next((char for char in name if not char.isprintable()), None)
    if unseen:
        raise BadInput(
            f"the user's name {name!r} holds a character that can't be seen (U+{ord(unseen):04X}); leave it out"
        )
    return name


def avatar_key(given: str) -> str:
    """An avatar's key (`Avatar.key`). Raises `BadInput` for what can be none."""
    if not _KEY.fullmatch(given):
        raise BadInput(f"{given[:80]!r} is no avatar's key; take it from Avatar.key, or see: personify memory show")
    return given
