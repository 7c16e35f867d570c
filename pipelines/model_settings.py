"""Which language model is asked, if any: told by an option, the environment or `personify.toml`, in that order.

Nothing is asked yet, and nobody who isn't named is looked for.
"""

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from personify.voices.errors import BadInput, MissingExtra
from personify.voices.settings import own_table

if TYPE_CHECKING:
    from personify.pipelines.language_model import LanguageModel

BUILTIN = "builtin"
"""What is said instead of a model's address where none is to be asked."""
VARIABLE = "PERSONIFY_LLM"
TABLE = "llm"

_PRICES = ("price_in", "price_out")


def find_model(told: str | None = None, **limits: Any) -> "LanguageModel | None":
    """The model that `told` names as "URL#model"; without it the one of `$PERSONIFY_LLM`, else that of the table
    `[llm]` in the user's `personify.toml` (`url`, `model`, `key_env`, `timeout_s`, `price_in`, `price_out` and the
    other limits of `ModelServer`). None, so the built-in rules, where nothing names one or "builtin" does.

    What `told` leaves open the table says, if it is about the same server. `limits` overrule the table. Raises
    `BadInput` for what is no address and where a key is wanted and missing, and `MissingExtra` where the client isn't
    installed.
    """
    named = told if told is not None else os.environ.get(VARIABLE, "").strip()
    if named == BUILTIN:
        return None
    path, table = own_table(TABLE)
    if told is None and not named and not table:
        return None
    place = f"{path}: [{TABLE}]" if not named and told is None else "--llm" if told is not None else VARIABLE
    if (named or told is not None) and "://" not in named:
        raise BadInput(
            f"{place}: {named!r} is no language model; give {BUILTIN!r} or URL#model, such as "
            "http://127.0.0.1:11434/v1#qwen3"
        )
    if find_spec("openai") is None:
        raise MissingExtra("a language model needs openai; install it with: pip install 'personify[openai]'")
    from personify.pipelines.language_model import LanguageModel, ModelServer
    from personify.voices.servers import read_server

    if named and not _is_of(named, table):
        table = {name: value for name, value in table.items() if name not in _PRICES}
    try:
        server = read_server(ModelServer, named, table | limits, place)
    except BadInput as error:
        raise BadInput(str(error).replace(f"{VARIABLE}:", f"{place}:", 1)) from None
    if server.lacks:
        raise BadInput(f"{server.lacks}, or do without a model: --llm {BUILTIN}")
    return LanguageModel(server)


def address_of(told: str | None = None) -> str:
    """What asks for the model again that `find_model` finds now, wherever that is named: "URL#model", or `BUILTIN`."""
    model = find_model(told)
    return BUILTIN if model is None else model.address


def _is_of(named: str, table: dict[str, Any]) -> bool:
    """Whether the table is about the very model that is named, so that its prices hold."""
    url, _, model = named.partition("#")
    return url.rstrip("/") == str(table.get("url", "")).rstrip("/") and model in ("", table.get("model"))
