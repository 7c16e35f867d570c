"""All that the parts of the web app share, handed to each of them."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Union

from personify.ui.web.owners import GUEST, login_of, neighbourhood, owner_of
from personify.ui.web.scratch import Scratch
from personify.ui.web.sessions import Session, Sessions
from personify.ui.web.settings import WebSettings
from personify.ui.web.turns import Turns
from personify.voices.stopping import Stop

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import Request

    from personify.pipelines import Studio
    from personify.ui.web.shelf import Shelf
    from personify.voices.transcribing import Hearing

Asking = Union["gr.Request", "Request"]


@dataclass
class Life:
    """Whether the app can be used: "starting", "running" or "ending".

    `warm` says that nothing is left to load for the first visitor; `stop` is asked when the app ends.
    """

    state: str = "starting"
    warm: bool = False
    stop: Stop = field(default_factory=Stop)

    def end(self) -> None:
        """From now on it ends."""
        self.state = "ending"
        self.stop.ask()


@dataclass(frozen=True)
class Context:
    """One per process. `hearing` writes down what is said into the microphone, or says how to get who does."""

    settings: WebSettings
    studio: "Studio"
    sessions: Sessions
    turns: Turns
    hearing: "Hearing"
    scratch: Scratch
    life: Life = field(default_factory=Life)

    def who(self, request: Asking) -> tuple[str, str]:
        """The owner of what a request makes, and the user whose memories it meets. Nobody meets another's, so a caller
        who can't be told from others gets an owner that nobody else has."""
        headers = {name.lower(): value for name, value in dict(request.headers or {}).items()}
        hash_ = getattr(request, "session_hash", None) or ""
        owner = owner_of(dict(request.cookies or {}), headers, hash_)
        alone = not (self.settings.is_public or self.settings.is_private)
        return owner, login_of(headers) or ("me" if alone else owner)

    def session(self, request: Asking) -> Session:
        """The session of whoever sent a Gradio event, opened where there is none. Raises `TooBusy`."""
        return self.open(request, getattr(request, "session_hash", None) or "", *self.who(request))

    def open(self, request: Asking, hash_: str, owner: str, user: str) -> Session:
        """The session of that owner with that hash, opened where there is none. Raises `TooBusy`."""
        client = getattr(request, "client", None)
        source = user if self.settings.login is not None else neighbourhood(client.host) if client else ""
        named = getattr(request, "session_hash", None) or not owner.startswith(GUEST)
        return self.sessions.open(hash_, owner, user, source=source, fleeting=not named)

    def find_session(self, request: Asking) -> Session | None:
        """Likewise, but only if it is open; for the event of a page that was left."""
        return self.sessions.by_hash(getattr(request, "session_hash", None) or "", self.who(request)[0])

    def shelf(self, session: Session) -> "Shelf":
        """The shelf that this session sees."""
        from personify.ui.web.shelf import open_shelf

        return open_shelf(self.settings.shelf, session.owner if self.settings.is_private else None)

    def close(self, within_s: float | None = 2.0) -> None:
        """Ends every session and removes what lies in temporary folders."""
        self.life.end()
        self.sessions.close_all(within_s)
        self.scratch.close()


def build_context(settings: WebSettings, studio: "Studio | None" = None, hearing: "Hearing | None" = None) -> Context:
    """The services that the app runs on. Raises `BadInput` or `MissingExtra` for a language model, a transcriber, a
    shelf or a certificate to sign with that is none."""
    from personify.pipelines.credentials import check_credentials
    from personify.ui.web.shelf import open_shelf

    check_credentials()
    if studio is None:
        from personify.pipelines import Studio

        studio = Studio(llm=settings.llm)
    if hearing is None:
        from personify.voices.transcribing import find_transcriber

        hearing = find_transcriber(settings.asr)
    open_shelf(settings.shelf)  # one that can't be had is refused before anything is begun
    scratch = Scratch()
    # inside Gradio's folder, because it serves what lies there in place, and copies what lies elsewhere
    sessions = Sessions(settings, studio, scratch.make("gradio") / "sessions")
    return Context(settings, studio, sessions, Turns(settings.turns.model_dump()), hearing, scratch)
