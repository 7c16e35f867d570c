"""The studio: Personify for Python programs. It builds nothing heavy until it is needed, and keeps that warm."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personify.avatar.portrait import Guidance, Portrait
from personify.pipelines.bundle import Avatar, folder_name, now, open_avatar
from personify.pipelines.create import Clock, OnStage, Wish, create, read_description, read_text
from personify.pipelines.draft import draft_file, full_path
from personify.pipelines.persona import Depth, Persona
from personify.pipelines.services import HeadCard, Services
from personify.voices.errors import BadInput
from personify.voices.languages import language_of_text
from personify.voices.libraries import settle_libraries
from personify.voices.speech import Speech
from personify.voices.stopping import Stop, stoppable

if TYPE_CHECKING:  # they pull in what speaks and films
    import numpy as np

    from personify.avatar.mixture import ExpertCard
    from personify.avatar.video import Clip
    from personify.avatar.weights import OnBytes
    from personify.pipelines.chat.chat import Chat
    from personify.pipelines.chat.engine import ChatEngine, Remembering, Turn
    from personify.pipelines.chat.model import Facts
    from personify.pipelines.talking.talk import Talk
    from personify.pipelines.voice_models import OnMeasured, Pulled, VoiceCard
    from personify.voices import Tone

OUT = "avatars"
LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True)
class TriedTone:
    """A sound file of one tone, which isn't the one asked for where `note` says so."""

    path: Path
    speech: Speech
    tone: str
    note: str | None = None


