"""Barge-in: speech and model stop at once, from any thread, and the history keeps what was heard, to the word."""

import threading
import time

import pytest
from chat_parts import Script, none_left, said_of, spoken, studio, teapot
from hypothesis import given, settings
from hypothesis import strategies as st

from personify.pipelines.chat.engine import Turn
from personify.pipelines.chat.heard import heard
from personify.pipelines.chat.model import ModelEngine
from personify.pipelines.chat.pieces import FacePiece, SpeechPiece, TextPiece, speeches_of
from personify.pipelines.chat.reply import Reply
from personify.pipelines.chat.session import SessionMemory
from personify.pipelines.chat.voicing import Voice
from personify.pipelines.language_model import LanguageModel
from personify.pipelines.services import Services
from personify.voices import load_tones, speak
from personify.voices.errors import BadInput

STORY = "I once saw a comet. It was green and very late. Nobody else was awake."


@pytest.fixture
def slow(server):
    """A model that writes four letters every 50 ms, and a chat with it."""
    server.behave(reply=lambda body: STORY * 20, hang_s=0.05)
    chat = studio().chat(teapot(), engine=ModelEngine(LanguageModel.connect(f"{server.url}#tiny")), memory=False)
    chat.warm()
    yield chat
    chat.close()


def begun(*pieces):
    return studio().chat(teapot(), engine=Script(*pieces), memory=False)


def test_an_interruption_hangs_up_within_a_fifth_of_a_second(slow, server):
    pieces, stopped = [], []

    def interrupt():
        stopped.append(time.monotonic())
        slow.interrupt(0.5)
        stopped.append(time.monotonic())

    for piece in slow.stream("Tell me a story"):
        pieces.append(piece)
        if isinstance(piece, SpeechPiece) and piece.index == 1:
            threading.Thread(target=interrupt).start()
    ended = time.monotonic()
    assert server.hung_up.wait(0.2) and ended - stopped[0] < 0.2 + 0.1  # what was heard is told by espeak-ng
    end = said_of(pieces)
    assert end.cut_off and "I once saw a comet.".startswith(end.text) and end.text != ""
    assert slow.history == (Turn("user", "Tell me a story"), Turn("character", end.text, True))
    assert none_left()


def test_a_model_that_has_not_said_a_word_is_hung_up_on_too(server):
    go = threading.Event()
    server.behave(reply=lambda body: str(go.wait(20)))
    chat = studio().chat(teapot(), engine=ModelEngine(LanguageModel.connect(f"{server.url}#tiny")), memory=False)
    pieces = []
    reader = threading.Thread(target=lambda: pieces.extend(chat.stream("Hello?")))
    reader.start()
    while not server.asked:
        time.sleep(0.01)
    began = time.monotonic()
    chat.interrupt()
    reader.join(5)
    assert time.monotonic() - began < 0.2 and none_left()
    go.set()
    assert [said_of(pieces).text, said_of(pieces).cut_off] == ["", True]
    assert chat.history == (Turn("user", "Hello?"),)  # it was asked


def test_leaving_the_stream_hangs_up_and_keeps_the_sentences_that_were_taken(slow, server):
    stream = slow.stream("Tell me a story")
    next(piece for piece in stream if isinstance(piece, SpeechPiece))
    stream.close()
    assert server.hung_up.wait(0.2) and none_left()
    assert slow.history[-1] == Turn("character", "I once saw a comet.", True)


def test_another_question_interrupts_the_reply_to_the_last():
    chat = begun(*(f"Sentence number {i}. " for i in range(100)))
    first = chat.stream("Count")
    taken = [next(first)]
    while not isinstance(taken[-1], SpeechPiece):
        taken.append(next(first))
    chat.engine.pieces = ("Very well.",)
    assert said_of(list(chat.stream("Stop!"))).text == "Very well."
    rest = list(first)
    assert said_of(rest).cut_off
    texts = [turn.text for turn in chat.history]
    assert texts[0] == "Count" and texts[1].startswith("Sentence number 0.") and texts[2:] == ["Stop!", "Very well."]
    assert chat.history[1].cut_off and none_left()


def test_the_history_is_right_where_a_whole_reply_is_cut_while_it_is_played():
    chat = begun(STORY)
    pieces = list(chat.stream("Tell me a story"))
    first, second, _ = speeches_of(pieces)
    it_was = [phoneme.end_s for phoneme in second.phonemes if phoneme.symbol][4]  # ɪ t w ʌ z
    assert chat.history[-1] == Turn("character", STORY)
    chat.interrupt(first.duration_s + it_was + 0.02)
    assert chat.history[-1] == Turn("character", "I once saw a comet. It was", True)
    chat.interrupt(first.duration_s)
    assert chat.history[-1] == Turn("character", "I once saw a comet.", True)
    chat.interrupt(0.0)
    assert chat.history == (Turn("user", "Tell me a story"),)


def test_a_reply_that_was_played_to_its_end_is_not_cut():
    chat = begun(STORY)
    total = sum(speech.duration_s for speech in speeches_of(list(chat.stream("Tell me a story"))))
    chat.interrupt(total - 0.2)  # the pause after the last word
    chat.interrupt()
    assert chat.history[-1] == Turn("character", STORY)


def test_the_next_reply_knows_that_the_last_was_cut_off():
    chat = begun(STORY)
    list(chat.stream("Tell me a story"))
    chat.interrupt(0.8)
    list(chat.stream("And then?"))
    _, context = chat.engine.contexts[-1]
    assert context.turns[-1].cut_off and STORY.startswith(context.turns[-1].text)


