"""The command line: `personify --help`. It reads what was typed, calls the studio and shows what came of it.

Exit codes: 0 done, 1 failed, 2 bad usage, 130 stopped by the user.
"""

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from personify.ui import stopping
from personify.ui.batch import batch
from personify.ui.bench import bench
from personify.ui.chat import chat
from personify.ui.commands import (
    AvatarsFolder,
    DepthWanted,
    ExpertName,
    Force,
    Guided,
    HeadName,
    Json,
    LanguageModelAt,
    Strict,
    ToneName,
    group,
)
from personify.ui.export import export
from personify.ui.importing import import_
from personify.ui.inspecting import inspect
from personify.ui.memory import memory
from personify.ui.revise import revise
from personify.ui.talk import talk
from personify.ui.terminal import byte_progress, print_error, print_json, print_line, print_table, progress
from personify.ui.tones import tones
from personify.ui.ui import ui

if TYPE_CHECKING:
    from personify.pipelines.bundle import PortraitRecord, UsageRecord
    from personify.voices.errors import PersonifyError

STOPPED = 130


def _own_error() -> "type[PersonifyError]":
    """Imported only once something went wrong: the package around it costs more than `--help` may take."""
    from personify.voices.errors import PersonifyError

    return PersonifyError


class _Commands(TyperGroup):
    """Turns Personify's own errors into one line and an exit code; every other exception keeps its traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.Exit:
            raise
        except _own_error() as error:
            print_error(str(error))
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as error:
            stopping.settle()
            print_error("stopped; nothing was kept")
            raise typer.Exit(STOPPED) from error


app = group("A line of text becomes a character you can talk to.", cls=_Commands)
experts = group("Who draws the portraits.")
heads = group("What makes a portrait speak.")
app.add_typer(tones, name="tones")
app.add_typer(experts, name="experts")
app.add_typer(heads, name="heads")
app.add_typer(bench, name="bench")
app.add_typer(memory, name="memory")
app.command()(batch)
app.command()(chat)
app.command()(export)
app.command("import")(import_)
app.command()(inspect)
app.command()(talk)
app.command()(revise)
app.command("ui")(ui)


@app.callback(invoke_without_command=True)
def _root(
    ctx: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False
) -> None:
    if version:
        from importlib.metadata import version as installed

        print_line(f"personify {installed('personify')}")
        raise typer.Exit


@app.command()
def create(
    description: Annotated[str, typer.Argument(help='Who it is, such as "a grumpy teapot who loves astronomy".')],
    *,
    out: AvatarsFolder = Path("avatars"),
    seed: Annotated[
        int | None, typer.Option(help="The same seed gives the same avatar; drawn and saved if left out.")
    ] = None,
    tone: ToneName = None,
    expert: ExpertName = None,
    guidance: Annotated[Guided | None, typer.Option(help="How the sketch steers the expert.")] = None,
    image: Annotated[
        Path | None, typer.Option(help="A picture of your own that guides the expert instead of the sketch.")
    ] = None,
    llm: LanguageModelAt = None,
    depth: DepthWanted = "brief",
    head: HeadName = "builtin",
    force: Force = False,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Turn a description into an avatar that speaks: a folder with its picture, voice and clip."""
    from personify.pipelines import STAGES, Studio

    with progress(STAGES, shown=not as_json) as on_stage:
        avatar = Studio(llm=llm, head=head).create(
            description,
            seed=seed,
            tone=tone,
            expert=expert,
            guidance=guidance,
            image=image,
            out=out,
            force=force,
            strict=strict,
            depth=depth,
            on_stage=on_stage,
        )
    if as_json:
        paths = {what: str(path) for what, path in avatar.files.items()}
        print_json({"folder": str(avatar.folder), "paths": paths, **avatar.record.model_dump(mode="json")})
        return
    record = avatar.record
    verdict = record.portrait.verdict
    rows: list[tuple[str, object]] = [
        ("name", avatar.name),
        ("says", record.persona.speaking.greeting),
        ("tone", " ".join(filter(None, (f"{avatar.tone}: {record.tone.reason}", record.tone.note)))),
        ("expert", _drawn(record.portrait)),
        ("landmarks", _landmarks(verdict.found, verdict.plausible, verdict.reasons)),
        ("seconds", ", ".join(f"{name} {seconds:.2f}" for name, seconds in record.seconds.items())),
    ]
    if record.persona.profile:
        rows.append(("profile", f"{len(record.persona.profile)} attributes"))
    if record.persona.not_understood:
        rows.append(("not understood", ", ".join(record.persona.not_understood)))
    if record.usage:
        rows.append(("language model", _used(record.usage)))
    rows += [("note", note) for note in record.persona.notes]
    rows += [("folder", avatar.folder), ("files", ", ".join(path.name for path in avatar.files.values()))]
    print_table(rows)


