"""Where a Coqui model's files are, and how they come: a ZIP of a release, single files, or a repository of the hub.

Looking needs neither TTS nor the network. A fetched model appears in its folder whole or not at all; a fetch that was
stopped goes on. What Coqui has, and where, it says itself in `.models.json`.
"""

import importlib.util
import json
import lzma
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personify.voices.engines.coqui.loading import is_complete
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.fetching import OnBytes, fetch
from personify.voices.licences import agreed, check_agreed
from personify.voices.models import PACKAGED, load_models
from personify.voices.settings import data_folder

if TYPE_CHECKING:
    from personify.voices.models import VoiceModel

_KEPT = (".pth", ".pt", ".tar", ".json", ".npy", ".txt", ".md", ".md5")
"""What is taken out of an archive."""
_WHOLE = ".whole"
"""Lies beside what came whole, until all of the model has."""
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, ValueError, OSError)
"""What reading a damaged archive raises."""
_SPARE_BYTES = 200_000_000
"""What a download leaves free on the disk."""


def place(model: "VoiceModel") -> Path:
    """The folder with the model's files. Raises `PersonifyError` with the way to them where they are not here."""
    missing = lacking(model)
    if missing:
        raise PersonifyError(f"the voice model {model.name} can't speak: {missing}")
    return _found(model) or _home(model)


def lacking(model: "VoiceModel") -> str:
    """What is missing and the way to it, empty where the model's files are here."""
    if _found(model):
        return ""
    if model.folder:
        return f"there is no {'whole model' if model.folder.is_dir() else 'folder'} at {model.folder}: it needs" \
               " config.json and model.pth"  # fmt: skip
    size = f" ({model.download_mb:g} MB)" if model.download_mb else ""
    asks = "" if agreed(model) else f", which asks you to agree to its licence, the {model.licence}"
    return f"not here yet: personify tones pull {model.name}{size}{asks}"


def pull(model: "VoiceModel", on_bytes: OnBytes) -> None:
    """Fetches the model's files, where they are not here.

    Raises `BadInput` before anything is fetched where its terms were not agreed to, or Coqui has no such model, and
    `PersonifyError` for a lost network, a full disk or a damaged archive.
    """
    if _found(model):
        return
    if model.folder:
        raise BadInput(f"{model.name} is a folder of your own; {lacking(model)}")
    check_agreed(_of_terms(model))
    with _alone(model):
        _pull(model, on_bytes)


def _of_terms(model: "VoiceModel") -> "VoiceModel":
    """The model whose terms hold: Personify's own of the same source, where Coqui asks for an agreement to it."""
    if model.terms or not model.source:
        return model
    item = listed(model.source)
    if not item.get("tos_required"):
        return model
    for own in load_models(PACKAGED).values():
        if own.source == model.source:
            return own
    raise BadInput(
        f"{model.source} may not be fetched without an agreement to its licence, the {item.get('license')}; give"
        f" {model.name} its terms in personify.toml, as terms, so that it can be asked for"
    )


@contextmanager
def _alone(model: "VoiceModel") -> Iterator[None]:
    """Refuses where another program fetches the same model right now."""
    from filelock import FileLock, Timeout

    lock = data_folder() / "locks" / f"{_home(model).name}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            yield
    except Timeout as error:
        raise PersonifyError(f"another program is fetching {model.name} right now; wait for it") from error


def _pull(model: "VoiceModel", on_bytes: OnBytes) -> None:
    home = _home(model)
    work = home.with_name(f"{home.name}.fetching")
    _check_room(model, work)
    work.mkdir(parents=True, exist_ok=True)
    if model.archive:
        _fetch_archive(model.archive, work, on_bytes)
    else:
        item = listed(model.source)
        _fetch_item(item, work, on_bytes)
        if item.get("default_vocoder"):
            _fetch_item(listed(item["default_vocoder"]), work / "vocoder", on_bytes)
    if not is_complete(work):
        held = ", ".join(sorted(path.name for path in work.iterdir() if path.name != _WHOLE)[:6])
        shutil.rmtree(work)
        raise PersonifyError(f"what came of {model.name} is no whole model: it holds {held}; tell whoever offers it")
    if home.exists():
        shutil.rmtree(home)  # what was never whole
    for mark in list(work.rglob(_WHOLE)):
        mark.unlink()
    work.replace(home)


def _found(model: "VoiceModel") -> Path | None:
    """The folder that holds the whole model: ours, or the one that Coqui's own program keeps."""
    return next((folder for folder in _places(model) if is_complete(folder)), None)


def _places(model: "VoiceModel") -> list[Path]:
    if model.folder:
        return [model.folder]
    if not model.source:
        return [_home(model)]
    import platformdirs

    return [_home(model), Path(platformdirs.user_data_dir("tts", appauthor=False)) / model.source.replace("/", "--")]


def _home(model: "VoiceModel") -> Path:
    return data_folder() / "voices" / (model.source.replace("/", "--") or model.name)


