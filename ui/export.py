"""`personify export`: an avatar as a page for anybody, as a card for other programs, or as a zip for Personify."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from personify.ui.commands import Force, Json, Strict
from personify.ui.terminal import print_json, print_table

if TYPE_CHECKING:
    from personify.pipelines import Avatar

MOST_LINES = 24
"""A page with more buttons than that is no page for people; each also takes some hundred kilobytes."""
LONGEST_LINE = 1000
"""Characters of one line: a minute of speech."""
_BESIDE = {"page": ".html", "card": ".card.png", "zip": ".zip"}
_ENDINGS = {"page": (".html", ".htm"), "zip": (".zip",)}
"""Those of cards are told by who writes them."""


def export(
    avatar: Annotated[Path, typer.Argument(help="The folder of an avatar.")],
    *,
    as_html: Annotated[
        bool, typer.Option("--html", help="One page with everything in it, alive, for a browser or a web site.")
    ] = False,
    as_card: Annotated[
        bool,
        typer.Option(
            "--card", help="A character card, V2 and V3, in its picture, for SillyTavern and others; JSON if --out is."
        ),
    ] = False,
    as_zip: Annotated[bool, typer.Option("--zip", help="All of it in one file, for: personify import.")] = False,
    text: Annotated[
        list[str] | None,
        typer.Option(help="A line that a page can say besides its greeting; may be given again."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The file; beside the avatar if left out.")] = None,
    force: Force = False,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Write an avatar into one file that travels: a page, a character card or a zip."""
    from personify.pipelines.bundle import open_avatar
    from personify.pipelines.draft import full_path
    from personify.voices.errors import BadInput

    if as_html + as_card + as_zip != 1:
        raise BadInput("an avatar is exported in one form; say which: --html, --card or --zip")
    if not as_html and (text or strict):
        raise BadInput("--text and --strict are for what a page says; a card and a zip hold the avatar as it is")
    lines = _lines(text or [])
    found = open_avatar(avatar)
    what = "page" if as_html else "card" if as_card else "zip"
    target = found.folder.with_name(f"{found.folder.name}{_BESIDE[what]}") if out is None else full_path(out)
    endings = _ENDINGS.get(what)
    if endings and target.suffix.lower() not in endings:
        raise BadInput(f"{target.name} is no name for a {what}; let --out end in {' or '.join(endings)}")
    rows: list[tuple[str, object]] = []
    told: dict[str, object] = {}
    if as_html:
        spoken, notes = _write_page(found, lines, target, force=force, strict=strict)
        told = {"lines": spoken, "notes": notes}
        rows += [("says", line) for line in spoken] + [("note", note) for note in notes]
    elif as_card:
        from personify.pipelines.travel.exporting import export_card

        export_card(found, target, force=force)
    else:
        from personify.pipelines.travel.zips import pack

        pack(found, target, force=force)
    size = target.stat().st_size
    if as_json:
        print_json({what: str(target), "bytes": size, **told})
        return
    print_table([(what, target), ("size", f"{size / 1e6:.2f} MB"), *rows])


def _write_page(
    avatar: "Avatar", lines: list[str], target: Path, *, force: bool, strict: bool
) -> tuple[list[str], list[str]]:
    """(what the page says, what there is to know of it)."""
    from personify.pipelines.draft import draft_file
    from personify.ui.page import page_html, spoken_lines

    with draft_file(target, force=force) as work:
        speeches, notes, tones = spoken_lines(avatar, lines, strict=strict)
        work.write_text(page_html(avatar, speeches, tones), encoding="utf-8")
    return [speech.text for speech in speeches], list(notes)


def _lines(texts: list[str]) -> list[str]:
    from personify.pipelines.create import read_text
    from personify.voices.errors import BadInput

    if len(texts) > MOST_LINES:
        raise BadInput(f"{len(texts)} lines are more than a page takes; give --text {MOST_LINES} times at most")
    lines = [read_text(text) for text in texts]
    for text, line in zip(texts, lines, strict=True):
        if not line:
            raise BadInput(f"there is nothing to say in --text {text!r}; give a text")
        if len(line) > LONGEST_LINE:
            raise BadInput(f"a --text of {len(line)} characters is too long; give {LONGEST_LINE} at most")
    return lines
