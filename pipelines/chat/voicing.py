"""The voice of a reply: its words become speech, sentence by sentence, in the character's tone and their language."""

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from personify.voices.brief import VoiceBrief
from personify.voices.languages import detect_language, language_of_text
from personify.voices.speech import Speech

if TYPE_CHECKING:
    from personify.pipelines.bundle import ToneRecord
    from personify.pipelines.services import Services

_TELLING_WORDS = 4
"""A first sentence of fewer words tells no language of Latin script."""


class Voice:
    """Speaks in the tone of that name. After the first speech `record` tells which one spoke, and `note` where that is
    another one that stands in."""

    def __init__(self, services: "Services", brief: VoiceBrief, tone: str) -> None:
        self._services, self._brief, self._tone = services, brief, tone
        self.language = brief.language
        self.record: ToneRecord | None = None
        self.note: str | None = None

    def speak(self, words: Iterator[str], asked: str = "") -> Iterator[Speech]:
        """One speech a sentence of the words that come; nothing for no words.

        It is in the character's language, unless `asked` and the first sentence are both in another one that is spoken.
        """
        from personify.voices import speak_stream
        from personify.voices.text.sentences import SentenceStream

        begun, first = "", ""
        sentences = SentenceStream(self._brief.language)
        for delta in words:
            begun += delta
            first = next(iter(sentences.feed(delta)), "")
            if first:
                break
        if not begun.strip():
            return
        self.language = self._language_of(first or begun, asked)
        brief = self._brief.model_copy(update={"language": self.language})
        record = self.record = self._services.choose(brief, name=self._tone)
        self.note = record.note
        yield from speak_stream(
            itertools.chain([begun], words),
            self._services.tones()[record.name],
            language=brief.language, accent=brief.accent, own=brief.own,
        )  # fmt: skip

    def _language_of(self, sentence: str, asked: str) -> str:
        own = self._brief.language
        by_script = language_of_text(sentence, own)
        if by_script != own or not asked or len(sentence.split()) < _TELLING_WORDS:
            return by_script
        found = detect_language(sentence)
        return found if found.split("-")[0] != own.split("-")[0] and detect_language(asked) == found else own
