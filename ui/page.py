"""The exported page: one HTML file that shows a live avatar and lets it speak. All of it is inside, so it needs no
network, and its policy allows none.
"""

import base64
import hashlib
import html
import io
import json
import re
import textwrap
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from personify.avatar.heads import BUILTIN as BUILTIN_HEAD
from personify.pipelines.provenance import VOICE_MADE, of, sentence
from personify.ui.modules import joined, live_file
from personify.ui.tracks import face_of, idle_loop
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.speech import Speech

if TYPE_CHECKING:
    from personify.pipelines.bundle import Avatar, ToneRecord

_LONGEST_WHO = 240
"""Characters of the description under the name."""
_SHOWN = re.compile(r"\{(\w+)\}")


def page_html(avatar: "Avatar", speeches: Sequence[Speech], tones: "Sequence[ToneRecord]" = ()) -> str:
    """The page of an avatar that can say `speeches`: the first is its greeting, the others have a button each. `tones`
    are those that speak, where they aren't the avatar's own.

    Every text on it is escaped, wherever it came from, and its head says how it was made: a browser moves the face by
    the built-in talking head, whichever filmed the clip. Sounds are FLAC, which every browser decodes, to the sample.
    Raises `BadInput` without a speech, and `PersonifyError` for a portrait without landmarks.
    """
    if not speeches:
        raise BadInput("a page needs one speech at least, which is its greeting")
    data = _json(live_of(avatar) | {"lines": [line_of(avatar, speech) for speech in speeches]})
    persona = avatar.persona
    said = of(avatar.record, "page", tones=tones, head=BUILTIN_HEAD)
    script, style = _inline("script", joined("page.js")), _inline("style", live_file("page.css"))
    texts = {
        "lang": persona.language,
        "policy": _policy(script, style),
        "version": version("personify"),
        "name": avatar.name,
        "who": textwrap.shorten(persona.description, _LONGEST_WHO, placeholder="…"),
        "story": persona.life.backstory,
        "notice": said.notice,
        "made": sentence(said),
        "provenance": said.model_dump_json(exclude_none=True),
    }
    parts = {name: html.escape(text) for name, text in texts.items()} | {"data": data, "script": script, "style": style}
    return _SHOWN.sub(lambda match: parts[match[1]], live_file("page.html"))


def spoken_lines(
    avatar: "Avatar", texts: Sequence[str], *, strict: bool = False
) -> "tuple[list[Speech], list[str], list[ToneRecord]]":
    """The avatar's greeting and `texts` as it says them, notes for the user (where another tone has to speak, or
    another talking head to move, than the avatar was made with), and the tone of each.

    A text in a script that the avatar's language can't read is in its own language. Raises `BadInput` for a text
    without a word, and with `strict` where the avatar's tone can't speak a text's language.
    """
    from personify.pipelines.services import Services
    from personify.voices.languages import language_of_text

    services = Services()
    speeches, notes, tones = [], [], []
    if avatar.record.head != BUILTIN_HEAD:
        notes.append(f"a browser draws it with the built-in talking head, not with {avatar.record.head!r}")
    for text in (avatar.persona.speaking.greeting, *texts):
        voice = avatar.persona.voice
        voice = voice.model_copy(update={"language": language_of_text(text, voice.language)})
        tone = services.choose(voice, name=avatar.tone, strict=strict)
        speeches.append(services.speak(text, tone.name, voice=voice))
        tones.append(tone)
        if tone.note and tone.note not in notes:
            notes.append(tone.note)
    return speeches, notes, tones


def live_of(avatar: "Avatar") -> dict[str, Any]:
    """What `LiveAvatar.load` in a browser takes, as plain values: the rig, its pictures inside, and how it waits.

    Raises `PersonifyError` for a portrait without landmarks.
    """
    from personify.avatar.rig_export import export_rig

    expression = avatar.persona.appearance.expression
    idle = idle_loop(seed=avatar.seed, expression=expression)
    rig = export_rig(avatar.portrait).model_dump(mode="json")
    return {"rig": rig, "idle": idle, "expression": expression, "seed": avatar.seed}


def line_of(avatar: "Avatar", speech: Speech) -> dict[str, Any]:
    """What `LiveAvatar.say` takes, as plain values: the words of a speech, its sound as FLAC, and the face."""
    sound = {"type": "audio/flac", "data": base64.b64encode(_flac(speech)).decode("ascii")}
    face = face_of(speech, seed=avatar.seed, expression=avatar.persona.appearance.expression)
    return {"sentence": speech.text, "seconds": round(speech.duration_s, 4), "audio": sound, "face": face}


def _flac(speech: Speech) -> bytes:
    """The sound as FLAC, 16 bit, mono."""
    import av
    import numpy as np

    samples = (np.clip(speech.samples, -1, 1) * 32767).round().astype(np.int16)
    file = io.BytesIO()
    with av.open(file, "w", format="flac") as container:
        container.metadata["comment"] = VOICE_MADE
        track = container.add_stream(
            "flac", rate=speech.sample_rate_hz, layout="mono", options={"compression_level": "8"}
        )
        track.format = "s16"
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = speech.sample_rate_hz, 0
        for packet in (*track.encode(frame), *track.encode(None)):
            container.mux(packet)
    return file.getvalue()


def _json(value: Any) -> str:
    """JSON that may stand inside a script element: nothing in it ends that element or begins another."""
    told = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return told.replace("<", "\\u003c")


def _inline(kind: str, text: str) -> str:
    """Our own script or style as it stands in its element; it may not end that by itself."""
    if f"</{kind}" in text.lower() or "<!--" in text:
        raise PersonifyError(f"the page's own {kind} can't stand in a page: it holds </{kind} or <!--")
    return text


def _policy(script: str, style: str) -> str:
    """What the page may do: run this script, wear this style, show pictures that are inside it. Nothing else."""

    def only(text: str) -> str:
        digest = hashlib.sha256(text.encode()).digest()
        return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"

    return (
        f"default-src 'none'; script-src {only(script)}; style-src {only(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
