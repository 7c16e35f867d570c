"""Opening a chat: which engine answers, what is remembered, and what `personify.toml` says of chats."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from personify.pipelines.chat.chat import Chat
from personify.pipelines.chat.engine import ChatEngine, Remembering, Turn
from personify.pipelines.chat.model import Facts, ModelEngine
from personify.pipelines.chat.session import SessionMemory
from personify.pipelines.memory.users import ME, user_name
from personify.voices.errors import BadInput
from personify.voices.settings import own_table

if TYPE_CHECKING:
    from personify.pipelines.bundle import Avatar
    from personify.pipelines.services import Services

TABLE = "chat"


class ChatSettings(BaseModel):
    """The table `[chat]` of `personify.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    facts: Facts = "neutral"


def chat_settings() -> ChatSettings:
    """What `personify.toml` says of chats. Raises `BadInput` that names the file and the key."""
    path, table = own_table(TABLE)
    try:
        return ChatSettings.model_validate(table)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise BadInput(f"{path}: [{TABLE}] {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def open_chat(
    avatar: "Avatar",
    services: "Services",
    *,
    user: str | None = None,
    engine: ChatEngine | None = None,
    facts: Facts | None = None,
    memory: Remembering | str | bool = True,
    seed: int | None = None,
    before: Sequence[Turn] = (),
) -> Chat:
    """See `Studio.chat`."""
    name = user_name(user)
    engine = engine or _engine(services, facts or chat_settings().facts)
    remembered, on_close = _memory(memory, name, avatar)
    partner = None if name == ME else name
    return Chat(avatar, engine, services, remembered, partner=partner, seed=seed, before=before, on_close=on_close)


def _engine(services: "Services", facts: Facts) -> ChatEngine:
    model = services.model
    if model is not None:
        return ModelEngine(model, facts=facts)
    from personify.pipelines.chat.builtin import BuiltinEngine

    return BuiltinEngine()


def _memory(
    memory: Remembering | str | bool, user: str, avatar: "Avatar"
) -> tuple[Remembering, Callable[[], None] | None]:
    """What remembers, and how it is closed."""
    if memory is False:
        return SessionMemory(), None
    if not isinstance(memory, (str, bool)):
        return memory, None
    from personify.pipelines.memory import open_memory

    store = open_memory(memory if isinstance(memory, str) else None)
    return store.between(user, avatar.key, avatar.name, language=avatar.persona.language), store.close