@app.command()
def say(
    avatar: Annotated[Path, typer.Argument(help="The folder of an avatar.")],
    text: Annotated[
        str | None, typer.Argument(help="What it says; with --audio what is said there, and may be left out.")
    ] = None,
    *,
    audio: Annotated[
        Path | None, typer.Option(help="A recording that it speaks instead: WAV, MP3, Ogg, FLAC, M4A or a video.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The clip; beside the avatar if left out.")] = None,
    language: Annotated[
        str | None, typer.Option(help="The language of the text, such as es, if not the avatar's.")
    ] = None,
    head: HeadName = "builtin",
    force: Force = False,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Make one clip of an avatar saying a text, or speaking a recording."""
    from personify.pipelines import Studio

    with progress(("speech", "clip"), shown=not as_json) as on_stage:
        clip = Studio(head=head).say(
            avatar, text, audio=audio, out=out, language=language, force=force, strict=strict, on_stage=on_stage
        )
    if as_json:
        made = {"clip": str(clip.path), "seconds": clip.seconds, "frames": clip.frames, "fps": clip.fps}
        print_json(made | {"note": clip.note})
    else:
        rows: list[tuple[str, object]] = [
            ("clip", clip.path),
            ("length", f"{clip.seconds:.2f} s, {clip.frames} frames"),
        ]
        print_table(rows + ([("note", clip.note)] if clip.note else []))


@experts.command("list")
def show_experts(as_json: Json = False) -> None:
    """List the experts: what they draw, under which licence, and whether their weights are here."""
    from personify.pipelines import Studio

    found = Studio().experts()
    if as_json:
        print_json([asdict(card) for card in found])
        return
    rows = [
        (
            card.name,
            ", ".join(card.styles),
            f"{card.licence}{'' if card.commercial else ' (not for sale)'}",
            f"{card.size} px, {card.download_gb:.1f} GB" if card.download_gb else f"{card.size} px",
            "here" if card.here else f"personify experts pull {card.name}",
        )
        for card in found
    ]
    print_table(rows, columns=("expert", "style", "licence", "size", "weights"))


@experts.command("pull")
def pull_expert(
    name: Annotated[str, typer.Argument(help="An expert by name; see: personify experts list.")],
    as_json: Json = False,
) -> None:
    """Fetch an expert's weights from the hub; a pull that was stopped goes on where it left off."""
    from personify.pipelines import Studio

    with byte_progress(name, shown=not as_json) as on_bytes:
        Studio().pull_expert(name, on_bytes)
    if as_json:
        print_json({"expert": name, "here": True})
    else:
        print_line(f"{name} is here; draw with it: personify create DESCRIPTION --expert {name}")


@heads.command("list")
def list_heads(as_json: Json = False) -> None:
    """List the talking heads that are installed."""
    from personify.pipelines import Studio

    found = Studio().heads()
    if as_json:
        print_json([asdict(card) for card in found])
        return
    rows = [(card.name, card.description if card.usable else f"can't be used: {card.description}") for card in found]
    print_table(rows, columns=("head", "what it is"))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check this machine: Python, the libraries, the disk, the voice, the face and the film."""
    from personify.ui.doctor import examine

    findings = examine()
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        marks = {True: "ok", False: "FAILED"}
        print_table([(f.what, marks[f.ok], f.detail) for f in findings], columns=("what", "", "found"))
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _used(usage: "UsageRecord") -> str:
    cost = "" if usage.cost is None else f", cost {usage.cost:.4f}"
    requests = f"{usage.requests} request{'' if usage.requests == 1 else 's'}"
    return f"{usage.model}: {requests}, {usage.tokens_in} + {usage.tokens_out} tokens{cost}"


def _drawn(portrait: "PortraitRecord") -> str:
    tries = f", {len(portrait.attempts)} attempts" if len(portrait.attempts) > 1 else ""
    said = f"{portrait.expert} (seed {portrait.seed}, guidance {portrait.guidance}{tries}): {portrait.reason}"
    return f"{said} The sketch stands in: {portrait.stand_in}." if portrait.stand_in else said


def _landmarks(found: bool, plausible: bool, reasons: tuple[str, ...]) -> str:
    if not found:
        return "not found"
    return "found, plausible" if plausible else f"found, not plausible: {'; '.join(reasons)}"


def main() -> None:
    """The entry point of `personify`."""
    for stream in (sys.stdout, sys.stderr):  # a terminal that can't show a character shows its number instead
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")
    for library in ("DIFFUSERS_VERBOSITY", "TRANSFORMERS_VERBOSITY"):  # what they warn of is no news to users
        os.environ.setdefault(library, "error")
    stopping.listen()
    app()


if __name__ == "__main__":
    main()
