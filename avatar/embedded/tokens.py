"""The words: a byte-level BPE tokenizer of CLIP's kind, learned from the captions that drawings would have."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from personify.avatar.embedded.runs import save_model

if TYPE_CHECKING:
    from transformers import CLIPTokenizer

START, END = "<|startoftext|>", "<|endoftext|>"
_WORD_END = "</w>"


def learn_tokens(captions: list[str], *, vocabulary: int, length: int) -> "CLIPTokenizer":
    """A tokenizer of at most `vocabulary` tokens that cuts and fills captions to `length` tokens.

    Token 0 begins a caption and token 1 ends and fills it. Every byte has a token, within a word and at its end, so
    that no word is unknown. The same captions give the same tokenizer.
    """
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import CLIPTokenizer

    ruled = CLIPTokenizer()  # for CLIP's own ways to split words
    cutter = Tokenizer(models.BPE(unk_token=END, end_of_word_suffix=_WORD_END))
    cutter.normalizer = ruled.backend_tokenizer.normalizer
    cutter.pre_tokenizer = ruled.backend_tokenizer.pre_tokenizer
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - len(alphabet), special_tokens=[START, END], initial_alphabet=alphabet,
        end_of_word_suffix=_WORD_END, min_frequency=3, show_progress=False,
    )  # fmt: skip
    cutter.train_from_iterator(captions, trainer)
    learned = json.loads(cutter.to_str())["model"]
    vocab: dict[str, int] = learned["vocab"]
    for letter in alphabet:
        vocab.setdefault(letter + _WORD_END, len(vocab))
    merges = [tuple(pair) for pair in learned["merges"]]
    return CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=length)


def captions_of(seeds: int) -> list[str]:
    """The captions of that many drawings, without drawing them."""
    from personify.avatar.embedded.captions import caption
    from personify.avatar.embedded.drawings import held_out
    from personify.avatar.embedded.plans import make_plan

    return [caption(make_plan(seed, None, None, None)) for seed in range(seeds) if not held_out(seed)]


def save_tokens(tokenizer: "CLIPTokenizer", folder: Path) -> None:
    """The tokenizer's files, whole or not at all."""
    save_model(tokenizer, folder)


def load_tokens(folder: Path) -> "CLIPTokenizer":
    """The tokenizer of a folder."""
    from transformers import CLIPTokenizer

    return CLIPTokenizer.from_pretrained(folder)
