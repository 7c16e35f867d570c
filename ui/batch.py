"""`personify batch`: a file of descriptions becomes a folder of avatars, with a gallery to walk through."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from personify.ui.batch_progress import run_progress, spell
from personify.ui.commands import HeadName, Json, LanguageModelAt
from personify.ui.terminal import print_error, print_json, print_table

if TYPE_CHECKING:
    from personify.pipelines.batch.batch import Summary
    from personify.pipelines.batch.store import Store
    from personify.pipelines.batch.values import Failed

FIRST_PROBLEMS = 5
"""Failures that the summary quotes; the gallery and failures.jsonl have the others."""


def batch(
    file: Annotated[
        Path,
        typer.Argument(
            help="What to make: CSV, JSON lines, Parquet or plain lines, by its ending; - reads lines from stdin."
        ),
    ],
    *,
    out: Annotated[
        str,
        typer.Option(metavar="DIR", help="Where the batch goes: a folder, or a URL such as s3://bucket/townspeople."),
    ],
    workers: Annotated[
        int | None, typer.Option(min=1, help="How many avatars are in the making; as many as fit if left out.")
    ] = None,
    engine: Annotated[
        Literal["local", "ray"], typer.Option(help="Who does the work: processes on this machine, or a Ray cluster.")
    ] = "local",
    address: Annotated[
        str | None, typer.Option(help="The Ray cluster to join, such as auto; without it Ray runs on this machine.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**32 - 1, help="The same seed gives the same avatars; drawn and saved if left out."),
    ] = None,
    quota: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=SHARES",
            help="How to share out what descriptions leave open, such as archetype=even,gender=feminine:60+masculine:40"
            "; may be given again.",
        ),
    ] = None,
    distinct: Annotated[
        bool, typer.Option("--distinct/--alike", help="Draw anew who is too much like another one of the batch.")
    ] = True,
    llm: LanguageModelAt = None,
    at_once: Annotated[int, typer.Option(min=1, help="How many rows the language model may be asked for at once.")] = 8,
    head: HeadName = "builtin",
    resume: Annotated[
        bool, typer.Option("--resume/--no-resume", help="Go on where a batch in DIR was left, or refuse to.")
    ] = True,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try the rows again that could not be made before.")
    ] = False,
    batch_size: Annotated[int, typer.Option(min=1, help="How many portraits an expert draws at once.")] = 4,
    row_limit: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="How long a worker may take, for each avatar in its hands, before it is replaced; else half an hour.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make an avatar of every row of a file; stopped at any moment, the same command goes on."""
    from personify.pipelines.batch.batch import run_batch
    from personify.pipelines.batch.store import open_store
    from personify.ui.stopping import settle
    from personify.voices.errors import BadInput

    if address is not None and engine != "ray":
        raise BadInput(f"--address {address} names a Ray cluster, and this batch runs here; add --engine ray")
    with run_progress(shown=not as_json) as on_progress:
        summary = run_batch(
            file,
            out,
            engine=engine,
            workers=workers,
            address=address,
            seed=seed,
            llm=llm,
            head=head,
            resume=resume,
            retry_failed=retry_failed,
            quotas=quota or [],
            distinct=distinct,
            at_once=at_once,
            batch=batch_size,
            row_limit_s=row_limit,
            on_progress=on_progress,
        )
    if summary.stopped:
        settle()
    store = open_store(out)
    if as_json:
        print_json(_facts(summary, store))
    else:
        print_table(_rows(summary, store))
    if summary.stopped:
        print_error("stopped; what was made is kept, and the same command goes on from there")
    if summary.exit_code:
        raise typer.Exit(summary.exit_code)


def _facts(summary: "Summary", store: "Store") -> dict[str, Any]:
    """What programs are told."""
    from dataclasses import asdict

    from personify.pipelines.batch.gallery import PAGE

    facts = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(summary).items()}
    paths = {"gallery": PAGE, "manifest": "manifest.jsonl", "failures": "failures.jsonl", "diversity": "diversity.json"}
    return facts | {"paths": {what: _place(store, name) for what, name in paths.items()}}


def _rows(summary: "Summary", store: "Store") -> list[tuple[str, object]]:
    from personify.pipelines.batch.gallery import PAGE

    rows: list[tuple[str, object]] = [("made", _made(summary))]
    if summary.skipped:
        rows.append(("there before", f"{summary.skipped:,}"))
    if summary.failed:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in summary.kinds.items()) or f"{summary.failed:,}"
        rows.append(("failed", kinds))
    problems = _problems(store)
    rows += [(f"row {line.row}", line.problem) for line in problems[:FIRST_PROBLEMS]]
    if len(problems) > FIRST_PROBLEMS:
        rows.append(("", f"and more in {_place(store, 'failures.jsonl')}"))
    rows += _varied(store)
    rows += [("gallery", _place(store, PAGE)), ("avatars", _place(store, "avatars"))]
    if problems:
        again = "; the same command tries those again that were unreached" if "unreached" in summary.kinds else ""
        rows.append(("mend", f"correct these rows, or try them again with --retry-failed{again}"))
    return rows


def _made(summary: "Summary") -> str:
    rate = f", {summary.made * 60 / summary.seconds:.1f} a minute" if summary.made and summary.seconds > 0 else ""
    of = "so far" if summary.stopped else f"of {summary.rows:,} {'row' if summary.rows == 1 else 'rows'}"
    return f"{summary.made:,} {of} in {spell(summary.seconds)}{rate}"


def _problems(store: "Store") -> list["Failed"]:
    """The first failures that the batch has, and one more where there are more."""
    from itertools import islice

    from pydantic import ValidationError

    from personify.pipelines.batch.values import Failed

    found = []
    for line in islice(store.lines("failures.jsonl"), FIRST_PROBLEMS + 1):
        try:
            found.append(Failed.model_validate_json(line))
        except ValidationError:  # somebody's own line
            continue
    return found


def _varied(store: "Store") -> list[tuple[str, object]]:
    """What the diversity report says."""
    from pydantic import ValidationError

    from personify.pipelines.batch.diversity import Diversity

    try:
        told = Diversity.model_validate_json(store.read("diversity.json") or b"").told()
    except ValidationError:  # there is none yet
        return []
    return [("varied", "; ".join(f"{what}: {much}" for what, much in told))]


def _place(store: "Store", name: str) -> str:
    """Where a file of the batch lies, as a path or a URL."""
    return f"{store.url.rstrip('/')}/{name}"
