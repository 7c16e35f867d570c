"""What a description sounds like: its persona, its tone and its real voice, held against what a listener accepts.

Gender, age and special words are those of the tone's entry; language and accent are what is spoken; pitch and pace are
measured from the sound, with the character's own prosody.
"""

import math
from dataclasses import dataclass

from personify.eval.voices.cases import Case, Cases
from personify.pipelines.services import Services
from personify.voices.languages import espeak_voice, has_accent
from personify.voices.measuring import measure

TRAITS = ("gender", "age", "pitch", "pace", "language", "special", "accent")
ORDINARY = "ordinary"


@dataclass(frozen=True)
class Heard:
    """The voice of one description. `pitch_hz` is NaN for a whisper; `pace_hz` counts phonemes a second."""

    tone: str
    gender: str
    age: str
    pitch_hz: float
    pace_hz: float
    language: str
    special: tuple[str, ...]
    timbre: tuple[str, ...]
    accent: str | None


@dataclass(frozen=True)
class Judged:
    """A case, its voice, and for each trait that counts whether it is acceptable."""

    case: Case
    heard: Heard
    right: dict[str, bool]

    @property
    def wrong(self) -> tuple[str, ...]:
        """The traits that a listener would object to."""
        return tuple(trait for trait, right in self.right.items() if not right)

    def told(self, trait: str) -> str:
        """The case with what was heard of one trait and what was wanted."""
        heard = self.heard
        said = {
            "gender": heard.gender,
            "age": heard.age,
            "pitch": f"{heard.pitch_hz:.0f} Hz",
            "pace": f"{heard.pace_hz:.1f} a second",
            "language": heard.language,
            "special": ", ".join(heard.special) or ORDINARY,
            "accent": heard.accent,
        }[trait]
        wanted = getattr(self.case, trait)
        wanted = wanted if isinstance(wanted, str) else ", ".join(wanted)
        return f"{self.case.say} ({heard.tone}): {said}, not {wanted}"


def hear(case: Case, cases: Cases, services: Services, seed: int) -> Heard:
    """The voice that `personify create` would give the description with this seed."""
    persona = services.write(case.say, seed=seed)
    voice = persona.voice
    tone = services.tones()[services.choose(voice, about=case.say).name]
    sentence = cases.sentences[voice.language.split("-")[0]]
    measured = measure(services.speak(sentence, tone.name, voice=voice))
    accents = (accent for accent in (voice.accent, tone.accent) if accent and has_accent(voice.language, accent))
    return Heard(
        tone=tone.name,
        gender=tone.gender,
        age=tone.age,
        pitch_hz=measured.pitch_hz,
        pace_hz=measured.pace_hz,
        language=voice.language,
        special=tone.special,
        timbre=tone.timbre,
        accent=next(accents, None),
    )


def judge(case: Case, heard: Heard, cases: Cases) -> Judged:
    """Which of the traits that the case speaks of are acceptable."""
    right: dict[str, bool] = {}
    if case.gender:
        right["gender"] = heard.gender in case.gender
    if case.age:
        right["age"] = heard.age in case.age
    if case.pitch:
        right["pitch"] = _within(heard.pitch_hz, cases.pitch_hz[case.pitch])
    if case.pace:
        right["pace"] = _within(heard.pace_hz, cases.pace_hz[case.pace])
    right["language"] = heard.language.split("-")[0] in case.language
    if case.special:
        words = {*heard.special, *heard.timbre} if heard.special else {*heard.timbre, ORDINARY}
        right["special"] = not words.isdisjoint(case.special)
    if case.accent:
        spoken = espeak_voice(heard.language, heard.accent)
        right["accent"] = spoken in {espeak_voice(heard.language, accent) for accent in case.accent}
    return Judged(case, heard, right)


def _within(value: float, band: tuple[float, float]) -> bool:
    """A whisper's pitch is in no band."""
    return not math.isnan(value) and band[0] <= value <= band[1]
