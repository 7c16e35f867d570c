"""`personify revise`: one thing about an avatar anew, such as its face, voice or name; all else stays as it is."""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from personify.ui.commands import Force, Guided, HeadName, Json, LanguageModelAt
from personify.ui.terminal import print_json, print_table, progress

if TYPE_CHECKING:
    from personify.pipelines.bundle import Avatar
    from personify.pipelines.persona import Persona
    from personify.pipelines.stages import Stage


def revise(
    avatar: Annotated[Path, typer.Argument(help="The folder of an avatar.")],
    *,
    tone: Annotated[str | None, typer.Option(help="Another tone, by name; see: personify tones list.")] = None,
    another_face: Annotated[
        bool, typer.Option("--another-face", help="Another face by the same expert, from a seed that is drawn.")
    ] = False,
    face_seed: Annotated[int | None, typer.Option(help="Another face, from this seed.")] = None,
    expert: Annotated[str | None, typer.Option(help="A face by another expert, by name.")] = None,
    guidance: Annotated[Guided | None, typer.Option(help="A face that is steered otherwise by the sketch.")] = None,
    image: Annotated[
        Path | None, typer.Option(help="A face that a picture of your own guides instead of the sketch.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Another name, also where it speaks of itself.")] = None,
    greeting: Annotated[str | None, typer.Option(help="Other first words.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder that the revised avatar's own folder goes into, beside the old one.")
    ] = None,
    llm: LanguageModelAt = None,
    head: HeadName = "builtin",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Change one thing about an avatar; what doesn't hang on it is kept byte for byte, and so is its memory."""
    from personify.pipelines import BadInput, Studio, open_avatar

    if another_face and face_seed is not None:
        raise BadInput("--another-face draws a seed and --face-seed names one; give one of them")
    there = open_avatar(avatar)
    seed = _another(there.record.portrait.seed) if another_face else face_seed
    ran: list[str] = []
    with progress((), shown=not as_json) as on_stage:

        def hear(stage: "Stage") -> None:
            if stage.share == 0:
                ran.append(stage.name)
            on_stage(stage)

        made = Studio(llm=llm, head=head).revise(
            there,
            tone=tone,
            seed=seed,
            expert=expert,
            guidance=guidance,
            image=image,
            persona=_edited(there, name, greeting),
            out=out,
            force=force,
            on_stage=hear,
        )
    if as_json:
        paths = {what: str(path) for what, path in made.files.items()}
        told = {"folder": str(made.folder), "paths": paths, "stages": ran}
        print_json(told | made.record.model_dump(mode="json"))
    else:
        print_table(_rows(made, ran))


def _another(seed: int) -> int:
    """A seed that isn't this one."""
    from personify.pipelines.studio import LARGEST_SEED

    drawn = secrets.randbelow(LARGEST_SEED)
    return drawn + (drawn >= seed)


def _edited(avatar: "Avatar", name: str | None, greeting: str | None) -> "Persona | None":
    """Its persona with another name and greeting; None where neither is asked for."""
    from personify.pipelines.editing import renamed

    if name is None and greeting is None:
        return None
    persona = avatar.persona if name is None else renamed(avatar.persona, name)
    if greeting is None:
        return persona
    return persona.model_copy(update={"speaking": persona.speaking.model_copy(update={"greeting": greeting})})


def _rows(avatar: "Avatar", ran: list[str]) -> list[tuple[str, object]]:
    record = avatar.record
    drawn = record.portrait
    rows: list[tuple[str, object]] = [
        ("name", avatar.name),
        ("says", record.persona.speaking.greeting),
        ("tone", " ".join(filter(None, (f"{avatar.tone}: {record.tone.reason}", record.tone.note)))),
        ("expert", f"{drawn.expert} (seed {drawn.seed}, guidance {drawn.guidance}): {drawn.reason}"),
    ]
    if drawn.stand_in:
        rows.append(("note", f"The sketch stands in: {drawn.stand_in}."))
    made = [name for name in ran if name not in ("persona", "bundle")]
    rows.append(("made anew", ", ".join(made) if made else "nothing but its record" if ran else "nothing"))
    return [*rows, ("folder", avatar.folder)]
