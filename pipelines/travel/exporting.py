"""An avatar as a character card, so that it speaks in SillyTavern and wherever else cards are read.

What it was imported from comes along: fields and extensions that Personify doesn't know leave as they came. Its own
record stands in the card's extensions, by which `importing.py` knows it again.
"""

import copy
import hashlib
import json
import struct
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personify.pipelines.bundle import CARD, LANDMARKS, MASK, PICTURE, Avatar, AvatarRecord
from personify.pipelines.draft import draft_file
from personify.pipelines.provenance import notice_of, of, stamp
from personify.pipelines.safe_json import read_json
from personify.pipelines.travel.card_assets import laid_out
from personify.pipelines.travel.cards import EXTENSION, LARGEST_KEPT, SAID, Card, card_of, card_png, plain_v2
from personify.voices.errors import BadInput

if TYPE_CHECKING:
    import numpy as np

SUFFIXES = (".png", ".json")
_FACTORS = {
    "openness": ("down-to-earth", "curious and imaginative"),
    "conscientiousness": ("easy-going about plans", "careful and orderly"),
    "extraversion": ("quiet and reserved", "outgoing and talkative"),
    "agreeableness": ("blunt", "warm and obliging"),
    "neuroticism": ("hard to upset", "easily upset"),
}
"""The two ends of each factor in words; what lies between 0.35 and 0.65 goes without saying."""
_FIRST = ("name", "first_mes")
_LOW, _HIGH = 0.35, 0.65
_STAYS: dict[str, Any] = {"versions": {}, "seconds": {}, "files": {}, "usage": None}
"""What of the record stays at home, and how a card says so: how this machine went about it."""
_WEIGHED = frozenset({"runners_up", "attempts", "note", "notes"})
"""What was only weighed on the way, and what was told to the user alone."""


def export_card(avatar: Avatar, path: Path, *, force: bool = False) -> Path:
    """Writes the avatar as a card in a PNG, or as JSON where the path ends so. Raises `BadInput` for other endings."""
    if path.suffix.lower() not in SUFFIXES:
        endings = " or ".join(SUFFIXES)
        raise BadInput(f"{path.name} is no name for a card, which is a PNG or JSON; let it end in {endings}")
    v2, v3, beside = card_of_avatar(avatar)
    with draft_file(path, force=force) as work:
        if path.suffix.lower() == ".json":
            work.write_text(json.dumps(v2, ensure_ascii=False, indent=2) + "\n", "utf-8", errors="backslashreplace")
            return path
        try:
            work.write_bytes(card_png((avatar.folder / PICTURE).read_bytes(), v2, v3, beside))
        except (EOFError, struct.error, ValueError) as error:
            raise BadInput(f"{avatar.folder / PICTURE} is damaged: {error}") from error
        stamp(work, of(avatar.record, "card"))
    return path


def card_of_avatar(avatar: Avatar) -> tuple[dict[str, Any], dict[str, Any], dict[str, bytes]]:
    """The avatar's card in V2 and in V3, and what lies beside V3 by its name there."""
    record = avatar.record
    came = _came_from(avatar)
    fresh = own_fields(record)
    if came is None:
        data: dict[str, Any] = fresh | {"extensions": {}}
        root: dict[str, Any] = {}
    else:
        data, root = _kept(came, fresh), {}
    kept = data["extensions"] if isinstance(data.get("extensions"), dict) else {}
    ours = {
        "avatar": _essentials(record),
        "pixels": pixels_of(avatar.portrait.image),
        SAID: {"name": came.name, "first_mes": came.first_mes} if came else {key: fresh[key] for key in _FIRST},
    }
    v2 = root | {
        "spec": "chara_card_v2",
        "spec_version": "2.0",
        "data": plain_v2(data) | {"extensions": kept | {EXTENSION: ours}},
    }
    landmarks = read_json((avatar.folder / LANDMARKS).read_bytes(), LANDMARKS)
    made = int(_seconds(record.created))
    v3_data = {"group_only_greetings": [], "creation_date": made, "modification_date": made} | data
    mask = (avatar.folder / MASK).read_bytes() if avatar.portrait.mask is not None else None
    v3_data["assets"], beside = laid_out(data.get("assets"), mask)
    v3_data["extensions"] = kept | {EXTENSION: ours | {"landmarks": landmarks}}
    return v2, {"spec": "chara_card_v3", "spec_version": "3.0", "data": v3_data}, beside


def pixels_of(image: "np.ndarray") -> str:
    """The SHA-256 of a picture's size and pixels, uint8 RGB (H, W, 3), by which it is known however it is packed."""
    return hashlib.sha256(f"{image.shape} ".encode() + image.tobytes()).hexdigest()


