"""`personify import`: a bundle or a character card from elsewhere becomes an avatar here."""

from pathlib import Path
from typing import Annotated

import typer

from personify.ui.commands import (
    AvatarsFolder,
    ExpertName,
    Force,
    Guided,
    HeadName,
    Json,
    LanguageModelAt,
    ToneName,
)
from personify.ui.terminal import print_json, print_table, progress


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            help="A character card (PNG, JSON or CHARX), or an avatar as a ZIP or a folder.", metavar="FILE"
        ),
    ],
    *,
    out: AvatarsFolder = Path("avatars"),
    seed: Annotated[
        int | None, typer.Option(help="Another seed gives the card's character another face; its own if left out.")
    ] = None,
    tone: ToneName = None,
    expert: ExpertName = None,
    guidance: Annotated[Guided | None, typer.Option(help="How the card's picture steers the expert.")] = None,
    keep_picture: Annotated[
        bool, typer.Option("--keep-picture", help="Take the card's picture itself; it needs a face that can be moved.")
    ] = False,
    llm: LanguageModelAt = None,
    head: HeadName = "builtin",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Turn a character card, or an avatar from elsewhere, into an avatar here. Nothing in the file is run."""
    from personify.pipelines import STAGES, Studio

    with progress(STAGES, shown=not as_json) as on_stage:
        avatar = Studio(llm=llm, head=head).import_file(
            file,
            seed=seed,
            tone=tone,
            expert=expert,
            guidance=guidance,
            keep_picture=keep_picture,
            out=out,
            force=force,
            on_stage=on_stage,
        )
    record = avatar.record
    if as_json:
        paths = {what: str(path) for what, path in avatar.files.items()}
        print_json({"folder": str(avatar.folder), "paths": paths, **record.model_dump(mode="json")})
        return
    rows: list[tuple[str, object]] = [
        ("name", avatar.name),
        ("says", record.persona.speaking.greeting),
        ("tone", " ".join(filter(None, (f"{avatar.tone}: {record.tone.reason}", record.tone.note)))),
        ("portrait", f"{record.portrait.expert}: {record.portrait.reason}"),
    ]
    rows += [("note", note) for note in record.persona.notes]
    rows += [("folder", avatar.folder), ("files", ", ".join(path.name for path in avatar.files.values()))]
    print_table(rows)
