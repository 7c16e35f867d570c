"""Fetching one file from an address: what came of a fetch that was stopped is kept, and only the rest is asked for.

Knows nothing of what is in the file.
"""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from personify.voices.errors import MissingExtra, PersonifyError

OnBytes = Callable[[int, int], None]
"""Hears how many bytes are here, and how many there will be; 0 where nobody knows."""
_CHUNK_BYTES = 1 << 14
"""What is lost at most where a connection ends in the middle."""
_PATIENCE_S = 30.0


def fetch(url: str, target: Path, on_bytes: OnBytes) -> None:
    """Brings what is at `url` into the file `target`, which appears whole or not at all.

    `<target>.part` beside it holds what came so far. Raises `PersonifyError` in one sentence where the address can't be
    reached or refuses, the disk is full, or the connection is lost; call it again to go on.
    """
    try:
        import requests
    except ImportError as error:
        raise MissingExtra("fetching voices needs requests: pip install 'personify[coqui]'") from error
    part = target.with_name(f"{target.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    here = part.stat().st_size if part.exists() else 0
    asked = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={here}-"} if here else {})
    try:
        with requests.get(url, headers=asked, stream=True, timeout=_PATIENCE_S) as answer:
            if answer.status_code == requests.codes.requested_range_not_satisfiable:
                if answer.headers.get("content-range", "").replace(" ", "") == f"bytes*/{here}":  # it is all here
                    on_bytes(here, here)
                    part.replace(target)
                    return
                part.unlink()  # it changed since
                raise PersonifyError(f"what was kept of {_name(url)} no longer fits what is there; try again")
            if not answer.ok:
                raise PersonifyError(
                    f"{_name(url)} can't be fetched: the server answers {answer.status_code} {answer.reason}; try again"
                    " later, or give a local folder in personify.toml"
                )
            going_on = answer.status_code == requests.codes.partial_content
            here = here if going_on else 0
            length = int(answer.headers.get("content-length", 0))
            total = here + length if length else 0
            with part.open("ab" if going_on else "wb") as file:
                for chunk in answer.iter_content(_CHUNK_BYTES):
                    file.write(chunk)
                    here += len(chunk)
                    on_bytes(here, total)
    except (requests.RequestException, OSError) as error:
        said = (str(error) or type(error).__name__).splitlines()[0]
        raise PersonifyError(
            f"fetching {_name(url)} stopped: {said[:200]}; what came is kept: call it again to go on, or give a local"
            " folder in personify.toml"
        ) from error
    if total and here != total:
        raise PersonifyError(f"{_name(url)} broke off after {here} of {total} bytes; call it again to go on")
    part.replace(target)


def _name(url: str) -> str:
    """The file's name and its host, without what an address may carry of secrets."""
    parts = urlsplit(url)
    return f"{parts.path.rsplit('/', 1)[-1]} from {parts.hostname}"
