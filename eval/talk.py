"""The README's clip: characters side by side, who speak in turn while the others listen."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from personify.avatar.animation import animate
from personify.avatar.portrait import Portrait
from personify.pipelines.draft import draft_file
from personify.pipelines.services import FPS, Services
from personify.voices.speech import Speech, between_silences

PANEL_PX = 192
PAUSE_S = 0.45
"""Before each one speaks, and after the last."""
_CRF = 27
_STILL_WIDTH_PX = 600
_STILL_STEP = 3
"""The animated picture is smaller and has every third frame: clip and picture stay below a megabyte."""


@dataclass(frozen=True)
class Speaker:
    """A portrait, what it says in its own tone, and its mood."""

    portrait: Portrait
    speech: Speech
    expression: str


def cast(seed: int) -> list[Speaker]:
    """Those of `prompts/talk.toml`, in order."""
    parts = tomllib.loads(files("personify.eval").joinpath("prompts/talk.toml").read_text(encoding="utf-8"))["part"]
    services, speakers = Services(), []
    for part in parts:
        persona = services.write(part["description"], seed=seed)
        portrait = services.draw(persona.appearance, seed=seed, expert=part["expert"])
        speech = services.speak(part["line"], services.choose(persona.voice).name, voice=persona.voice)
        speakers.append(Speaker(portrait, speech, persona.appearance.expression))
    return speakers


def in_turn(speeches: Sequence[Speech], pause_s: float = PAUSE_S) -> list[Speech]:
    """Each speech with silence for as long as the others speak; all last equally long, at one sample rate.

    Raises `ValueError` for several sample rates.
    """
    if len({speech.sample_rate_hz for speech in speeches}) > 1:
        raise ValueError("speeches of several sample rates can't take turns")
    pause = round(pause_s * speeches[0].sample_rate_hz)
    whole = sum(len(speech.samples) + pause for speech in speeches) + pause
    turns, at = [], pause
    for speech in speeches:
        turns.append(between_silences(speech, at, whole - at - len(speech.samples)))
        at += len(speech.samples) + pause
    return turns


def together(speakers: Sequence[Speaker], turns: Sequence[Speech], seed: int) -> Iterator[np.ndarray]:
    """Frames of all side by side, uint8 RGB (PANEL_PX, len * PANEL_PX, 3)."""
    import cv2

    films = [
        animate(one.portrait, turn, seed=seed + k, fps=FPS, expression=one.expression)
        for k, (one, turn) in enumerate(zip(speakers, turns, strict=True))
    ]
    for frames in zip(*films, strict=True):
        yield np.hstack([cv2.resize(f, (PANEL_PX, PANEL_PX), interpolation=cv2.INTER_AREA) for f in frames])


def write_talk(out: Path, seed: int = 7) -> list[Path]:
    """Writes talk.mp4, with sound, and talk.webp, which moves without, into `out`."""
    from personify.avatar.video import write_clip

    speakers = cast(seed)
    turns = in_turn([one.speech for one in speakers])
    sound = np.clip(np.sum([turn.samples for turn in turns], axis=0), -1, 1).astype(np.float32)
    whole = Speech(" ".join(turn.text for turn in turns), sound, turns[0].sample_rate_hz, ())
    frames = list(together(speakers, turns, seed))
    write_clip(out / "talk.mp4", frames, whole, fps=FPS, crf=_CRF)
    _write_webp(out / "talk.webp", frames[::_STILL_STEP], 1000 * _STILL_STEP / FPS)
    return [out / "talk.mp4", out / "talk.webp"]


def _write_webp(path: Path, frames: Sequence[np.ndarray], each_ms: float) -> None:
    from PIL import Image

    height = round(_STILL_WIDTH_PX * frames[0].shape[0] / frames[0].shape[1])
    pictures = [Image.fromarray(frame).resize((_STILL_WIDTH_PX, height), Image.Resampling.LANCZOS) for frame in frames]
    with draft_file(path, force=True) as draft:
        pictures[0].save(
            draft, save_all=True, append_images=pictures[1:], duration=round(each_ms), loop=0, quality=55, method=4
        )
