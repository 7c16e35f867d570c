"""A chat that lasts: what is remembered across sessions and of whom, and sizes that stay bounded."""

import gc
import json
import subprocess
import sys
import textwrap

import pytest
from chat_parts import Script, none_left, persona, said_of, studio, teapot
from hypothesis import given
from hypothesis import strategies as st

from personify.pipelines import Studio
from personify.pipelines.chat.engine import Fact, Turn, Usage
from personify.pipelines.chat.history import EARLIER_TOKENS, LONGEST_TURN, TURNS, History
from personify.pipelines.chat.keeping import Keeper
from personify.pipelines.chat.model import ModelEngine
from personify.pipelines.chat.session import SessionMemory
from personify.pipelines.language_model import LanguageModel
from personify.pipelines.memory import open_memory
from personify.pipelines.memory.text import tokens_of
from personify.voices.errors import BadInput, PersonifyError


@pytest.fixture
def memory(tmp_path):
    return str(tmp_path / "memory.db")


def begun(memory, *pieces, user="ada", **more):
    return studio().chat(teapot(), user=user, engine=Script(*pieces, **more), memory=memory)


def lines(memory, user="ada"):
    with open_memory(memory) as store:
        pair = store.between(user, teapot().key)
        return [fact.text for fact in pair.facts()], pair.recall("comet geese tea")


def test_a_session_is_remembered_when_it_is_closed(memory):
    with begun(memory, "Geese are loud.", summary="They spoke of geese.") as chat:
        list(chat.stream("Do you like geese?"))
    chat.close()
    assert len(chat.engine.noted) == 1
    recalled = lines(memory)[1]
    assert any("They spoke of geese." in line for line in recalled)
    again = begun(memory, "Yes.")
    list(again.stream("What did I say of geese?"))
    assert any("They spoke of geese." in line for line in again.engine.contexts[0][1].memories)
    again.close()


def test_what_a_user_tells_is_known_at_once_and_tomorrow(memory):
    with begun(memory, "Noted.") as chat:
        list(chat.stream("My name is Ada. Remember that my exam is on Friday."))
        _, context = chat.engine.contexts[0]
        assert context.partner == "Ada" and any("exam" in fact.text for fact in context.facts)
        assert any("exam" in fact for fact in lines(memory)[0])
    with begun(memory, "Yes.") as chat:
        list(chat.stream("Who am I?"))
        assert chat.engine.contexts[0][1].partner == "Ada"


def test_each_user_has_a_memory_of_their_own(memory):
    with begun(memory, "Noted.", user="ada", summary="They spoke of comets.") as chat:
        list(chat.stream("I have a dog called Rex."))
    with begun(memory, "Hm.", user="bob") as chat:
        list(chat.stream("Do you know Rex, and comets?"))
        _, context = chat.engine.contexts[0]
        assert context.facts == () and context.memories == () and context.partner == "bob"
    assert not any("Rex" in line for told in lines(memory, "bob") for line in told)


def test_without_a_memory_facts_last_for_the_session_alone():
    with begun(False, "Noted.") as chat:
        list(chat.stream("I have a dog called Rex."))
        list(chat.stream("Who is Rex?"))
        assert any("Rex" in fact.text for fact in chat.engine.contexts[1][1].facts)
    with begun(False, "Hm.") as chat:
        list(chat.stream("Who is Rex?"))
        assert chat.engine.contexts[0][1].facts == ()


def test_a_chat_in_which_nothing_was_said_leaves_nothing(memory):
    begun(memory).close()
    assert lines(memory) == ([], ())


