"""The assets of a character card: pictures and sounds that lie beside its JSON, and by which its JSON names them.

V3 names them as `embeded://path` (so spelt) in a CHARX file and `__asset:path` in a PNG. Here they lie in the card's
JSON itself, as `data:` URIs, so that they leave again with it. What an asset holds is never looked at, and what lies
elsewhere (`https:`) is never fetched.
"""

import base64
import binascii
from collections.abc import Callable
from typing import Any

LARGEST = 8 * 2**20
"""Bytes of all assets of a card, each counted as often as it is named."""
MOST = 200
LARGEST_MASK = 2**20
MASK = "x_personify_mask"
"""The type of the asset that is the mask of a portrait that was drawn here."""
_MASK_NAME = "personify_mask"
_SCHEMES = ("embeded://", "embedded://", "__asset:")
_DATA, _BASE64 = "data:", ";base64,"
_ICON, _MAIN, _PICTURE = "icon", "main", "ccdefault:"


def name_of(asset: Any) -> str | None:
    """What the card's file calls the asset that an entry names; None where it names none of the file's."""
    uri = asset.get("uri") if isinstance(asset, dict) else None
    scheme = next((each for each in _SCHEMES if isinstance(uri, str) and uri.startswith(each)), None)
    return str(uri).removeprefix(scheme) if scheme else None


def gathered(
    entries: Any, size_of: Callable[[str], int | None], read: Callable[[str], bytes | None]
) -> dict[str, bytes]:
    """The assets that a card's list names, by name, as many as are kept; the portrait's mask is, beside all the others.

    `size_of` is what one would take at most, None where it isn't there; `read` gives None for what is broken.
    """
    held: dict[str, bytes] = {}
    left, more = LARGEST, MOST
    mask = next((name_of(entry) for entry in _listed(entries) if _is_mask(entry)), None)
    for name in dict.fromkeys(filter(None, map(name_of, _listed(entries)))):
        size = size_of(name)
        if size is None:
            continue
        if name != mask or size > LARGEST_MASK:
            if size > left or not more:
                continue
            left, more = left - size, more - 1
        content = read(name)
        if content is not None:
            held[name] = content
    return held


def taken_in(entries: Any, held: dict[str, bytes]) -> list[Any]:
    """The list of assets with those that are held in it; what it names beyond them, and the mask, is left out."""
    kept, left = [], LARGEST
    for entry in _listed(entries):
        name = name_of(entry)
        if name is None:
            kept.append(entry)
        elif name in held and not _is_mask(entry) and len(held[name]) <= left:
            left -= len(held[name])
            said = base64.b64encode(held[name]).decode("ascii")
            kept.append(entry | {"uri": f"{_DATA}application/octet-stream{_BASE64}{said}"})
    return kept


def missing(entries: Any, held: dict[str, bytes]) -> int:
    """How many of a list `taken_in` leaves out, but for the mask."""
    named = [entry for entry in _listed(entries) if not _is_mask(entry)]
    return len(named) - len(taken_in(named, held))


def laid_out(entries: Any, mask: bytes | None) -> tuple[list[Any], dict[str, bytes]]:
    """(the list of assets as a PNG's card has it, what lies beside it by name).

    The card's picture is the portrait now: a main icon of its own stays, as one called "original".
    """
    main: Any = {"type": _ICON, "uri": _PICTURE, "name": _MAIN, "ext": "png"}
    others: list[Any] = []
    beside: dict[str, bytes] = {}
    for entry in _listed(entries):
        if name_of(entry) is not None:
            continue
        if _is_main(entry) and entry.get("uri") == _PICTURE:
            main = entry
            continue
        told = _named(entry, beside)
        others.append(told | {"name": "original"} if _is_main(told) else told)
    if mask is not None:
        others.append({"type": MASK, "uri": f"__asset:{_MASK_NAME}", "name": "mask", "ext": "png"})
        beside[_MASK_NAME] = mask
    return [main, *others], beside


def mask_in(entries: Any, held: dict[str, bytes]) -> bytes | None:
    """The mask that a card of ours has beside its picture."""
    masks = filter(_is_mask, _listed(entries))
    return next((held[name] for entry in masks if (name := name_of(entry)) in held), None)


def _listed(entries: Any) -> list[Any]:
    return entries if isinstance(entries, list) else []


def _named(entry: Any, beside: dict[str, bytes]) -> Any:
    """The entry of an asset that is held in the list, which is laid `beside` it; any other as it is."""
    content = _content(entry)
    if content is None:
        return entry
    name = str(len(beside))
    beside[name] = content
    return entry | {"uri": f"__asset:{name}"}


def _is_mask(entry: Any) -> bool:
    return isinstance(entry, dict) and entry.get("type") == MASK


def _is_main(entry: Any) -> bool:
    return isinstance(entry, dict) and (entry.get("type"), entry.get("name")) == (_ICON, _MAIN)


def _content(entry: Any) -> bytes | None:
    """What a `data:` URI holds; None for others, and for what can't be read, which stays as it is."""
    uri = entry.get("uri") if isinstance(entry, dict) else None
    if not isinstance(uri, str) or not uri.startswith(_DATA) or _BASE64 not in uri[:200]:
        return None
    try:
        return base64.b64decode(uri.partition(_BASE64)[2], validate=True)
    except (binascii.Error, ValueError):
        return None
