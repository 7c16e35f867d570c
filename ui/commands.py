"""What every command shares: how groups behave, options that mean the same everywhere, and the guidance names."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON alone, for other programs.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]
AvatarsFolder = Annotated[Path, typer.Option(help="The folder that the avatar's own folder goes into.")]
ToneName = Annotated[str | None, typer.Option(help="A tone by name, instead of the one that fits best.")]
ExpertName = Annotated[str | None, typer.Option(help="An expert by name, instead of the one that fits best.")]
HeadName = Annotated[
    str, typer.Option("--head", help="The talking head that films it, by name; see: personify heads list.")
]
LanguageModelAt = Annotated[
    str | None,
    typer.Option(
        "--llm",
        metavar="URL#MODEL",
        help="A language model on an OpenAI-compatible server; builtin asks none. Without it the one of PERSONIFY_LLM "
        "or of personify.toml, if any.",
    ),
]
DepthWanted = Annotated[
    Literal["brief", "full"],
    typer.Option("--depth", help="How much of the persona is written; full adds several hundred attributes."),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Refuse a tone that can't speak the language; otherwise another one speaks.")
]
Guided = Literal["none", "control", "pixel", "both"]


def group(help_text: str, **settings: Any) -> typer.Typer:
    """A group of commands."""
    return typer.Typer(
        help=help_text,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,  # what is typed shows up in usage errors, and must not be read as markup
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        **settings,
    )
