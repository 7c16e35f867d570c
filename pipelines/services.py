"""The services that do the work of each step: the writer, the mixtures of voices and of diffusers, and the film maker.

They hold the warm parts and import the heavy ones when they are first needed; safe to share between threads.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.portrait import Attempt, Guidance, Portrait
from personify.pipelines.bundle import RunnerUpRecord, ToneRecord
from personify.pipelines.chat.engine import Usage
from personify.pipelines.model_settings import BUILTIN, find_model
from personify.pipelines.persona import Depth, Persona
from personify.pipelines.stages import Drawing, Sketched, Telling, Tried, own_array
from personify.pipelines.wanted import NOTHING, Wanted
from personify.voices.brief import VoiceBrief
from personify.voices.errors import PersonifyError, unknown_name
from personify.voices.speech import Speech
from personify.voices.stopping import check_stop

if TYPE_CHECKING:
    from personify.avatar.experts import Experts
    from personify.avatar.heads import HeadEngine
    from personify.avatar.mixture import ExpertChoice
    from personify.avatar.orders import Guide
    from personify.avatar.steps import Look
    from personify.avatar.video import Clip
    from personify.pipelines.language_model import LanguageModel
    from personify.pipelines.voice_models import OnBytes, OnMeasured, Pulled
    from personify.pipelines.writers import OnDraft
    from personify.pipelines.writing.asking import Asker
    from personify.voices import Tone
    from personify.voices.matching import ToneChooser

FPS = 25.0

OnShare = Callable[[float], None]


@dataclass(frozen=True)
class HeadCard:
    """A talking head that can be asked for by `name`; where its package is broken, `usable` is False and
    `description` says what is wrong."""

    name: str
    description: str
    usable: bool


class Services:
    """One object for all the work; `llm` is the language model as `find_model` reads it, `head` the engine of the
    talking head.

    The model writes the persona and casts tone and expert; without one rules do. Raises as `find_model`, at once where
    `llm` is named, else when a model is first needed.
    """

    def __init__(self, llm: str | None = BUILTIN, head: str = "builtin") -> None:
        self._llm = llm
        self._model = find_model(llm) if llm is not None else None
        self.head_name = head
        """What the engine was asked for by, which its own `name` needn't be."""
        self._lock = threading.Lock()
        self._tones: dict[str, Tone] | None = None
        self._experts: Experts | None = None
        self._head: HeadEngine | None = None

    def asking(self, llm: str) -> "Services":
        """The same services, with all of theirs that is warm, and another language model. Raises as `find_model`."""
        other = Services(llm, self.head_name)
        other._tones, other._experts, other._head = self.tones(), self.experts(), self._head
        return other

    @property
    def model(self) -> "LanguageModel | None":
        """The language model that is asked, if any."""
        if self._llm is not None:
            return self._model
        with self._lock:
            self._model = self._model or find_model()
        return self._model

    def asker(self, usage: Usage | None = None, *, seed: int | None = None) -> "Asker | None":
        """Who asks the model on behalf of one avatar, adding to `usage`; None where there is no model."""
        from personify.pipelines.writing.asking import Asker

        model = self.model
        return Asker(model, usage, seed=seed) if model is not None else None

    def write(
        self,
        description: str,
        *,
        seed: int,
        depth: Depth = "brief",
        asker: "Asker | None" = None,
        on_draft: "OnDraft | None" = None,
        wanted: Wanted = NOTHING,
    ) -> Persona:
        """The persona of a description, by the model that `asker` asks, else by rules; `on_draft` hears of the model's
        fields as they come. What is `wanted` counts where the description leaves it open."""
        from personify.pipelines.writers import persona_writer

        writer = persona_writer(asker=asker, depth=depth, on_draft=on_draft)
        return writer.write(description, seed=seed, wanted=wanted)

    def choose(
        self,
        brief: VoiceBrief,
        *,
        name: str | None = None,
        strict: bool = False,
        about: str = "",
        asker: "Asker | None" = None,
    ) -> ToneRecord:
        """The tone that fits the brief, or the one named; `about` is the description of who is to speak.

        Where the one named can't speak the brief's language, another does and the record's note says so; with `strict`
        it is `BadInput`.
        """
        from personify.voices.models import model_of

        choice = _chooser(asker).choose(brief, self.tones(), name=name, strict=strict, about=about)
        model = model_of(choice.tone.model)
        others = tuple(RunnerUpRecord(name=r.tone_name, score=r.score, reason=r.reason) for r in choice.runners_up)
        return ToneRecord(
            name=choice.tone.name, reason=choice.reason, runners_up=others, note=choice.note, voice_model=model.name,
            licence=model.licence, commercial=model.commercial,
        )  # fmt: skip

    def like(self, tone: str, language: str) -> VoiceBrief:
        """The brief of a voice like the tone of that name, in a language."""
        tones = self.tones()
        if tone not in tones:
            raise unknown_name("tone", tone, list(tones))
        model = tones[tone]
        return VoiceBrief(
            gender=model.gender, age=model.age, pace=model.pace, energy=model.energy, accent=model.accent,
            timbre=(*model.timbre, *model.special), language=language,
        )  # fmt: skip

    def pick(self, brief: AppearanceBrief, *, name: str | None = None, asker: "Asker | None" = None) -> "ExpertChoice":
        """The expert that fits the brief, or the one named; `asker`'s model ranks them, if given."""
        from personify.pipelines.writing.casting import ExpertCaster

        ranker = ExpertCaster(asker.ask) if asker is not None and name is None else None
        return self.experts().choose(brief, name=name, ranker=ranker)

    def draw(
        self,
        brief: AppearanceBrief,
        *,
        seed: int,
        expert: str,
        guidance: Guidance | None = None,
        size: int = 512,
        picture: np.ndarray | None = None,
        telling: Telling | None = None,
    ) -> Portrait:
        """The portrait by the expert of that name; `picture` guides it instead of the sketch. `telling` is shown the
        sketch and each attempt."""
        from personify.avatar.portraits import draw_portrait

        artist = self.experts().get(expert)
        hearing = _Hearing(telling)
        return draw_portrait(
            brief, seed=seed, expert=artist, guidance=guidance, size=size, picture=picture,
            on_sketch=hearing.on_sketch, on_attempt=hearing.on_attempt,
            on_share=hearing.on_share,
        )  # fmt: skip

    def speak(self, text: str, tone: str, *, voice: VoiceBrief) -> Speech:
        """The text in the tone of that name, in the language, accent and own prosody of `voice`."""
        from personify.voices import speak

        tones = self.tones()
        if tone not in tones:
            raise unknown_name("tone", tone, list(tones))
        return speak(text, tones[tone], language=voice.language, accent=voice.accent, own=voice.own)

    def speaks_here(self, tone: str) -> bool:
        """Whether the tone of that name is spoken by the built-in engine: at once, and the same each time."""
        from personify.voices.models import model_of

        return tone in self.tones() and model_of(self.tones()[tone].model).engine == "espeak"

    def hear(self, path: Path, text: str | None, *, language: str) -> Speech:
        """The speech of a recording: its phonemes timed by its text where that is known, else by the sound alone."""
        from personify.voices.recordings import read_recording

        samples, rate_hz = read_recording(path)
        if text is not None:
            from personify.voices.alignment import align
            from personify.voices.text.preparing import prepare

            words = prepare(text, language).text or text
            return replace(align(samples, rate_hz, words, language), text=text)
        from personify.avatar.audio_visemes import speech_from_sound

        return speech_from_sound(samples, rate_hz)

    def film(
        self, portrait: Portrait, speech: Speech, path: Path, *, seed: int, expression: str, on_share: OnShare
    ) -> "Clip":
        """The clip of the portrait speaking, written to `path` as it is drawn, frame by frame."""
        from personify.avatar.video import write_clip

        frames = self.head().prepare(portrait).animate(speech, seed=seed, fps=FPS, expression=expression)
        return write_clip(path, _counted(frames, speech.duration_s * FPS, on_share), speech, fps=FPS)

    def head(self) -> "HeadEngine":
        """The engine of the talking head, kept warm; `BadInput` for an unknown name, with the choices."""
        from personify.avatar.heads import head_engine

        with self._lock:
            self._head = self._head or head_engine(self.head_name)
        return self._head

    def heads(self) -> list[HeadCard]:
        """The talking heads that are installed, the built-in one first."""
        from personify.avatar.heads import head_engine, head_names

        cards = []
        for name in head_names():
            try:
                cards.append(HeadCard(name, head_engine(name).description, usable=True))
            except PersonifyError as error:  # one broken package hides no others
                cards.append(HeadCard(name, str(error), usable=False))
        return cards

    def experts(self) -> "Experts":
        """Who can draw, kept warm."""
        from personify.avatar.experts import Experts

        with self._lock:
            self._experts = self._experts or Experts()
        return self._experts

    def tones(self) -> "dict[str, Tone]":
        """The catalogue of tones, by name."""
        from personify.voices import load_tones

        with self._lock:
            self._tones = self._tones or load_tones()
        return self._tones

    def pull_voices(
        self, name: str, *, agreed: bool, measure: bool | None, on_bytes: "OnBytes", on_measured: "OnMeasured"
    ) -> "Pulled":
        """Fetches a voice model and measures its tones, which are read anew afterwards."""
        from personify.pipelines.voice_models import pull_model

        pulled = pull_model(
            name, self.tones(), agreed=agreed, measure=measure, on_bytes=on_bytes, on_measured=on_measured
        )
        with self._lock:
            self._tones = None
        return pulled


