"""What characters say to one another where no language model writes: moves by rules, over what their personas hold.

A turn takes the partner's last one up, answers what was asked, and asks something back; the wordings are data, in
`moves.toml`, and what is said of anybody is from the persona. Nothing that was said is said again while there is
something else to say. Knows nothing of voices and pictures.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from personify.pipelines.persona import Persona
from personify.pipelines.talking.wording import Wording, alike, latest, moves_of, names_owner, overlap, small

Stance = Literal["love", "hate", "mild"]

_TELLS_ONLY = 0.15
"""How often a turn asks nothing."""
_PASSES_OVER = 0.3
"""How often a thing that the partner named isn't repeated."""
_ASKS = ("like", "without", "story", "advice", "day", "dislike", "home", "value")
_SENTENCE = re.compile(r"[^.!?…。！？]+[.!?…。！？]+[\"'”’»]*")
_CURT, _WARM, _SHY = 0.36, 0.58, 0.25
"""Where agreeableness makes somebody curt or warm, and extraversion shy."""


@dataclass
class _Side:
    """One who talks: the persona, its temper, and what it has told already."""

    persona: Persona
    moves: dict[str, Any]
    temper: str
    stories: list[str]
    told: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Last:
    """What the last turn left behind: its stance on the topic, a thing it named, and what it asked for."""

    stance: Stance | None = None
    mention: str = ""
    liked: bool = True
    """Whether the thing is named as something good."""
    asked: str = ""


