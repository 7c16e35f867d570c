"""What the web app is told: by options, else the table `[web]` of `personify.toml`, else these defaults."""

import ipaddress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from personify.voices.errors import BadInput
from personify.voices.settings import own_table

TABLE = "web"
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StageTurns(_Settings):
    """How many avatars may be in each stage at once; the others wait for their turn. Stages not named don't wait."""

    persona: int = Field(4, ge=1)
    portrait: int = Field(1, ge=1)
    speech: int = Field(2, ge=1)
    clip: int = Field(1, ge=1)


class Limits(_Settings):
    """What one user may ask for, so that the others get their turn too."""

    description_chars: int = Field(1000, ge=1)
    said_chars: int = Field(2000, ge=1)
    picture_mb: float = Field(12, gt=0)
    audio_s: float = Field(30, gt=0)
    audio_mb: float = Field(4, gt=0)
    bundle_mb: float = Field(60, gt=0)
    sessions: int = Field(100, ge=1)
    replies_per_minute: int = Field(30, ge=1)
    makes_per_hour: int | None = Field(None, ge=1)
    """Without it 30 where others can reach the app, and no limit on this machine alone."""
    replies_at_once: int = Field(24, ge=1)
    idle_minutes: float = Field(30, gt=0)


class WebSettings(_Settings):
    """All that the app is told; see docs/serving.md."""

    host: str = "127.0.0.1"
    port: int = Field(7860, ge=0, le=65535)
    """0 takes any that is free."""
    shelf: str = "avatars"
    """A folder, or a URL that fsspec knows, such as s3://bucket/avatars."""
    llm: str | None = None
    asr: str | None = None
    login: Path | None = None
    """A file of `name:hash` lines; see `logins.py`."""
    private: bool | None = None
    """Whether each browser, or each name with a login, has a shelf of its own; without it that is so where others can
    reach the app."""
    memory: bool = True
    warm: bool = True
    """Whether all that the first visitor needs is loaded at the start."""
    mcp: bool = False
    allow_host: tuple[str, ...] = ()
    """Names by which a proxy or another machine asks for the app."""
    limits: Limits = Limits()
    turns: StageTurns = StageTurns()

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host in LOOPBACK_NAMES

    @property
    def is_public(self) -> bool:
        """Whether several people may use it."""
        return self.login is not None or not self.is_loopback

    @property
    def is_private(self) -> bool:
        """Whether shelves are apart."""
        return self.is_public if self.private is None else self.private

    @property
    def makes_per_hour(self) -> int | None:
        """How many avatars one session may make; None for no limit."""
        return self.limits.makes_per_hour or (30 if self.is_public else None)

    @property
    def request_bytes(self) -> int:
        """No request may be larger than this, whatever it asks for."""
        limits = self.limits
        return int(max(limits.bundle_mb, limits.picture_mb, limits.audio_mb) * 2**20) + 2**20


def read_settings(**told: Any) -> WebSettings:
    """The settings; what is None among `told` the user's file says, or else the defaults do.

    Raises `BadInput` that names the place and the key.
    """
    path, table = own_table(TABLE)
    given = {name: value for name, value in told.items() if value is not None}
    for place, values in ((f"{path}: [{TABLE}]", table), ("the web app's options", {**table, **given})):
        try:
            settings = WebSettings.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            key = ".".join(map(str, first["loc"]))
            raise BadInput(f"{place}: {key}: {first['msg']}") from None
    return settings
