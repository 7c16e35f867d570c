"""What was heard of a reply that was cut off: the sentences that were played whole, and the words of the cut one."""

import re
from collections.abc import Sequence

from personify.voices.speech import SILENCE, Speech

_ENDS = re.compile(r"[^\w)\]\"'”’»]+$")
"""What may hang on the last word that was heard; it belongs to what follows."""
_SOON_S = 0.03
"""A word whose last sound lacks so little was heard."""


def heard(speeches: Sequence[Speech], spoken_s: float | None, language: str) -> str:
    """The text of what was heard of speeches in a row, after `spoken_s` seconds of sound, or after all of it.

    Of the sentence that was cut the words that had ended by then count. A speech says when its sounds are, not its
    words: those get as many of the sounds, in order, as espeak-ng would give them.
    """
    said: list[str] = []
    left_s = float("inf") if spoken_s is None else max(0.0, spoken_s)
    for speech in speeches:
        if left_s >= _words_end_s(speech):
            said.append(speech.text)
        else:
            said.append(_begun(speech, left_s, language))
            break
        left_s -= speech.duration_s
    return " ".join(text for text in said if text)


def _words_end_s(speech: Speech) -> float:
    """When its last sound has been heard; the pause after it needn't be."""
    sounds = [phoneme.end_s for phoneme in speech.phonemes if phoneme.symbol != SILENCE]
    return (sounds[-1] if sounds else 0.0) - _SOON_S


def _begun(speech: Speech, until_s: float, language: str) -> str:
    """The words of one sentence that had ended by `until_s`."""
    sounds = [phoneme for phoneme in speech.phonemes if phoneme.symbol != SILENCE]
    words = speech.text.split()
    if not sounds or not words:
        return ""
    share = sum(phoneme.end_s - _SOON_S <= until_s for phoneme in sounds) / len(sounds)
    weights = _sounds_of(words, language)
    total, so_far, count = sum(weights), 0.0, 0
    for weight in weights:
        so_far += weight
        if so_far > share * total + 0.5:
            break
        count += 1
    return _ENDS.sub("", " ".join(words[:count]))


def _sounds_of(words: Sequence[str], language: str) -> list[float]:
    """About how many sounds each word has, at least one in all."""
    from personify.voices.engines.espeak import transcribe
    from personify.voices.errors import PersonifyError
    from personify.voices.languages import espeak_voice
    from personify.voices.text.preparing import prepare

    try:
        voice = espeak_voice(language)
        read = [prepare(word, language, name_emoji=False).text for word in words]
        counts = [float(len(re.findall(r"[^\s_]+", transcribe(word, voice)))) if word else 0.0 for word in read]
    except PersonifyError:  # a language that espeak-ng lacks: by letters
        counts = [float(len(word)) for word in words]
    return counts if any(counts) else [1.0] * len(words)