class Moves:
    """A talk about `topic` among personas, each turn from the turns before it; the same seed gives the same talk."""

    def __init__(self, personas: Sequence[Persona], topic: str, seed: int) -> None:
        self._rng = random.Random(f"{seed} {topic}")
        self._topic = topic
        self._sides = [_side(persona) for persona in personas]
        self._wording = Wording(topic, self._rng)
        self._last = _Last()
        self._asks: list[str] = []

    def turn(self, speaker: int, before: int, after: int, number: int, turns: int) -> str:
        """What `speaker` says in turn `number` of `turns`, from 0 on, after one and before another, who may be the
        same."""
        me, you, others = self._sides[speaker], self._sides[before], self._sides[after]
        if number == 0:
            said, last = self._opened(me, others)
        elif number == turns - 1:
            said, last = self._closed(me, you), _Last()
        else:
            said, last = self._gone_on(me, you, others, winding=number == turns - 2)
        self._last = last
        return " ".join(said) or self._own_words(me)

    def _opened(self, me: _Side, you: _Side) -> tuple[list[str], _Last]:
        said = self._pick(me, you, self._wording.opening(me.moves))
        stance, mention, view = self._view(me, you)
        self._asks.append("view")
        return [*said, *view, *self._pick(me, you, "ask_view")], _Last(stance, mention, stance != "hate", "view")

    def _gone_on(self, me: _Side, you: _Side, others: _Side, *, winding: bool) -> tuple[list[str], _Last]:
        said = self._taken_up(me, you)
        stance: Stance | None = None
        if self._last.asked == "view":
            stance, mention, answer = self._view(me, you)
            liked = stance != "hate"
        else:
            mention, liked, answer = self._answer(me, you, self._last.asked or "story")
        said += answer
        if winding:
            return [*said, *self._pick(me, others, "wind")], _Last(stance, mention, liked, "")
        asked, question = self._question(others, me)
        return said + question, _Last(stance, mention, liked, asked)

    def _closed(self, me: _Side, you: _Side) -> list[str]:
        said = self._taken_up(me, you)
        if self._last.asked == "view":
            said += self._view(me, you)[2]
        elif self._last.asked:
            said += self._answer(me, you, self._last.asked)[2]
        return said + self._pick(me, you, "close")

    def _own_words(self, me: _Side) -> str:
        """For languages without moves: the next of its own sentences."""
        if not me.stories:
            me.stories = _stories(me.persona)
        return me.stories.pop(0)

    def _taken_up(self, me: _Side, you: _Side) -> list[str]:
        """What it makes of the last turn, which was the partner's."""
        last, mine = self._last, me.persona.personal
        if last.stance in ("love", "hate"):
            own = _stance(me.persona, self._topic)[0]
            if own == last.stance:
                return self._pick(me, you, "agree")
            return self._pick(me, you, "hm" if own == "mild" and me.temper != "curt" else "disagree")
        if not last.mention or names_owner(last.mention):
            return self._pick(me, you, "hm")
        alike, contrary = (mine.likes, mine.dislikes)[:: 1 if last.liked else -1]
        if _same(last.mention, alike) or _same(last.mention, contrary):
            return self._pick(me, you, "shared" if _same(last.mention, alike) else "clash", last.mention)
        if you.persona.language != me.persona.language or self._rng.random() < _PASSES_OVER:
            return self._pick(me, you, "hm")
        return self._pick(me, you, "noted" if last.liked else "noted_bad", last.mention)

    def _view(self, me: _Side, you: _Side) -> tuple[Stance, str, list[str]]:
        """Its stance on the topic, what it named, and how it says so."""
        stance, thing = _stance(me.persona, self._topic)
        if stance == "mild":
            thing = self._untold(me, me.persona.personal.likes)
        me.told.add(thing)
        kind = "view_first" if stance == "mild" and not self._asks and "view_first" in me.moves else f"view_{stance}"
        text = self._pick(me, you, kind, thing)
        named = any(thing.casefold() in part.casefold() for part in text)
        return stance, thing if named else "", text

    def _answer(self, me: _Side, you: _Side, asked: str) -> tuple[str, bool, list[str]]:
        """What it named, whether as something good, and the answer to what was asked; where there is none left, a story
        of its own."""
        persona = me.persona
        if asked in ("like", "dislike", "value"):
            things = {
                "like": persona.personal.likes,
                "dislike": persona.personal.dislikes,
                "value": persona.personal.values,
            }[asked]
            thing = self._untold(me, things)
            if thing not in me.told:
                me.told.add(thing)
                return thing, asked != "dislike", self._pick(me, you, f"tell_{asked}", thing)
        if asked in ("without", "advice"):
            return self._on_topic(me, you, asked)
        if asked == "home" and persona.social.home not in me.told:
            me.told.add(persona.social.home)
            kind = "tell_from" if persona.social.home.startswith("from ") else "tell_home"
            return "", True, self._pick(me, you, kind, persona.social.home)
        if asked == "day":
            left = [moment for moment in persona.life.routine if moment.activity not in me.told]
            if left:
                moment = self._rng.choice(left)
                me.told.add(moment.activity)
                return "", True, self._pick(me, you, "tell_day", small(moment.activity), time=moment.time)
        if me.stories:
            story = me.stories.pop(0)
            for side in self._sides:  # two characters may hold the same sentence
                side.stories = [other for other in side.stories if other != story]
            kind = "tell_story" if story in persona.life.backstory else "tell_saying"
            return "", True, self._pick(me, you, kind, story=story)
        return self._left_over(me, you)

    def _on_topic(self, me: _Side, you: _Side, asked: str) -> tuple[str, bool, list[str]]:
        """The answer to a question that leads back to the topic."""
        me.told.add(asked)
        if asked == "advice":
            return "", True, self._pick(me, you, "tell_advice")
        stance, thing = _stance(me.persona, self._topic)
        thing = thing or self._untold(me, me.persona.personal.likes)
        text = self._pick(me, you, f"tell_without_{stance}", thing)
        named = stance == "mild" and thing.casefold() in " ".join(text).casefold()
        if named:
            me.told.add(thing)
        return thing if named else "", True, text

    def _left_over(self, me: _Side, you: _Side) -> tuple[str, bool, list[str]]:
        """Something not told yet, whatever it is; where all is told, it begins again."""
        personal = me.persona.personal
        for kind, things in (("like", personal.likes), ("dislike", personal.dislikes), ("value", personal.values)):
            left = [thing for thing in things if thing not in me.told]
            if left:
                me.told.add(left[0])
                return left[0], kind != "dislike", self._pick(me, you, f"tell_{kind}", left[0])
        profile = [attribute.text for attribute in me.persona.profile if attribute.text.rstrip().endswith((".", "!"))]
        own = [text for text in profile if text not in me.told]
        if own:
            me.told.add(own[0])
            return "", True, [own[0]]
        me.told.clear()
        return "", True, [self._own_words(me)]

    def _question(self, you: _Side, me: _Side) -> tuple[str, list[str]]:
        """What it asks for, and how; the kinds take turns, and one that the partner can't answer isn't asked."""
        able = [kind for kind in _ASKS if f"ask_{kind}" in me.moves and self._can_answer(you, kind)]
        if not able or self._rng.random() < _TELLS_ONLY:
            return "", []
        able.sort(key=lambda kind: (latest(self._asks, kind), _ASKS.index(kind)))
        kind = self._rng.choice(able[:2])
        self._asks.append(kind)
        return kind, self._pick(me, you, f"ask_{kind}")

    def _can_answer(self, you: _Side, kind: str) -> bool:
        personal = you.persona.personal
        if kind == "story":
            return bool(you.stories)
        if kind in ("without", "advice"):
            able = any(move.startswith(f"tell_{kind}") for move in you.moves)
            return able and kind not in you.told and not (kind == "without" and "?" in self._topic)
        if kind == "home":
            return you.persona.social.home not in you.told
        if kind == "day":
            left = any(moment.activity not in you.told for moment in you.persona.life.routine)
            return left and "tell_day" in you.moves
        things = {"like": personal.likes, "dislike": personal.dislikes, "value": personal.values}[kind]
        return any(thing not in you.told for thing in things)

    def _untold(self, me: _Side, things: Sequence[str]) -> str:
        """One of them that it hasn't told yet, the one nearest to the topic first."""
        left = [thing for thing in things if thing not in me.told] or list(things)
        return max(left, key=lambda thing: (overlap(thing, self._topic), -things.index(thing)))

    def _pick(self, me: _Side, you: _Side, kind: str, thing: str = "", *, story: str = "", time: str = "") -> list[str]:
        """A move of that kind, said by one to the other."""
        return self._wording.word(
            me.moves, me.temper, kind, partner=you.persona.name, thing=thing, story=story, time=time
        )


