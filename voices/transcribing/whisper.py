"""Whisper on this machine, through faster-whisper (MIT): loaded once from files that are here, nothing is ever fetched.

Only what Silero's voice detector, which comes with faster-whisper, takes for a voice is heard at all, and what Whisper
itself doubts is dropped: on noise and music it otherwise writes "Thank you." and the like.
"""

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from personify.voices.errors import MissingExtra, PersonifyError
from personify.voices.libraries import settle_libraries
from personify.voices.stopping import check_stop
from personify.voices.transcribing.hearing import RATE_HZ, Heard
from personify.voices.transcribing.weights import weights_of

if TYPE_CHECKING:
    from faster_whisper import WhisperModel  # type: ignore[import-untyped]
    from faster_whisper.transcribe import Segment  # type: ignore[import-untyped]

INSTALL = "pip install 'personify[asr]'"

_PADDING_S = 0.3
"""What is kept before and after the voice that was found."""
_NO_SPEECH = 0.6
_UNSURE = -1.0
"""Whisper's own bounds: a passage that it takes for no speech with more than the one, and whose tokens have a mean log
probability below the other, is no speech (Radford et al. 2022, section 4.5)."""
_CERTAINLY_NONE = 0.9
"""Above this it isn't heard however sure the words are: what Whisper makes up of noise it is often sure of."""
_CIRCLES = 2.4
"""Text that zlib shrinks by more goes round in circles (the same)."""


class WhisperSettings(BaseModel):
    """Which Whisper, and what it runs on.

    `model` is a name that faster-whisper knows ("base"), a repository of the hub ("OWNER/NAME") or a folder with the
    files of a converted model. `compute_type` is CTranslate2's; "auto" is int8 on a CPU and float16 on a GPU.
    `threads` 0 leaves it to CTranslate2. `language` is taken where the asker names none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(min_length=1, max_length=500)
    device: Literal["auto", "cpu", "cuda"] = "auto"
    compute_type: str = Field("auto", pattern=r"^[a-z0-9_]{2,20}$")
    threads: int = Field(0, ge=0, le=256)
    language: str | None = Field(None, pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*$")


class Whisper:
    """One model, loaded when it is first wanted; any number of threads may ask, the model takes them in turn."""

    def __init__(self, settings: WhisperSettings, folder: Path | None = None) -> None:
        self._settings = settings
        self._folder = folder or weights_of(settings.model)
        self._loading = threading.Lock()
        self._model: WhisperModel | None = None

    @property
    def name(self) -> str:
        """What it is, for the user."""
        model = self._settings.model
        return f"faster-whisper {Path(model).name if self._is_folder else model} on this machine"

    @property
    def _is_folder(self) -> bool:
        return Path(self._settings.model).expanduser().is_dir()

    def warm(self) -> None:
        """Loads the model and the voice detector, and hears a tenth of a second with each."""
        model = self._loaded()
        _voice(np.zeros(RATE_HZ // 10, np.float32))
        list(model.transcribe(np.zeros(RATE_HZ // 10, np.float32), **_how("en"))[0])

    def hear(self, samples: np.ndarray, rate_hz: int, *, language: str | None) -> Heard:
        """The words of the part that holds a voice; see `Transcriber.hear`.

        A language that Whisper doesn't know is found out instead. Heeds `check_stop` between passages.
        """
        if rate_hz != RATE_HZ:
            raise ValueError(f"{rate_hz} Hz; Whisper takes {RATE_HZ} Hz")
        seconds = len(samples) / RATE_HZ
        model = self._loaded()
        span = _voice(samples)
        if span is None:
            return Heard("", None, seconds)
        wanted = language or self._settings.language
        known = wanted if wanted in model.supported_languages else None
        check_stop()
        try:
            passages, info = model.transcribe(samples[span], **_how(known))
            kept = []
            for passage in passages:
                check_stop()
                if _is_heard(passage):
                    kept.append(passage.text)
        except PersonifyError:
            raise
        except Exception as error:  # a GPU that is full, or weights that aren't what their names say
            raise PersonifyError(f"{self.name} failed: {_line(error)}") from error
        text = " ".join(part.strip() for part in kept if part.strip())
        return Heard(text, info.language if text else None, seconds)

    def _loaded(self) -> "WhisperModel":
        with self._loading:
            if self._model is None:
                self._model = self._load()
            return self._model

    def _load(self) -> "WhisperModel":
        settle_libraries()
        try:
            from ctranslate2 import get_cuda_device_count  # type: ignore[import-untyped]
            from faster_whisper import WhisperModel
        except ImportError as error:
            raise MissingExtra(f"hearing with Whisper needs faster-whisper: {INSTALL}") from error
        settings = self._settings
        gpu = settings.device == "cuda" or (settings.device == "auto" and get_cuda_device_count() > 0)
        compute = ("float16" if gpu else "int8") if settings.compute_type == "auto" else settings.compute_type
        try:
            return WhisperModel(
                str(self._folder),
                device="cuda" if gpu else "cpu",
                compute_type=compute,
                cpu_threads=settings.threads,
                local_files_only=True,
            )
        except Exception as error:  # whatever a damaged file makes of the C++, Rust and Python that read it
            raise PersonifyError(
                f"the Whisper model in {self._folder} can't be loaded ({_line(error)}); fetch it again, or see "
                "device and compute_type in [asr]"
            ) from error


def _how(language: str | None) -> dict[str, Any]:
    """Deterministic, and nothing of one passage leads the next astray."""
    return {
        "language": language,
        "beam_size": 5,
        "temperature": 0.0,
        "condition_on_previous_text": False,
        "without_timestamps": True,
        "vad_filter": False,
    }


def _voice(samples: np.ndarray) -> slice | None:
    """From the first voice in it to the last, with a little around; None where there is none."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps  # type: ignore[import-untyped]

    options = VadOptions(threshold=0.5, min_speech_duration_ms=100, min_silence_duration_ms=300)
    found = get_speech_timestamps(samples, options, RATE_HZ)
    if not found:
        return None
    around = round(_PADDING_S * RATE_HZ)
    return slice(max(0, found[0]["start"] - around), min(len(samples), found[-1]["end"] + around))


def _is_heard(passage: "Segment") -> bool:
    """Whether Whisper itself believes that this was said."""
    doubtful = passage.no_speech_prob > _NO_SPEECH and passage.avg_logprob < _UNSURE
    return not doubtful and passage.no_speech_prob <= _CERTAINLY_NONE and passage.compression_ratio <= _CIRCLES


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
