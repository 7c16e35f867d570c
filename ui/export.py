"""`personify export`: an avatar as one page that anybody can open, without Personify and without a network."""

from pathlib import Path
from typing import Annotated

import typer

from personify.ui.commands import Force, Json, Strict
from personify.ui.terminal import print_json, print_table

MOST_LINES = 24
"""A page with more buttons than that is no page for people; each also takes some hundred kilobytes."""
LONGEST_LINE = 1000
"""Characters of one line: a minute of speech."""


def export(
    avatar: Annotated[Path, typer.Argument(help="The folder of an avatar.")],
    *,
    as_html: Annotated[
        bool, typer.Option("--html", help="One HTML file with everything in it; the only form that there is.")
    ] = False,
    text: Annotated[
        list[str] | None, typer.Option(help="A line that it can say besides its greeting; may be given again.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The page; beside the avatar if left out.")] = None,
    force: Force = False,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Write an avatar into one page that is alive and speaks, for a browser or a web site."""
    from personify.pipelines.bundle import open_avatar
    from personify.pipelines.draft import draft_file, full_path
    from personify.ui.page import page_html, spoken_lines
    from personify.voices.errors import BadInput

    if not as_html:
        raise BadInput("an avatar is exported as a page; say so with --html")
    lines = _lines(text or [])
    found = open_avatar(avatar)
    target = found.folder.with_name(f"{found.folder.name}.html") if out is None else full_path(out)
    with draft_file(target, force=force) as work:
        speeches, notes = spoken_lines(found, lines, strict=strict)
        work.write_text(page_html(found, speeches), encoding="utf-8")
    size = target.stat().st_size
    if as_json:
        print_json({"page": str(target), "bytes": size, "lines": [s.text for s in speeches], "notes": notes})
        return
    rows: list[tuple[str, object]] = [("page", target), ("size", f"{size / 1e6:.2f} MB")]
    rows += [("says", speech.text) for speech in speeches]
    print_table(rows + [("note", note) for note in notes])


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
