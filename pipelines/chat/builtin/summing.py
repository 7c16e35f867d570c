"""What is kept of a conversation: what it was about and what the user told, in the third person, by rules."""

from personify.pipelines.chat.builtin.character import character
from personify.pipelines.chat.builtin.facts import find_in
from personify.pipelines.chat.builtin.talk import understood
from personify.pipelines.chat.engine import Context, Noted, Turn

_TOPICS, _TOLD, _LONGEST = 4, 3, 480


def note(turns: tuple[Turn, ...], context: Context) -> Noted:
    """One to three sentences on the turns, with the partner's name, and the facts that came up."""
    own = character(context.persona).tongue
    found = find_in(turns, own.code)
    names = [item.value for item in found if item.fact.key == "name"]
    partner = names[-1] if names else context.partner or "The user"
    labels = own.table("topics")
    mains = [understood(turn.text, own)[1].intent for turn in turns if turn.who == "user"]
    topics = list(dict.fromkeys(str(labels[name]) for name in mains if name in labels))
    lines = []
    if topics:
        lines.append(f"{partner} and {context.persona.name} spoke of {_listed(topics[:_TOPICS])}.")
    elif turns:
        lines.append(f"{partner} and {context.persona.name} spoke for a while.")
    told = [item.fact.text.rstrip(".") for item in found if item.fact.key != "name"]
    does = [text.removeprefix("The user ") for text in told if text.startswith("The user ")][-_TOLD:]
    has = [text.removeprefix("The user's ") for text in told if text.startswith("The user's ")][-_TOLD:]
    if does:
        name = partner if partner != "The user" else "the user"
        lines.append(f"As {name} told it, {name} {_listed(does)}.")
    if has:
        lines.append(f"{partner}'s {_listed(has)}." if partner != "The user" else f"Their {_listed(has)}.")
    return Noted(" ".join(lines)[:_LONGEST], tuple(item.fact for item in found))


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
