"""Where the files of a Whisper model are on this machine, and how to get those that aren't here. Fetches nothing.

The cache is the one that huggingface_hub shares between programs; `hf download REPOSITORY` fills it.
"""

import os
import re
from pathlib import Path

from personify.voices.errors import BadInput, MissingExtra, PersonifyError

OWNER = "Systran"
USUAL = ("base", "base.en", "small", "small.en", "tiny", "tiny.en")
"""What is taken where nothing is named, if it is here: the first that hears well in less time than was spoken for."""
NEEDED = ("config.json", "model.bin", "tokenizer.json")
"""Without the tokenizer faster-whisper would fetch one from the hub."""
_VOCABULARIES = ("vocabulary.txt", "vocabulary.json")
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")


def weights_of(model: str) -> Path:
    """The folder with the files of this model: a folder itself, a name that faster-whisper knows, or "OWNER/NAME".

    Raises `BadInput` for a name that nobody knows or a folder that lacks a file, and `PersonifyError` with the command
    that fetches it where it isn't here.
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        return _complete(folder, f"copy them there, or fetch a model: {_command(repository_of(USUAL[0]))}")
    if model.startswith((".", "/", "~")) or "\\" in model:
        raise BadInput(f"there is no folder {model}; give one with a Whisper model converted for faster-whisper")
    repository = repository_of(model)
    found = cached(repository)
    if found is None:
        raise PersonifyError(
            f"the Whisper model {model!r} is not on this machine (looked in {cache_folder()}); fetch it with: "
            f"{_command(repository)}, or give a folder that holds it"
        )
    return _complete(found, f"fetch it again: {_command(repository)}")


def usual_weights() -> str | None:
    """The name of the first of `USUAL` that is here whole; None where none is."""
    for name in USUAL:
        found = cached(repository_of(name))
        if found is not None and not _missing(found):
            return name
    return None


def repository_of(model: str) -> str:
    """The hub's repository with this model's files; `BadInput` for a name that faster-whisper doesn't know."""
    if _REPOSITORY.fullmatch(model):
        return model
    known = _known()
    if model not in known:
        raise BadInput(
            f"unknown Whisper model {model[:60]!r}; choose one of: {', '.join(known)}, or give OWNER/NAME of a "
            "repository, a folder, or the address of a transcription server"
        )
    return known[model]


def cached(repository: str) -> Path | None:
    """The newest snapshot of a repository in the hub's cache, whole or not; asks no network."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(repository, cache_dir=cache_folder(), local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError, OSError):
        return None


def cache_folder() -> Path:
    """The hub's cache: `$HF_HUB_CACHE`, or `hub` in `$HF_HOME`, or in the user's cache, as they are set now."""
    own = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = os.environ.get("HF_HOME") or caches / "huggingface"
    return Path(own).expanduser() if own else Path(home).expanduser() / "hub"


def _known() -> dict[str, str]:
    """faster-whisper's own names, with the repositories that it means by them."""
    try:
        from faster_whisper.utils import _MODELS  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtra("hearing with Whisper needs faster-whisper: pip install 'personify[asr]'") from error
    return dict(_MODELS)


def _complete(folder: Path, way: str) -> Path:
    missing = _missing(folder)
    if missing:
        raise BadInput(f"{folder} lacks {', '.join(missing)} of a Whisper model for faster-whisper; {way}")
    return folder


def _missing(folder: Path) -> list[str]:
    lacking = [name for name in NEEDED if not (folder / name).is_file()]
    has_vocabulary = any((folder / name).is_file() for name in _VOCABULARIES)
    return lacking if has_vocabulary else [*lacking, _VOCABULARIES[0]]


def _command(repository: str) -> str:
    return f"hf download {repository}"
