"""Turning prompts into what a pipeline takes: its own encoding where a prompt fits, compel's where it is longer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from personify.voices.errors import MissingExtra

if TYPE_CHECKING:
    import torch

MAX_WINDOWS = 6
"""The most windows of the text encoder (75 tokens each for CLIP) that a prompt may fill, about 340 English words: every
window adds to the cost of each step, and what stands further back no longer shows in the picture."""
_MAX_CHARACTERS = 20_000


def window(pipe: Any) -> int:
    """Tokens that the pipeline's text encoders read at once, start and end marks included."""
    sizes = [pipe.tokenizer.model_max_length, pipe.text_encoder.config.max_position_embeddings]
    if getattr(pipe, "tokenizer_2", None) is not None:
        sizes.append(pipe.tokenizer_2.model_max_length)
    return int(min(sizes))


def count(pipe: Any, text: str) -> int:
    """Tokens of a text in the pipeline's first tokenizer, start and end marks included."""
    return len(pipe.tokenizer(text, truncation=False, verbose=False).input_ids)


def fits(pipe: Any, text: str) -> bool:
    """Whether the pipeline reads the whole text by itself."""
    return count(pipe, text) <= window(pipe)


def bounded(pipe: Any, words: str, rest: str) -> str:
    """As many of the words, from the first on, as fit `MAX_WINDOWS` windows together with the rest of the prompt."""
    room = MAX_WINDOWS * (window(pipe) - 2) - count(pipe, rest)
    words = words[:_MAX_CHARACTERS]
    if count(pipe, words) - 2 <= room:
        return words
    pieces = words.split(" ")
    low, high = 0, len(pieces)
    while low < high:  # the most pieces that fit, by halving
        middle = (low + high + 1) // 2
        if count(pipe, " ".join(pieces[:middle])) - 2 <= room:
            low = middle
        else:
            high = middle - 1
    if low:
        return " ".join(pieces[:low])
    return words[: max(1, room // 4)]  # one endless word: no letter of any script takes more than four tokens


@dataclass(frozen=True)
class Encoded:
    """Embeddings of one prompt and its negative, with a batch dimension of 1: float (1, tokens, width), the pooled ones
    (1, width) for SDXL only. Negatives are None where the pipeline doesn't use them."""

    prompt: "torch.Tensor"
    pooled: "torch.Tensor | None"
    negative: "torch.Tensor | None"
    negative_pooled: "torch.Tensor | None"

    @property
    def length(self) -> int:
        """Tokens in all windows; only prompts of one length can share a batch."""
        return int(self.prompt.shape[1])


def encode_long(pipe: Any, prompt: str, negative: str, *, with_negative: bool) -> Encoded:
    """Encodes a prompt of any length in windows, each of which the text encoders read apart.

    The text goes past compel's parser of weights, so that `+ - ( )` and quotes are letters like any others.
    """
    import torch

    texts = [prompt, negative] if with_negative else [prompt]
    readers = _readers(pipe)
    with torch.no_grad():
        parts = [_read(reader, texts) for reader, _ in readers]
        longest = max(part.shape[1] for part in parts)
        if any(part.shape[1] < longest for part in parts):  # two tokenizers may cut one text differently
            parts = [_read(reader, texts, longest) for reader, _ in readers]
        pooled = next((reader.get_pooled_embeddings(texts) for reader, pools in readers if pools), None)
    wide = torch.cat(parts, dim=-1)
    wide = wide.to(pipe._execution_device)
    pooled = None if pooled is None else pooled.to(pipe._execution_device)
    if not with_negative:
        return Encoded(wide, pooled, None, None)
    if not negative and getattr(pipe.config, "force_zeros_for_empty_prompt", False):
        wide[1] = 0  # as SDXL's pipelines encode a negative that is not given
        if pooled is not None:
            pooled[1] = 0
    if pooled is None:
        return Encoded(wide[:1], None, wide[1:], None)
    return Encoded(wide[:1], pooled[:1], wide[1:], pooled[1:])


def _readers(pipe: Any) -> list[tuple[Any, bool]]:
    """One of compel's readers for each text encoder, of the layers that the pipeline reads, and whether it pools."""
    try:
        from compel.embeddings_provider import EmbeddingsProvider, ReturnedEmbeddingsType, SplitLongTextMode
    except ImportError as error:
        raise MissingExtra("a prompt this long needs compel: pip install 'personify[diffusion]'") from error
    for tokenizer in (pipe.tokenizer, getattr(pipe, "tokenizer_2", None)):
        if tokenizer is not None:  # transformers warns of long texts once; here they are cut into windows
            tokenizer.deprecation_warnings["sequence-length-is-longer-than-the-specified-maximum"] = True
    shared: dict[str, Any] = {
        "truncate": False,
        "split_long_text_mode": SplitLongTextMode.WORDS,
        "device": pipe._execution_device,
        "model_max_length": window(pipe),
    }
    if getattr(pipe, "text_encoder_2", None) is None:
        return [(EmbeddingsProvider(pipe.tokenizer, pipe.text_encoder, **shared), False)]
    shared["returned_embeddings_type"] = ReturnedEmbeddingsType.PENULTIMATE_HIDDEN_STATES_NON_NORMALIZED
    return [
        (EmbeddingsProvider(pipe.tokenizer, pipe.text_encoder, **shared), False),
        (EmbeddingsProvider(pipe.tokenizer_2, pipe.text_encoder_2, **shared), True),
    ]


def _read(reader: Any, texts: list[str], length: int | None = None) -> "torch.Tensor":
    """Embeddings (texts, tokens, width); shorter texts, and all below `length` tokens, end in empty windows."""
    import torch

    embeds = [
        reader.build_weighted_embedding_tensor(
            *reader.get_token_ids_and_expand_weights([text], [1.0], device=reader.device), device=reader.device
        )
        for text in texts
    ]
    longest = max(length or 0, *(each.shape[1] for each in embeds))
    missing = [(longest - each.shape[1]) // reader.max_token_count for each in embeds]
    if any(missing):
        empty = reader.empty_z.to(embeds[0])
        embeds = [torch.cat([each, *[empty] * count], dim=1) for each, count in zip(embeds, missing, strict=True)]
    return torch.cat(embeds)


def joined(parts: list[Encoded]) -> dict[str, "torch.Tensor"]:
    """Prompts of one length as the arguments of a pipeline's call."""
    import torch

    named: dict[str, list[Any]] = {
        "prompt_embeds": [part.prompt for part in parts],
        "pooled_prompt_embeds": [part.pooled for part in parts],
        "negative_prompt_embeds": [part.negative for part in parts],
        "negative_pooled_prompt_embeds": [part.negative_pooled for part in parts],
    }
    return {name: torch.cat(each) for name, each in named.items() if each[0] is not None}
