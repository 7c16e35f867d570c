"""A file from elsewhere becomes an avatar here: a bundle as a zip or a folder, or a character card.

A bundle comes as it is. A card's character gets a persona from its texts, a face that its picture guides, and a voice;
a card that Personify wrote gets back what it was. Nothing of a file is ever run, and nothing is written but the bundle.
"""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from personify.pipelines.bundle import (
    CARD,
    RECORD,
    Avatar,
    AvatarRecord,
    SourceRecord,
    ToneRecord,
    folder_name,
    library_versions,
    now,
    open_bundle,
    read_record,
)
from personify.pipelines.chat.engine import Usage
from personify.pipelines.create import read_text, used
from personify.pipelines.editing import follow, renamed
from personify.pipelines.persona import Persona
from personify.pipelines.services import Services
from personify.pipelines.stages import Clock, OnStage, own_portrait, own_speech
from personify.pipelines.travel.arrival import Arrival, Requested
from personify.pipelines.travel.card_face import face
from personify.pipelines.travel.card_persona import GREETING as GREETING_LENGTH
from personify.pipelines.travel.card_persona import CardReading, described, settled
from personify.pipelines.travel.card_text import first_sentences, spoken
from personify.pipelines.travel.cards import EXTENSION, SAID, Card, read_card
from personify.pipelines.travel.exporting import own_fields
from personify.pipelines.travel.zips import copy_in, is_bundle, unpack
from personify.voices.errors import BadInput

if TYPE_CHECKING:
    from personify.pipelines.writing.asking import Asker

LONGEST_NAME = 80
"""Characters of a name that somebody gave a card of ours, as a persona can have it."""


def import_file(path: Path, arrival: Arrival, services: Services, on_stage: OnStage | None = None) -> Avatar:
    """The avatar of a file, once its folder stands under `arrival.out`.

    A folder or an `avatar.json` is a bundle, a zip a bundle or a CHARX card, a PNG or any other JSON a card. Raises
    `BadInput` that says what is wrong with it, `PersonifyError` for what can't be done, and `Stopped` where it is no
    longer wanted; nothing is left then.
    """
    folder = _bundle_folder(path)
    if folder is not None or is_bundle(path):
        if arrival.asks:
            raise BadInput(f"{path.name} is a bundle, which comes as it is; change it afterwards: personify revise")
        if folder is not None:
            return copy_in(folder, arrival.out, largest_bytes=arrival.largest_bytes, force=arrival.force)
        return unpack(path, arrival.out, largest_bytes=arrival.largest_bytes, force=arrival.force)
    return make(requested(read_card(path), arrival.seed), arrival, services, on_stage)


def _bundle_folder(path: Path) -> Path | None:
    """The folder of a bundle that isn't packed. Raises `BadInput` where there is nothing, or a device."""
    try:
        if path.is_dir():
            return path
        if not path.is_file():
            raise BadInput(f"there is no file at {path}")
    except (OSError, ValueError) as error:  # a name that is too long, or has a NUL in it
        raise BadInput(f"no file can be read at {str(path)[:200]!r} ({error})") from None
    return path.parent if path.name == RECORD else None


def requested(card: Card, seed: int | None = None) -> Requested:
    """What is asked for with a card: all that can be known of it without drawing. Raises `BadInput`."""
    record = own_record(card)
    if record is not None:
        return Requested(card, record.seed if seed is None else seed, record.persona.description, record)
    reading = CardReading(card)
    return Requested(card, _seed_of(card) if seed is None else seed, described(reading), None)


def written(asked: Requested, services: Services, asker: "Asker | None" = None) -> Persona:
    """Who a card's character is."""
    if asked.record is not None:
        return _as_edited(asked.card, asked.record)
    persona = services.write(asked.description, seed=asked.seed, asker=asker)
    return settled(persona, CardReading(asked.card))


def own_record(card: Card) -> AvatarRecord | None:
    """The record in a card that Personify wrote; None for others, and where somebody spoilt it."""
    ours = card.extensions.get(EXTENSION)
    told = ours.get("avatar") if isinstance(ours, dict) else None
    if not isinstance(told, dict):
        return None
    try:
        return read_record(json.dumps(told).encode(), f"{RECORD} in the card")
    except BadInput:
        return None


