"""Phonemes for Coqui's models: espeak-ng's library spells the text, and a model's own token times become phonemes.

Coqui calls a program named `espeak-ng`, which few machines have; the library that Personify brings writes the same IPA.
"""

import unicodedata
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from personify.voices.engines.espeak import plain_symbol, transcribe
from personify.voices.errors import BadInput
from personify.voices.languages import espeak_voice, languages
from personify.voices.speech import SILENCE, TimedPhoneme

if TYPE_CHECKING:
    from TTS.tts.utils.text.tokenizer import TTSTokenizer

PAUSE, BLANK = -1, -2
"""Owners of tokens that are no sound: a space or punctuation mark, and what a model puts between all tokens."""
_SHORTEST_PAUSE_S = 0.04
"""A pause shorter than this is still the sounds beside it, as with espeak-ng."""
_PARTED = "_"


class Tokens(NamedTuple):
    """What a model reads: `ids`, and for each of them its owner, an index into `sounds` or `PAUSE` or `BLANK`.

    `sounds` are phonemes as espeak-ng writes them, with stress marks.
    """

    ids: list[int]
    owners: list[int]
    sounds: list[str]


def use_own_espeak() -> None:
    """Lets Coqui's tokenizers spell with espeak-ng's library, whether its program is installed or not."""
    from TTS.tts.utils.text import phonemizers
    from TTS.tts.utils.text.phonemizers.base import BasePhonemizer
    from TTS.tts.utils.text.punctuation import Punctuation

    class LibraryEspeak(BasePhonemizer):
        """The phonemizer that Coqui's configurations call "espeak"."""

        def __init__(
            self, language: str, punctuations: str = Punctuation.default_puncs(), *, keep_puncs: bool = True
        ) -> None:
            super().__init__(language, punctuations=punctuations, keep_puncs=keep_puncs)

        @staticmethod
        def name() -> str:
            return "espeak"

        @classmethod
        def is_available(cls) -> bool:
            return True

        def version(self) -> str:
            return "1.52"

        @staticmethod
        def supported_languages() -> dict[str, str]:
            return {tag: language.name for tag, language in languages().items()}

        def is_supported_language(self, language: str) -> bool:
            return True  # a voice that isn't there is told when it is asked for

        def _phonemize(self, text: str, separator: str) -> str:
            return transcribe(text, _voice_of(self.language)).replace(_PARTED, separator)

    phonemizers.get_default_phonemizer("be")  # whatever it answers, Coqui's own are registered now and won't be again
    phonemizers.PHONEMIZERS["espeak"] = LibraryEspeak
    for tag in (*languages(), "en-us", "en-gb", "fr-fr", "pt-br", "cmn", "zh-cn"):
        phonemizers.DEF_LANG_TO_PHONEMIZER.setdefault(tag, "espeak")


def _voice_of(tag: str) -> str:
    """espeak-ng's voice for a language as Coqui's configurations name it."""
    try:
        return espeak_voice({"cmn": "zh", "zh-cn": "zh"}.get(tag.lower(), tag))
    except BadInput:  # a language that Personify has no entry for; espeak-ng's own names are tags too
        return tag


def tokens_of(tokenizer: "TTSTokenizer", text: str, language: str | None) -> Tokens:
    """`text` as the model's tokenizer reads it, and which token belongs to which sound. For phoneme models alone."""
    cleaned = tokenizer.text_cleaner(text, lang=language or "en") if tokenizer.text_cleaner else text
    ids: list[int] = []
    owners: list[int] = []
    sounds: list[str] = []
    inside = False
    for char in tokenizer.phonemizer.phonemize(cleaned, separator=_PARTED, language=language):
        if char == _PARTED:
            inside = False
            continue
        pause = char.isspace() or (unicodedata.category(char)[0] == "P" and char not in "ˈˌ")
        if not pause and not inside:
            sounds.append("")
        inside = not pause
        if not pause:
            sounds[-1] += char
        try:
            ids.append(tokenizer.characters.char_to_id(char))
        except KeyError:  # the model never learnt it, and Coqui leaves it out too
            continue
        owners.append(PAUSE if pause else len(sounds) - 1)
    if tokenizer.add_blank:
        ids = tokenizer.intersperse_blank_char(ids)
        owners = [BLANK, *(owner for token in owners for owner in (token, BLANK))]
    if tokenizer.use_eos_bos:
        ids, owners = tokenizer.pad_with_bos_eos(ids), [PAUSE, *owners, PAUSE]
    return Tokens(ids, owners, sounds)


def timed(tokens: Tokens, frames: Sequence[float], frame_s: float) -> tuple[TimedPhoneme, ...]:
    """The sounds in time, from 0 to the sum of `frames` times `frame_s` seconds, pauses included, without gaps.

    `frames`: how long each token lasts. A blank's time goes to the tokens beside it, half each.
    """
    spans: list[tuple[int, float]] = []
    solid = [owner for owner in tokens.owners if owner != BLANK]
    passed = 0
    for owner, length in zip(tokens.owners, frames, strict=True):
        if owner != BLANK:
            spans.append((owner, length))
            passed += 1
            continue
        before = solid[passed - 1] if passed else PAUSE
        after = solid[passed] if passed < len(solid) else PAUSE
        spans += [(before, length / 2), (after, length / 2)]
    return _phonemes(_without_short_pauses(_joined(spans), _SHORTEST_PAUSE_S / frame_s), tokens.sounds, frame_s)


def _joined(spans: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Neighbours with one owner as one span."""
    return [(owner, sum(length for _, length in same)) for owner, same in groupby(spans, key=lambda span: span[0])]


def _without_short_pauses(spans: list[tuple[int, float]], shortest: float) -> list[tuple[int, float]]:
    """Pauses shorter than `shortest` frames go to the sounds beside them."""
    lengths = [length for _, length in spans]
    for i, (owner, length) in enumerate(spans):
        if owner == PAUSE and length < shortest and len(spans) > 1:
            beside = [j for j in (i - 1, i + 1) if 0 <= j < len(spans)]
            for j in beside:
                lengths[j] += length / len(beside)
            lengths[i] = 0.0
    return [(owner, length) for (owner, _), length in zip(spans, lengths, strict=True) if length > 0]


def _phonemes(spans: Sequence[tuple[int, float]], sounds: Sequence[str], frame_s: float) -> tuple[TimedPhoneme, ...]:
    phonemes: list[TimedPhoneme] = []
    at = 0.0
    for owner, length in spans:
        symbol, stress = (SILENCE, 0) if owner == PAUSE else plain_symbol(sounds[owner])
        phonemes.append(TimedPhoneme(symbol, at * frame_s, (at + length) * frame_s, stress))
        at += length
    return tuple(phonemes)
