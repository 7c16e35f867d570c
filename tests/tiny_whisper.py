"""A tiny Whisper that is real in everything but its size: transformers' class, CTranslate2's converter and files.

Its weights are random except that each place of the decoder favours one token: so it writes the same text whatever it
hears, in the language and with the doubt that a test wants. How it is loaded, fed and decoded is as with any other.
"""

import json
from pathlib import Path

_SIZE = 64
_WHOLE = 51865
"""Tokens of a multilingual Whisper; CTranslate2 tells one by that, or by the empty token among them."""
_LONGEST = 448
_CONTROL = ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]
_STAMPS = [f"<|{i * 0.02:.2f}|>" for i in range(1501)]


def tiny_whisper(folder: Path, text: str, *, language: str = "en", no_speech: float = 0.0, repeats: int = 1) -> Path:
    """A folder with the files of a converted model which hears `text`, `repeats` times, in that language.

    `no_speech` from 0 to 1: how strongly it believes that there is none.
    """
    import torch
    from faster_whisper.tokenizer import _LANGUAGE_CODES
    from transformers import PreTrainedTokenizerFast, WhisperConfig, WhisperForConditionalGeneration

    tokenizer = _tokenizer(list(_LANGUAGE_CODES))
    torch.manual_seed(7)
    config = WhisperConfig(
        vocab_size=_WHOLE, d_model=_SIZE, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=64, decoder_ffn_dim=64, num_mel_bins=80, max_source_positions=1500,
        max_target_positions=_LONGEST, pad_token_id=0, bos_token_id=0, eos_token_id=0, decoder_start_token_id=1,
        suppress_tokens=None, begin_suppress_tokens=None,
    )  # fmt: skip
    model = WhisperForConditionalGeneration(config).eval()
    ids = tokenizer.encode(text, add_special_tokens=False).ids * repeats
    of = tokenizer.token_to_id
    eot = of("<|endoftext|>")
    # start, language, transcribe, notimestamps, then the words: what place i favours is what comes at place i + 1.
    wanted = [of(f"<|{language}|>"), of("<|transcribe|>"), of("<|notimestamps|>"), *ids, eot]
    with torch.no_grad():
        rows = model.model.decoder.embed_tokens.weight
        rows.copy_(torch.sign(torch.randn_like(rows)))
        for layer in model.model.decoder.layers:  # what the layers add is random and small beside it
            for part in (layer.self_attn.out_proj, layer.encoder_attn.out_proj, layer.fc2):
                part.weight.mul_(0.01)
                part.bias.zero_()
        places = model.model.decoder.embed_positions.weight
        places.zero_()
        for i in range(_LONGEST):
            places[i] = 20 * rows[wanted[min(i, len(wanted) - 1)]]
        places[0] += 20 * (2 * no_speech) * rows[of("<|nospeech|>")]
    raw = folder / "raw"
    model.save_pretrained(raw)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|endoftext|>").save_pretrained(raw)
    return _converted(raw, folder / "model", sorted(of(f"<|{tag}|>") for tag in _LANGUAGE_CODES))


def _converted(raw: Path, folder: Path, languages: list[int]) -> Path:
    from ctranslate2.converters import TransformersConverter

    TransformersConverter(str(raw), copy_files=["tokenizer.json"]).convert(str(folder), quantization="float32")
    settings = folder / "config.json"  # the converter looks for the languages in a tokenizer of Whisper's own class
    settings.write_text(json.dumps(json.loads(settings.read_text()) | {"lang_ids": languages}))
    return folder


def _tokenizer(languages: list[str]):
    """Bytes as tokens, as Whisper's alphabet is, filled up to its size; then its own special ones in their order."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    specials = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{tag}|>" for tag in languages), *_CONTROL]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    filling = _WHOLE - len(specials) - len(alphabet) - len(_STAMPS)
    space = "\u0120"  # how a space is written in that alphabet; words begin with one, as Whisper's do
    merges = [(space, letter) for letter in alphabet if letter != space]
    words = [
        *alphabet,
        *("".join(pair) for pair in merges),
        *(f"unused{i}" for i in range(filling - len(merges) - 1)),
        "",
    ]
    vocabulary = {word: i for i, word in enumerate(words)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(specials)
    return tokenizer
