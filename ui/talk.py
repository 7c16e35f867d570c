"""`personify talk`: two or more avatars talk to one another, into one clip."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from personify.ui.commands import Force, HeadName, Json, Strict
from personify.ui.terminal import print_error, print_json, print_line, print_table, progress


def talk(
    avatars: Annotated[list[Path], typer.Argument(metavar="A B [C ...]", help="The folders of two or more avatars.")],
    *,
    topic: Annotated[str, typer.Option(help='What they talk about, such as "the stars".')],
    turns: Annotated[int, typer.Option(help="How often somebody speaks, 2 to 100.")] = 8,
    llm: Annotated[
        str | None,
        typer.Option(
            metavar="URL#MODEL",
            help="The language model that writes what they say; builtin has rules write it. By default the one of "
            "PERSONIFY_LLM or personify.toml, else builtin.",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed, another talk; the avatars' own if left out.")] = None,
    out: Annotated[Path | None, typer.Option(help="The clip; beside the first avatar if left out.")] = None,
    head: HeadName = "builtin",
    force: Force = False,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Let two or more avatars talk to one another, each with its own voice and face, in one clip."""
    from personify.pipelines import Studio
    from personify.pipelines.talking.talk import TALK_STAGES, model_engine

    engine = model_engine(llm)
    with progress(TALK_STAGES, shown=not as_json) as on_stage:
        made = Studio(head=head).talk(
            list(avatars), topic=topic, turns=turns, engine=engine, seed=seed, out=out, force=force, strict=strict,
            on_stage=on_stage,
        )  # fmt: skip
    if as_json:
        print_json(
            {
                "clip": str(made.clip.path),
                "seconds": made.clip.seconds,
                "frames": made.clip.frames,
                "fps": made.clip.fps,
                "width": made.clip.width,
                "height": made.clip.height,
                "topic": made.topic,
                "words_by": made.words_by,
                "lines": [asdict(line) for line in made.lines],
                "notes": list(made.notes),
                "usage": {
                    "tokens_in": made.usage.tokens_in,
                    "tokens_out": made.usage.tokens_out,
                    "requests": made.usage.requests,
                    "cost": made.usage.cost,
                },
            }
        )
        return
    for line in made.lines:
        print_line(f"{line.who}: {line.text}")
    rows: list[tuple[str, object]] = [
        ("clip", made.clip.path),
        ("length", f"{made.clip.seconds:.2f} s, {len(made.lines)} turns"),
        ("words by", made.words_by),
    ]
    if made.usage.requests:
        cost = "" if made.usage.cost is None else f", cost {made.usage.cost:.4f}"
        rows.append(
            ("asked", f"{made.usage.requests} times, {made.usage.tokens_in + made.usage.tokens_out} tokens{cost}")
        )
    print_table(rows)
    for note in made.notes:
        print_error(note)
