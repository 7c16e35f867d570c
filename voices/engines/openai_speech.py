"""The voices of a speech server that answers `POST /v1/audio/speech` as OpenAI's does: hosted, or one of your own such
as Kokoro-FastAPI, LocalAI or openedai-speech.

Asked only where the user has said which server. It speaks; when each phoneme is spoken is found by alignment.
"""

import importlib.util
import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from personify.voices.alignment import align
from personify.voices.engines import OnBytes, Status
from personify.voices.engines.openai_answer import sound_of
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.exchange import Refused, exchange, parsed
from personify.voices.languages import language_of
from personify.voices.servers import HOSTED, SPEECH_VARIABLE, SpeechServer, speech_server
from personify.voices.speech import SILENCE, Speech, with_pauses
from personify.voices.stopping import current_stop, stoppable
from personify.voices.text.cleaning import clean, pieces

if TYPE_CHECKING:
    from openai import OpenAI

    from personify.voices.models import VoiceModel
    from personify.voices.tones import Tone

_log = logging.getLogger(__name__)

_LONGEST_TEXT = 1200
"""Characters of one request: the endpoint takes at most 4096, and local servers stumble over less."""
_LONGEST_PIECE = 200
"""Characters of one piece of a stream: a sentence or two, so that the first is heard soon."""
_USUAL_WPM = 170
"""The words a minute of a tone that asks for no special pace; a server's own pace is taken for it."""
_SPEEDS = (0.25, 4.0)
"""What the endpoint takes as `speed`."""
_BREATH_S = 0.25
"""Silence between two requests' speech."""
_PATIENCE_S = 2.0
"""How long a stream that is closed waits for its thread; a server that hangs may keep it until its timeout."""
_MODELS = {"openai": "gpt-4o-mini-tts", "kokoro": "kokoro"}
"""What servers call these models, unless the settings say otherwise; any other is asked for by its own name."""
_TAG = re.compile(r"<(?=[A-Za-z/!?])|(?<=[\w\"'/?-])>")
_ENTITY = re.compile(r"&(#?\w+);")
_BRACKETS = str.maketrans("[]{}", "    ")


class OpenAISpeechEngine:
    """Any number of threads may speak at once; each request stands for itself."""

    def speak(self, text: str, tone: "Tone", *, language: str, accent: str | None) -> Speech:
        """`text` in the voice that the server calls `tone.speaker`, cut free of silence at both ends.

        The tone's rate becomes the endpoint's `speed`; pitch and range it doesn't have. Whatever looks like markup is
        text. Raises `BadInput` where nothing can be said and for blends and recordings, and `PersonifyError` where no
        server is configured, or where it refuses, hangs, breaks off, or sends something else than speech.
        """
        _check_voice(tone)
        server = _server_for(tone.model)
        parts = _parts(text, language, _LONGEST_TEXT)
        return with_pauses(text, [_say(server, part, tone, language, accent) for part in parts], _BREATH_S)

    def stream(self, text: str, tone: "Tone", *, language: str, accent: str | None) -> Iterator[Speech]:
        """The same in pieces of a sentence or two; while one is listened to, the next is asked for.

        Closing the iterator ends the request that is under way.
        """
        _check_voice(tone)
        server = _server_for(tone.model)
        parts = _parts(text, language, _LONGEST_PIECE)
        return _ahead([_later(server, part, tone, language, accent) for part in parts])

    def status(self, model: "VoiceModel") -> Status:
        """Whether a server is configured for the model's voices and the key is there; nobody is asked."""
        try:
            server = _server_for(model.name)
        except PersonifyError as error:
            return Status(False, str(error))
        if importlib.util.find_spec("openai") is None:
            return Status(
                False, "it is asked through the package openai; install it with: pip install 'personify[openai]'"
            )
        return Status(not server.lacks, server.lacks)

    def pull(self, model: "VoiceModel", on_bytes: OnBytes) -> None:
        """There is nothing to fetch: the model is the server's."""

    def voices(self) -> tuple[str, ...]:
        """What the configured server calls its voices, where it tells (`GET /v1/audio/voices`, as Kokoro-FastAPI
        does); empty where it has no such list. Raises `PersonifyError` where it can't be asked."""
        server = speech_server()
        if server is None:
            raise PersonifyError(_way_to("a list of voices needs"))

        def ask(client: "OpenAI") -> AbstractContextManager[Any]:
            from httpx2 import Response

            # As `with_streaming_response` asks, which there is only for the client's own endpoints.
            streamed = {"X-Stainless-Raw-Response": "stream"}
            return closing(client.get("/audio/voices", cast_to=Response, options={"headers": streamed}))

        try:
            answer = parsed(server, exchange(server, ask))
        except Refused as refused:
            if refused.status in (404, 405, 501):
                return ()
            raise
        names = answer.get("voices", []) if isinstance(answer, dict) else []
        told = (
            [name.get("id") or name.get("name") if isinstance(name, dict) else name for name in names]
            if isinstance(names, list)
            else []
        )
        return tuple(name for name in told if isinstance(name, str))


