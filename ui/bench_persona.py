"""`personify bench persona`: how well characters stay themselves, measured."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from personify.ui.commands import Json
from personify.ui.terminal import batch_progress, print_error, print_json, print_line, print_table

if TYPE_CHECKING:
    from personify.pipelines.chat.engine import ChatEngine
    from personify.pipelines.language_model import LanguageModel

_AT_ONCE = 4
"""Questions that a server is asked at a time."""


def bench_persona(
    llm: Annotated[
        str | None,
        typer.Option(
            metavar="URL#MODEL",
            help="The language model that plays the characters; builtin takes the built-in engine. By default the one "
            "of PERSONIFY_LLM or personify.toml, else builtin.",
        ),
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(
            metavar="URL#MODEL",
            help="A language model that judges the answers; `same` for the one that plays. None if left out.",
        ),
    ] = None,
    *,
    personas: Annotated[int | None, typer.Option(help="How many characters; 40, or 10 with a model.")] = None,
    per_task: Annotated[int, typer.Option(min=1, max=4, help="Questions of each judged task to each character.")] = 2,
    templates: Annotated[
        bool, typer.Option("--templates", help="Have the judge write no questions of its own.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="The seed of the characters.")] = 7,
    out: Annotated[Path | None, typer.Option(help="A folder for the report and every answer.")] = None,
    as_json: Json = False,
) -> None:
    """Measure whether characters stay themselves: told by their words, true to their facts, and judged by a model."""
    from personify.eval.persona import bench, report
    from personify.pipelines.model_settings import find_model

    if out is not None:
        report.check_folder(out)
    model = find_model(llm)
    judging, notes = _judge(judge, model)
    with batch_progress(shown=not as_json) as tell:
        result = bench.run(
            _engine(model),
            personas=(10 if model or judging else 40) if personas is None else personas,
            seed=seed,
            judge=judging,
            judge_name=None if judging is None else judging.model,
            per_task=per_task,
            own_questions=not templates,
            workers=_AT_ONCE if model or judging else 1,
            notes=notes,
            on_step=tell,
        )
    written = report.write_report(out, result) if out is not None else []
    if as_json:
        print_json(bench.as_json(result))
        return
    print_table(report.rows(result.figures), columns=report.HEADINGS)
    for note in result.notes:
        print_error(note)
    if written:
        print_line(f"The report: {written[1].resolve()}")


def _engine(model: "LanguageModel | None") -> "ChatEngine":
    if model is None:
        from personify.pipelines.chat.builtin import BuiltinEngine

        return BuiltinEngine()
    from personify.pipelines.chat.model import ModelEngine

    return ModelEngine(model)


def _judge(told: str | None, played_by: "LanguageModel | None") -> "tuple[LanguageModel | None, list[str]]":
    """The judge, and what the report has to say of it. Nobody judges itself unless that is asked for."""
    from personify.pipelines.model_settings import find_model
    from personify.voices.errors import BadInput

    if told is None:
        return None, []
    if told == "same":
        if played_by is None:
            raise BadInput("--judge same needs a language model that plays; name one with --llm URL#model")
        return played_by, [f"the judge is the model that plays, {played_by.model}, and models favour themselves"]
    judge = find_model(told)
    if judge is None:
        raise BadInput(f"--judge {told} is no language model; name one as URL#model")
    if played_by is not None and (judge.server.url, judge.model) == (played_by.server.url, played_by.model):
        raise BadInput(f"{judge.model} would judge itself; name another model, or say so with --judge same")
    return judge, []