def make(asked: Requested, arrival: Arrival, services: Services, on_stage: OnStage | None = None) -> Avatar:
    """The avatar of a card; reads like `create`."""
    clock, usage = Clock(on_stage), Usage()
    asker = services.asker(usage, seed=asked.seed)
    name = folder_name(asked.description if asked.record is not None else asked.card.called[:200])
    with open_bundle(arrival.out / name, force=arrival.force) as bundle:
        # 1. Who is it?
        with clock.stage("persona") as telling:
            persona = written(asked, services, asker)
            telling.finish(persona)
        # 2. What does it sound like?
        with clock.stage("tone") as telling:
            tone = _tone(asked, arrival, persona, services, asker)
            telling.finish(tone)
        # 3. What does it look like?
        with clock.stage("portrait") as telling:
            portrait, drawn = face(asked, arrival, persona, services, asker, telling)
            telling.finish(own_portrait(portrait))
        # 4. It says hello,
        with clock.stage("speech") as telling:
            speech = services.speak(persona.speaking.greeting, tone.name, voice=persona.voice)
            telling.finish(own_speech(speech))
        # 5. and its face moves to the words.
        with clock.stage("clip") as on_share:
            services.film(
                portrait, speech, bundle.clip, seed=asked.seed, expression=persona.appearance.expression,
                on_share=on_share,
            )  # fmt: skip
        # 6. All of it becomes one folder, with the card as it came.
        with clock.stage("bundle") as telling:
            source = None if asked.record is not None and asked.record.source is None else _source(asked.card)
            if source is not None:
                bundle.put(CARD, asked.card.whole_json)
            record = AvatarRecord(
                persona=persona, tone=tone, portrait=drawn, head=services.head_name, seed=asked.seed,
                versions=library_versions(), created=now(), seconds=clock.seconds, files={}, usage=used(asker),
                source=source,
            )  # fmt: skip
            avatar = bundle.save(record, portrait, speech)
            telling.finish(avatar)
    return avatar


def _seed_of(card: Card) -> int:
    """The same card gives the same character."""
    return int.from_bytes(hashlib.sha256(card.own_json).digest()[:4])


def _source(card: Card) -> SourceRecord:
    return SourceRecord(
        form=card.form,
        name=read_text(card.name[:200]),
        creator=read_text(card.creator[:200]),
        character_version=read_text(card.character_version[:80]),
        sha256=hashlib.sha256(card.whole_json).hexdigest(),
    )


def _as_edited(card: Card, record: AvatarRecord) -> Persona:
    """The persona of a card that Personify wrote, with the name and first words that somebody gave it since."""
    persona = record.persona
    ours = card.extensions[EXTENSION].get(SAID)
    if not isinstance(ours, dict):  # it left before that was kept
        ours = own_fields(record) if record.source is None else {}
    ours = {"name": card.name, "first_mes": card.first_mes} | ours
    name = read_text(card.name[:LONGEST_NAME])[:LONGEST_NAME].strip()
    if card.name != ours["name"] and name:
        persona = follow(persona, renamed(persona, name))
    if card.first_mes.strip() and card.first_mes != ours["first_mes"]:
        said = first_sentences(spoken(card.first_mes, persona.name, english=persona.language == "en"), GREETING_LENGTH)
        if said:
            speaking = persona.speaking.model_copy(update={"greeting": said})
            persona = follow(persona, persona.model_copy(update={"speaking": speaking}))
    return persona


def _tone(
    asked: Requested, arrival: Arrival, persona: Persona, services: Services, asker: "Asker | None"
) -> ToneRecord:
    """The tone that is asked for, or the one it had, or the one that fits."""
    had = asked.record.tone if asked.record is not None else None
    if arrival.tone is None and had is not None and had.name in services.tones():
        tone = services.choose(persona.voice, name=had.name, about=persona.description)
        return tone.model_copy(update={"reason": had.reason}) if tone.name == had.name else tone
    tone = services.choose(persona.voice, name=arrival.tone, about=persona.description, asker=asker)
    if arrival.tone is None and had is not None:
        gone = f"Its tone {had.name!r} isn't here, so {tone.name} speaks."
        return tone.model_copy(update={"note": " ".join(filter(None, (tone.note, gone)))})
    return tone
