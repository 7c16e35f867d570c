"""Coqui models from disk into memory: found in their folder, checked, and put on the best device.

Checkpoints are pickles, which can hold code. Coqui loads them with torch's safe unpickler (`weights_only=True`), which
builds tensors and plain values and refuses everything else; what a configuration may name is checked here.
"""

import importlib
import json
import logging
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personify.voices.errors import BadInput, PersonifyError
from personify.voices.stopping import heed_between_parts

if TYPE_CHECKING:
    from personify.voices.engines.coqui.voice import CoquiVoice
    from personify.voices.models import VoiceModel

CONFIG = "config.json"
_NAMES = ("model_file.pth", "model_file.pth.tar", "model.pth", "checkpoint.pth", "best_model.pth")
"""What Coqui calls a checkpoint, in its own order, and what its trainer does."""
_COMPANIONS = {
    "speakers_file": ("speaker_ids.json", "speaker_ids.pth", "speakers.json", "speakers.pth"),
    "speaker_file": ("speaker_ids.json", "speaker_ids.pth"),
    "d_vector_file": ("speakers.json", "speakers.pth"),
    "language_ids_file": ("language_ids.json",),
    "speaker_encoder_model_path": ("model_se.pth", "model_se.pth.tar"),
    "speaker_encoder_config_path": ("config_se.json",),
}
"""Files that a configuration names by the path on the machine of its training, and what they are called here."""


def load_voice(model: "VoiceModel", folder: Path) -> "CoquiVoice":
    """The model in `folder`, ready to speak.

    Raises `PersonifyError` in one sentence for what is missing, damaged, of another kind, or holds code.
    """
    with _plain_errors(model, folder):
        from personify.voices.engines.coqui.phonemes import use_own_espeak

        for chatty in ("TTS", "trainer"):  # they tell of every letter that a model lacks
            logging.getLogger(chatty).setLevel(logging.ERROR)
        use_own_espeak()
        config = _config(folder)
        kind = str(config.model).lower()
        if kind == "vits":
            return _vits(config, folder)
        if kind == "xtts":
            return _xtts(config, folder)
        return _other(model, config, folder)


def checkpoint_in(folder: Path) -> Path | None:
    """The file with the weights, None where there is none, or several and no usual name."""
    for name in _NAMES:
        if (folder / name).is_file():
            return folder / name
    others = [path for path in folder.glob("*.pt*") if path.name not in ("speakers.pth", "speakers_xtts.pth")]
    return others[0] if len(others) == 1 else None


def is_complete(folder: Path) -> bool:
    """Whether the two files are there without which nothing can be loaded."""
    return (folder / CONFIG).is_file() and checkpoint_in(folder) is not None


def _config(folder: Path) -> Any:
    """The configuration, checked, with the files that it names in this folder."""
    from TTS.config import load_config

    config = load_config(folder / CONFIG)
    characters = config.get("characters")
    named = (characters or {}).get("characters_class") or ""
    if not named.startswith("TTS.") and named:
        raise BadInput(f"{folder / CONFIG} names the class {named!r}, and only Coqui's own are loaded; leave it out")
    for part in (config, config.get("model_args") or {}):
        for key, usual in _COMPANIONS.items():
            if key in part:
                part[key] = _companion(part[key], usual, folder)
    if config.audio.get("stats_path"):
        config.audio["stats_path"] = _companion(config.audio["stats_path"], ("scale_stats.npy",), folder)
    return config


def _companion(value: Any, usual: tuple[str, ...], folder: Path) -> Any:
    """The file of the folder that `value` means, in the form that it has (a path or a list of one), or nothing."""
    told = value[0] if isinstance(value, list) and value else value
    names = ([Path(told).name] if isinstance(told, str) and told else []) + list(usual)
    found = next((str(folder / name) for name in names if (folder / name).is_file()), None)
    return [found] if isinstance(value, list) and found else found if found else type(value)() if value else value


def _vits(config: Any, folder: Path) -> "CoquiVoice":
    from TTS.tts.models.vits import Vits

    from personify.voices.engines.coqui.vits import VitsVoice

    model = Vits(config)
    model.load_checkpoint(config, checkpoint_in(folder), eval=True)
    heed_between_parts(model)
    return VitsVoice(model.to(_device()))


def _xtts(config: Any, folder: Path) -> "CoquiVoice":
    from TTS.tts.models.xtts import Xtts

    from personify.voices.engines.coqui.xtts import XttsVoice

    model = Xtts(config)
    model.load_checkpoint(
        config,
        checkpoint_dir=folder,
        checkpoint_path=checkpoint_in(folder),
        vocab_path=folder / "vocab.json",
        eval=True,
        use_deepspeed=False,
    )
    heed_between_parts(model)
    return XttsVoice(model.to(_device()))


def _other(model: "VoiceModel", config: Any, folder: Path) -> "CoquiVoice":
    from TTS.utils.synthesizer import Synthesizer

    from personify.voices.engines.coqui.other import OtherVoice

    vocoder = folder / "vocoder"
    with _saved(config) as told:
        synthesizer = Synthesizer(
            tts_checkpoint=checkpoint_in(folder),
            tts_config_path=told,
            vocoder_checkpoint=checkpoint_in(vocoder) if is_complete(vocoder) else None,
            vocoder_config=vocoder / CONFIG if is_complete(vocoder) else None,
        )
    heed_between_parts(synthesizer)
    return OtherVoice(synthesizer.to(_device()), model.name)


@contextmanager
def _saved(config: Any) -> Iterator[Path]:
    """The configuration as a file for a while, because Coqui's synthesizer reads it from one."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="personify-") as folder:
        path = Path(folder) / CONFIG
        config.save_json(str(path))
        yield path


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


@contextmanager
def _plain_errors(model: "VoiceModel", folder: Path) -> Iterator[None]:
    """What can be wrong with a model's files, in one sentence with the way out."""
    way = f"delete {folder}, then: personify tones pull {model.name}"
    if model.folder:
        way = "give the folder another copy of it"
    try:
        importlib.import_module("TTS")
        importlib.import_module("torchaudio")
    except (ImportError, OSError, RuntimeError) as error:
        raise PersonifyError(
            f"Coqui's models can't run here: {_first_line(error)}; install torch and torchaudio of one build, or remove"
            " the folder 'lib' of a torchaudio that is built for CUDA"
        ) from error
    if not is_complete(folder):
        held = ", ".join(sorted(path.name for path in folder.iterdir())[:6]) if folder.is_dir() else "nothing"
        raise PersonifyError(
            f"the voice model {model.name} is not whole: {folder} needs {CONFIG} and model.pth, and holds"
            f" {held or 'nothing'}; {way}"
        )
    try:
        yield
    except PersonifyError:
        raise
    except pickle.UnpicklingError as error:
        raise PersonifyError(
            f"the voice model {model.name} is refused: a file in {folder} is damaged or holds more than weights, such"
            f" as code that would run when it is loaded ({_first_line(error)}); {way}"
        ) from error
    except json.JSONDecodeError as error:
        raise PersonifyError(
            f"the voice model {model.name} can't be read: line {error.lineno} of {folder / CONFIG} is not valid JSON;"
            f" {way}"
        ) from error
    except Exception as error:  # whatever Coqui and torch make of files that don't fit together
        raise PersonifyError(
            f"the voice model {model.name} in {folder} can't be loaded: {type(error).__name__}: {_first_line(error)};"
            f" if its files are damaged, {way}"
        ) from error


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
