"""The named endpoints that others call: through `gradio_client`, and as MCP tools, where their docstrings are read.

Each is a few lines over the studio and the caller's own shelf; docs/api.md tells how to call them.
"""

import secrets
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import gradio as gr
from gradio.context import Context as GradioContext
from gradio.data_classes import FileData
from pydantic import ValidationError

from personify.pipelines.chat.pieces import SpeechPiece, Trouble
from personify.pipelines.create import read_text
from personify.pipelines.persona import Persona
from personify.pipelines.travel.zips import pack
from personify.ui.web.calls import Calls, Progress, answer
from personify.ui.web.handouts import copied, file, place, workplace
from personify.ui.web.sessions import Session
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.stopping import Stop

if TYPE_CHECKING:
    from personify.pipelines import Avatar
    from personify.pipelines.chat.chat import Chat
    from personify.ui.web.context import Context

Guided = Literal["none", "control", "pixel", "both"]
Depth = Literal["brief", "full"]


def add_endpoints(context: "Context") -> None:
    """Adds them to the Gradio app that is being built; to be called within its `Blocks`."""
    endpoints = Endpoints(context)
    for endpoint in endpoints.all():
        # Beside the queue, an MCP client's call runs with its own request instead of the server's; and how many run at
        # once is what turns, rates and sessions decide, which the web page's own work heeds too.
        gr.api(endpoint, api_name=endpoint.__name__, queue=False, concurrency_limit=None)
    blocks = GradioContext.root_block
    assert blocks is not None
    blocks.unload(endpoints.hang_up)