def listed(source: str) -> dict[str, Any]:
    """What Coqui's own list says of a model: its licence, and where it is.

    Raises `BadInput` with what is near, for a name that isn't in it.
    """
    spec = importlib.util.find_spec("TTS")
    found: Any = json.loads(Path(str(spec and spec.origin)).with_name(".models.json").read_text("utf-8"))
    for part in source.split("/"):
        if not isinstance(found, dict) or part not in found:
            near = ", ".join(sorted(found)[:20]) if isinstance(found, dict) else ""
            raise BadInput(f"Coqui has no voice model {source!r}; at {part!r} it has: {near}")
        found = found[part]
    return dict(found)


def _fetch_item(item: dict[str, Any], folder: Path, on_bytes: OnBytes) -> None:
    if (folder / _WHOLE).exists():  # came before a fetch of the rest was stopped
        return
    address = item.get("github_rls_url")
    if isinstance(address, str):
        _fetch_archive(address, folder, on_bytes)
    elif address:
        for url in address:
            file = folder / url.rsplit("/", maxsplit=1)[-1]
            if not file.exists():
                fetch(url, file, on_bytes)
    else:
        _fetch_repository(item, folder, on_bytes)
    (folder / _WHOLE).touch()


def _fetch_archive(url: str, folder: Path, on_bytes: OnBytes) -> None:
    """The files of a ZIP, in `folder` itself whatever folders they were in. The ZIP is checked before it is opened."""
    packed = folder.with_name(f"{folder.name}.zip")
    if not packed.exists():
        fetch(url, packed, on_bytes)
    try:
        with zipfile.ZipFile(packed) as archive:
            damaged = archive.testzip()
            if damaged:
                raise zipfile.BadZipFile(f"{damaged} is damaged")
            _unpack(archive, folder)
    except _DAMAGE as error:
        packed.unlink()
        raise PersonifyError(f"{packed.stem} came damaged ({error}) and was thrown away; try again") from error
    except RuntimeError as error:  # it has a password, or is packed in a way that Python doesn't know
        packed.unlink()
        raise PersonifyError(
            f"{packed.stem} can't be unpacked ({error}) and was thrown away; unpack it by other means, and give its"
            " folder in personify.toml"
        ) from error
    packed.unlink()


def _unpack(archive: zipfile.ZipFile, folder: Path) -> None:
    wanted = [member for member in archive.infolist() if not member.is_dir() and member.filename.endswith(_KEPT)]
    total = sum(member.file_size for member in wanted)
    if total > shutil.disk_usage(folder.parent).free - _SPARE_BYTES:
        raise PersonifyError(f"the disk is too full: {folder.parent} needs {total / 1e6:.0f} MB for the voice model")
    draft = folder / ".draft"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for member in wanted:
            name = Path(member.filename.replace("\\", "/")).name  # never a path that leads elsewhere
            with archive.open(member) as packed, draft.open("wb") as file:
                shutil.copyfileobj(packed, file)
            draft.replace(folder / name)
    except OSError as error:  # the archive was read whole before, so it is kept
        draft.unlink(missing_ok=True)
        raise PersonifyError(
            f"{folder} can't be written: {error.strerror or error}; make room there and call it again to go on"
        ) from error


def _fetch_repository(item: dict[str, Any], folder: Path, on_bytes: OnBytes) -> None:
    """The files of a repository on the hub that Coqui's list names, into `folder`."""
    from huggingface_hub import errors, snapshot_download

    try:
        snapshot_download(
            item["repo_id"],
            allow_patterns=item.get("allow"),
            ignore_patterns=item.get("ignore"),
            local_dir=folder,
            endpoint=os.environ.get("HF_ENDPOINT", "").rstrip("/") or None,
            tqdm_class=_meter(on_bytes),
        )
    except (errors.HfHubHTTPError, errors.LocalEntryNotFoundError, OSError) as error:
        first = (str(error) or type(error).__name__).splitlines()[0]
        raise PersonifyError(
            f"fetching {item['repo_id']} stopped: {first[:200]}; what came is kept: call it again to go on, or give a"
            " local folder in personify.toml"
        ) from error
    shutil.rmtree(folder / ".cache", ignore_errors=True)


def _meter(on_bytes: OnBytes) -> type[Any]:
    """What huggingface_hub takes for a progress bar: it prints nothing and passes the bytes on."""
    from tqdm.auto import tqdm

    class Meter(tqdm):
        def __init__(self, *args: Any, **settings: Any) -> None:
            self._counts = settings.get("unit") == "B"
            settings.pop("name", None)
            super().__init__(*args, **{**settings, "disable": True})
            self._here = float(settings.get("initial") or 0)
            self.total = settings.get("total")

        def update(self, n: float | None = 1) -> bool | None:
            self._here += n or 0
            if self._counts:
                on_bytes(int(self._here), int(self.total or 0))
            return None

    return Meter


def _check_room(model: "VoiceModel", work: Path) -> None:
    """Refuses what can't fit: the archive and what is in it lie side by side for a while."""
    there = next(folder for folder in (work, *work.parents) if folder.exists())
    needed = 2e6 * model.download_mb + _SPARE_BYTES
    free = shutil.disk_usage(there).free
    if free < needed:
        raise PersonifyError(
            f"{model.name} needs {needed / 1e6:.0f} MB while it is fetched, and {there} has {free / 1e6:.0f} MB free"
        )