def test_a_program_that_ends_without_closing_keeps_the_session_too(memory):
    script = f"""
        from personify.pipelines import Studio
        chat = Studio(llm="builtin").chat({str(teapot().folder)!r}, user="ada", memory={memory!r})
        list(chat.stream("I have a dog called Rex."))
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True, timeout=100)
    with open_memory(memory) as store:
        (card,) = store.pairs("ada")
        assert card.events == 1 and card.facts == 1


class Broken(SessionMemory):
    """A memory whose database went away."""

    def recall(self, query, **more):
        raise PersonifyError("the disk is full")

    def learn(self, facts):
        raise PersonifyError("the disk is full")


def test_a_memory_that_fails_spoils_no_reply():
    with begun(Broken(), "Noted.") as chat:
        end = said_of(list(chat.stream("My name is Ada.")))
        assert end.text == "Noted." and "the disk is full" in end.usage.notes[0]


@pytest.mark.parametrize("user", ["", "  ", "a\nb", "x" * 200])
def test_a_user_must_have_a_name_that_can_be_one(user):
    with pytest.raises(BadInput):
        studio().chat(teapot(), user=user, memory=False)


def test_settings_of_chats_come_from_personify_toml(monkeypatch, tmp_path, server):
    own = tmp_path / "personify.toml"
    monkeypatch.setenv("PERSONIFY_CONFIG", str(own))
    own.write_text('[chat]\nfacts = "acted"\n')
    chats = Studio(llm=f"{server.url}#tiny")
    assert chats.chat(teapot(), memory=False).engine.facts == "acted"
    assert chats.chat(teapot(), memory=False, facts="neutral").engine.facts == "neutral"
    own.write_text('[chat]\nfacts = "guessed"\n')
    with pytest.raises(BadInput, match=r"\[chat\] facts.*neutral.*acted"):
        chats.chat(teapot(), memory=False)
    own.write_text("[chat]\nfatcs = 1\n")
    with pytest.raises(BadInput, match="fatcs"):
        chats.chat(teapot(), memory=False)


def test_prompt_and_memory_stay_bounded(server):
    def say(body):
        if not body.get("stream"):
            return json.dumps({"summary": "They counted geese at length. " * 30, "facts": []})
        return "Many geese."

    server.behave(reply=say)
    engine = ModelEngine(LanguageModel.connect(f"{server.url}#tiny"))
    keeper = Keeper(persona(), engine, SessionMemory(), None, 7)
    largest, requests, turns = [], 0, []
    for turn in range(200):  # `python -m personify.eval.chat` talks for a thousand, and weighs the process
        usage = Usage()
        said = (
            f"This is turn {turn}. I like goose number {turn}, and I saw it by the river with all of its family. " * 5
        )
        text = "".join(engine.reply(said, keeper.hear(said, usage), usage))
        keeper.history.add(Turn("user", said), Turn("character", text))
        keeper.sum_up()
        largest.append(max(len(json.dumps(body)) for body in server.asked))
        requests += len(server.asked)
        server.asked.clear()
        server.keys.clear()
        if turn % 60 == 59:
            keeper._wait()  # what another thread is just building may not be looked at
            gc.collect()
            turns.append(sum(type(each) is Turn for each in gc.get_objects()))
    keeper.close()
    assert max(largest) < 16_000 and max(largest[120:]) <= 1.1 * max(largest[40:120])
    assert len(keeper.history.turns) <= 2 * TURNS and keeper.history.count == 400
    assert 200 < requests < 280 and none_left()
    assert turns[-1] <= turns[0] + TURNS


@given(st.lists(st.text(max_size=5000), max_size=60), st.text(max_size=3000))
def test_a_history_of_any_texts_stays_bounded(texts, summary):
    history = History()
    for i, text in enumerate(texts):
        history.add(Turn("user" if i % 2 else "character", text))
        leaving = history.leaving()
        if leaving:
            history.gone(leaving, summary)
    assert len(history.turns) <= TURNS and all(len(turn.text) <= LONGEST_TURN for turn in history.turns)
    assert tokens_of(history.earlier) <= max(EARLIER_TOKENS * 3, 0) and "\n" not in history.earlier
    assert history.count == len(texts)


def test_the_newest_turns_are_the_ones_that_stay():
    history = History()
    for i in range(TURNS + 1):
        history.add(Turn("user", f"turn {i}"))
    leaving = history.leaving()
    history.gone(leaving, "They counted.")
    assert leaving[0].text == "turn 0" and history.turns[-1].text == f"turn {TURNS}"
    assert history.earlier == "They counted." and len(leaving) + len(history.turns) == TURNS + 1


def test_a_later_fact_of_one_value_takes_the_earlier_ones_place():
    memory = SessionMemory()
    memory.learn((Fact("user", "The user's name is Ada.", "name"), Fact("user", "The user likes tea.", "likes")))
    memory.learn((Fact("user", "The user's name is Bo.", "name"), Fact("user", "The user likes rain.", "likes")))
    memory.learn((Fact("user", "The user likes tea.", "likes"),))
    assert [fact.text for fact in memory.facts()] == [
        "The user's name is Bo.", "The user likes rain.", "The user likes tea."
    ]  # fmt: skip
