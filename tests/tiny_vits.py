"""Coqui models of a few thousand weights, real classes with random numbers, saved as Coqui saves its own."""

import json
import math
from dataclasses import replace
from pathlib import Path

SPEAKERS = ("p225", "p226", "p227")


def vits_config(*, speakers=SPEAKERS, phonemes=True, rate=22050, language="en-us", sdp=False):
    """A configuration like the one of Coqui's VCTK model, smaller."""
    from TTS.tts.configs.shared_configs import BaseAudioConfig
    from TTS.tts.configs.vits_config import VitsArgs, VitsConfig
    from TTS.tts.models.vits import VitsCharacters

    args = VitsArgs(
        hidden_channels=16,
        hidden_channels_ffn_text_encoder=16,
        num_heads_text_encoder=2,
        num_layers_text_encoder=1,
        num_layers_posterior_encoder=1,
        num_layers_flow=2,
        out_channels=65,
        resblock_kernel_sizes_decoder=[3],
        resblock_dilation_sizes_decoder=[[1, 3, 5]],
        upsample_rates_decoder=[8, 8],
        upsample_kernel_sizes_decoder=[16, 16],
        upsample_initial_channel_decoder=16,
        speaker_embedding_channels=8,
        use_speaker_embedding=bool(speakers),
        use_sdp=sdp,
        init_discriminator=False,
    )
    return VitsConfig(
        model_args=args,
        audio=BaseAudioConfig(sample_rate=rate, fft_size=128, win_length=128, hop_length=64, num_mels=20),
        use_phonemes=phonemes,
        phonemizer="espeak" if phonemes else None,
        phoneme_language=language,
        text_cleaner="english_cleaners",
        characters=replace(VitsCharacters().to_config(), characters_class="TTS.tts.models.vits.VitsCharacters"),
        add_blank=True,
        use_speaker_embedding=bool(speakers),
    )


def save_vits(folder: Path, **settings) -> Path:
    """`model.pth`, `config.json` and `speaker_ids.json`; the last by a path of the machine that it was trained on."""
    import torch
    from TTS.tts.models.vits import Vits

    from personify.voices.engines.coqui.phonemes import use_own_espeak

    use_own_espeak()
    folder.mkdir(parents=True, exist_ok=True)
    config = vits_config(**settings)
    speakers = settings.get("speakers", SPEAKERS)
    ids = folder / "speaker_ids.json"
    if speakers:
        ids.write_text(json.dumps({name: i for i, name in enumerate(speakers)}), encoding="utf-8")
        config.speakers_file = config.model_args.speakers_file = str(ids)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = Vits(config)
        if not settings.get("sdp"):  # about 7 frames of 64 samples for each token, 20 ms at 22050 Hz
            torch.nn.init.zeros_(model.duration_predictor.proj.weight)
            torch.nn.init.normal_(model.duration_predictor.proj.weight, 0, 0.05)
            torch.nn.init.constant_(model.duration_predictor.proj.bias, math.log(7))
        if speakers:
            torch.nn.init.normal_(model.emb_g.weight, 0, 1)
    torch.save({"model": model.state_dict()}, folder / "model.pth")
    if speakers:
        config.speakers_file = config.model_args.speakers_file = "/home/trainer/speaker_ids.json"
    config.save_json(str(folder / "config.json"))
    return folder


def save_speedy(folder: Path) -> Path:
    """A SpeedySpeech without a vocoder: it reads letters and makes spectrograms, which Griffin-Lim turns into sound."""
    import torch
    from TTS.config.shared_configs import BaseAudioConfig
    from TTS.tts.configs.speedy_speech_config import SpeedySpeechConfig
    from TTS.tts.models.forward_tts import ForwardTTS

    folder.mkdir(parents=True, exist_ok=True)
    config = SpeedySpeechConfig(use_phonemes=False, text_cleaner="english_cleaners")
    config.audio = BaseAudioConfig(
        sample_rate=16000, fft_size=256, win_length=256, hop_length=128, num_mels=20, griffin_lim_iters=10,
        mel_fmin=0, mel_fmax=8000,
    )  # fmt: skip
    blocks = {"kernel_size": 4, "dilations": [1], "num_conv_blocks": 1, "num_res_blocks": 1}
    args = config.model_args
    args.hidden_channels, args.duration_predictor_hidden_channels, args.out_channels = 16, 16, 20
    args.encoder_params, args.decoder_params = blocks, dict(blocks)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = ForwardTTS(config)
        torch.save({"model": model.state_dict()}, folder / "model.pth")
    config.save_json(str(folder / "config.json"))
    return folder
