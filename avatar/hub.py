"""The model hub: where its cache keeps a repository's files, and fetching them so that a stopped fetch goes on.

The cache is the one that huggingface_hub shares between programs, in its documented layout; looking into it needs
neither that library nor the network. Knows nothing of experts.
"""

import hashlib
import os
import re
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personify.voices.errors import MissingExtra, PersonifyError

if TYPE_CHECKING:
    from huggingface_hub import HfApi

OnBytes = Callable[[int, int], None]
"""Told how many bytes of how many are here."""
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class RemoteFile:
    """One file of a repository: its path in it, its size in bytes, and its SHA-256 where the hub knows it."""

    path: str
    size: int
    sha256: str | None


@dataclass(frozen=True)
class Listing:
    """A repository's files at one commit."""

    repo: str
    revision: str
    commit: str
    files: tuple[RemoteFile, ...]


def hub_cache() -> Path:
    """The cache's folder: `$HF_HUB_CACHE`, or `hub` in `$HF_HOME`, or in the user's cache, as huggingface_hub does."""
    own = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    home = os.environ.get("HF_HOME") or os.path.join(  # noqa: PTH118 - "~" and "$HOME" are still to be read
        os.environ.get("XDG_CACHE_HOME") or os.path.join("~", ".cache"),  # noqa: PTH118 - likewise
        "huggingface",
    )
    return Path(os.path.expandvars(own or f"{home}/hub")).expanduser()


def storage(repo: str) -> Path:
    """The cache's folder of a repository, whether it is there or not."""
    return hub_cache() / f"models--{repo.replace('/', '--')}"


def snapshot(repo: str, revision: str) -> Path | None:
    """The folder with a repository's files at a commit, branch or tag, or None where none was fetched.

    It may be incomplete, after a fetch that was stopped.
    """
    folder = storage(repo)
    reference = folder / "refs" / revision
    commit = reference.read_text("utf-8").strip() if reference.is_file() else revision
    found = folder / "snapshots" / commit
    return found if commit and found.is_dir() else None


def is_started(repo: str) -> bool:
    """Whether anything of the repository is in the cache."""
    blobs = storage(repo) / "blobs"
    return blobs.is_dir() and any(blobs.iterdir())


def list_files(repo: str, revision: str) -> Listing:
    """A repository's files as the hub tells them now; `PersonifyError` in one line where it can't be asked."""
    with _plain_errors(repo, revision):
        from huggingface_hub.hf_api import RepoFile

        api = _api()
        # Also asked where the revision is a commit: it fails at once without a network, and the listing after 25 s.
        commit = api.model_info(repo, revision=revision, timeout=30).sha
        tree = api.list_repo_tree(repo, recursive=True, revision=commit)
        files = tuple(
            RemoteFile(file.path, file.lfs.size if file.lfs else file.size, file.lfs.sha256 if file.lfs else None)
            for file in tree
            if isinstance(file, RepoFile)
        )
    return Listing(repo, revision, commit or revision, files)


def fetch(listing: Listing, names: Collection[str], on_bytes: OnBytes) -> Path:
    """Brings the files called `names` into the cache, small ones first, and returns the snapshot's folder.

    What is already here is kept, also the beginning of a file: only the rest of it is asked for. `on_bytes` hears of
    the bytes of these files. Stopped at any point (KeyboardInterrupt, a lost network), it can be called again. Call
    `settle` when all that is wanted is here. Raises `PersonifyError` in one line.
    """
    wanted = sorted((file for file in listing.files if file.path in names), key=lambda file: file.size)
    total = sum(file.size for file in wanted)
    done = 0
    with _plain_errors(listing.repo, listing.revision):
        for file in wanted:
            _fetch_one(listing, file, partial(_tell, on_bytes, done, total))
            done += file.size
            on_bytes(done, total)
    return storage(listing.repo) / "snapshots" / listing.commit


def settle(listing: Listing) -> None:
    """Lets the branch or tag in the cache point to this commit; until then it points to what was there before."""
    if listing.revision == listing.commit:
        return
    reference = storage(listing.repo) / "refs" / listing.revision
    reference.parent.mkdir(parents=True, exist_ok=True)
    new = reference.with_name(f".{reference.name}.{uuid.uuid4().hex[:8]}.new")
    new.write_text(listing.commit, "utf-8")
    new.replace(reference)