class _Hearing:
    """Tells of a portrait as it is drawn: the first tenth is the sketch."""

    def __init__(self, telling: Telling | None) -> None:
        self._telling, self._share = telling, 0.1

    def on_sketch(self, number: int, guide: "Guide") -> None:
        if self._telling is not None:
            drawn = Sketched(own_array(guide.image), own_array(guide.landmarks), guide.source)
            self._telling.show(drawn, self._share)

    def on_attempt(self, number: int, attempt: Attempt, image: np.ndarray, found: np.ndarray | None) -> None:
        if self._telling is not None:
            landmarks = None if found is None else own_array(found[:, :2])
            self._telling.show(Tried(own_array(image), landmarks, attempt), self._share)

    def on_share(self, share: float, look: "Look | None") -> None:
        self._share = 0.1 + 0.9 * share
        if self._telling is not None:
            self._telling.show(None if look is None else Drawing(look), self._share)


def _chooser(asker: "Asker | None") -> "ToneChooser":
    from personify.voices.asking import ModelChooser
    from personify.voices.matching import TraitChooser

    return TraitChooser() if asker is None else ModelChooser(asker.ask)


def _counted(frames: Iterator[np.ndarray], expected: float, on_share: OnShare) -> Iterator[np.ndarray]:
    for count, frame in enumerate(frames, 1):
        check_stop()
        yield frame
        on_share(min(1.0, count / max(expected, 1.0)))
