"""Cues: what a face that lives takes from a speech, and when: pauses, phrases, accents, questions, feelings.

Speech may come in pieces. A cue becomes known at most `LOOKAHEAD_S` after the moment at which it acts, however the
speech was cut, so what is older than that can't change any more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from personify.avatar.sentences import spoken_sentences
from personify.avatar.syllables import DELAY_S, Syllables
from personify.voices.speech import SILENCE, Speech

LOOKAHEAD_S = 0.25

Kind = Literal["phrase", "sentence", "accent", "feeling", "ask", "pause", "breath", "ending", "over", "silence"]

_AHEAD_S = 0.2
"""Head and brows are under way so long before the sound that they belong to."""
_AHEAD_BY_EAR_S = LOOKAHEAD_S - DELAY_S - 0.01
_PAUSE_S, _BREATH_S, _SILENCE_S = 0.12, 0.25, 1.0
"""Lengths from which on a silence parts phrases, lets one draw breath, and means that speech is over for now."""
_ACCENTS_APART_S = 0.3
_FELT_AT_MOST_S = 4.0
"""What shows of a feeling is over after half a second to four (Ekman 2003)."""


@dataclass(frozen=True, order=True)
class Cue:
    """`at_s` when it acts, seconds from the start of the stream; `until_s` where it lasts.

    phrase: sound after a pause; sentence: `strength` is about the number of its sounds; accent: a stressed vowel,
    `strength` around 1; feeling: `feeling` from here on; ask: the end of a question; pause, breath, silence: no sound
    for that long; ending: a sentence will soon be over; over: a feeling is.
    """

    at_s: float
    kind: Kind
    strength: float = 1.0
    until_s: float = 0.0
    feeling: str = ""


class Hearing:
    """Takes pieces of speech in order and gives their cues."""

    def __init__(self) -> None:
        self.seconds = 0.0
        """How much speech was heard."""
        self._counts: dict[int, int] = {}
        self._sound_ended_s = 0.0
        self._spoken = False
        self._told: set[Kind] = set()
        self._last_accent_s = -1.0
        self._loud: list[tuple[float, float]] = []
        self._ear: Syllables | None = None

    def hear(self, piece: Speech) -> list[Cue]:
        """The cues that are known now and weren't before. A piece's text is what is said in it."""
        start = self.seconds
        self._counts[piece.sample_rate_hz] = self._counts.get(piece.sample_rate_hz, 0) + len(piece.samples)
        self.seconds = sum(count / rate for rate, count in self._counts.items())
        if not piece.phonemes:
            return self._by_ear(piece, start)
        self._ear = None
        cues = list(self._text_cues(piece, start))
        for phoneme in piece.phonemes:
            if phoneme.symbol != SILENCE:
                at, end = round(start + phoneme.start_s, 6), round(start + phoneme.end_s, 6)
                cues += self._sound(at, end, phoneme.stress, _AHEAD_S)
        return cues + list(self._silence(self.seconds))

    def _by_ear(self, piece: Speech, start_s: float) -> list[Cue]:
        """The cues of a recording whose phonemes nobody knows."""
        if self._ear is None or self._ear.rate_hz != piece.sample_rate_hz:
            self._ear = Syllables(start_s, piece.sample_rate_hz)
        sounds, until_s = self._ear.hear(piece)
        cues: list[Cue] = []
        for sound in sounds:
            cues += self._sound(round(sound.start_s, 6), round(sound.end_s, 6), sound.stress, _AHEAD_BY_EAR_S)
        return cues + list(self._silence(until_s))

    def _sound(self, at: float, end: float, stress: int, ahead_s: float) -> Iterator[Cue]:
        yield from self._silence(at)
        if not self._spoken or round(at - self._sound_ended_s, 6) >= _PAUSE_S:
            yield Cue(at - ahead_s, "phrase")
        if stress == 2 and at - self._last_accent_s >= _ACCENTS_APART_S:
            self._last_accent_s = at
            loud = any(begin <= at <= until for begin, until in self._loud)
            yield Cue(at - ahead_s, "accent", 1.3 if loud else 1.0)
        self._spoken, self._sound_ended_s = True, max(end, self._sound_ended_s)
        self._told.clear()

    def _silence(self, now_s: float) -> Iterator[Cue]:
        """What the silence that lasts until now is long enough for, once each."""
        if not self._spoken:
            return
        length = round(now_s - self._sound_ended_s, 6)
        kinds: tuple[tuple[Kind, float, float], ...] = (
            ("pause", _PAUSE_S, 0.03),
            ("breath", _BREATH_S, 0.15),
            ("silence", _SILENCE_S, _SILENCE_S),
        )
        for kind, least, delay in kinds:
            if length >= least and kind not in self._told:
                self._told.add(kind)
                yield Cue(self._sound_ended_s + delay, kind)

    def _text_cues(self, piece: Speech, start_s: float) -> Iterator[Cue]:
        self._loud = [span for span in self._loud if span[1] > start_s]
        for spoken in spoken_sentences(piece):
            sentence = spoken.sentence
            start, end = round(start_s + spoken.start_s, 6), round(start_s + spoken.end_s, 6)
            yield Cue(start - _AHEAD_S, "sentence", sentence.weight)
            yield Cue(max(end - 0.6, start), "ending")
            if sentence.question:
                yield Cue(max(end - 0.9, start - _AHEAD_S), "ask", until_s=end + 0.3)
            if sentence.exclaims:
                self._loud.append((start, end))
            for feeling in sentence.feelings:
                at = max(start - _AHEAD_S, start + feeling.at * (end - start) - 0.35)
                until = min(max(end + 0.5, at + 1.3), at + _FELT_AT_MOST_S)
                yield Cue(at, "feeling", until_s=until, feeling=feeling.name)
                yield Cue(until, "over", until_s=until)