def _tell(on_bytes: OnBytes, before: int, total: int, here: int) -> None:
    on_bytes(before + here, total)


def _fetch_one(listing: Listing, file: RemoteFile, on_here: Callable[[int], None]) -> None:
    from filelock import FileLock, Timeout
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url

    folder = storage(listing.repo)
    pointer = folder / "snapshots" / listing.commit / file.path
    if pointer.is_file():
        if pointer.stat().st_size == file.size:
            return
        pointer.resolve().unlink()  # damaged since it came
        pointer.unlink(missing_ok=True)
    url = hf_hub_url(listing.repo, file.path, revision=listing.commit, endpoint=_endpoint())
    etag = get_hf_file_metadata(url, endpoint=_endpoint()).etag
    if not etag or not re.fullmatch(r"[\w-]+", etag):
        raise PersonifyError(f"the hub gave no usable name for {listing.repo}/{file.path}; try again later")
    blob = folder / "blobs" / etag
    lock = hub_cache() / ".locks" / folder.name / f"{etag}.lock"
    for parent in (blob.parent, lock.parent):
        parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            if not blob.is_file() or blob.stat().st_size != file.size:
                part = blob.with_name(f"{etag}.incomplete")
                _fetch_rest(url, part, file, on_here)
                part.replace(blob)
    except Timeout as error:
        raise PersonifyError(f"another program is fetching {listing.repo} right now; wait for it") from error
    hf_hub_download(  # finds the blob, and links it into the snapshot
        listing.repo, file.path, revision=listing.commit, cache_dir=hub_cache(), endpoint=_endpoint(),
    )  # fmt: skip


def _fetch_rest(url: str, part: Path, file: RemoteFile, on_here: Callable[[int], None]) -> None:
    """Fetches what is missing of `part`, and checks the whole."""
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers

    if part.exists() and part.stat().st_size > file.size:
        part.unlink()
    here = part.stat().st_size if part.exists() else 0
    on_here(here)
    with part.open("ab") as target:
        http_get(
            url, target, resume_size=here, headers=build_hf_headers(), expected_size=file.size,
            displayed_filename=file.path, tqdm_class=_meter(on_here),
        )  # fmt: skip
    if file.sha256 and _sha256(part) != file.sha256:
        part.unlink()
        raise PersonifyError(f"{file.path} came damaged (its SHA-256 is not the hub's) and was thrown away; try again")


def _meter(on_here: Callable[[int], None]) -> type[Any]:
    """What huggingface_hub takes for a progress bar: it prints nothing and passes the bytes on."""

    class Meter:
        def __init__(self, *_: Any, initial: float = 0, **__: Any) -> None:
            self.here = int(initial)

        def update(self, count: float | None = 1) -> None:
            self.here += int(count or 0)
            on_here(self.here)

        def __enter__(self) -> "Meter":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def close(self) -> None:
            pass

    return Meter


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _endpoint() -> str | None:
    """Another hub than the public one, where `$HF_ENDPOINT` names it."""
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or None


def _api() -> "HfApi":
    from huggingface_hub import HfApi

    return HfApi(endpoint=_endpoint())


@contextmanager
def _plain_errors(repo: str, revision: str) -> Iterator[None]:
    """Turns what can go wrong on the way into one sentence with the way out."""
    try:
        from huggingface_hub import errors
    except ImportError as error:
        raise MissingExtra("fetching weights needs huggingface_hub: pip install huggingface_hub") from error
    try:
        yield
    except errors.GatedRepoError as error:
        raise PersonifyError(
            f"the hub gives {repo} only to users who accepted its licence: accept it on the hub page of {repo}, then"
            " set HF_TOKEN to an access token"
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise PersonifyError(
            f"the hub has no repository {repo}, or it is private; check the name, or set HF_TOKEN"
        ) from error
    except errors.RevisionNotFoundError as error:
        raise PersonifyError(
            f"the repository {repo} has no revision {revision!r}; check it on the hub page of {repo}"
        ) from error
    except (errors.HfHubHTTPError, errors.HTTPError, OSError) as error:
        first = (str(error) or type(error).__name__).splitlines()[0]
        if type(error).__name__ == "ConnectError":  # the hub library's HTTP client changes its package between versions
            first = f"the hub can't be reached ({first})"
        raise PersonifyError(
            f"fetching {repo} stopped: {first[:200]}; what came is kept: call it again to go on, or give a local folder"
            " in personify.toml"
        ) from error
