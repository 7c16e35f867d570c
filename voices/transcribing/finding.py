"""What hears, if anything: told by an option, the environment or `personify.toml`, in that order, else what is here.

Nothing is loaded yet and nobody is asked; no server is looked for that isn't named.
"""

import os
from importlib.util import find_spec
from typing import Any

from pydantic import ValidationError

from personify.voices.errors import BadInput, MissingExtra, PersonifyError
from personify.voices.servers import read_server
from personify.voices.settings import own_table
from personify.voices.transcribing.hearing import Hearing
from personify.voices.transcribing.server import VARIABLE, ServerTranscriber, TranscribingServer
from personify.voices.transcribing.weights import OWNER, USUAL, usual_weights
from personify.voices.transcribing.whisper import INSTALL, Whisper, WhisperSettings

NONE = "none"
"""What is said where nothing is to hear."""
TABLE = "asr"
OPTION = "--asr"
_A_SERVER = f"name a transcription server: {OPTION} http://127.0.0.1:8000/v1#MODEL"


def find_transcriber(told: str | None = None) -> Hearing:
    """What `told` names: "none", a Whisper model by name or folder, or a server as "URL#model"; without it what
    `$PERSONIFY_ASR` names, else the table `[asr]` in the user's `personify.toml` (`model` and the other settings of
    `WhisperSettings`, or `url` and those of `TranscribingServer`), else the usual Whisper whose files are here.

    Where nothing is named and nothing is here, a `Hearing` that says how to get one. Raises `BadInput`, `MissingExtra`
    or `PersonifyError` where what was named can't be had.
    """
    path, table = own_table(TABLE)
    named = told.strip() if told is not None else os.environ.get(VARIABLE, "").strip()
    place = OPTION if told is not None else VARIABLE if named else f"{path}: [{TABLE}]"
    if told is not None and not named:
        raise BadInput(
            f"{OPTION} is empty; give {NONE!r}, a Whisper model such as {USUAL[0]!r}, or a server's URL#model"
        )
    if named == NONE or (not named and table.get("model") == NONE):
        return Hearing(None, f"hearing is switched off by {place}; leave {NONE!r} out there to have it")
    if "://" in named or (not named and "url" in table):
        return _found(_server(named, table, place))
    if named or table:
        return _found(_whisper(named, table, place))
    return _what_is_here()


def _found(transcriber: Whisper | ServerTranscriber) -> Hearing:
    return Hearing(transcriber, transcriber.name)


def _what_is_here() -> Hearing:
    """The usual Whisper, if it is installed with its weights; or how to get it."""
    fetch = f"hf download {OWNER}/faster-whisper-{USUAL[0]}"
    if find_spec("faster_whisper") is None:
        return Hearing(None, f"to speak to it, {INSTALL} and {fetch} (145 MB), or {_A_SERVER}")
    name = usual_weights()
    if name is None:
        return Hearing(None, f"to speak to it, fetch a Whisper model: {fetch} (145 MB), or {_A_SERVER}")
    return _found(Whisper(WhisperSettings(model=name)))


def _whisper(named: str, table: dict[str, Any], place: str) -> Whisper:
    """The Whisper that is named, with what the table says of how it runs."""
    if find_spec("faster_whisper") is None:
        raise MissingExtra(f"{place}: hearing with Whisper needs faster-whisper: {INSTALL}; or {_A_SERVER}")
    of_servers = set(TranscribingServer.model_fields) - set(WhisperSettings.model_fields)
    if named:  # the table may be about a server, whose settings are not for a model here
        table = {key: value for key, value in table.items() if key not in of_servers} | {"model": named}
    elif "model" not in table:
        table = table | {"model": usual_weights() or USUAL[0]}
    try:
        settings = WhisperSettings.model_validate(table)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{place}: {name}: {first['msg'].removeprefix('Value error, ')}") from None
    try:
        return Whisper(settings)
    except PersonifyError as error:
        raise type(error)(f"{place}: {error}") from error


def _server(named: str, table: dict[str, Any], place: str) -> ServerTranscriber:
    """The server that is named, or the table's."""
    if find_spec("openai") is None:
        raise MissingExtra(f"{place}: a transcription server is asked through openai: pip install 'personify[openai]'")
    if "url" not in table:  # it is about a model on this machine
        table = {key: value for key, value in table.items() if key == "language"}
    try:
        server = read_server(TranscribingServer, named, table, place)
    except BadInput as error:
        raise BadInput(str(error).replace(f"{VARIABLE}:", f"{place}:", 1)) from None
    if server.lacks:
        raise BadInput(f"{server.lacks}, or do without: {OPTION} {NONE}")
    return ServerTranscriber(server)
