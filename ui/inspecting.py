"""`personify inspect`: what a file or an avatar's folder says of where it comes from."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from personify.ui.commands import Json
from personify.ui.terminal import print_json, print_table

if TYPE_CHECKING:
    from personify.pipelines.bundle import AvatarRecord
    from personify.pipelines.inspecting import Inspected, InspectedFolder
    from personify.pipelines.provenance import Drawn, Provenance, Shown, Spoken
    from personify.pipelines.verifying import Verdict

Row = tuple[str, object]

_LONGEST = 300
_STATES = {
    "trusted": "hold: not changed since they were signed, by somebody whom you trust",
    "intact": "hold: not changed since they were signed; whether the signer is who they say isn't known here",
    "broken": "DON'T HOLD: the file was changed after it was signed, or the signature is no good",
    "unchecked": "there, but not checked",
    "unread": "not looked for: whether it has any isn't known",
}


def inspect(
    file: Annotated[Path, typer.Argument(help="A picture, a sound, a clip, an exported page, or an avatar's folder.")],
    as_json: Json = False,
) -> None:
    """Show what a file says of how it was made, and whether its content credentials hold.

    Exit code 1 where the credentials don't hold.
    """
    from personify.pipelines.bundle import RECORD
    from personify.pipelines.draft import full_path
    from personify.pipelines.inspecting import inspect_file, inspect_folder

    path = full_path(file)
    if path.is_dir() or path.name == RECORD:
        folder = inspect_folder(path.parent if path.name == RECORD else path)
        files = folder.files
        if as_json:
            print_json(_folder_json(folder))
        else:
            print_table(_folder_rows(folder))
    else:
        found = inspect_file(path)
        files = (found,)
        if as_json:
            print_json(_file_json(found))
        else:
            print_table(_file_rows(found))
    if any(each.credentials and each.credentials.state == "broken" for each in files):
        raise typer.Exit(1)


def _file_rows(found: "Inspected") -> list[Row]:
    rows: list[Row] = [
        ("file", found.path),
        ("kind", f"{found.kind}, {found.size:,} bytes"),
        ("made by a machine", "yes, it says" if found.machine_made else "it doesn't say"),
    ]
    if found.generator:
        rows.append(("generator", _cut(found.generator)))
    if found.source_type:
        rows.append(("source type", found.source_type))
    if found.provenance:
        rows += _provenance_rows(found.provenance)
    rows += _credential_rows(found.credentials)
    rows += [(f"says: {_cut(key, 40)}", _cut(text)) for key, text in found.texts.items()]
    return rows + [("note", note) for note in found.notes]


def _provenance_rows(said: "Provenance") -> list[Row]:
    rows: list[Row] = [("notice", said.notice)]
    for each in said.characters:
        rows += _shown_rows(each)
    if said.head:
        rows.append(("talking head", said.head))
    if said.words_by:
        rows.append(("words by", said.words_by))
    if said.created:
        rows.append(("made", said.created))
    return rows


def _shown_rows(each: "Shown") -> list[Row]:
    rows: list[Row] = []
    if each.name:
        rows.append(("name", each.name))
    if each.description:
        rows.append(("description", _cut(each.description)))
    if each.drawn and each.drawn.kept:
        rows.append(("picture", "came with a character card"))
    elif each.drawn:
        guide = {"image": ", guided by a picture of the user's", "sketch": ", guided by a sketch"}
        rows.append(("expert", f"{each.drawn.expert}, seed {each.drawn.seed}{guide.get(each.drawn.guide or '', '')}"))
        rows.append(("its licence", _licence(each.drawn)))
    for voice in each.voices:
        rows.append(("tone", f"{voice.tone}, of {voice.voice_model}" if voice.tone else "a recording"))
        if voice.tone:
            rows.append(("its licence", _licence(voice)))
    if each.key:
        rows.append(("character", f"{each.key}, seed {each.seed}"))
    return rows


def _credential_rows(verdict: "Verdict | None") -> list[Row]:
    if verdict is None:
        return [("credentials", "none; its tags are what anybody could have written")]
    rows: list[Row] = [("credentials", _STATES[verdict.state])]
    if verdict.signer or verdict.issuer:
        by = ", ".join(dict.fromkeys(filter(None, (verdict.signer, verdict.issuer))))
        rows.append(("signed by", by if verdict.state != "broken" else f"{by}, it says"))
    if verdict.time:
        rows.append(("signed", verdict.time))
    if verdict.actions:
        rows.append(("actions", ", ".join(verdict.actions)))
    return rows + [("problem", problem) for problem in verdict.problems]


def _folder_rows(found: "InspectedFolder") -> list[Row]:
    from personify.pipelines.provenance import notice_of

    record = found.record
    persona, portrait, tone = record.persona, record.portrait, record.tone
    rows: list[Row] = [
        ("folder", found.folder),
        ("notice", notice_of(record)),
        ("name", persona.name),
        ("description", _cut(persona.description)),
        ("expert", f"{portrait.expert}, seed {portrait.seed}, guidance {portrait.guidance}"),
        ("its licence", _licence(portrait)),
        ("tone", f"{tone.name}, of {tone.voice_model or 'a model that its record does not name'}"),
        ("its licence", _licence(tone)),
        ("talking head", record.head),
        ("words by", _writer(record)),
        ("seed", record.seed),
        ("made", f"{record.created}, by Personify {record.versions.get('personify', 'of an unknown version')}"),
    ]
    for each in found.files:
        state = each.credentials.state if each.credentials else None
        said = "says how it was made" if each.provenance else "doesn't say how it was made"
        rows.append((each.path.name, f"{said}; {f'credentials {_STATES[state]}' if state else 'not signed'}"))
        rows += [("note", f"{each.path.name}: {note}") for note in each.notes]
    return rows + [("note", note) for note in found.notes]


def _writer(record: "AvatarRecord") -> str:
    """Who wrote the persona, in words."""
    from personify.pipelines.provenance import CARD_WROTE, words_by

    by = _cut(words_by(record) or "rules, not a language model")
    return f"a character card, and {by}" if record.persona.writer.startswith(CARD_WROTE) else by


def _file_json(found: "Inspected") -> dict[str, Any]:
    from dataclasses import asdict

    told = asdict(found) | {"path": str(found.path)}
    told["provenance"] = found.provenance and found.provenance.model_dump(mode="json", exclude_none=True)
    return told


def _folder_json(found: "InspectedFolder") -> dict[str, Any]:
    from personify.pipelines.provenance import notice_of

    return {
        "folder": str(found.folder),
        "notice": notice_of(found.record),
        "record": found.record.model_dump(mode="json"),
        "files": [_file_json(each) for each in found.files],
        "notes": list(found.notes),
    }


def _licence(made: "Drawn | Spoken | Any") -> str:
    if made.licence is None:
        return "not known"
    return f"{made.licence} (not for sale)" if made.commercial is False else made.licence


def _cut(text: str, most: int = _LONGEST) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"
