"""A server that answers `POST /v1/audio/transcriptions` as OpenAI's does: hosted, or one of your own such as Speaches,
LocalAI, vLLM or whisper.cpp's.

Asked only where the user has said which server.
"""

import io
import re
import wave
from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

import numpy as np
from pydantic import Field, field_validator

from personify.voices.errors import PersonifyError
from personify.voices.exchange import exchange, parsed, quoted
from personify.voices.servers import Server
from personify.voices.transcribing.hearing import Heard

if TYPE_CHECKING:
    from openai import OpenAI

VARIABLE = "PERSONIFY_ASR"

_MODELS = {True: "gpt-4o-mini-transcribe", False: "whisper-1"}
"""What is asked for unless the settings say otherwise, of OpenAI's own server and of others."""
_ENDPOINT = re.compile(r"/audio/(transcriptions|translations)/?$")
_NO_SPEECH, _UNSURE, _CERTAINLY_NONE = 0.6, -1.0, 0.9
"""As in `whisper.py`, where the server tells."""


class TranscribingServer(Server):
    """A server that hears.

    `format` "verbose_json" is what servers with a Whisper behind them know: with it passages that the model itself
    takes for noise are dropped, and the language comes back. `language` is taken where the asker names none.
    """

    what: ClassVar[str] = "the transcription server"
    variable: ClassVar[str] = VARIABLE
    usual_key: ClassVar[str] = "PERSONIFY_ASR_KEY"

    format: Literal["json", "verbose_json"] = "json"
    language: str | None = Field(None, pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*$")
    timeout_s: float = Field(30.0, gt=0)
    max_bytes: int = Field(1_000_000, gt=0)

    @field_validator("url", mode="before")
    @classmethod
    def _of_the_server(cls, url: Any) -> Any:
        return _ENDPOINT.sub("", url.strip()) if isinstance(url, str) else url


class ServerTranscriber:
    """Any number of threads may ask at once; each request stands for itself."""

    def __init__(self, server: TranscribingServer) -> None:
        self._server = server

    @property
    def name(self) -> str:
        """What it is, for the user."""
        return f"the transcription server at {self._server.url}"

    def warm(self) -> None:
        """Nothing: it isn't ours to load."""

    def hear(self, samples: np.ndarray, rate_hz: int, *, language: str | None) -> Heard:
        """The words that the server hears; see `Transcriber.hear`. Raises `PersonifyError` where it refuses, hangs or
        answers with something else than a transcription."""
        server = self._server
        wanted = language or server.language
        asked = {"language": wanted} if wanted else {}
        file = ("speech.wav", _wav(samples, rate_hz), "audio/wav")

        def ask(client: "OpenAI") -> AbstractContextManager[Any]:
            create: Any = client.audio.transcriptions.with_streaming_response.create
            model = server.model or _MODELS[server.hosted]
            return cast(
                AbstractContextManager[Any], create(file=file, model=model, response_format=server.format, **asked)
            )

        received = exchange(server, ask)
        answer = parsed(server, received)
        if not isinstance(answer, dict) or not isinstance(answer.get("text"), str):
            raise PersonifyError(
                f"{server.what} at {server.url} sent no transcription but {quoted(server, received.body)}; see its log"
            )
        text = server.without_key(_said(answer))
        return Heard(text, (_tag(answer.get("language")) or wanted) if text else None, len(samples) / rate_hz)


def _said(answer: dict[str, Any]) -> str:
    """The text; of passages, where the answer has them, those that the model believes were said."""
    passages = answer.get("segments")
    if not isinstance(passages, list) or not passages:
        return str(answer["text"])
    kept = [p for p in passages if isinstance(p, dict) and isinstance(p.get("text"), str) and _is_heard(p)]
    return str(answer["text"]) if len(kept) == len(passages) else " ".join(p["text"].strip() for p in kept)


def _is_heard(passage: dict[str, Any]) -> bool:
    none, sure = passage.get("no_speech_prob"), passage.get("avg_logprob")
    if not isinstance(none, (int, float)):
        return True
    doubtful = none > _NO_SPEECH and isinstance(sure, (int, float)) and sure < _UNSURE
    return not doubtful and none <= _CERTAINLY_NONE


def _tag(language: Any) -> str | None:
    """What a server calls a language, as a tag: some say "de", some "german"."""
    if not isinstance(language, str):
        return None
    name = language.strip().lower()
    return name if re.fullmatch(r"[a-z]{2,3}", name) else _tags().get(name)


@cache
def _tags() -> dict[str, str]:
    """English names of languages to tags of two letters, from CLDR."""
    from babel import Locale

    return {name.lower(): tag for tag, name in Locale("en").languages.items() if len(tag) == 2}


def _wav(samples: np.ndarray, rate_hz: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate_hz)
        sound.writeframes((np.clip(samples, -1, 1) * 32767).round().astype("<i2").tobytes())
    return file.getvalue()
