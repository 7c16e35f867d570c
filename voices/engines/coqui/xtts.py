"""XTTS v2: speakers by name in 17 languages, voices cloned from a recording, and speech that streams.

Casanova et al., "XTTS: a Massively Multilingual Zero-Shot Text-to-Speech Model" (2024). It tells no durations.
"""

from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from personify.voices.cloning import read_sample
from personify.voices.engines.coqui.times import aligned, reference, spread
from personify.voices.engines.coqui.voice import bounded, cut_free, speaker_of
from personify.voices.errors import BadInput
from personify.voices.speech import Speech, TimedPhoneme

if TYPE_CHECKING:
    from torch import Tensor
    from TTS.tts.models.xtts import Xtts

    from personify.voices.tones import Tone

_CLONES = 8
"""How many cloned voices are kept, a few hundred kilobytes each."""


class _Latents(NamedTuple):
    """What a voice is to the model: float32 tensors (1, n, channels) and (1, channels, 1)."""

    conditioning: "Tensor"
    speaker: "Tensor"


class XttsVoice:
    """An XTTS model in memory."""

    def __init__(self, model: "Xtts") -> None:
        self._model = model
        self._rate_hz = int(model.config.audio.output_sample_rate)
        self._clones: OrderedDict[tuple[Path, int], _Latents] = OrderedDict()
        self.limit = min(model.tokenizer.char_limits.values())  # 71 characters of Japanese, 250 of English

    def say(self, text: str, tone: "Tone", *, language: str) -> Speech:
        """One piece of text; see `CoquiVoice`."""
        made = self._model.inference(text, self._language(language), *self._latents(tone), **self._settings(tone))
        samples = bounded(made["wav"])
        return cut_free(aligned(samples, self._rate_hz, text, language))

    def stream(self, text: str, tone: "Tone", *, language: str) -> Iterator[Speech]:
        """One piece of text in about a second of sound at a time; its phonemes' times are espeak-ng's."""
        chunks = self._model.inference_stream(
            text, self._language(language), *self._latents(tone), **self._settings(tone)
        )
        rest = reference(text, language)
        held: Tensor | None = None
        for chunk in _own(self._model.gpt.gpt_inference, chunks):
            if held is not None:
                spoken, rest = self._timed(held, text, rest, last=False)
                yield spoken
            held = chunk
        if held is not None:
            yield self._timed(held, text, rest, last=True)[0]

    def _timed(
        self, chunk: "Tensor", text: str, rest: tuple[TimedPhoneme, ...], *, last: bool
    ) -> tuple[Speech, tuple[TimedPhoneme, ...]]:
        """The chunk with the next phonemes as far as they fit, the last one with all that are left; and the others."""
        samples = bounded(chunk.float().cpu().numpy())
        seconds = len(samples) / self._rate_hz
        begins_s = rest[0].start_s if rest else 0.0
        count = len(rest) if last else sum(p.end_s - begins_s <= seconds for p in rest)
        return Speech(text, samples, self._rate_hz, spread(rest[:count], seconds)), rest[count:]

    def _latents(self, tone: "Tone") -> _Latents:
        """The tone's voice: cloned from its sample, or its speaker, or between two speakers."""
        if tone.sample is not None:
            if tone.blend or tone.speaker:
                raise BadInput(
                    f"tone {tone.name!r} has a sample, so it can't have a speaker or a blend; leave them out"
                )
            return self._cloned(tone.sample)
        own = self._named(tone, tone.speaker)
        if tone.blend is None:
            return own
        other, share = self._named(tone, tone.blend.speaker), tone.blend.share
        return _Latents(*((1 - share) * a + share * b for a, b in zip(own, other, strict=True)))

    def _named(self, tone: "Tone", wanted: str) -> _Latents:
        known = self._model.speaker_manager.speakers if self._model.speaker_manager else {}
        if not known:
            raise BadInput(f"{tone.model} has no speakers of its own; give the tone a sample to clone")
        entry = known[speaker_of(tone, list(known), wanted)]
        return _Latents(*entry.values())  # in this order, by whatever names

    def _cloned(self, sample: Path) -> _Latents:
        import torch

        key = (sample, sample.stat().st_mtime_ns if sample.exists() else 0)
        if key not in self._clones:
            samples, rate_hz = read_sample(sample)
            sound = torch.from_numpy(samples).to(self._model.device)[None]
            config = self._model.config
            with torch.inference_mode():
                speaker = self._model.get_speaker_embedding(sound[:, : config.max_ref_len * rate_hz], rate_hz)
                conditioning = self._model.get_gpt_cond_latents(
                    sound, rate_hz, length=config.gpt_cond_len, chunk_length=config.gpt_cond_chunk_len
                )
            self._clones[key] = _Latents(conditioning, speaker)
            while len(self._clones) > _CLONES:
                self._clones.popitem(last=False)
        self._clones.move_to_end(key)
        return self._clones[key]

    def _language(self, language: str) -> str:
        primary = language.lower().split("-", maxsplit=1)[0]
        names = [str(name) for name in self._model.config.languages]
        for name in names:
            if name.lower().split("-", maxsplit=1)[0] == primary:
                return name
        raise BadInput(f"this model can't speak {language!r}, only: {', '.join(sorted(names))}")

    def _settings(self, tone: "Tone") -> dict[str, Any]:
        """As the model's makers tuned it; what the effects make longer is spoken faster."""
        config = self._model.config
        kept = {key: config[key] for key in ("temperature", "length_penalty", "repetition_penalty", "top_k", "top_p")}
        return {**kept, "speed": tone.stretch}


def _own(gpt: Any, chunks: "Iterator[Tensor]") -> "Iterator[Tensor]":
    """The chunks, each made with the prefix of this stream: Coqui keeps one in the model, whoever used it last."""
    prefix: Tensor | None = None
    while True:
        if prefix is not None:
            gpt.cached_prefix_emb = prefix
        chunk = next(chunks, None)
        if chunk is None:
            return
        prefix = gpt.cached_prefix_emb
        yield chunk