def own_fields(record: AvatarRecord) -> dict[str, Any]:
    """What a card says of a persona, by the fields of V2, without extensions."""
    persona = record.persona
    social, personal, speaking = persona.social, persona.personal, persona.speaking
    lines = "\n".join(
        f"<START>\n{{{{user}}}}: {_cue(number)}\n{{{{char}}}}: {line}"
        for number, line in enumerate(speaking.sample_lines)
    )
    who = " ".join(filter(None, (social.age if social.age != "adult" else "", social.nature)))
    trade = f", {social.occupation}" if social.occupation else ""
    told = [
        f"{{{{char}}}} is: {who}{trade} ({persona.description}).",
        f"Home: {social.home}.",
        f"Likes: {', '.join(personal.likes)}. Dislikes: {', '.join(personal.dislikes)}.",
        f"Values: {', '.join(personal.values)}.",
        f"In {{{{char}}}}'s own words: {persona.life.backstory}",
        "A day: " + "; ".join(f"{moment.time} {moment.activity}" for moment in persona.life.routine) + ".",
    ]
    return {
        "name": persona.name,
        "description": "\n".join(told),
        "personality": f"{', '.join((*personal.traits, *_factors(record)))}. {speaking.manner}",
        "scenario": f"{{{{user}}}} visits {{{{char}}}} at home: {social.home}.",
        "first_mes": speaking.greeting,
        "mes_example": lines,
        "creator_notes": f"{notice_of(record)} Made with Personify; its voice is the tone {record.tone.name!r}.",
        "system_prompt": "",
        "post_history_instructions": "",
        "alternate_greetings": [],
        "tags": list(dict.fromkeys((social.nature, social.category, "personify"))),
        "creator": "Personify",
        "character_version": "1.0",
        **_book(record),
    }


def _came_from(avatar: Avatar) -> Card | None:
    """The card that it was made from, if it was."""
    if "card" not in avatar.record.files:
        return None
    return card_of(read_json((avatar.folder / CARD).read_bytes(), CARD, largest_bytes=LARGEST_KEPT), CARD)


def _kept(came: Card, fresh: dict[str, Any]) -> dict[str, Any]:
    """The data of the card that it came from, as it was; what it lacks of a V2 card's fields is added, empty."""
    raw = came.raw.get("data")
    data = copy.deepcopy(raw if isinstance(raw, dict) else came.raw)
    told = {
        "name": came.name, "description": came.description, "personality": came.personality,
        "scenario": came.scenario, "first_mes": came.first_mes, "mes_example": came.mes_example,
        "creator_notes": came.creator_notes, "creator": came.creator, "character_version": came.character_version,
        "tags": list(came.tags), "alternate_greetings": list(came.alternate_greetings),
    }  # fmt: skip
    empty = {"system_prompt": "", "post_history_instructions": "", "extensions": {}}
    data = empty | told | data
    if not came.first_mes.strip():
        data["first_mes"] = fresh["first_mes"]
    return data


def _essentials(record: AvatarRecord) -> dict[str, Any]:
    """What of the record makes the character: who it is, its voice and face with their licences, and its seed."""
    told = record.model_dump(mode="json") | _STAYS
    for part in ("persona", "tone", "portrait"):
        told[part] = {key: value for key, value in told[part].items() if key not in _WEIGHED}
    return told


def _factors(record: AvatarRecord) -> list[str]:
    five = record.persona.personal.big_five
    ends = ((getattr(five, name), low, high) for name, (low, high) in _FACTORS.items())
    return [low if value < _LOW else high for value, low, high in ends if not _LOW <= value <= _HIGH]


def _book(record: AvatarRecord) -> dict[str, Any]:
    """What it knows of itself beyond its groups, as a lorebook: an entry comes up when its key is mentioned."""
    entries = [
        {
            "keys": [attribute.path.rpartition("/")[2].replace("_", " ")],
            "content": f"{{{{char}}}}, {attribute.path.replace('/', ', ').replace('_', ' ')}: {attribute.text}",
            "extensions": {}, "enabled": True, "insertion_order": number, "case_sensitive": False,
        }
        for number, attribute in enumerate(record.persona.profile)
    ]  # fmt: skip
    return {"character_book": {"name": record.persona.name, "extensions": {}, "entries": entries}} if entries else {}


_CUES = ("Tell me something.", "And what else?", "Go on.", "What do you mean?", "Is that so?")


def _cue(number: int) -> str:
    return _CUES[number % len(_CUES)]


def _seconds(moment: str) -> float:
    try:
        return datetime.fromisoformat(moment).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0