class Endpoints:
    """What can be called. An avatar is named by its key on the caller's shelf; nobody else's can be named."""

    def __init__(self, context: "Context") -> None:
        self._context, self._calls = context, Calls(context)
        self._limits = context.settings.limits
        self._met: weakref.WeakKeyDictionary[Session, str] = weakref.WeakKeyDictionary()
        """The key of whom a session is in talk with."""

    def all(self) -> tuple[Any, ...]:
        """The endpoints, in the order of the documentation."""
        return (
            self.create_avatar, self.list_avatars, self.persona, self.portrait, self.greeting, self.bundle,
            self.say, self.chat, self.revise_avatar, self.remove_avatar, self.list_tones, self.try_tone,
            self.list_experts,
        )  # fmt: skip

    async def create_avatar(
        self,
        description: str,
        request: gr.Request,
        seed: int | None = None,
        tone: str | None = None,
        expert: str | None = None,
        guidance: Guided | None = None,
        depth: Depth = "brief",
    ) -> dict:
        """Turns a line of text into a character with a persona, a voice and a talking face. Takes some seconds.
        Returns its key, which the other tools take as `avatar`, its name, greeting and voice, and how it was made.

        Parameters:
            description: who it is, in any language, such as "a grumpy teapot who loves astronomy"
            seed: the same seed and description give the same character; drawn if left out
            tone: a voice by name, see list_tones; the one that fits best if left out
            expert: who draws it, see list_experts; the one that fits best if left out
            guidance: how a sketch steers the drawing; the expert's own way if left out
            depth: "full" writes several hundred attributes more
        """

        def work(session: Session, stop: Stop, progress: Progress) -> dict[str, Any]:
            _short_enough(description, self._limits.description_chars, "the description")
            with workplace(session) as folder, self._context.turns.gate(stop, progress.wait) as gate:
                made = self._context.studio.create(
                    description, seed=seed, tone=tone, expert=expert, guidance=guidance, depth=depth, out=folder,
                    stop=stop, on_stage=progress.through(gate),
                )  # fmt: skip
                return summary(self._context.shelf(session).keep(made))

        return answer(request, await self._calls.do(request, work, kind="make"))

    async def list_avatars(self, request: gr.Request) -> list[dict]:
        """Lists the characters that were made before: key, name, description, and when each was made."""

        def work(session: Session, stop: Stop, progress: Progress) -> list[dict[str, Any]]:
            return [
                {"avatar": entry.key, "name": entry.name, "description": entry.description, "made": entry.made}
                for entry in self._context.shelf(session).list()
            ]

        return answer(request, await self._calls.do(request, work))

    async def persona(self, avatar: str, request: gr.Request) -> dict:
        """Tells who a character is: name, nature, traits, backstory, manner of speaking, greeting, voice and looks.

        Parameters:
            avatar: its key, see list_avatars
        """

        def work(session: Session, stop: Stop, progress: Progress) -> dict[str, Any]:
            with self._opened(session, avatar) as opened:
                return opened.persona.model_dump(mode="json")

        return answer(request, await self._calls.do(request, work))

    async def portrait(self, avatar: str, request: gr.Request) -> FileData:
        """Gives the picture of a character's face, as PNG.

        Parameters:
            avatar: its key, see list_avatars
        """

        def work(session: Session, stop: Stop, progress: Progress) -> FileData:
            with self._opened(session, avatar) as opened:
                return copied(session, opened.picture)

        return await self._calls.do(request, work)

    async def greeting(self, avatar: str, request: gr.Request) -> FileData:
        """Gives the clip in which a character says its greeting, as MP4.

        Parameters:
            avatar: its key, see list_avatars
        """

        def work(session: Session, stop: Stop, progress: Progress) -> FileData:
            with self._opened(session, avatar) as opened:
                return copied(session, opened.clip)

        return await self._calls.do(request, work)

    async def bundle(self, avatar: str, request: gr.Request) -> FileData:
        """Gives all of a character as one ZIP file: record, portrait, landmarks, greeting and clip.

        Parameters:
            avatar: its key, see list_avatars
        """

        def work(session: Session, stop: Stop, progress: Progress) -> FileData:
            with self._opened(session, avatar) as opened:
                return file(pack(opened, place(session, f"{avatar}.zip")))

        return await self._calls.do(request, work)

    async def say(
        self, avatar: str, text: str, request: gr.Request, language: str | None = None
    ) -> tuple[FileData, dict]:
        """Makes a clip of a character saying a text, as MP4 with sound.
        Returns it with its length, and a note where something isn't quite as asked for.

        Parameters:
            avatar: its key, see list_avatars
            text: what it says
            language: the language of the text, such as "es", if not the character's own
        """

        def work(session: Session, stop: Stop, progress: Progress) -> tuple[FileData, dict[str, Any]]:
            _short_enough(text, self._limits.said_chars, "the text")
            turn = self._context.turns.gate(stop, progress.wait)
            with self._opened(session, avatar) as opened, turn as gate:
                clip = self._context.studio.say(
                    opened, text, out=place(session, "clip.mp4"), language=language, on_stage=progress.through(gate)
                )
            return file(clip.path), {"seconds": round(clip.seconds, 3), "note": clip.note}

        clip, told = await self._calls.do(request, work, kind="make")
        return clip, answer(request, told)

    async def chat(self, avatar: str, said: str, request: gr.Request) -> tuple[dict, FileData | None]:
        """Says something to a character and gives its reply: the text, and its voice as WAV.
        It remembers what was said before.

        Parameters:
            avatar: its key, see list_avatars
            said: what you say to it
        """

        def work(session: Session, stop: Stop, progress: Progress) -> tuple[dict[str, Any], FileData | None]:
            _short_enough(said, self._limits.said_chars, "what you say")
            return self._reply(session, avatar, said, stop)

        told, sound = await self._calls.do(request, work, kind="reply")
        return answer(request, told), sound

    async def revise_avatar(
        self,
        avatar: str,
        request: gr.Request,
        tone: str | None = None,
        another_face: bool = False,
        face_seed: int | None = None,
        expert: str | None = None,
        name: str | None = None,
        greeting: str | None = None,
    ) -> dict:
        """Changes a character: another voice, another face, another name or greeting.
        What isn't named stays as it is. Returns what create_avatar returns.

        Parameters:
            avatar: its key, see list_avatars
            tone: a voice by name, see list_tones
            another_face: whether to draw it anew, from a seed that is drawn
            face_seed: the seed of the new face
            expert: who draws it, see list_experts
            name: what it is to be called
            greeting: what it is to say first
        """

        def work(session: Session, stop: Stop, progress: Progress) -> dict[str, Any]:
            _short_enough(name or "", 80, "the name")
            _short_enough(greeting or "", 600, "the greeting")
            seed = face_seed if face_seed is not None else secrets.randbelow(2**32) if another_face else None
            turn = self._context.turns.gate(stop, progress.wait)
            with self._opened(session, avatar) as opened, workplace(session) as folder, turn as gate:
                revised = self._context.studio.revise(
                    opened, tone=tone, seed=seed, expert=expert, persona=_edited(opened, name, greeting),
                    out=folder / avatar, stop=stop, on_stage=progress.through(gate),
                )  # fmt: skip
                self._forget(session, avatar)
                return summary(self._context.shelf(session).replace(revised, avatar))

        return answer(request, await self._calls.do(request, work, kind="make"))

    async def remove_avatar(self, avatar: str, request: gr.Request) -> dict:
        """Removes a character from the shelf, for good.

        Parameters:
            avatar: its key, see list_avatars
        """

        def work(session: Session, stop: Stop, progress: Progress) -> dict[str, Any]:
            self._context.shelf(session).remove(avatar)
            self._forget(session, avatar)
            return {"removed": avatar}

        return answer(request, await self._calls.do(request, work))

    async def list_tones(self, request: gr.Request) -> list[dict]:
        """Lists the voices that can be chosen: name, title, what each sounds like, and the languages it speaks."""

        def work(session: Session, stop: Stop, progress: Progress) -> list[dict[str, Any]]:
            return [
                {
                    "tone": tone.name, "title": tone.title, "description": tone.description, "gender": tone.gender,
                    "age": tone.age, "languages": tone.languages,
                }
                for tone in self._context.studio.tones()
            ]  # fmt: skip

        return answer(request, await self._calls.do(request, work))

    async def try_tone(self, tone: str, text: str, request: gr.Request, language: str = "en") -> tuple[FileData, dict]:
        """Speaks a text in a voice, as WAV.
        Returns it with the name of the voice, its length, and a note where another voice had to speak.

        Parameters:
            tone: a voice by name, see list_tones
            text: what it says
            language: the language of the text, such as "es"
        """

        def work(session: Session, stop: Stop, progress: Progress) -> tuple[FileData, dict[str, Any]]:
            _short_enough(text, self._limits.said_chars, "the text")
            tried = self._context.studio.try_tone(tone, text, out=place(session, "tone.wav"), language=language)
            told = {"tone": tried.tone, "seconds": round(tried.speech.duration_s, 3), "note": tried.note}
            return file(tried.path), told

        sound, told = await self._calls.do(request, work, kind="try")
        return sound, answer(request, told)

    async def list_experts(self, request: gr.Request) -> list[dict]:
        """Lists who can draw the faces: name, what each is good at, its licence, and whether it is installed."""

        def work(session: Session, stop: Stop, progress: Progress) -> list[dict[str, Any]]:
            return [
                {
                    "expert": card.name, "title": card.title, "description": card.description,
                    "styles": list(card.styles), "licence": card.licence, "installed": card.here,
                }
                for card in self._context.studio.experts()
            ]  # fmt: skip

        return answer(request, await self._calls.do(request, work))

    def hang_up(self, request: gr.Request) -> None:
        """When a `gradio_client` is closed or dies: what it asked for stops, and its files go."""
        self._calls.close(request)

    @contextmanager
    def _opened(self, session: Session, key: str) -> "Iterator[Avatar]":
        """The avatar of that key on the caller's shelf."""
        with workplace(session) as folder:
            yield self._context.shelf(session).open(key, folder)

    def _forget(self, session: Session, key: str) -> None:
        """Ends the talk with an avatar that is no longer what it was."""
        if self._met.get(session) == key:
            del self._met[session]
            session.leave()

    def _talk(self, session: Session, key: str) -> "Chat":
        """The talk with an avatar, which goes on until another one is asked."""
        chat = session.chat
        if chat is None or self._met.get(session) != key:
            with self._opened(session, key) as avatar:
                chat = session.meet(avatar)
            self._met[session] = key
        return chat

    def _reply(self, session: Session, key: str, said: str, stop: Stop) -> tuple[dict[str, Any], FileData | None]:
        """One whole reply."""
        from personify.pipelines.provenance import stamp
        from personify.voices import joined
        from personify.voices.wav import write_wav

        chat = self._talk(session, key)
        with stop.calling(chat.interrupt):
            pieces = list(chat.stream(said))
        stop.check()
        end = pieces[-1].to_json()
        if not end["text"]:
            troubles = [piece.message for piece in pieces if isinstance(piece, Trouble)]
            raise PersonifyError(troubles[-1] if troubles else "there is no answer; ask again")
        told = {
            "text": end["text"], "cut_off": end["cut_off"], "words_by": chat.engine.name,
            "is_language_model": chat.engine.is_language_model, "notes": end["notes"],
        }  # fmt: skip
        speeches = [piece.speech for piece in pieces if isinstance(piece, SpeechPiece)]
        if not speeches:
            return told, None
        sound = write_wav(place(session, "reply.wav"), joined(speeches))
        stamp(sound, chat.provenance("speech"))
        return told, file(sound)


