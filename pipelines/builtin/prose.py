"""English prose of a character: greeting, backstory, routine, likes; fills the frames of `lexicon/english.toml`."""

import random
import re
from dataclasses import dataclass

from personify.pipelines.builtin.cleaning import fold, tokens
from personify.pipelines.builtin.grammar import article, capital, listing, sentence
from personify.pipelines.builtin.lexicon import Temperament, lexicon
from personify.pipelines.builtin.reading import Reading
from personify.pipelines.persona import DailyMoment
from personify.voices.brief import Age, Gender

_GREETING_WORDS = range(9, 17)
"""About three seconds of speech."""


@dataclass(frozen=True)
class Cast:
    """All that the prose of one character is made from; `rng` is drawn from in a fixed order."""

    reading: Reading
    temperaments: tuple[Temperament, ...]
    name: str
    gender: Gender
    age: Age
    rng: random.Random

    @property
    def role_word(self) -> str:
        """The life in the user's word, or "" where there is none."""
        role = self.reading.role
        return (
            (self.reading.role_word or role.word)
            if role and self.reading.language == "en"
            else role.word
            if role
            else ""
        )

    @property
    def noun(self) -> str:
        """The nature as English can say it: a word in a script that an English voice can't read is "character"."""
        return self.reading.nature if all(letter < "\u0250" for letter in self.reading.nature) else "character"

    @property
    def kind(self) -> str:
        """Such as "grumpy teapot" or "wise owl professor"."""
        reading = self.reading
        is_role = reading.category == "people" and reading.role
        words = [
            reading.temper_word or self.temperaments[0].word,
            self.role_word if is_role and reading.concept else self.noun,
        ]
        if reading.role and not is_role:
            words.append(self.role_word)
        return " ".join(dict.fromkeys(" ".join(words).split()))


def write_greeting(cast: Cast) -> str:
    """One or two sentences of 9 to 16 words that name the character and its temper or its interest."""
    english, reading, rng = lexicon().english, cast.reading, cast.rng
    temper = cast.temperaments[0]
    tails = [tail for interest in reading.interests for tail in interest.tails]
    for kind, phrases in (("love", reading.loves), ("hate", reading.hates), ("fear", reading.fears)):
        tails += [frame.format(x=x) for frame in english[f"{kind}_tails"] for x in phrases[:1]]
    frames = list(english["greetings"])
    if not tails or rng.random() < 0.3:
        tails = list(temper.tails)
        frames = [frame for frame in frames if "kind}" in frame.casefold()] if rng.random() < 0.8 else frames
    candidates = []
    for frame in frames:
        for _ in range(2):
            tail = rng.choice(tails)
            filled = frame.format(
                opening=rng.choice(temper.openings), name=cast.name, kind=article(cast.kind),
                Kind=capital(article(cast.kind)), tail=tail, Tail=capital(tail),
            )  # fmt: skip
            candidates.append(filled)
    rng.shuffle(candidates)
    return min(candidates, key=lambda text: _distance(len(text.split())))


def _distance(words: int) -> int:
    return max(_GREETING_WORDS.start - words, words - _GREETING_WORDS.stop + 1, 0)


def write_backstory(cast: Cast) -> str:
    """Six to ten first-person sentences: origin, name, home, nature, life, temper, heart, close."""
    english, reading, rng = lexicon().english, cast.reading, cast.rng
    concept, role = reading.concept, reading.role
    fields = {"nature": cast.noun, "a_nature": article(cast.noun), "name": cast.name}
    facts = list(concept.facts) if concept else list(english["fallback"]["facts"])
    if role and reading.category == "people":
        facts = []
    facts = rng.sample(facts, min(2, len(facts)))
    origin = english["origin_of"].get(reading.category, "things")
    said = [rng.choice(english["origins"][origin]).format(**fields), rng.choice(english["name_lines"]).format(**fields)]
    said += facts[:1] + [_home_line(cast)]
    if role:
        said += _trade(cast, fields)
    said += facts[1:] + [rng.choice(temper.reasons) for temper in cast.temperaments]
    said += [capital(deed) for deed in reading.deeds] + _heart(cast)
    said.append(rng.choice(english["closings"]))
    return " ".join(sentence(line) for line in said)


def _trade(cast: Cast, fields: dict[str, str]) -> list[str]:
    english, role, rng = lexicon().english, cast.reading.role, cast.rng
    assert role is not None
    people = cast.reading.category == "people"
    frames = english[
        "retired_lines" if "retired" in fold(cast.reading.text) else "trade_lines_people" if people else "trade_lines"
    ]
    line = rng.choice(frames).format(a_role=article(cast.role_word), **fields)
    return [line, *rng.sample(role.facts, 2 if people else 1)]


def _home_line(cast: Cast) -> str:
    english, reading, rng = lexicon().english, cast.reading, cast.rng
    if reading.place:
        return str(
            rng.choice(english["from_lines" if reading.place.startswith("from ") else "place_lines"]).format(
                place=reading.place
            )
        )
    return str(rng.choice(english["home_lines"]).format(home=write_home(cast)))


