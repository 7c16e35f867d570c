"""JSON from strangers: bounded in size, depth, parts and numbers before anything looks at what it says."""

import json
import math
import re
from typing import Any, NoReturn

from personify.voices.errors import BadInput

LARGEST_BYTES = 8 * 2**20
DEEPEST = 64
"""Objects and lists within each other; cards nest about eight deep, personas five."""
MOST_HOLDERS = 100_000
"""Objects and lists together; a card whose lorebook has two thousand entries has some ten thousand."""
MOST_VALUES = 400_000
"""Values in all lists and objects, of which that card has some thirty thousand."""
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.S)
"""A string, or what is left of one that has no end: each character is looked at once, whatever comes."""
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""What may be half a character, as an emoji that was cut through: such a text could not be written again."""


def read_json(data: bytes | str, name: str, *, largest_bytes: int = LARGEST_BYTES) -> Any:
    """The value of a JSON text in UTF-8; `name` is what messages call it. Half characters become question marks.

    Raises `BadInput` for what is no JSON, too large, nested too deeply or in too many parts, or holds numbers that are
    none.
    """
    if len(data) > largest_bytes:
        raise BadInput(f"{name} is larger than {largest_bytes / 2**20:g} MB, which no character needs")
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
    except UnicodeDecodeError as error:
        raise BadInput(f"{name} is no text in UTF-8 ({error.reason} at byte {error.start})") from None
    _check_nesting(text, name)
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except ValueError as error:  # no JSON, or a number of thousands of digits
        raise BadInput(f"{name} is no JSON: {str(error)[:160]}") from None
    if _HALF.search(text):
        value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    return value


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits[:40]} is too large for a number")
    return value


def _check_nesting(text: str, name: str) -> None:
    """Counts brackets before anything is built of them."""
    bare = _STRING.sub("", text)
    if bare.count("[") + bare.count("{") > MOST_HOLDERS:
        raise BadInput(f"{name} has more than {MOST_HOLDERS:,} lists and objects, which no character needs")
    if bare.count(",") > MOST_VALUES:
        raise BadInput(f"{name} has more than {MOST_VALUES:,} values, which no character needs")
    depth = 0
    for bracket in re.finditer(r"[\[\]{}]", bare):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEEPEST:
            raise BadInput(f"{name} is nested too deeply; {DEEPEST} levels are the most")
