"""`personify bench`: the benchmarks, each printing its figures beside their targets."""

from pathlib import Path
from typing import Annotated

import typer

from personify.ui.bench_persona import bench_persona
from personify.ui.commands import Json, group
from personify.ui.terminal import batch_progress, print_error, print_json, print_line, print_table

bench = group("Measures Personify on this machine.")
bench.command("persona")(bench_persona)


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


@bench.command("detection")
def bench_detection(
    out: Annotated[Path, typer.Option(help="The folder of the run; a run that was stopped goes on there.")] = Path(
        "bench-detection"
    ),
    *,
    experts: Annotated[
        str, typer.Option(help='Names, parted by commas; "mixture" takes the one that fits each description.')
    ] = "mixture",
    guidance: Annotated[str, typer.Option(help="Ways to guide them, parted by commas.")] = "none,control,pixel,both",
    prompts: Annotated[
        Path | None, typer.Option(help="Descriptions of your own, one a line; the project's 400 if left out.")
    ] = None,
    per_category: Annotated[
        int | None, typer.Option(min=1, help="Descriptions of each category; all if left out.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Portraits of each description.")] = 1,
    first_seed: Annotated[int, typer.Option(min=0, help="The seed of the first of them.")] = 7,
    attempts: Annotated[int, typer.Option(min=1, max=16, help="How often an expert may try.")] = 3,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Draw the trade-off between detection and likeness as well.")
    ] = False,
    second: Annotated[
        str, typer.Option(help="Second detectors, parted by commas: haar, yunet=FILE, dlib=FILE, mediapipe-task=FILE.")
    ] = "haar",
    judge: Annotated[bool, typer.Option(help="Ask the likeness classifier; it learns for minutes once.")] = True,
    clip: Annotated[str | None, typer.Option(help="A CLIP checkpoint, for its score: a folder or a hub id.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=0, help="Processes that draw; what suits the machine if left out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure how often faces are found, plausible, and still the thing: with intervals, pictures and a report."""
    from personify.eval.detection import benchmark
    from personify.eval.detection.plan import settings_of
    from personify.eval.detection.summary import to_json

    settings = settings_of(
        experts=_names(experts), guidances=_names(guidance), prompts=prompts, per_category=per_category, seeds=seeds,
        first_seed=first_seed, attempts=attempts, sweep=sweep, second=_names(second), judge=judge, clip=clip,
    )  # fmt: skip
    with batch_progress(shown=not as_json) as tell:
        summary = benchmark.benchmark(
            settings,
            out,
            workers=workers,
            on_batch=lambda done, of, _: tell("portraits, in batches", done, of),
            on_lesson=lambda done, of: tell("lessons for the judge", done, of),
        )
    if as_json:
        print_json(to_json(summary))
    else:
        print_table(benchmark.rows(summary), columns=benchmark.HEADINGS)
        print_line(f"The report: {(out / 'report.html').resolve()}")


@bench.command("lipsync")
def bench_lipsync(
    clips: Annotated[int, typer.Option(min=1, max=1000, help="How many clips, over all categories and tones.")] = 40,
    *,
    seed: Annotated[int, typer.Option(min=0, help="The seed of the portraits and of the first clip.")] = 7,
    expert: Annotated[
        str | None, typer.Option(help="Who draws the portraits; by default the expert that fits each.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, max=20, help="How often each clip's speed is timed.")] = 1,
    minutes: Annotated[
        float,
        typer.Option(min=0, max=120, help="How long memory is watched in a long speech; 0 for not."),
    ] = 10.0,
    sheets: Annotated[
        Path | None, typer.Option(help="A folder for contact sheets of 16 characters that speak.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure the talking head: lips, lids, identity, background and speed, each beside its target."""
    from personify.eval.lipsync import bench as lipsync
    from personify.eval.lipsync.sheets import need_matplotlib, write_sheets

    if sheets is not None:
        need_matplotlib()
    with batch_progress(shown=not as_json) as tell:
        scores, found = lipsync.run(
            clips,
            seed,
            expert=expert,
            rounds=rounds,
            minutes=minutes,
            on_clip=lambda done, of, _: tell("clips", done, of),
        )
    if as_json:
        print_json(lipsync.as_report(scores, found))
    else:
        print_table(lipsync.rows(found), columns=lipsync.HEADINGS)
    if sheets is not None:
        write_sheets(sheets, seed, expert=expert)
    if not all(check.met for check in found):
        raise typer.Exit(1)


@bench.command("voices")
def bench_voices(
    out: Annotated[Path | None, typer.Option(help="A folder for the whole report, voices.json.")] = None,
    *,
    seed: Annotated[int, typer.Option(min=0, help="The seed of every character.")] = 7,
    as_json: Json = False,
) -> None:
    """Measure whether descriptions get fitting voices, how distinct the tones are, and how quick the engines."""
    from personify.eval import rates
    from personify.eval.voices import bench as voices

    with batch_progress(shown=not as_json) as tell:
        result = voices.run(seed, on_step=tell)
    if out is not None:
        voices.write_report(out, result)
    if as_json:
        print_json(voices.as_report(result))
    else:
        print_table(rates.rows(result.rates), columns=("what", "measured", "target", ""))
        for rate in result.rates:
            for miss in rate.misses:
                print_line(f"{rate.what}: {miss}")
    if not result.met:
        raise typer.Exit(1)


@bench.command("compare")
def bench_compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="The folder of one run.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="The folder of another run.")],
    as_json: Json = False,
) -> None:
    """Hold two runs of the detection benchmark against each other, portrait by portrait."""
    from personify.eval.detection import compare

    found = compare.compare(first, second)
    if as_json:
        print_json(compare.to_json(found))
        return
    print_table(compare.rows(found), columns=compare.HEADINGS)
    print_line(
        f"{found.portraits} portraits are in both, {found.only_a} only in A, {found.only_b} only in B;"
        f" {found.won} are plausible in B alone, {found.lost} in A alone."
    )


def _names(text: str) -> tuple[str, ...]:
    """What is parted by commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
