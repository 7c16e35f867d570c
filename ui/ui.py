"""`personify ui`: the web app, on this machine or for others."""

import json
import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from personify.ui.commands import Json, LanguageModelAt
from personify.ui.terminal import print_error, print_line


def ui(
    *,
    host: Annotated[
        str | None, typer.Option(help="The address to serve at; 127.0.0.1, so this machine alone, if left out.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="The port; 7860 if left out, 0 for any that is free.")] = None,
    shelf: Annotated[
        str | None, typer.Option(help="Where avatars are kept: a folder, or a URL such as s3://bucket/avatars.")
    ] = None,
    llm: LanguageModelAt = None,
    asr: Annotated[
        str | None, typer.Option(help="What writes down what is said into the microphone; see docs/voice-in.md.")
    ] = None,
    login: Annotated[
        Path | None, typer.Option(help="A file of names and password hashes; only they may use the app.")
    ] = None,
    private: Annotated[
        bool | None,
        typer.Option(
            "--private/--shared",
            help="A shelf for each browser or name, or one for all; private if left out where others can reach it.",
        ),
    ] = None,
    memory: Annotated[bool | None, typer.Option(help="Characters remember their users tomorrow.")] = None,
    mcp: Annotated[bool | None, typer.Option(help="Offer its functions as MCP tools too.")] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A name by which a proxy or another machine asks for it; may be repeated.")
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    hash_: Annotated[
        bool, typer.Option("--hash", help="Ask for a password, print the hash that --login wants for it, and end.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Serve the web app: describe a character, meet it, talk to it."""
    if hash_:
        _print_hash()
        return
    from personify.ui.web.serving import serve
    from personify.ui.web.settings import read_settings

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    settings = read_settings(
        host=host, port=port, shelf=shelf, llm=llm, asr=asr, login=login, private=private, memory=memory, mcp=mcp,
        allow_host=tuple(allow_host) if allow_host else None,
    )  # fmt: skip
    if not settings.is_loopback and settings.login is None:
        print_error(f"anyone who can reach {settings.host} may use this; give names and passwords with --login FILE")

    def on_ready(url: str) -> None:
        _tell(url, as_json=as_json)
        if open_:
            import webbrowser

            webbrowser.open(url)

    serve(settings, on_ready)
    _leave()


def _tell(url: str, *, as_json: bool) -> None:
    print_line(json.dumps({"url": url}) if as_json else f"Personify is at {url} (Ctrl-C ends it)")
    sys.stdout.flush()


def _print_hash() -> None:
    """The password comes from the terminal without being shown, or as a line through a pipe."""
    from personify.ui.web.logins import hash_password

    if sys.stdin is not None and sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n") if sys.stdin else ""
    print_line(hash_password(password))


def _leave() -> None:
    """All is closed and removed; taking the interpreter apart, or waiting for work that doesn't heed being stopped, in
    a library say, would only keep who pressed Ctrl-C waiting for seconds."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
