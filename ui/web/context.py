"""All that the parts of the web app share, handed to each of them."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from personify.ui.web.owners import owner_of
from personify.ui.web.scratch import Scratch
from personify.ui.web.sessions import Session, Sessions
from personify.ui.web.settings import WebSettings
from personify.ui.web.turns import Turns

if TYPE_CHECKING:
    import gradio as gr

    from personify.pipelines import Studio
    from personify.ui.web.shelf import Shelf
    from personify.voices.transcribing import Transcriber


@dataclass(frozen=True)
class Hearing:
    """Who writes down what is said into the microphone, if anybody; `how` says how to get one, or which it is."""

    transcriber: "Transcriber | None"
    how: str


@dataclass
class Life:
    """Whether the app can be used: "starting", "running" or "ending"."""

    state: str = "starting"


@dataclass(frozen=True)
class Context:
    """One per process."""

    settings: WebSettings
    studio: "Studio"
    sessions: Sessions
    turns: Turns
    hearing: Hearing
    scratch: Scratch
    life: Life = field(default_factory=Life)

    def session(self, request: "gr.Request") -> Session:
        """The session of whoever sent a Gradio event, opened where there is none. Raises `TooBusy`."""
        hash_ = request.session_hash or ""
        login = request.username or None
        owner = owner_of(dict(request.cookies or {}), login, hash_)
        return self.sessions.open(hash_, owner, self._user(owner, login))

    def find_session(self, request: "gr.Request") -> Session | None:
        """Likewise, but only if it is open; for the event of a page that was left."""
        hash_ = request.session_hash or ""
        owner = owner_of(dict(request.cookies or {}), request.username or None, hash_)
        return self.sessions.by_hash(hash_, owner)

    def shelf(self, session: Session) -> "Shelf":
        """The shelf that this session sees."""
        from personify.ui.web.shelf import open_shelf

        return open_shelf(self.settings.shelf, session.owner if self.settings.is_private else None)

    def close(self, within_s: float | None = 2.0) -> None:
        """Ends every session and removes what lies in temporary folders."""
        self.life.state = "ending"
        self.sessions.close_all(within_s)
        self.scratch.close()

    def _user(self, owner: str, login: str | None) -> str:
        """Whose memories: nobody remembers another's talk."""
        if login is not None:
            return login
        return owner if self.settings.is_public or self.settings.is_private else "me"


def build_context(settings: WebSettings, studio: "Studio | None" = None, **parts: Any) -> Context:
    """The services that the app runs on. Raises `BadInput` for a language model or a transcriber that is none."""
    if studio is None:
        from personify.pipelines import Studio

        studio = Studio(llm=settings.llm)
    hearing = parts.get("hearing") or _hearing(settings)
    scratch = Scratch()
    sessions = Sessions(settings, studio, scratch.make("sessions"))
    return Context(settings, studio, sessions, Turns(settings.turns.model_dump()), hearing, scratch)


def _hearing(settings: WebSettings) -> Hearing:
    try:
        from personify.voices.transcribing import find_transcriber
    except ImportError:
        return Hearing(None, "nothing here transcribes")
    found = find_transcriber(settings.asr)
    return Hearing(found.transcriber, found.how)
