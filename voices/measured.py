"""What was measured of each tone's sound: the packaged figures, and those of models that the user has fetched.

`measured.toml` is made by `python -m personify.eval.tones --write`. A model that doesn't come with Personify is
measured where it is: `measure_tone` its tones, `remember` what was found. Knows nothing of what the figures are for.
"""

import contextlib
import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from personify.voices.errors import BadInput, PersonifyError

if TYPE_CHECKING:
    from personify.voices.tones import Tone

PACKAGED = Path(__file__).with_name("measured.toml")

TEXTS = {
    "en": "The stars are late tonight, and the kettle is warm. Shall we have a cup of tea together?",
    "es": "Las estrellas llegan tarde esta noche, y la tetera está caliente. ¿Tomamos juntos una taza de té?",
    "fr": "Les étoiles sont en retard ce soir, et la bouilloire est chaude. On prend une tasse de thé ensemble ?",
    "hi": "आज रात तारे देर से आए हैं, और केतली गरम है। क्या हम साथ में एक कप चाय पिएँ?",
    "it": "Le stelle sono in ritardo stasera, e il bollitore è caldo. Prendiamo insieme una tazza di tè?",
    "ja": "今夜は星が遅くて、やかんは温かいです。一緒にお茶を一杯いかがですか。",
    "pt": "As estrelas estão atrasadas esta noite, e a chaleira está quente. Vamos tomar juntos uma xícara de chá?",
    "zh": "今晚的星星来得很晚，水壶还是热的。我们一起喝杯茶好吗？",
}
"""What a tone says to be measured, in the first of these languages that it speaks."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Traits(BaseModel):
    """A tone's sound in figures, effects included, as `measuring.Measured` says what they are; loudness by BS.1770-4.

    `pitch_hz` and `pitch_spread` (semitones) are None for a whisper, which has no pitch; `pace_wpm` leaves pauses out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    pitch_hz: Positive | None = None
    pitch_spread: Annotated[float, Field(ge=0)] | None = None
    pace_wpm: Positive
    brightness_hz: Positive
    loudness_lufs: Annotated[float, Field(le=0)]


def measure_tone(tone: "Tone") -> Traits:
    """Speaks a fixed text in `tone` and measures it. Raises what `speak` raises where the tone can't speak now."""
    from personify.voices.loudness import loudness_lufs
    from personify.voices.measuring import measure
    from personify.voices.speaking import speak

    language = next((tag for tag in TEXTS if tone.speaks(tag)), None)
    if language is None:
        raise BadInput(f"tone {tone.name!r} can't be measured; it speaks none of these: {', '.join(TEXTS)}")
    speech = speak(TEXTS[language], tone, language=language)
    heard = measure(speech)
    voiced = np.isfinite(heard.pitch_hz)
    return Traits(
        pitch_hz=round(heard.pitch_hz, 1) if voiced else None,
        pitch_spread=round(heard.pitch_spread, 1) if voiced else None,
        pace_wpm=round(heard.pace_wpm),
        brightness_hz=round(heard.brightness_hz),
        loudness_lufs=round(loudness_lufs(speech.samples, speech.sample_rate_hz), 1),
    )


def remember(model: str, traits: Mapping[str, Traits]) -> Path:
    """Keeps the traits of a model's tones, by name, for this user, in place of what was kept of that model before.

    The file is written whole or not at all. Raises `PersonifyError` where it can't be written.
    """
    for name in (model, *traits):
        if not _NAME.fullmatch(name):
            raise BadInput(f"{name!r} can't be remembered; a name is made of a-z, 0-9 and hyphens")
    path = _own_folder() / f"{model}.toml"
    work = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        work.write_text(as_toml(traits), "utf-8")
        work.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            work.unlink(missing_ok=True)
        raise PersonifyError(f"what was measured of {model} can't be kept in {path.parent}: {error}") from error
    return path


def as_toml(traits: Mapping[str, Traits]) -> str:
    """The traits by name as a `[tones]` table, one line a tone."""
    lines = [
        f"{name} = {{ " + ", ".join(f"{key} = {value:.6g}" for key, value in of if value is not None) + " }"
        for name, of in traits.items()
    ]
    return "\n".join(["[tones]", *lines, ""])


def packaged_traits() -> dict[str, Traits]:
    """What comes with Personify, by the tone's name."""
    return dict(_read(PACKAGED, 0))


def own_traits() -> dict[str, dict[str, Traits]]:
    """What this user's machine measured: by model, then by the tone's name."""
    folder = _own_folder()
    try:
        found = sorted((Path(entry.path), entry.stat().st_mtime_ns) for entry in os.scandir(folder))
    except OSError:  # nothing was ever measured here
        return {}
    kept = [(path, when) for path, when in found if path.suffix == ".toml" and _NAME.fullmatch(path.stem)]
    return {path.stem: dict(_read(path, when)) for path, when in kept}


def _own_folder() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("personify", appauthor=False)) / "measured"


@cache
def _read(path: Path, when_ns: int) -> dict[str, Traits]:
    """The file as it was at `when_ns`, which only tells one reading from the next."""
    try:
        entries = tomllib.loads(path.read_text("utf-8"))["tones"]
        return {name: Traits.model_validate(entry) for name, entry in entries.items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, AttributeError, ValidationError) as error:
        way_out = "reinstall personify" if path == PACKAGED else "delete it; the tones are measured again when pulled"
        raise BadInput(f"the measured tones {path} can't be read ({str(error).splitlines()[0]}): {way_out}") from error
