"""Agreements: which voice models' terms the user has agreed to, remembered in the user's data folder.

One small file a model, written whole or not at all. Changed terms must be agreed to again.
"""

import contextlib
import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from personify.voices.errors import BadInput, PersonifyError
from personify.voices.settings import data_folder

if TYPE_CHECKING:
    from personify.voices.models import VoiceModel


def agreed(model: "VoiceModel") -> bool:
    """Whether nothing needs to be agreed to, or it was: to these very terms."""
    if not model.terms:
        return True
    try:
        kept = json.loads(_file(model).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(kept, dict) and kept.get("licence") == model.licence and kept.get("terms") == model.terms


def agree(model: "VoiceModel") -> None:
    """Remembers that the user agrees to the model's terms. Raises `PersonifyError` where that can't be written."""
    if agreed(model):
        return
    path = _file(model)
    said = {"licence": model.licence, "terms": model.terms, "agreed": datetime.now(UTC).isoformat(timespec="seconds")}
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(said, ensure_ascii=False, indent=2), "utf-8")
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise PersonifyError(f"the agreement can't be kept in {path.parent}: {error.strerror}") from error


def check_agreed(model: "VoiceModel") -> None:
    """Raises `BadInput` that names the licence and the way on, where its terms weren't agreed to."""
    if not agreed(model):
        raise BadInput(
            f"{model.name} is under the {model.licence}. {model.terms} If you agree: personify tones pull {model.name}"
            f" --agree, or Studio().pull_voices({model.name!r}, agreed=True)"
        )


def _file(model: "VoiceModel") -> Path:
    return data_folder() / "agreements" / f"{model.name}.json"