def _server_for(model: str) -> SpeechServer:
    """The configured server, if it has the voices of this voice model; `PersonifyError` with the way to one."""
    server = speech_server()
    if server is None:
        raise PersonifyError(_way_to(f"the voices of {model!r} need", hosted=model == "openai"))
    if not server.has_voices_of(model):
        raise PersonifyError(
            f"the speech server at {server.url} doesn't have the voices of {model!r}; choose another tone, or, if it "
            f'has them, say so in personify.toml: [speech] with voices = ["{model}"]'
        )
    return server


def _check_voice(tone: "Tone") -> None:
    """The endpoint takes one voice by its name, and nothing beside it."""
    if tone.blend or tone.sample:
        what = "blended" if tone.blend else "cloned from a recording"
        raise BadInput(
            f"tone {tone.name!r} is {what}, and a speech server speaks only as its own voices; choose another"
        )


def _way_to(what: str, *, hosted: bool = False) -> str:
    address = HOSTED if hosted else "http://127.0.0.1:8880/v1"
    return (
        f"{what} a speech server, which is asked only if you say where it is: set {SPEECH_VARIABLE}={address}, "
        "or write [speech] with url into personify.toml"
    )


def _parts(text: str, language: str, longest: int) -> list[str]:
    """The text in pieces for one request each, without what a server might take for markup instead of saying it."""
    language_of(language)
    plain = _ENTITY.sub(r"& \1", _TAG.sub(" ", clean(text)).translate(_BRACKETS))
    parts = pieces(re.sub(r"[^\S\n]+", " ", plain), longest)
    if not parts:
        raise BadInput(f"there is nothing to say in {text[:40]!r}; give at least one letter or digit")
    return parts


def _say(
    server: SpeechServer,
    part: str,
    tone: "Tone",
    language: str,
    accent: str | None,
    unwanted: Callable[[], bool] = lambda: False,
) -> Speech:
    """One request: its sound with timed phonemes, cut free of silence at both ends."""
    model = server.model or _MODELS.get(tone.model, tone.model)
    speed = float(np.clip(tone.prosody.rate_wpm * tone.stretch / _USUAL_WPM, *_SPEEDS))

    def ask(client: "OpenAI") -> AbstractContextManager[Any]:
        return client.audio.speech.with_streaming_response.create(
            model=model, voice=tone.speaker, input=part, response_format=server.format, speed=round(speed, 3)
        )

    _log.debug("asking %s for %d characters in the voice %r of %r", server.url, len(part), tone.speaker, model)
    samples, rate_hz = sound_of(server, exchange(server, ask, unwanted))
    try:
        aligned = align(samples, rate_hz, part, language, accent or tone.accent)
    except BadInput as error:
        raise PersonifyError(
            f"{server.what} at {server.url} didn't speak the text {part[:40]!r} in the voice {tone.speaker!r}: {error}"
        ) from error
    return _trimmed(aligned)


def _later(
    server: SpeechServer, part: str, tone: "Tone", language: str, accent: str | None
) -> Callable[[Callable[[], bool]], Speech]:
    return lambda unwanted: _say(server, part, tone, language, accent, unwanted)


class _Coming:
    """One piece of speech on its way, in a thread of its own."""

    def __init__(self, make: Callable[[Callable[[], bool]], Speech]) -> None:
        self._unwanted, self._stop = threading.Event(), current_stop()
        self._speech: Speech | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(make,), name="personify-speech", daemon=True)
        self._thread.start()

    def _run(self, make: Callable[[Callable[[], bool]], Speech]) -> None:
        try:
            with stoppable(self._stop):
                self._speech = make(self._unwanted.is_set)
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits, which raises it
            self._error = error

    def wait(self) -> Speech:
        """The speech, once it is there; what went wrong is raised here."""
        self._thread.join()
        if self._error:
            raise self._error
        assert self._speech
        return self._speech

    def drop(self) -> None:
        """Nobody wants it any more: the request ends with the next bytes that come."""
        self._unwanted.set()
        self._thread.join(_PATIENCE_S)


def _ahead(makes: list[Callable[[Callable[[], bool]], Speech]]) -> Iterator[Speech]:
    """What is made, in order; while one is listened to, the next is already on its way."""
    coming = _Coming(makes[0])
    try:
        for following in [*makes[1:], None]:
            speech = coming.wait()
            if following:
                coming = _Coming(following)
            yield speech
    finally:
        coming.drop()


def _trimmed(speech: Speech) -> Speech:
    """Without the silence before the first sound and after the last one."""
    sounding = [i for i, p in enumerate(speech.phonemes) if p.symbol != SILENCE]
    kept = speech.phonemes[sounding[0] : sounding[-1] + 1]
    first_s, rate_hz = kept[0].start_s, speech.sample_rate_hz
    samples = speech.samples[round(first_s * rate_hz) : round(kept[-1].end_s * rate_hz)]
    phonemes = tuple(replace(p, start_s=p.start_s - first_s, end_s=p.end_s - first_s) for p in kept)
    return replace(speech, samples=samples, phonemes=phonemes)
