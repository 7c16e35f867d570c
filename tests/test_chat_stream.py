"""A reply streams: words, then each sentence as sound with its face, while the next is being written; and it ends
whole, whatever happens to whoever writes or reads it."""

import json
import math
import threading

import numpy as np
import pytest
from chat_parts import Script, none_left, said_of, spoken, studio, teapot, text_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personify.avatar.animation import SHAPE_CHANNELS, spoken_shapes
from personify.pipelines.chat.channel import Channel, Closed
from personify.pipelines.chat.pieces import FacePiece, Said, SpeechPiece, TextPiece, Trouble, speeches_of
from personify.voices import joined
from personify.voices.errors import BadInput, PersonifyError


@pytest.fixture
def talk():
    chats = []

    def begin(*pieces, **more):
        chats.append(studio().chat(teapot(), engine=Script(*pieces, **more), memory=False))
        return chats[-1]

    yield begin
    for chat in chats:
        chat.close()
    assert none_left()


def test_the_pieces_are_the_words_the_sound_and_the_face_of_one_reply(talk):
    pieces = list(talk("I am a tea", "pot. The sky", " is clear tonight.").stream("Who are you?"))
    end = said_of(pieces)
    assert text_of(pieces) == end.text == "I am a teapot. The sky is clear tonight." and not end.cut_off
    assert spoken(pieces) == ["I am a teapot.", "The sky is clear tonight."]
    sound = [piece for piece in pieces if isinstance(piece, SpeechPiece)]
    assert [piece.index for piece in sound] == [0, 1]
    assert sound[1].starts_s == pytest.approx(sound[0].speech.duration_s)
    assert 0 < end.first_s <= end.seconds


def test_the_face_is_that_of_the_whole_speech_without_a_gap(talk):
    pieces = list(talk("Hello there. ", "How do you do? ", "Fine!").stream("Hi"))
    faces = [piece for piece in pieces if isinstance(piece, FacePiece)]
    whole = joined(speeches_of(pieces))
    rows = np.concatenate([piece.values for piece in faces])
    assert len(rows) == math.ceil(whole.duration_s * 25)
    assert [piece.first for piece in faces] == [sum(len(p.values) for p in faces[:i]) for i in range(len(faces))]
    seed = (teapot().seed + 7919) % 2**32
    jaw = [
        shape.mouth.jaw for shape in spoken_shapes(whole, seed=seed, expression=teapot().persona.appearance.expression)
    ]
    assert rows[:, SHAPE_CHANNELS.index("jaw")] == pytest.approx(jaw, abs=1e-6)


def test_a_sentence_is_heard_while_the_next_is_being_written(talk):
    heard = threading.Event()
    chat = talk("The first. ", "And ", lambda: "so on." if heard.wait(10) else "too late.")
    pieces = []
    for piece in chat.stream("Go on"):
        pieces.append(piece)
        if isinstance(piece, FacePiece):
            heard.set()
    assert spoken(pieces) == ["The first.", "And so on."]


def test_every_piece_has_a_small_json_form(talk):
    pieces = list(talk("I am a teapot, and the sky is clear tonight.").stream("Who are you?"))
    seconds = sum(speech.duration_s for speech in speeches_of(pieces))
    told = [piece.to_json() for piece in pieces]
    assert [each["piece"] for each in told] == ["text", "speech", "face", "face", "said"]
    assert json.loads(json.dumps(told)) == told
    assert len(json.dumps([each for each in told if each["piece"] == "face"])) < 5_000 * (seconds + 1)
    assert told[1]["wav"][:4] == "UklG" and "wav" not in pieces[1].to_json(sound=False)  # RIFF


def test_what_was_said_stays_where_the_engine_breaks_off(talk):
    chat = talk("It is late. The st", PersonifyError("the server went away"))
    pieces = list(chat.stream("How late is it?"))
    end = said_of(pieces)
    assert [piece.message for piece in pieces if isinstance(piece, Trouble)] == ["the server went away"]
    assert end.cut_off and end.text.startswith("It is late.") and end.usage.notes == ["the server went away"]
    assert chat.history[-1].cut_off and chat.history[0].text == "How late is it?"


