"""`personify chat`: a conversation in the terminal, or line by line through pipes for other programs."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from personify.ui import stopping
from personify.ui.commands import Json, LanguageModelAt
from personify.ui.terminal import plain, print_error, print_line, print_table

if TYPE_CHECKING:
    from personify.pipelines.chat.chat import Chat
    from personify.pipelines.chat.pieces import Piece, Said
    from personify.ui.playing import Playback, Player

HELP = (
    ("/help", "this list"),
    ("/save FILE", "the last reply as a clip"),
    ("/quit", "leave; so does Ctrl-D, or Ctrl-C twice"),
    ("Ctrl-C", "during a reply: interrupt it"),
)


def chat(
    avatar: Annotated[Path, typer.Argument(help="The folder of an avatar.")],
    *,
    llm: LanguageModelAt = None,
    user: Annotated[str | None, typer.Option(help="Who you are: what is remembered is kept apart by name.")] = None,
    facts: Annotated[
        Literal["neutral", "acted"] | None,
        typer.Option(help="Whether questions of fact are answered by the model itself and then voiced, or acted."),
    ] = None,
    memory: Annotated[bool, typer.Option(help="Remember you tomorrow.")] = True,
    play: Annotated[bool | None, typer.Option(help="Play the sound; if left out, where a player is installed.")] = None,
    out: Annotated[Path | None, typer.Option(help="A folder that the clip of each reply is written to.")] = None,
    as_json: Json = False,
) -> None:
    """Talk with an avatar: it answers as text and in its voice; what you say can interrupt it."""
    from personify.pipelines import Studio
    from personify.ui.playing import find_player

    talk = Studio(llm=llm).chat(avatar, user=user, facts=facts, memory=memory)
    wanted = sys.stdout.isatty() if play is None else play
    player = find_player() if wanted and not as_json else None
    with talk:
        talk.warm()
        session = _JsonTalk(talk, out) if as_json else _Talk(talk, out, player)
        if wanted and player is None and not as_json:
            print_line(
                "No player for sound was found (aplay, paplay, pw-play, ffplay or play), so this chat is silent."
            )
        session.run()


class _Talk:
    """One conversation, as a person sees it."""

    def __init__(self, talk: "Chat", out: Path | None, player: "Player | None") -> None:
        self.talk, self.player = talk, player
        self._out, self._count, self._asked_to_leave = out, 0, False
        if out is not None:
            _make_folder(out)

    def run(self) -> None:
        """Until the user leaves."""
        self.greet()
        for said in self._lines():
            command, _, rest = said.strip().partition(" ")
            if command == "/quit":
                break
            if command == "/help":
                print_table(HELP)
            elif command == "/save":
                self._save(rest.strip())
            elif said.strip():
                self.answer(said)

    def greet(self) -> None:
        """Who it is, what finds its words, and its first sentence."""
        avatar, engine = self.talk.avatar, self.talk.engine
        social = avatar.persona.social
        rows: list[tuple[str, object]] = [("name", avatar.name), ("who it is", avatar.persona.description)]
        if social.home:
            rows.append(("home", social.home))
        words = engine.name if engine.is_language_model else (
            "rules over its own facts (this is not a language model; give one with --llm)"
        )  # fmt: skip
        print_table([*rows, ("its words", words), ("help", "/help")])
        print_line(f"{avatar.name}: {self.talk.greeting}")

    def answer(self, said: str) -> None:
        """One reply, as it comes; Ctrl-C interrupts it."""
        from personify.pipelines.chat.pieces import Said, SpeechPiece, TextPiece, Trouble
        from personify.ui.playing import Playback

        playback = Playback(self.player) if self.player else None
        end: Said | None = None
        self._write(f"{plain(self.talk.avatar.name)}: ")
        try:
            for piece in self.talk.stream(said):
                if isinstance(piece, TextPiece):
                    self._write(plain(piece.text))
                elif isinstance(piece, SpeechPiece) and playback:
                    playback.play(piece.speech)
                elif isinstance(piece, Trouble):
                    self._write("\n")
                    print_error(piece.message)
                elif isinstance(piece, Said):
                    end = piece
            self._write("\n")
            if playback:
                playback.wait()
        except KeyboardInterrupt:
            _settle()
            self._interrupted(playback)
            return
        self._after(end, playback)

    def _interrupted(self, playback: "Playback | None") -> None:
        self.talk.interrupt(playback.stop() if playback else None)
        self._write("\n")
        heard = self.talk.history[-1] if self.talk.history else None
        if heard is not None and heard.who == "character":
            print_line(f"(interrupted after: {heard.text})" if heard.cut_off else "(all of it was heard)")
        else:
            print_line("(interrupted before a word was heard)")

    def _after(self, end: "Said | None", playback: "Playback | None") -> None:
        for note in end.usage.notes if end else ():
            print_line(f"(note: {note})")
        if playback and playback.failed:
            print_line(f"({playback.failed}; this chat goes on without sound)")
            self.player = None
        if self._out is not None and end is not None and end.text:
            self._count += 1
            self._film(self._out / f"reply-{self._count:03d}.mp4")

    def _save(self, name: str) -> None:
        if not name:
            print_error("say where to: /save FILE.mp4")
            return
        self._film(Path(name))

    def _film(self, path: Path) -> None:
        from personify.voices.errors import PersonifyError

        try:
            print_line(f"(clip: {self.talk.film(path).path})")
        except (PersonifyError, OSError, ValueError) as error:
            print_error(str(error))
        except KeyboardInterrupt:
            _settle()
            print_line("(stopped; no clip was written)")

    def _lines(self) -> Iterator[str]:
        """What the user types; asking again after one Ctrl-C, leaving after two."""
        while True:
            try:
                if sys.stdin is None:  # it was closed before the program began
                    return
                said = input("> " if sys.stdin.isatty() else "")
                self._asked_to_leave = False
            except EOFError:
                return
            except KeyboardInterrupt:
                _settle()
                self._write("\n")
                if self._asked_to_leave:
                    return
                self._asked_to_leave = True
                print_line("(once more to leave, or /quit)")
                continue
            except UnicodeDecodeError as error:
                print_error(f"what was typed is no UTF-8 text: byte {error.start}")
                continue
            yield said

    @staticmethod
    def _write(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


class _JsonTalk(_Talk):
    """The same for programs: a JSON value a line on stdout, a line of text a turn on stdin. Sound stays out; `/save`
    and `--out` give clips."""

    def __init__(self, talk: "Chat", out: Path | None) -> None:
        super().__init__(talk, out, None)

    def greet(self) -> None:
        """Who it is."""
        engine, avatar = self.talk.engine, self.talk.avatar
        told = {"piece": "chat", "name": avatar.name, "engine": engine.name, "greeting": self.talk.greeting}
        _print({**told, "language_model": engine.is_language_model})

    def answer(self, said: str) -> None:
        """The pieces of one reply."""
        from personify.pipelines.chat.pieces import Said

        end: Said | None = None
        try:
            for piece in self.talk.stream(said):
                end = piece if isinstance(piece, Said) else None
                _print(_told(piece))
        except KeyboardInterrupt:
            _settle()
            self.talk.interrupt()
            return
        self._after(end, None)

    def _after(self, end: "Said | None", playback: "Playback | None") -> None:
        if self._out is not None and end is not None and end.text:
            self._count += 1
            self._film(self._out / f"reply-{self._count:03d}.mp4")

    def _film(self, path: Path) -> None:
        from personify.voices.errors import PersonifyError

        try:
            clip = self.talk.film(path)
            _print({"piece": "clip", "clip": str(clip.path), "seconds": clip.seconds})
        except (PersonifyError, OSError, ValueError) as error:
            _print({"piece": "trouble", "message": str(error)})


def _make_folder(folder: Path) -> None:
    from personify.voices.errors import BadInput

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput(f"no clips can be kept in {folder} ({reason}); name another folder with --out") from None


def _settle() -> None:
    """Ctrl-C is dealt with here; a kill is not."""
    if stopping.is_final():
        raise KeyboardInterrupt
    stopping.settle()


def _told(piece: "Piece") -> dict[str, object]:
    """A piece for a pipe: the sound itself is left out."""
    from personify.pipelines.chat.pieces import SpeechPiece

    return piece.to_json(sound=False) if isinstance(piece, SpeechPiece) else piece.to_json()


def _print(value: dict[str, object]) -> None:
    print(json.dumps(value, ensure_ascii=False), flush=True)  # noqa: T201 - this is the entry point