def write_home(cast: Cast) -> str:
    """Where it lives: the description's place, else the thing's own, else a general one (by name, not by draw)."""
    reading = cast.reading
    if reading.place:
        return reading.place
    homes = lexicon().english["fallback"]["homes"]
    return reading.concept.home if reading.concept else str(homes[sum(map(ord, cast.name)) % len(homes)])


def _heart(cast: Cast) -> list[str]:
    """What it loves, hates, fears and dreams of, in the user's own words, with a fact where the lexicon has one."""
    english, reading, rng = lexicon().english, cast.reading, cast.rng
    said: list[str] = []
    if reading.loves:
        said.append(rng.choice(english["love_lines"]).format(x=listing(list(reading.loves))))
    said += [rng.choice(interest.facts) for interest in reading.interests]
    if reading.hates:
        said.append(rng.choice(english["hate_lines"]).format(x=listing(list(reading.hates), "or")))
    if reading.fears:
        said.append(rng.choice(english["fear_lines"]).format(x=listing(list(reading.fears), "or")))
    for dream in reading.dreams:
        frames = "wish_lines" if _is_wish(dream, reading.text) else "dream_lines"
        said.append(rng.choice(english[frames]).format(x=_wish(dream, reading.text)))
    return said


def _is_wish(dream: str, text: str) -> bool:
    return bool(re.search(rf"\b(?:to|to be|to become)\s+{re.escape(dream.split(maxsplit=1)[0])}", text, re.IGNORECASE))


def _wish(dream: str, text: str) -> str:
    return (
        f"become {dream}"
        if re.search(rf"\b(?:be|become)\s+{re.escape(dream.split(maxsplit=1)[0])}", text, re.IGNORECASE)
        else dream
    )


def write_likes(cast: Cast) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(likes, dislikes): the description's own first, four or so of each, none against what the description says."""
    reading, rng, fallback = cast.reading, cast.rng, lexicon().english["fallback"]
    sources = [source for source in (reading.concept, reading.role, *cast.temperaments) if source]
    likes = [rng.choice(interest.likes) for interest in reading.interests]
    likes += [like for source in sources for like in rng.sample(source.likes, min(2, len(source.likes)))]
    dislikes = [dislike for source in sources for dislike in rng.sample(source.dislikes, min(2, len(source.dislikes)))]
    against = {word for phrase in (*reading.hates, *reading.fears) for word in _content(phrase)}
    favour = {word for phrase in reading.loves for word in _content(phrase)}
    likes = [like for like in likes if not against & _content(like)]
    likes += rng.sample(fallback["likes"], max(0, 3 - len(likes)))
    chosen = dict.fromkeys([*reading.loves, *likes][:5])
    dislikes = [item for item in dislikes if not favour & _content(item) and item not in chosen]
    dislikes += rng.sample(fallback["dislikes"], max(0, 3 - len(dislikes)))
    refused = [*reading.hates, *reading.fears, *dislikes]
    return tuple(chosen), tuple(dict.fromkeys(refused))[:4]


def _content(phrase: str) -> set[str]:
    return {fold(word).rstrip("s") for word in tokens(phrase) if len(word) > 3}


def write_routine(cast: Cast) -> tuple[DailyMoment, ...]:
    """Five or six moments of a day, in order of time."""
    reading, rng, fallback = cast.reading, cast.rng, lexicon().english["fallback"]
    role, concept = reading.role, reading.concept
    habits = (
        concept.habits
        if concept
        else tuple(rng.choice(fallback[part]) for part in ("mornings", "afternoons", "nights"))
    )
    evening = rng.choice(reading.interests).evening if reading.interests else rng.choice(fallback["evenings"])
    day = [(rng.choice((6, 7, 8)), habits[0])]
    day.append((rng.choice((10, 11)), role.routine[0] if role else rng.choice(fallback["forenoons"])))
    day.append((rng.choice((13, 14)), habits[1]))
    if role:
        day.append((rng.choice((16, 17)), role.routine[1]))
    day.append((rng.choice((19, 20)), evening))
    day.append((rng.choice((22, 23)), habits[2]))
    return tuple(
        DailyMoment(time=f"{hour:02}:{rng.choice((0, 5, 10, 15, 20, 30, 40, 45)):02}", activity=capital(act))
        for hour, act in day
    )


def write_manner(cast: Cast) -> str:
    """How it talks, in one sentence."""
    manner = cast.temperaments[0].manner
    return sentence(f"{manner}, in the words of {article(cast.role_word)}" if cast.role_word else manner)


def write_samples(cast: Cast) -> tuple[str, ...]:
    """Four or five lines it might say."""
    reading, rng = cast.reading, cast.rng
    lines = rng.sample(cast.temperaments[0].samples, 3 if not (reading.role or reading.concept) else 2) + [
        rng.choice(temper.samples) for temper in cast.temperaments[1:]
    ]
    if reading.role:
        lines += rng.sample(reading.role.phrases, 2)
    if reading.interests:
        lines.append(rng.choice(reading.interests[0].facts))
    elif reading.loves:
        lines.append(rng.choice(lexicon().english["love_lines"]).format(x=reading.loves[0]))
    if reading.concept and not (reading.role and reading.category == "people"):
        lines.append(rng.choice(reading.concept.facts))
    return tuple(dict.fromkeys(sentence(line) for line in lines))