def summary(avatar: "Avatar") -> dict[str, Any]:
    """What a caller is told of an avatar."""
    record, persona = avatar.record, avatar.persona
    notes = [note for note in (record.tone.note, record.portrait.stand_in, *persona.notes) if note]
    return {
        "avatar": avatar.folder.name,
        "name": avatar.name,
        "description": persona.description,
        "nature": persona.social.nature,
        "language": persona.language,
        "greeting": persona.speaking.greeting,
        "tone": avatar.tone,
        "tone_reason": record.tone.reason,
        "expert": record.portrait.expert,
        "expert_reason": record.portrait.reason,
        "seed": avatar.seed,
        "face_seed": record.portrait.seed,
        "made": record.created,
        "seconds": round(sum(record.seconds.values()), 2),
        "notes": notes,
    }


def _edited(avatar: "Avatar", name: str | None, greeting: str | None) -> "Persona | None":
    """Its persona with another name or greeting; None where neither is asked for."""
    persona = avatar.persona
    told = persona.model_dump()
    if name is not None:
        told["social"]["name"] = read_text(name)
    if greeting is not None:
        told["speaking"]["greeting"] = read_text(greeting)
    if name is None and greeting is None:
        return None
    try:
        return Persona.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise BadInput(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _short_enough(text: str, most: int, what: str) -> None:
    if len(text) > most:
        raise BadInput(f"{what} has {len(text):,} characters; {most:,} are the most")
