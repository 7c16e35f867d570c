"""VITS models of Coqui: their own durations time the phonemes, and two speakers blend between their embeddings.

Kim, Kong and Son, "Conditional Variational Autoencoder with Adversarial Learning for End-to-End Text-to-Speech" (2021).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from personify.voices.engines.coqui.phonemes import timed, tokens_of
from personify.voices.engines.coqui.times import aligned
from personify.voices.engines.coqui.voice import bounded, cut_free, speaker_of
from personify.voices.errors import BadInput
from personify.voices.speech import Speech

if TYPE_CHECKING:
    from torch import Tensor
    from TTS.tts.models.vits import Vits

    from personify.voices.tones import Tone


class VitsVoice:
    """A VITS model in memory: phonemes or characters, one speaker or many, one language or several."""

    limit = 400

    def __init__(self, model: "Vits") -> None:
        self._model = model
        self._rate_hz = int(model.config.audio.sample_rate)

    def say(self, text: str, tone: "Tone", *, language: str) -> Speech:
        """One piece of text; see `CoquiVoice`."""
        import torch

        model = self._model
        if tone.sample:
            raise BadInput(f"{tone.model} can't clone a recording; give the sample to a tone of model 'xtts'")
        named = self._language(language)
        tokens = tokens_of(model.tokenizer, text, named) if model.tokenizer.use_phonemes else None
        ids = tokens.ids if tokens else model.tokenizer.text_to_ids(text, language=named)
        if not ids:
            raise BadInput(f"there is nothing to say in {text[:40]!r}: {tone.model} knows none of its letters")
        inputs = torch.tensor([ids], dtype=torch.long, device=model.device)
        with self._in(tone) as who:
            made = model.inference(inputs, {"x_lengths": None, "language_ids": self._language_id(named), **who})
        samples = bounded(made["model_outputs"][0].float().cpu().numpy())
        if tokens is None:
            return cut_free(aligned(samples, self._rate_hz, text, language))
        frames = made["durations"].reshape(-1).tolist()
        frame_s = len(samples) / sum(frames) / self._rate_hz
        return cut_free(Speech(text, samples, self._rate_hz, timed(tokens, frames, frame_s)))

    @contextmanager
    def _in(self, tone: "Tone") -> "Iterator[dict[str, Any]]":
        """The model set to the tone's speaker, blend and pace; yields what its inference is to be told."""
        import torch

        model = self._model
        manager = model.speaker_manager
        speakers = manager.speaker_names if manager else []
        speaker = speaker_of(tone, speakers, tone.speaker)
        other = speaker_of(tone, speakers, tone.blend.speaker) if tone.blend else None
        if tone.blend and not speakers:
            raise BadInput(f"tone {tone.name!r} can't blend: {tone.model} has one speaker alone; leave blend out")
        share = tone.blend.share if tone.blend else 0.0
        hooks = []
        told: dict[str, Any] = {"speaker_ids": None, "d_vectors": None}
        if speakers and hasattr(model, "emb_g"):
            ids = manager.name_to_id
            told["speaker_ids"] = torch.tensor([ids[speaker]], device=model.device)
            if other is not None:
                hooks.append(model.emb_g.register_forward_hook(_towards(model.emb_g.weight[ids[other]], share)))
        elif speakers:
            vectors = [manager.get_mean_embedding(name) for name in (speaker, other) if name is not None]
            mixed = vectors[0] if other is None else (1 - share) * vectors[0] + share * vectors[1]
            told["d_vectors"] = torch.as_tensor(mixed, dtype=torch.float32, device=model.device).reshape(1, -1)
        usual = model.length_scale
        model.length_scale = usual / tone.stretch  # what the effects make longer is spoken faster
        try:
            yield told
        finally:
            model.length_scale = usual
            for hook in hooks:
                hook.remove()

    def _language(self, language: str) -> str | None:
        """The model's own name for the language."""
        names = self._model.language_manager.language_names
        primary = language.lower().split("-", maxsplit=1)[0]
        found = [name for name in names if name.lower() == language.lower()]
        found += [name for name in names if name.lower().split("-", maxsplit=1)[0] == primary]
        if found:
            return str(found[0])
        if len(names) > 1:
            raise BadInput(f"this model can't speak {language!r}, only: {', '.join(sorted(names))}")
        return str(names[0]) if names else None

    def _language_id(self, named: str | None) -> "Tensor | None":
        import torch

        number = self._model._get_language_id(named)
        return None if number is None else torch.tensor([number], device=self._model.device)


def _towards(other: "Tensor", share: float) -> Any:
    """A hook that moves a speaker's embedding by `share` of the way to another's."""

    def hook(module: Any, inputs: Any, embedding: "Tensor") -> "Tensor":
        return (1 - share) * embedding + share * other

    return hook