def test_an_engine_without_an_answer_leaves_nothing_in_the_history(talk):
    chat = talk(PersonifyError("no model is there"))
    pieces = list(chat.stream("Hello?"))
    assert [type(piece) for piece in pieces] == [Trouble, Said] and said_of(pieces).text == ""
    assert chat.history == ()
    with pytest.raises(PersonifyError, match="no model is there"):
        chat.reply("Hello?")


def test_a_fault_in_an_engine_is_raised_where_it_is_read_and_leaves_no_thread(talk):
    stream = talk("One. Two. ", ZeroDivisionError("a fault")).stream("Go")
    with pytest.raises(ZeroDivisionError, match="a fault"):
        list(stream)
    assert none_left()


def test_a_reply_without_a_word_is_shown_and_makes_no_sound(talk):
    chat = talk("…")
    end = said_of(list(chat.stream("Well?")))
    assert end.text == "…" and end.first_s is None and chat.history[-1].text == "…"


@pytest.mark.parametrize("after", [1, 2, 3])
def test_who_stops_reading_leaves_no_thread_and_hangs_up(talk, after):
    chat = talk(*(f"Sentence number {i}. " for i in range(200)))
    stream = chat.stream("Count")
    for _ in range(after):
        next(stream)
    stream.close()
    assert none_left() and chat.engine.closed == 1


def test_who_reads_slowly_lets_the_engine_wait(talk):
    count = []

    def word():
        count.append(1)
        return "word, "

    stream = talk(*[word] * 3000).stream("Go on")
    next(stream)
    threading.Event().wait(0.3)
    assert len(count) < 100
    stream.close()


@pytest.mark.parametrize("said", ["", "  \n ", "\x00\x1b\x07", "\u202e"])
def test_there_must_be_something_to_answer(talk, said):
    with pytest.raises(BadInput, match="nothing to answer"):
        talk().stream(said)


def test_what_is_said_is_data_of_bounded_length(talk):
    chat = talk("Yes.")
    end = said_of(list(chat.stream("\x1b[31m" + "tea " * 30_000)))
    ((said, _),) = chat.engine.contexts
    assert len(said) <= 2000 and "\x1b" not in said and "2,000" in end.usage.notes[0]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=30), max_size=6))
def test_whatever_an_engine_says_comes_whole(talk, parts):
    pieces = list(talk(*parts, "End.").stream("Go"))
    assert text_of(pieces) == "".join(parts) + "End."
    assert said_of(pieces).text == ("".join(parts) + "End.").strip()


def test_the_film_of_a_reply_has_its_sound_and_pictures(talk, tmp_path):
    chat = talk("Yes.")
    with pytest.raises(BadInput, match="no reply"):
        chat.film(tmp_path / "reply.mp4")
    seconds = sum(speech.duration_s for speech in speeches_of(list(chat.stream("Really?"))))
    clip = chat.film(tmp_path / "reply.mp4")
    assert clip.seconds == pytest.approx(seconds, abs=0.05) and clip.path.stat().st_size > 5000
    with pytest.raises(BadInput, match="exists"):
        chat.film(tmp_path / "reply.mp4")


def test_a_closed_chat_answers_no_more(talk):
    chat = talk("Yes.")
    list(chat.stream("Really?"))
    chat.close()
    chat.close()
    assert chat.engine.noted == []  # without a memory nobody would read the note
    with pytest.raises(BadInput, match="closed"):
        chat.stream("And now?")


def test_texts_are_pieces_as_they_were_written(talk):
    texts = [piece.text for piece in talk("a", "", " b", ".").stream("Go") if isinstance(piece, TextPiece)]
    assert texts == ["a", " b", "."]


def test_a_channel_wakes_whoever_waits():
    channel, woken = Channel(1), []

    def write():
        with pytest.raises(Closed):
            channel.put("two")
        woken.append(True)

    channel.put("one")
    writer = threading.Thread(target=write)
    writer.start()
    channel.close()
    writer.join(2)
    assert woken and list(channel) == []
