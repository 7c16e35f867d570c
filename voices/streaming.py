"""Streaming: a text is spoken sentence by sentence, while its writer is still at it.

Knows nothing of engines or faces. The pieces joined are one speech: silence before the first word, pauses between the
sentences, silence after the last. What an effect rings longer than a pause rings on into the next piece, so that
nothing clicks where they meet. Nothing runs between two pieces, so a stream may be left at any moment.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from personify.voices.errors import BadInput
from personify.voices.loudness import limited
from personify.voices.speaking import LEAD_S, TAIL_S, Speaker, faded, nothing_to_say
from personify.voices.speech import SILENCE, Speech, TimedPhoneme
from personify.voices.text.cleaning import pieces
from personify.voices.text.preparing import prepare
from personify.voices.text.sentences import SentenceStream

if TYPE_CHECKING:
    from personify.voices.own_prosody import OwnProsody
    from personify.voices.tones import Tone

_FIRST, _LATER = 90, 500
"""Characters of a sentence from which it is spoken in clauses: the first sound waits for six seconds of speech at most,
and memory for half a minute."""
_ONSET_S = 0.01
"""Of silence before each later piece, so that its first sound rises from nothing."""
_SLICE = 400
"""Characters of a whole text that are looked at in turn: the first sentence needn't wait for the last."""
_REMEMBERED = 1000
"""Characters kept for the case that there is not one word in a whole text."""


def speak_stream(
    text: str | Iterable[str],
    tone: "Tone",
    *,
    language: str = "en",
    accent: str | None = None,
    own: "OwnProsody | None" = None,
) -> Iterator[Speech]:
    """`text`, whole or as it is being written, in `tone`: one `Speech` a sentence, as soon as the sentence is complete.

    Each has the words as written and times from 0. Very long sentences come in clauses. Where an effect still rings
    after what turned out to be the last sentence, one more piece without words brings it. Arguments and errors are
    those of `speak`, but that a text without a word is known at its end only.
    """
    speaker = Speaker(tone, language=language, accent=accent, own=own)
    deltas = (text[i : i + _SLICE] for i in range(0, len(text), _SLICE)) if isinstance(text, str) else text
    return _Stream(speaker, language).run(deltas)


def joined(parts: Iterable[Speech]) -> Speech:
    """One speech of several in a row, as those of `speak_stream`. `BadInput` for none or for several sample rates."""
    speeches = list(parts)
    rates = {speech.sample_rate_hz for speech in speeches}
    if len(rates) != 1:
        raise BadInput(f"pieces of speech at {sorted(rates)} Hz can't be joined; give at least one, all at one rate")
    rate_hz = rates.pop()
    phonemes: list[TimedPhoneme] = []
    length = 0
    for speech in speeches:
        for phoneme in speech.phonemes:
            start_s, end_s = phoneme.start_s + length / rate_hz, phoneme.end_s + length / rate_hz
            if phonemes and phoneme.symbol == SILENCE == phonemes[-1].symbol:
                phonemes[-1] = replace(phonemes[-1], end_s=end_s)
            else:
                phonemes.append(replace(phoneme, start_s=start_s, end_s=end_s))
        length += len(speech.samples)
    text = " ".join(speech.text for speech in speeches if speech.text)
    return Speech(text, np.concatenate([speech.samples for speech in speeches]), rate_hz, tuple(phonemes))


@dataclass
class _Stream:
    """One text on its way: what it has said, and what still rings."""

    speaker: Speaker
    language: str
    ring: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    rate_hz: int = 0
    unsaid: str = ""
    """Of the text, what had no words; it goes with the next sentence that has."""
    pause_s: float = 0.0

    def run(self, deltas: Iterable[str]) -> Iterator[Speech]:
        """The pieces."""
        stream = SentenceStream(self.language)
        for delta in deltas:
            for sentence in stream.feed(delta):
                yield from self._spoken(sentence, last=False)
        rest = stream.end()
        for i, sentence in enumerate(rest):
            yield from self._spoken(sentence, last=not any(map(self._words, rest[i + 1 :])))
        if not self.rate_hz:
            yield from self._without_words()
        elif self.pause_s < TAIL_S or len(self.ring):
            yield from self._closing()

    def _words(self, text: str) -> str:
        return prepare(text, self.language, name_emoji=False).text

    def _spoken(self, sentence: str, *, last: bool) -> Iterator[Speech]:
        """The pieces of one sentence."""
        limit = _LATER if self.rate_hz else _FIRST
        parts = [part for part in pieces(sentence, limit) if self._words(part)]
        if len(sentence) <= limit and parts:
            parts = [sentence]
        if not parts:
            self.unsaid = f"{self.unsaid} {sentence}".strip()[:_REMEMBERED]
        for i, part in enumerate(parts):
            ends = i == len(parts) - 1
            yield self._piece(part, self._words(part), last=last and ends, ends=ends)

    def _piece(self, text: str, words: str, *, last: bool, ends: bool) -> Speech:
        voice = self.speaker.dry(words)
        # Engines part sentences by about the time of a word, clauses by half of that.
        self.pause_s = TAIL_S if last else 60 / self.speaker.tone.prosody.rate_wpm * (1.0 if ends else 0.5)
        lead_s = _ONSET_S if self.rate_hz else LEAD_S
        self.rate_hz = voice.sample_rate_hz
        wet, length = self.speaker.wet(voice, lead_s, self.pause_s)
        wet = self.speaker.even(wet)
        text, self.unsaid = f"{self.unsaid} {text}".strip(), ""
        return replace(self._with_ring(wet, length, last=last), text=text)

    def _with_ring(self, wet: Speech, length: int, *, last: bool) -> Speech:
        """The first `length` samples, or all of the last piece, over what rang from before; the rest rings on."""
        total = max(len(wet.samples), len(self.ring))
        sound = np.zeros(total, np.float32)
        sound[: len(wet.samples)] = wet.samples
        sound[: len(self.ring)] += self.ring
        limited(sound)
        kept, self.ring = (sound, sound[:0]) if last else (sound[:length], sound[length:])
        end_s = len(kept) / wet.sample_rate_hz
        phonemes = (*wet.phonemes[:-1], replace(wet.phonemes[-1], end_s=end_s))
        speech = Speech(wet.text, np.array(kept), wet.sample_rate_hz, phonemes)
        if last:
            return faded(speech)
        faded(replace(speech, samples=self.ring))
        return speech

    def _closing(self) -> Iterator[Speech]:
        """What rings on, or is lacking of the silence after the last word."""
        silence = np.zeros(max(0, round((TAIL_S - self.pause_s) * self.rate_hz)), np.float32)
        sound = self.ring if len(self.ring) >= len(silence) else silence
        if sound is silence:
            sound[: len(self.ring)] += self.ring
        if len(sound):
            pause = TimedPhoneme(SILENCE, 0.0, len(sound) / self.rate_hz)
            yield Speech(self.unsaid, sound, self.rate_hz, (pause,))

    def _without_words(self) -> Iterator[Speech]:
        """Emoji alone have names; otherwise there was nothing to say."""
        text = self.unsaid
        words = prepare(text, self.language).text
        if not words:
            raise nothing_to_say(text)
        self.unsaid = ""
        yield self._piece(text, words, last=True, ends=True)
