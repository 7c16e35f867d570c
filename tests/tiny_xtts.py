"""An XTTS model of one small layer with random numbers, its letters and its speakers, saved as Coqui's own is."""

import json
import string
from pathlib import Path

SPEAKERS = ("Ana Florence", "Damien Black")
LANGUAGES = ("en", "es", "de", "zh-cn")


def save_xtts(folder: Path, *, audio_tokens: int = 25) -> Path:
    """`model.pth`, `config.json`, `vocab.json` and `speakers_xtts.pth`; each 20 tokens are a chunk of a stream."""
    import torch
    from TTS.tts.configs.xtts_config import XttsArgs, XttsConfig
    from TTS.tts.layers.xtts.tokenizer import VoiceBpeTokenizer
    from TTS.tts.models.xtts import Xtts

    folder.mkdir(parents=True, exist_ok=True)
    _save_vocabulary(folder / "vocab.json")
    config = XttsConfig(
        model_args=XttsArgs(
            gpt_layers=1,
            gpt_n_model_channels=64,
            gpt_n_heads=2,
            gpt_max_audio_tokens=audio_tokens,
            gpt_max_text_tokens=300,
            gpt_num_audio_tokens=34,
            gpt_start_audio_token=32,
            gpt_stop_audio_token=33,
            gpt_use_perceiver_resampler=True,
            decoder_input_dim=64,
        ),
        languages=list(LANGUAGES),
        gpt_cond_len=6,
        gpt_cond_chunk_len=6,
    )
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = Xtts(config)
        model.tokenizer = VoiceBpeTokenizer(vocab_file=folder / "vocab.json")
        model.init_models()
        torch.nn.init.constant_(model.gpt.mel_head.bias[33:], -1e4)  # it speaks as long as it may
        torch.save({"model": model.state_dict()}, folder / "model.pth")
        speakers = {
            name: {"gpt_cond_latent": torch.randn(1, 32, 64), "speaker_embedding": torch.randn(1, 512, 1)}
            for name in SPEAKERS
        }
    torch.save(speakers, folder / "speakers_xtts.pth")
    config.save_json(str(folder / "config.json"))
    return folder


def _save_vocabulary(path: Path) -> None:
    special = ["[STOP]", "[UNK]", "[SPACE]", "[START]", *(f"[{name}]" for name in LANGUAGES)]
    letters = string.ascii_lowercase + ".,!?'-áéíóúñäöüß"
    words = {word: i for i, word in enumerate([*special, *letters])}
    told = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": i, "special": True, "content": word, "single_word": False, "lstrip": False, "rstrip": False,
                "normalized": False,
            }
            for i, word in enumerate(special)
        ],
        "normalizer": None,
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "BPE", "dropout": None, "unk_token": "[UNK]", "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "vocab": words, "merges": [],
        },
    }  # fmt: skip
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
