"""What is said in a talk: each turn from the engine of who speaks, or by moves where no language model answers."""

import itertools
import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import closing
from importlib.resources import files

from personify.pipelines.chat.engine import ChatEngine, Context, Turn, Usage
from personify.pipelines.create import read_text
from personify.pipelines.persona import Persona
from personify.pipelines.talking.moves import Moves, order_of
from personify.voices.errors import PersonifyError

Said = tuple[int, str]
"""Who, as a place in the list of those who talk, and what."""

_HEARD = 12
"""So many of the last turns a speaker is told of."""
_LONGEST = 600
"""Characters of a turn; what goes on is cut after a sentence, and the model hung up on."""
_SAME = 97.0
"""From which likeness on, of 100, a turn is the repetition of an earlier one."""
_SENTENCES = re.compile(r"^.*[.!?…。！？][\"'”’»)]*(?=\s|$|[^\x00-\x7f])", re.DOTALL)


def words_of(
    personas: Sequence[Persona], topic: str, turns: int, seed: int, engine: ChatEngine | None, usage: Usage
) -> Iterator[Said]:
    """The turns, one after the other. Without an `engine`, and with one that is no language model, moves write them.

    Raises `PersonifyError` where the engine has no answer; what came before stays said.
    """
    order = list(order_of(len(personas), turns, seed))
    if engine is None or not engine.is_language_model:
        moves = Moves(personas, topic, seed)
        for number, who in enumerate(order):
            before = order[number - 1] if number else order[1]
            after = order[number + 1] if number + 1 < turns else before
            yield who, moves.turn(who, before, after, number, turns)
        return
    said: list[Said] = []
    for who in order:
        text = _asked(engine, personas, topic, said, who, last=len(said) == turns - 1, seed=seed, usage=usage)
        said.append((who, text))
        yield said[-1]


def _asked(
    engine: ChatEngine,
    personas: Sequence[Persona],
    topic: str,
    said: Sequence[Said],
    who: int,
    *,
    last: bool,
    seed: int,
    usage: Usage,
) -> str:
    """The engine's words for the next turn. One that says the same again is asked once more, and then given up."""
    names = [persona.name for persona in personas]
    others = " and ".join(name for at, name in enumerate(names) if at != who)
    told = {"topic": json.dumps(topic, ensure_ascii=False), "others": others}
    told["partner"] = names[said[-1][0]] if said else others
    prompts = _prompts()
    mine = max((at for at, (one, _) in enumerate(said) if one == who), default=-1)
    heard = said[max(0, len(said) - _HEARD) : mine + 1]
    new = "\n".join(_line(names, who, turn) for turn in said[mine + 1 :][-_HEARD:])
    prompt = f"{new}\n{_filled(prompts['close'], told)}" if last else new or _filled(prompts["open"], told)
    context = Context(
        persona=personas[who],
        turns=tuple(Turn("character" if one == who else "user", _line(names, who, (one, text))) for one, text in heard),
        earlier=_filled(prompts["setting"], told),
        partner=told["partner"],
        seed=seed,
    )
    text = _one_turn(engine, prompt, context, names, usage)
    if not _repeats(text, said):
        return text
    again = _one_turn(engine, f"{prompt}\n{_filled(prompts['again'], told)}", context, names, usage)
    if _repeats(again, said):
        raise PersonifyError(f"the language model has {names[who]} say the same again and again")
    return again


def _one_turn(engine: ChatEngine, prompt: str, context: Context, names: Sequence[str], usage: Usage) -> str:
    """What one speaker says: no name before it, nobody else's lines after it, and not too much of it."""
    text = ""
    with closing(_closeable(engine.reply(prompt, context, usage))) as pieces:
        for piece in pieces:
            text += piece
            if len(text) > 2 * _LONGEST:
                break
    any_name = "|".join(re.escape(part) for name in names for part in dict.fromkeys((name, name.split()[0])))
    text = re.sub(rf"^\s*[*_]*(?:{any_name})[*_]*\s*:[*_]*\s*", "", text, count=1)
    text = re.split(rf"\n\s*[*_]*(?:{any_name})[*_]*\s*:", text, maxsplit=1)[0]
    text = read_text(text)
    if len(text) > _LONGEST:
        whole = _SENTENCES.match(text[:_LONGEST])
        text = whole[0] if whole else f"{text[:_LONGEST].rpartition(' ')[0]} ..."
    if not text:
        raise PersonifyError(f"{engine.name} had nothing for {context.persona.name} to say")
    return text


def _closeable(pieces: Iterator[str]) -> "_Closeable":
    return _Closeable(pieces)


class _Closeable:
    """An iterator that can be closed, whatever the engine's own can."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[str]:
        return self._pieces

    def close(self) -> None:
        """Hangs up, where there is something to hang up on."""
        getattr(self._pieces, "close", lambda: None)()


def _line(names: Sequence[str], who: int, turn: Said) -> str:
    """A turn as the one who speaks next hears it: with the name of who said it, unless that was itself."""
    one, text = turn
    return text if one == who else f"{names[one]}: {text}"


def _repeats(text: str, said: Sequence[Said]) -> bool:
    from rapidfuzz import fuzz

    return any(fuzz.ratio(text.casefold(), other.casefold()) >= _SAME for _, other in itertools.islice(said, 0, None))


def _filled(wording: str, values: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], wording)


def _prompts() -> dict[str, str]:
    data = files("personify.pipelines.talking").joinpath("moves.toml").read_text(encoding="utf-8")
    prompts: dict[str, str] = tomllib.loads(data)["model"]
    return prompts
