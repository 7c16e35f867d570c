"""Depth on demand: several hundred attributes that are the character's own, by rules or by a model that is checked."""

import json
import re

import pytest
from llm_server import error

from personify.pipelines.builtin.lexicon import lexicon
from personify.pipelines.language_model import LanguageModel
from personify.pipelines.persona import Persona
from personify.pipelines.writers import persona_writer
from personify.pipelines.writing.asking import Asker
from personify.pipelines.writing.consistency import contradiction
from personify.pipelines.writing.depth import CALLS, deepen, known_of
from personify.pipelines.writing.filling import fill
from personify.pipelines.writing.taxonomy import branches, slots, taxonomy

TEAPOT = "a grumpy teapot who loves astronomy"
CAST = (TEAPOT, "a shy ghost librarian", "a seven-year-old girl", "an old pirate", "a flumph", "a nervous sock",
        "a proud queen", "an angry tomato", "a wise owl professor", "a lazy red car")  # fmt: skip


def deep(description, seed=7):
    return persona_writer(depth="full").write(description, seed=seed)


@pytest.mark.parametrize("description", CAST)
def test_every_leaf_is_filled_with_a_sentence(description):
    persona = deep(description)
    assert len(persona.profile) == len(taxonomy()) >= 300 and len(branches()) >= 12
    assert Persona.model_validate(persona.model_dump()) == persona
    for attribute in persona.profile:
        assert re.fullmatch(r"[A-Z].*[.!?]", attribute.text), attribute
        assert not re.search(r"[{}|]|\ba [aeio]|\ban [bcdfgjklmnpqrstvwxyz]|  ", attribute.text), attribute
        assert not contradiction(attribute.text, persona), attribute
    assert len({attribute.text for attribute in persona.profile}) > 0.97 * len(persona.profile)


def test_every_leaf_has_something_to_say_of_anybody():
    for path, options in taxonomy().items():
        assert any(not option.conditions for option in options), path


def test_every_condition_is_one_that_can_hold():
    groups = {temper.group for temper in lexicon().temperaments.values()}
    known = groups | {"child", "young", "adult", "elderly", "person", "creature", "thing", "work", "lark", "late"}
    known |= set(slots().trades.values())
    known |= {letter + sign for letter in "OCEAN" for sign in "+-"}
    pools = [*taxonomy().values(), *slots().pools.values()]
    used = {name.removeprefix("!") for options in pools for option in options for name in option.conditions}
    assert used <= known


def test_a_character_keeps_the_hours_of_its_routine():
    seen = set()
    for seed in range(12):
        persona = persona_writer().write("an old pirate", seed=seed)
        first, last = persona.life.routine[0].time, persona.life.routine[-1].time
        texts = fill(persona, ("habits/daily/bedtime", "tastes/senses/time_of_day"), seed=seed)
        early = "half past ten" in texts["habits/daily/bedtime"] or "morning" in texts["tastes/senses/time_of_day"]
        late = (
            "last lamp" in texts["habits/daily/bedtime"] or "last one before bed" in texts["tastes/senses/time_of_day"]
        )
        assert not (early and (late or last > "22:30" or first > "07:15"))
        assert not late or last >= "23:15" or first >= "08:30"
        seen.add(early - late)
    assert len(seen) > 1


def profiles(description, path, seeds=10):
    return {fill(persona_writer().write(description, seed=seed), [path], seed=seed)[path] for seed in range(seeds)}


def test_a_profile_agrees_with_the_trade_and_the_make():
    assert all("I'm a sailor" in text for text in profiles("an old sailor", "work/what/occupation"))
    assert not any("knees" in text for text in profiles("an old sailor", "fears/small/water"))
    assert all(
        "mother" in text and "From my" not in text for text in profiles("a cheerful robot", "family/parents/mother")
    )
    assert not any("never seen a ghost" in text for text in profiles("a shy ghost", "beliefs/everyday/ghosts"))
    assert not any("polish" in text for text in profiles("an old sailor", "beliefs/values/freedom"))


def test_a_child_has_no_past_of_a_grown_up():
    texts = {a.text for a in deep("a six-year-old girl").profile}
    said = " ".join(texts)
    assert not re.search(
        r"When I was small|As a little one|twice already|I've been poor|crosswords|six years old", said
    )
    assert "My work is being little" in said


def test_every_phrase_fits_into_every_sentence():
    numbers = [option.text for option in slots().pools["clothing"] if option.text.endswith("s")]
    assert numbers == [], "clothing stands behind an article"
    for path, options in taxonomy().items():
        for option in options:
            assert not re.search(r"\{(?:animal|flower|tree|instrument|clothing)\}s", option.text), path


def test_the_same_seed_gives_the_same_and_another_another():
    assert deep(TEAPOT).profile == deep(TEAPOT).profile
    first, second = ({a.path: a.text for a in deep(TEAPOT, seed).profile} for seed in (1, 2))
    assert sum(first[path] != second[path] for path in first) > 100