def test_nothing_comes_after_an_interruption_but_the_end():
    chat = begun(*(f"Sentence number {i}. " for i in range(100)))
    stream = chat.stream("Count")
    next(stream)
    chat.interrupt()
    rest = list(stream)
    assert not [piece for piece in rest if isinstance(piece, (TextPiece, SpeechPiece, FacePiece))]
    assert said_of(rest).cut_off and spoken(rest) == []


class Waits(SessionMemory):
    """A memory that can be slow to recall once, and says when it is asked."""

    def __init__(self):
        super().__init__()
        self.asked, self.go = threading.Event(), threading.Event()
        self.go.set()

    def recall(self, query, **more):
        if not self.asked.is_set():
            self.asked.set()
            self.go.wait(20)
        return ()


def while_recalling(chat, memory, act):
    """What the stream of the next question brought, where `act` came while the memory was asked for it."""
    memory.asked.clear()
    memory.go.clear()
    pieces = []
    reader = threading.Thread(target=lambda: pieces.extend(chat.stream("And next?")))
    reader.start()
    assert memory.asked.wait(20)
    act()
    memory.go.set()
    reader.join(20)
    return pieces


def test_an_interruption_while_a_reply_is_made_ready_stops_that_and_leaves_the_last_as_it_was():
    memory = Waits()
    chat = studio().chat(teapot(), engine=Script(STORY), memory=memory)
    list(chat.stream("Tell me a story"))
    pieces = while_recalling(chat, memory, lambda: chat.interrupt(0.0))
    assert pieces == [said_of(pieces)] and (said_of(pieces).text, said_of(pieces).cut_off) == ("", True)
    assert [turn.text for turn in chat.history] == ["Tell me a story", STORY, "And next?"]
    assert len(chat.engine.contexts) == 1 and none_left()
    assert said_of(list(chat.stream("Go on"))).text == STORY


def test_of_two_questions_at_once_the_later_is_answered():
    memory = Waits()
    chat = studio().chat(teapot(), engine=Script(STORY), memory=memory)
    later = []
    earlier = while_recalling(chat, memory, lambda: later.extend(chat.stream("Really?")))
    assert said_of(earlier).text == "" and said_of(later).text == STORY
    assert [turn.text for turn in chat.history].count(STORY) == 1 and none_left()


def test_a_stream_that_begins_after_the_chat_was_closed_says_nothing():
    chat = begun(STORY)
    stream = chat.stream("Tell me a story")
    chat.close()
    with pytest.raises(BadInput, match="closed"):
        list(stream)
    assert chat.history == () and none_left()


def test_a_model_that_is_waited_for_to_be_asked_again_is_left_at_once(server):
    server.behave(refuse=lambda body: (429, {"error": {"message": "later"}}), headers={"Retry-After": "9"})
    chat = studio().chat(teapot(), engine=ModelEngine(LanguageModel.connect(f"{server.url}#tiny")), memory=False)
    reader = threading.Thread(target=lambda: list(chat.stream("Hello?")))
    reader.start()
    while not server.asked:
        time.sleep(0.01)
    time.sleep(0.1)  # until it waits
    began = time.monotonic()
    chat.interrupt()
    reader.join(5)
    assert time.monotonic() - began < 1 and none_left(0.5)


def test_who_stops_before_there_is_anything_to_hang_up_on_stops_it_too():
    ready, go, asked = threading.Event(), threading.Event(), []

    def write():
        ready.set()
        go.wait(20)
        return (asked.append(number) or "Hm. " for number in range(3))

    reply = Reply(write, Voice(Services(), teapot().persona.voice, teapot().tone), lambda: None, "Hello?")
    reader = threading.Thread(target=lambda: list(reply.pieces()))
    reader.start()
    assert ready.wait(20)
    reply.stop()
    go.set()
    reader.join(20)
    assert asked == [] and not reply.written and none_left()


def test_interrupting_a_chat_that_says_nothing_is_no_matter():
    chat = begun("Yes.")
    chat.interrupt()
    chat.interrupt(1.0)
    assert chat.history == ()


def test_an_engine_that_cannot_be_hung_up_on_is_left_soon():
    chat = begun("One. Two. ", lambda: time.sleep(1.2) or "Three.")
    stream = chat.stream("Count")
    next(piece for piece in stream if isinstance(piece, SpeechPiece))
    began = time.monotonic()
    chat.interrupt()
    assert time.monotonic() - began < 0.2
    list(stream)
    assert none_left()


TOLD = ("I", "in", "once", "saw", "twelve", "1969", "comets,", "and", "(maybe)", "stars;", "Bob's", "the", "3.5", "€")
WORDS = st.lists(st.sampled_from(TOLD), min_size=1, max_size=8)


@settings(max_examples=30)
@given(WORDS, st.floats(0, 20), st.floats(0, 20))
def test_what_was_heard_is_a_beginning_that_grows(words, one_s, other_s):
    text = " ".join(words) + " ends."
    speech = speak(text, next(iter(load_tones().values())))
    short, long = (heard([speech], s, "en").split() for s in sorted((one_s, other_s)))
    said = text.split()
    for part in (short, long):
        assert [word.strip(",;.") for word in said[: len(part)]] == [word.strip(",;.") for word in part]
    assert len(short) <= len(long)
    assert heard([speech], 0.0, "en") == "" and heard([speech], None, "en") == text


def test_words_are_heard_when_they_have_ended():
    tone = next(iter(load_tones().values()))
    speech = speak("In 1969 three men flew to the moon, and two of them walked on it.", tone)
    parts = [heard([speech], speech.duration_s * share, "en") for share in (0.1, 0.4, 0.63, 0.95)]
    assert parts[0] == "In" and parts[1].startswith("In 1969 three") and "moon" not in parts[1]
    assert parts[2].startswith("In 1969 three men flew to the moon") and "walked" not in parts[2]
    assert parts[3].endswith("on it.")