class Studio:
    """Makes avatars and lets them speak; safe to share between threads.

    `llm` is a language model on an OpenAI-compatible server, "URL#model", which then writes the persona and chooses
    tone and expert; "builtin" asks none, so that rules do. Without it, it is the one that `$PERSONIFY_LLM` or
    `personify.toml` names, if any; see `model_settings.py`. `head` names the engine of the talking head; see
    `avatar/heads.py` for how a package adds one. Raises `BadInput` for an `llm` that is neither, and `MissingExtra`
    where its client isn't installed.
    """

    def __init__(self, *, llm: str | None = None, head: str = "builtin") -> None:
        settle_libraries()
        self._services = Services(llm, head)

    def asking(self, llm: str) -> "Studio":
        """The same studio, with all of it that is warm, that asks another language model; `llm` and errors as above."""
        other = Studio.__new__(Studio)
        other._services = self._services.asking(llm)
        return other

    def create(
        self,
        description: str,
        *,
        seed: int | None = None,
        tone: str | None = None,
        expert: str | None = None,
        guidance: Guidance | None = None,
        image: str | Path | None = None,
        out: str | Path = OUT,
        force: bool = False,
        strict: bool = False,
        depth: Depth = "brief",
        stop: Stop | None = None,
        on_stage: OnStage | None = None,
    ) -> Avatar:
        """A line of text becomes an avatar that speaks, in the folder `<out>/<slug of the description>`.

        Without `seed` one is drawn, and saved in `avatar.json`: the same seed, description and versions give the same
        persona, portrait and landmarks, byte for byte. `image` is a picture of your own that guides a diffusion expert
        instead of the sketch: its face where it has one, else one is drawn onto it. A `tone` that can't speak the
        description's language gives way to another, as the record's note says; with `strict` that is an error.
        `depth` "full" writes several hundred attributes of its profile too. Whatever a language model's server does,
        the persona is whole: what rules filled in, and why, stand in it as `filled` and `notes`.
        `on_stage` is called as stages begin, advance and end, with what there is to see by then, in this thread.
        Once `stop` is asked, from any other, the work ends with `Stopped`.

        Raises `BadInput` (nothing was begun) or `PersonifyError` (nothing is left).
        """
        self._services.head()  # an unknown one is refused before anything is begun
        wish = Wish(
            _read_seed(seed), full_path(out), force, tone, expert, guidance, _read_picture(image), strict, depth
        )
        with stoppable(stop):
            return create(description, wish, self._services, on_stage)

    def revise(
        self,
        avatar: Avatar | str | Path,
        *,
        tone: str | None = None,
        seed: int | None = None,
        expert: str | None = None,
        guidance: Guidance | None = None,
        image: str | Path | None = None,
        persona: Persona | Mapping[str, Any] | None = None,
        out: str | Path | None = None,
        force: bool = False,
        stop: Stop | None = None,
        on_stage: OnStage | None = None,
    ) -> Avatar:
        """The avatar with something of it otherwise: only that is made anew, and what hangs on it.

        `seed`, `expert`, `guidance` and `image` are of the portrait, and mean another one, with a new clip; the seed of
        the avatar itself stays. `tone` is the name of another tone, with which the greeting and the clip are made anew.
        `persona` is its persona, edited: another greeting is spoken and filmed, another `voice` brief chooses the tone
        anew, and another `appearance` draws the portrait anew, by the same expert; the description can't be changed.
        Everything else is kept byte for byte, and so is what is remembered of it.

        The bundle is replaced where it is; with `out` the revised one goes into that folder and the old one stays.
        `stop` and `on_stage`: as for `create`, for the stages that run.

        Raises `BadInput` or `PersonifyError`; the avatar is then as it was. Whoever has changed it meanwhile wins.
        """
        from personify.pipelines.revise import Changes, revise

        self._services.head()
        avatar = avatar if isinstance(avatar, Avatar) else open_avatar(avatar)
        changes = Changes(
            tone, None if seed is None else _read_seed(seed), expert, guidance, _read_picture(image), persona,
            None if out is None else full_path(out), force,
        )  # fmt: skip
        with stoppable(stop):
            return revise(avatar, changes, self._services, on_stage)

    def import_file(
        self,
        path: str | Path,
        *,
        seed: int | None = None,
        tone: str | None = None,
        expert: str | None = None,
        guidance: Guidance | None = None,
        keep_picture: bool = False,
        out: str | Path = OUT,
        force: bool = False,
        stop: Stop | None = None,
        on_stage: OnStage | None = None,
    ) -> Avatar:
        """The avatar of a file from elsewhere, in a folder of its own in `out`.

        A zip or folder of a bundle comes as it is, beside one of the same name or, with `force`, in its place. A
        character card (V1 to V3; PNG, JSON or CHARX) gets a persona from its texts, a portrait that its picture guides,
        and a voice; `keep_picture` takes the picture itself where its face can be moved. A card that Personify wrote
        becomes the character that it was. Without `seed` the same card gives the same character. Nothing in the file is
        run. `stop`, `on_stage`: as for `create`; for a bundle no stage runs.

        Raises `BadInput` that says what is wrong with the file, or `PersonifyError`; nothing is left then.
        """
        from personify.pipelines.travel.arrival import Arrival
        from personify.pipelines.travel.importing import import_file

        self._services.head()
        arrival = Arrival(
            full_path(out), None if seed is None else _read_seed(seed), force, tone, expert, guidance, keep_picture
        )
        with stoppable(stop):
            return import_file(full_path(path), arrival, self._services, on_stage)

    def export_card(self, avatar: Avatar | str | Path, out: str | Path, *, force: bool = False) -> Path:
        """Writes the avatar as a character card: V2 and V3 in a PNG where `out` ends in .png, V2 as JSON where it ends
        in .json.

        Raises `BadInput` for another ending, and for an existing file without `force`.
        """
        from personify.pipelines.travel.exporting import export_card

        avatar = avatar if isinstance(avatar, Avatar) else open_avatar(avatar)
        return export_card(avatar, full_path(out), force=force)

    def portrait(
        self,
        description: str,
        *,
        seed: int | None = None,
        expert: str | None = None,
        guidance: Guidance | None = None,
        image: str | Path | None = None,
        size: int = 512,
    ) -> Portrait:
        """The face alone: `.image` uint8 RGB (size, size, 3), `.landmarks` float32 (478, 2) pixels or None.

        `image`: as for `create`.
        """
        seed = _read_seed(seed)
        picture = _read_picture(image)
        asker = self._services.asker(seed=seed)
        look = self._services.write(read_description(description), seed=seed, asker=asker).appearance
        chosen = self._services.pick(look, name=expert, asker=asker).name
        return self._services.draw(look, seed=seed, expert=chosen, guidance=guidance, size=size, picture=picture)

    def say(
        self,
        avatar: Avatar | str | Path,
        text: str | None = None,
        *,
        audio: str | Path | None = None,
        out: str | Path | None = None,
        language: str | None = None,
        force: bool = False,
        strict: bool = False,
        on_stage: OnStage | None = None,
    ) -> "Clip":
        """One clip of the avatar saying `text`, in `language` (BCP 47) if that isn't the avatar's own.

        A text in a script that the avatar's language can't read is in its own language. Where the avatar's tone can't
        speak the language, another does, and the clip's note says so; with `strict` that is an error.
        With `audio` it speaks that recording: `text` is then what is said in it, which makes the lips more exact, and
        may be left out. `avatar` is an `Avatar` or the path of a bundle. Without `out` the clip stands beside the
        bundle, named after the avatar and the text, or the recording.

        Raises `BadInput` for blank text, an unknown language or talking head, a recording that can't be used, or an
        existing file without `force`.
        """
        from personify.pipelines.credentials import check_credentials
        from personify.pipelines.provenance import of, stamp

        check_credentials()
        self._services.head()
        avatar = avatar if isinstance(avatar, Avatar) else open_avatar(avatar)
        words = None if text is None and audio is not None else _spoken(text or "")
        recording = None if audio is None else full_path(audio)
        voice = avatar.persona.voice
        voice = voice.model_copy(update={"language": language or language_of_text(words or "", voice.language)})
        named = folder_name(words or (recording.stem if recording else ""))
        beside = avatar.folder.with_name(f"{avatar.folder.name}--{named}.mp4")
        target = beside if out is None else full_path(out)
        clock = Clock(on_stage)
        tone = None
        with draft_file(target, force=force) as work:
            with clock.stage("speech"):
                if recording is not None:
                    speech = self._services.hear(recording, words, language=voice.language)
                else:
                    tone = self._services.choose(voice, name=avatar.tone, strict=strict)
                    speech = self._services.speak(words or "", tone.name, voice=voice)
            with clock.stage("clip") as on_share:
                clip = self._services.film(
                    avatar.portrait,
                    speech,
                    work,
                    seed=avatar.seed,
                    expression=avatar.persona.appearance.expression,
                    on_share=on_share,
                )
            said = of(
                avatar.record, "clip", tones=() if tone is None else (tone,), recorded=recording is not None,
                head=self._services.head_name, created=now(),
            )  # fmt: skip
            stamp(work, said)
        return replace(clip, path=target, note=None if tone is None else tone.note)

    def tones(self) -> "list[Tone]":
        """The tones that can be chosen."""
        return list(self._services.tones().values())

    def experts(self) -> "list[ExpertCard]":
        """Who can draw, the sketch first: style, licence, size, and whether the weights are here."""
        return self._services.experts().cards()

    def heads(self) -> list[HeadCard]:
        """The talking heads that a studio can be made with, the built-in one first."""
        return self._services.heads()

    def pull_expert(self, name: str, on_bytes: "OnBytes | None" = None) -> None:
        """Fetches the weights of the expert of that name; goes on where a pull that was stopped left off.

        `on_bytes` is called with the bytes that are here and the bytes in all. Raises `BadInput` for an unknown name
        and `PersonifyError` where the hub can't be reached.
        """
        self._services.experts().pull(name, on_bytes or _unheard)

    def voice_models(self) -> "list[VoiceCard]":
        """What the tones speak with, the built-in one first: languages, licence, size, and whether it can speak now."""
        from personify.pipelines.voice_models import voice_cards

        return voice_cards(self._services.tones())

    def pull_voices(
        self,
        name: str,
        *,
        agreed: bool = False,
        measure: bool | None = None,
        on_bytes: "OnBytes | None" = None,
        on_measured: "OnMeasured | None" = None,
    ) -> "Pulled":
        """Fetches the voice model of that name; goes on where a pull that was stopped left off.

        `agreed` says that you agree to its licence, where its makers ask for that; it is remembered. Its tones' pitch
        and pace are measured afterwards, so that the choice among them knows what they sound like: without `measure`
        where it was fetched just now and that takes minutes at most. `on_bytes` hears of the bytes here and in all,
        `on_measured` of the tones.

        Raises `BadInput` for an unknown name, and with the licence and the way on where it was not agreed to;
        `MissingExtra` with the pip line; and `PersonifyError` where it can't be fetched.
        """
        return self._services.pull_voices(
            name, agreed=agreed, measure=measure, on_bytes=on_bytes or _unheard, on_measured=on_measured or _unheard
        )

    def try_tone(
        self,
        name: str,
        text: str,
        *,
        out: str | Path | None = None,
        language: str = "en",
        force: bool = False,
        strict: bool = False,
    ) -> TriedTone:
        """A WAV file of one tone speaking `text`; without `out` it is `<name>.wav` in the current folder.

        Where the tone can't speak the language, the one most like it does, as the note says; with `strict` that is an
        error.
        """
        from personify.pipelines.credentials import check_credentials
        from personify.pipelines.provenance import of_tone, stamp
        from personify.voices.wav import write_wav

        check_credentials()
        text = _spoken(text)
        voice = self._services.like(name, language_of_text(text, language))
        tone = self._services.choose(voice, name=name, strict=strict)
        speech = self._services.speak(text, tone.name, voice=voice.model_copy(update={"accent": None}))
        target = full_path(f"{folder_name(name)}.wav" if out is None else out)
        with draft_file(target, force=force) as work:
            stamp(write_wav(work, speech), of_tone(tone))
        return TriedTone(target, speech, tone.name, tone.note)

    def talk(
        self,
        avatars: Sequence[Avatar | str | Path],
        *,
        topic: str,
        turns: int = 8,
        engine: "ChatEngine | None" = None,
        seed: int | None = None,
        out: str | Path | None = None,
        force: bool = False,
        strict: bool = False,
        on_stage: OnStage | None = None,
    ) -> "Talk":
        """One clip of two or more avatars talking to one another about `topic`; see `pipelines/talking/talk.py`."""
        from personify.pipelines.talking.talk import talk

        return talk(
            avatars, self._services, topic=topic, turns=turns, engine=engine, seed=seed, out=out, force=force,
            strict=strict, on_stage=on_stage,
        )  # fmt: skip

    def chat(
        self,
        avatar: Avatar | str | Path,
        *,
        user: str | None = None,
        engine: "ChatEngine | None" = None,
        facts: "Facts | None" = None,
        memory: "Remembering | str | bool" = True,
        seed: int | None = None,
        before: "Sequence[Turn]" = (),
    ) -> "Chat":
        """A conversation of `user` with the avatar: `for piece in studio.chat(avatar).stream("Who are you?")`.

        Words come from the studio's language model, or from rules where it has none, which `chat.engine` tells; or from
        an `engine` of your own. `facts` says whether a model acts questions of fact too ("acted") or answers them
        neutrally first ("neutral", the default unless `personify.toml` says otherwise). `memory` is where earlier
        sessions are remembered: the user's own, one at an address, an object of your own, or False for none. With the
        turns `before` it goes on where another conversation stopped. Close the chat, or use it as a context manager.
        Raises `BadInput` for a user or an address that is none.
        """
        from personify.pipelines.chat.opening import open_chat

        avatar = avatar if isinstance(avatar, Avatar) else open_avatar(avatar)
        return open_chat(
            avatar, self._services, user=user, engine=engine, facts=facts, memory=memory, seed=seed, before=before
        )


def _unheard(here: int, total: int) -> None:
    """Nobody asked how far it is."""


def _spoken(text: str) -> str:
    clean = read_text(text)
    if not clean:
        raise BadInput("there is nothing to say; give a text")
    return clean


def _read_seed(seed: int | None) -> int:
    if seed is None:
        return secrets.randbelow(LARGEST_SEED + 1)
    if not 0 <= seed <= LARGEST_SEED:
        raise BadInput(f"the seed is {seed}; it must be between 0 and {LARGEST_SEED}")
    return seed


def _read_picture(path: str | Path | None) -> "np.ndarray | None":
    if path is None:
        return None
    from personify.avatar.upload import read_picture

    return read_picture(full_path(path))
