"""What a page may ask for, as it is checked: wishes, changes, and files that it sent. Nothing in it is trusted."""

import re
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from personify.avatar.portrait import Guidance
from personify.pipelines.editing import renamed
from personify.pipelines.persona import Depth, Persona
from personify.ui.web.wire import Sound
from personify.voices.errors import BadInput

_UPLOADED = re.compile(r"[0-9a-f]{64}")
"""The folder that Gradio puts an upload into is called after what is in it."""
_GROUPS = {
    "greeting": "speaking", "manner": "speaking", "traits": "personal", "likes": "personal", "dislikes": "personal",
    "backstory": "life",
}  # fmt: skip
"""Where in a persona that which can be edited stands."""

Asked = TypeVar("Asked", bound=BaseModel)


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Wished(_Told):
    """What the form of the first step sends."""

    description: str
    seed: int | None = Field(None, ge=0, le=2**32 - 1)
    tone: str | None = Field(None, max_length=200)
    expert: str | None = Field(None, max_length=200)
    guidance: Guidance | None = None
    depth: Depth = "brief"
    llm: str | None = Field(None, max_length=300)
    picture: str | None = Field(None, max_length=2000)
    sound: Sound = "wav"


class Edited(_Told):
    """What of a persona can be edited on the page; None leaves it as it is."""

    name: str | None = Field(None, max_length=80)
    greeting: str | None = None
    manner: str | None = None
    traits: tuple[str, ...] | None = None
    likes: tuple[str, ...] | None = None
    dislikes: tuple[str, ...] | None = None
    backstory: str | None = None

    def applied(self, persona: Persona) -> dict[str, Any]:
        """The persona with these changes, for `Studio.revise`, which checks it. A new name is used in all its texts.

        Raises `BadInput` for a name that is none.
        """
        whole = (persona if self.name is None else renamed(persona, self.name)).model_dump()
        for name, value in self.model_dump(exclude_none=True, exclude={"name"}).items():
            whole[_GROUPS[name]][name] = value
        return whole


class Revised(_Told):
    """What is to be made anew: another face, another voice, or an edited persona."""

    face: bool = False
    expert: str | None = Field(None, max_length=200)
    tone: str | None = Field(None, max_length=200)
    persona: Edited | None = None
    sound: Sound = "wav"

    @property
    def what(self) -> str:
        """Of the three."""
        return "face" if self.face else "voice" if self.tone is not None else "character"


class Named(_Told):
    """A character on the shelf; `back` says that the page was reloaded while it was here."""

    key: str = Field(max_length=200)
    back: bool = False
    sound: Sound = "wav"


class Sent(_Told):
    """A file that the page has uploaded."""

    path: str = Field(max_length=2000)
    sound: Sound = "wav"


def read(model: type[Asked], told: Any) -> Asked:
    """What the page sent, checked. Raises `BadInput` that names the field."""
    try:
        return model.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise BadInput(f"{'.'.join(map(str, first['loc'])) or 'the page'}: {first['msg']}") from None


def uploaded(told: str, uploads: Path, most_mb: float) -> Path:
    """The file that a page says it has uploaded, if it lies where uploads do. Raises `BadInput` for any other path, and
    for one that is too large, which is removed."""
    path = Path(told)
    try:
        ours = path.parent.parent.resolve() == uploads.resolve() and _UPLOADED.fullmatch(path.parent.name)
        there = ours and path.is_file() and not path.is_symlink()
    except (OSError, ValueError):  # no path at all
        there = False
    if not there:
        raise BadInput("that file isn't here any more; choose it again")
    if path.stat().st_size > most_mb * 2**20:
        path.unlink(missing_ok=True)
        raise BadInput(f"that file is too large; up to {most_mb:g} MB are read")
    return path