def test_brief_is_what_it_was():
    brief = persona_writer().write(TEAPOT, seed=7)
    assert brief.profile == () and deep(TEAPOT).model_copy(update={"profile": ()}) == brief


def test_who_comes_up_twice_is_the_same():
    texts = {a.path: a.text for seed in (0,) for a in deep("a shy ghost librarian", seed).profile}
    named = re.compile(r"[Mm]y aunt ([A-Z]\w+)")
    assert len({found[1] for text in texts.values() for found in named.finditer(text)}) == 1


def test_what_it_says_suits_it():
    child = {a.path: a.text for a in deep("a seven-year-old girl").profile}
    assert child["opinions/life/love"] == "Love is when Mum cuts the apple for you."
    assert not any("wife" in text or "retire" in text for text in child.values())
    assert "a librarian" in deep("a shy ghost librarian").profile[[*taxonomy()].index("work/what/occupation")].text
    disliking = persona_writer().write(TEAPOT, seed=7)
    personal = disliking.personal.model_copy(update={"dislikes": ("tea", "chocolate", "cider", "coffee", "peppermint")})
    drink = fill(disliking.model_copy(update={"personal": personal}), ["tastes/food/drink"], seed=7)
    assert "elderflower" in drink["tastes/food/drink"]


def test_other_languages_stay_brief_and_say_so():
    persona = deep("ein mürrischer Drache")
    assert persona.profile == () and "German" in persona.notes[0]


def test_plain_contradictions_are_seen():
    persona = persona_writer().write("an elderly man who loves chess and hates rain", seed=1)
    assert contradiction("I can't stand chess.", persona) and contradiction("I love rain above all.", persona)
    assert contradiction("I do my homework before supper.", persona)
    assert not contradiction("I love chess.", persona) and not contradiction("I hate rain.", persona)


pytest.importorskip("openai")


def asker(server):
    return Asker(LanguageModel.connect(f"{server.url}#tiny", backoff_s=0.01, timeout_s=5.0), seed=1)


def fields(body):
    return json.loads(body["messages"][-1]["content"])["fields"]


def test_a_model_goes_from_branch_to_branch_and_is_told_what_is_known(server):
    server.behave(
        reply=lambda body: json.dumps({key: f"My {key.replace('_', ' ')} is a long story." for key in fields(body)})
    )
    base = persona_writer().write(TEAPOT, seed=7)
    asking = asker(server)
    persona = deepen(base, seed=7, asker=asking)
    assert len(persona.profile) == len(taxonomy()) and persona.filled == () and persona.notes == ()
    assert 12 <= asking.usage.requests <= CALLS
    last = json.loads(server.asked[-1]["messages"][-1]["content"])["known"]
    assert last["name"] == base.name and "astronomy" in last["likes"]
    assert any("long story" in text for text in last["said_already"])
    assert max(len(body["messages"][-1]["content"]) for body in server.asked) < 12_000


def test_what_contradicts_or_leaks_goes_back_once_and_is_filled_in(server):
    def reply(body):
        said = dict.fromkeys(fields(body), "I keep a small brass key for that.")
        bad = [key for key in said if key.startswith("tastes_food")][:4]
        wrong = ("I hate astronomy.", "My name is Gloria.", "As an AI language model I have none.", "../../etc/passwd")
        return json.dumps(said | dict(zip(bad, wrong, strict=False)))

    server.behave(reply=reply)
    persona = deepen(persona_writer().write(TEAPOT, seed=7), seed=7, asker=asker(server))
    texts = {a.path: a.text for a in persona.profile}
    assert len(texts) == len(taxonomy())
    assert sum(text == "I keep a small brass key for that." for text in texts.values()) == len(texts) - 4
    assert len(persona.filled) == 4 and all(name.startswith("profile/tastes/food/") for name in persona.filled)
    again = [body for body in server.asked if "wrong_last_time" in body["messages"][-1]["content"]]
    assert len(again) == 1 and "contradicts what the character likes" in again[0]["messages"][-1]["content"]


def test_a_server_that_dies_on_the_way_leaves_a_whole_profile(server):
    count = iter(range(1000))
    server.behave(
        reply=lambda body: json.dumps(dict.fromkeys(fields(body), "It is mine.")),
        refuse=lambda body: (500, error("tired")) if next(count) >= 3 else None,
    )
    persona = deepen(persona_writer().write(TEAPOT, seed=7), seed=7, asker=asker(server))
    assert len(persona.profile) == len(taxonomy()) and "could not be asked for more depth" in persona.notes[0]
    assert 200 < len(persona.filled) < len(taxonomy())


def test_what_is_known_is_bounded():
    persona = deep(TEAPOT)
    found = {a.path: a.text * 3 for a in persona.profile}
    assert len(json.dumps(known_of(persona, found))) < 9_000