def order_of(count: int, turns: int, seed: int) -> Iterator[int]:
    """Who speaks when: the first begins, each round has everybody once, and nobody follows on itself."""
    rng, last, left = random.Random(seed), -1, turns
    first = True
    while left > 0:
        circle = list(range(count))
        if not first and count > 2:
            rng.shuffle(circle)
            if circle[0] == last:
                circle.append(circle.pop(0))
        first = False
        for one in circle[:left]:
            last = one
            yield one
        left -= count


def _side(persona: Persona) -> _Side:
    """A persona in a language that has no moves says what it would say anyway: its own sentences."""
    moves = moves_of(persona.language)
    five = persona.personal.big_five
    if five.extraversion < _SHY and five.agreeableness >= _CURT:
        temper = "shy"
    else:
        temper = "curt" if five.agreeableness < _CURT else "warm" if five.agreeableness > _WARM else "plain"
    return _Side(persona, moves, temper, _stories(persona))


def _stories(persona: Persona) -> list[str]:
    """Sentences of its own that stand for themselves: no introductions, and nothing that an answer tells anyway."""
    sentences = [found[0].strip() for found in _SENTENCE.finditer(persona.life.backstory)]
    known = (persona.name.casefold(), persona.social.home.casefold())
    told = [one for one in sentences if not any(part in one.casefold() for part in known) and len(one.split()) > 3]
    return list(dict.fromkeys([*told, *persona.speaking.sample_lines])) or [persona.speaking.greeting]


def _stance(persona: Persona, topic: str) -> tuple[Stance, str]:
    """What a persona makes of a topic, and the thing in its own words that says so."""
    stances: tuple[tuple[Stance, tuple[str, ...]], ...] = (
        ("love", persona.personal.likes),
        ("hate", persona.personal.dislikes),
    )
    for stance, things in stances:
        for thing in things:
            if overlap(thing, topic):
                return stance, thing
    return "mild", ""


def _same(thing: str, others: Sequence[str]) -> bool:
    return any(alike(thing, other) for other in others)
