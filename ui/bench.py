"""`personify bench`: the benchmarks, each printing its figures beside their targets."""

from pathlib import Path
from typing import Annotated

import typer

from personify.ui.commands import Json, group
from personify.ui.terminal import print_error, print_json, print_table

bench = group("Measures Personify on this machine.")


@bench.command("speed")
def bench_speed(
    out: Annotated[Path | None, typer.Option(help="Write the JSON to a file as well.")] = None,
    runs: Annotated[int, typer.Option(min=1, max=50, help="How often each thing is measured; the median counts.")] = 5,
    as_json: Json = False,
) -> None:
    """Measure how fast and how large Personify is here, beside its targets."""
    from personify.eval.speed import as_report, measure, rows, write_report

    figures = measure(runs)
    if out is not None:
        write_report(out, figures)
    if as_json:
        print_json(as_report(figures))
    else:
        print_table(rows(figures), columns=("what", "measured", "target", ""))
    if not all(figure.met for figure in figures):
        raise typer.Exit(1)


@bench.command("embedded")
def bench_embedded(
    per_category: Annotated[
        int | None,
        typer.Option(
            min=1, max=50, help="How many of each category's 50 descriptions are drawn; all of them if left out."
        ),
    ] = None,
    seeds: Annotated[
        int, typer.Option(min=2, max=100, help="How many drawings of each archetype the judges learn from.")
    ] = 12,
    sheets: Annotated[Path | None, typer.Option(help="A folder for contact sheets of what is drawn.")] = None,
    as_json: Json = False,
) -> None:
    """Measure Personify's own small experts: found, like the thing, unlike each other, small and quick."""
    from personify.eval import embedded, rates

    found = embedded.measure(per_category, seeds, on_stage=lambda what: None if as_json else print_error(f"{what} ..."))
    if sheets is not None:
        embedded.write_sheets(sheets)
    if as_json:
        print_json(rates.as_json(found))
    else:
        print_table(rates.rows(found), columns=("what", "measured", "target", ""))
    if not all(rate.met for rate in found):
        raise typer.Exit(1)
