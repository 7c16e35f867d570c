"""Streaming: sentences leave as soon as they are complete, and their pieces join to one speech without a click."""

import threading
import tracemalloc
from itertools import pairwise

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personify.avatar.animation import spoken_shapes
from personify.voices import SILENCE, Speech, load_tones, speak
from personify.voices.errors import BadInput
from personify.voices.streaming import joined, speak_stream
from personify.voices.text.sentences import SentenceStream, sentences

TONES = load_tones()
PLAIN = TONES["neighbour"]
TEXT = "The kettle is warm. Shall we go? Yes! The stars are late tonight, Dr. Smith."

CUTS = {
    "en": [
        "Dr. Smith went to St. Louis.| He paid $3.50 at 3 p.m. on Jan. 5.| \"Really?\" she asked.| Yes!",
        "It is 3.5 km.| No. 5 is alive.| J. R. R. Tolkien wrote it.| Wait... what?| Hm.",
        "See https://a.org/b?c=d.| Then go.| (He laughs. Then sighs.) Fine.| *sighs. looks up* Well.",
        "A line\nthat goes on.| Another.|\n\nA paragraph|\n\n- one|\n- two|\n1. First.|\n2. Second",
        "| a | b |\n|---|---|\n| c | d ||\n\n```\nx = 1. Y\n\nz\n```|\nDone.",
    ],
    "de": ["Am 3. Oktober kam Dr. Müller, z.B. mit dem Zug.| Er sagte: „Hallo!“| Dann ging er."],
    "es": ["El Sr. López llegó.| ¿Qué tal?| ¡Muy bien!"],
    "fr": ["M. Dupont est là.| Il est 15 h.| Oui !| Non ?"],
    "it": ["Il Dott. Rossi è qui.| Come va?"],
    "zh": ["你好。|今天天气很好！|你呢？"],
    "ja": ["「こんにちは。」|と言った。|元気？"],
    "hi": ["नमस्ते।| आप कैसे हैं?"],
}  # fmt: skip


@pytest.mark.parametrize(("language", "text"), [(language, text) for language in CUTS for text in CUTS[language]])
def test_a_text_is_cut_where_a_reader_stops(language, text):
    if text.startswith("| a"):
        parts = ["| a | b |\n|---|---|\n| c | d |", "```\nx = 1. Y\n\nz\n```", "Done."]
        text = "\n\n".join(parts[:2]) + "\n" + parts[2]
    else:
        parts = [part.strip() for part in text.split("|")]
        text = text.replace("|", "")
    if language == "de":  # a quotation and what follows may be one breath
        parts[1:3] = [" ".join(parts[1:3])] if len(sentences(text, language)) == 2 else parts[1:3]
    assert sentences(text, language) == parts


WORDS = [
    "Hello", "Dr.", "Smith", "3.5", "km.", "No.", "5", "e.g.", "tea", "ok?", "Yes!", "...", "*sighs*", "(laughs.)",
    "\n", "\n\n", "- one", "1.", "你好。", "「好！」", '"So."', "U.S.", "etc.", "| a |", "```", "😀", "Mr.",
]  # fmt: skip
PROSE = st.lists(st.sampled_from(WORDS), max_size=30)


@settings(max_examples=400, deadline=None)
@given(PROSE, st.lists(st.integers(1, 9), min_size=1), st.sampled_from(["en", "de", "zh", "xx"]))
def test_the_same_sentences_whole_and_in_any_pieces(words, steps, language):
    text = " ".join(words)
    stream, out, at = SentenceStream(language), [], 0
    while at < len(text):
        step = steps[at % len(steps)]
        out += stream.feed(text[at : at + step])
        at += step
    out += stream.end()
    assert out == sentences(text, language)
    assert "".join("".join(out).split()) == "".join(text.split()), "nothing is lost"


def test_a_sentence_leaves_with_the_next_letter():
    stream = SentenceStream()
    assert stream.feed("Hello there. ") == []
    assert stream.feed("H") == ["Hello there."]
    assert stream.feed("ow are you? I met Dr. ") == ["How are you?"]
    assert stream.feed("Smith. T") == ["I met Dr. Smith."]
    assert stream.end() == ["T"]


def test_endless_text_without_a_stop_is_given_out_in_parts():
    stream = SentenceStream()
    parts = [part for _ in range(3000) for part in stream.feed("word ")]
    assert len(parts) >= 3 and max(map(len, parts)) <= 2000
    assert len("".join([*parts, *stream.end()]).replace(" ", "")) == 12_000


# ---- speech


def well_formed(speech: Speech) -> None:
    assert speech.samples.dtype == np.float32 and np.isfinite(speech.samples).all()
    assert np.abs(speech.samples).max(initial=0) <= 0.98
    assert speech.phonemes[0].start_s == 0
    assert speech.phonemes[-1].end_s == pytest.approx(speech.duration_s, abs=1e-3)
    for before, after in pairwise(speech.phonemes):
        assert before.end_s == pytest.approx(after.start_s, abs=1e-6)


@pytest.mark.parametrize("name", ["neighbour", "cave", "robot", "giant", "old-radio", "ghost"])
def test_pieces_join_to_one_speech(name):
    tone = TONES[name]
    parts = list(speak_stream(TEXT, tone))
    assert [part.text for part in parts] == sentences(TEXT)
    for part in parts:
        well_formed(part)
    whole, direct = joined(parts), speak(TEXT, tone)
    well_formed(whole)
    assert whole.text == TEXT
    assert [p.symbol for p in whole.phonemes if p.symbol] == [p.symbol for p in direct.phonemes if p.symbol]
    assert not any(a.symbol == b.symbol == SILENCE for a, b in pairwise(whole.phonemes))
    assert whole.phonemes[0].end_s == pytest.approx(0.15, abs=0.005)
    assert whole.phonemes[-1].end_s - whole.phonemes[-1].start_s >= 0.345
    assert whole.duration_s == pytest.approx(direct.duration_s, rel=0.12)
    expected = -18 + 20 * np.log10(tone.prosody.volume / 100)
    meter = pyloudnorm.Meter(whole.sample_rate_hz)
    assert meter.integrated_loudness(whole.samples) == pytest.approx(expected, abs=1.5)


@pytest.mark.parametrize("name", sorted(name for name, tone in TONES.items() if tone.model == "espeak")[::6])
def test_nothing_clicks_where_pieces_meet(name):
    """The largest step from one sample to the next around a seam is one of a pause, not of a cut sound."""
    parts = list(speak_stream(TEXT, TONES[name]))
    samples = np.concatenate([part.samples for part in parts])
    steps = np.abs(np.diff(samples))
    spoken = np.percentile(steps, 99)
    at = 0
    for part in parts[:-1]:
        at += len(part.samples)
        assert steps[at - 3 : at + 3].max() < max(0.01, 0.25 * spoken), name


def test_a_room_rings_on_into_the_next_piece():
    parts = list(speak_stream("Echo! Then silence.", TONES["cave"]))
    begin = parts[1].samples[:100]
    assert np.abs(begin).max() > 1e-4, "the first sentence is still heard"
    late = list(speak_stream(iter(["Echo! ", "\n\n"]), TONES["cave"]))
    assert joined(late).duration_s == pytest.approx(speak("Echo!", TONES["cave"]).duration_s, abs=0.3)
    assert np.abs(late[-1].samples[-20:]).max() < 2e-3


def test_a_face_takes_the_pieces_as_they_come():
    pieces, whole = speak_stream(TEXT, TONES["cave"]), joined(speak_stream(TEXT, TONES["cave"]))
    assert len(list(spoken_shapes(pieces, seed=1))) == len(list(spoken_shapes(whole, seed=1)))


def test_words_as_they_are_written_and_spoken_as_they_are_said():
    parts = list(speak_stream(["I ran 3.", "5 km. *sigh", "s* 😀 ", "Good"], PLAIN))
    assert [part.text for part in parts] == ["I ran 3.5 km.", "*sighs* 😀 Good"]
    said = [p.symbol for part in parts for p in part.phonemes if p.symbol]
    direct = speak("I ran three point five kilometers. Good", PLAIN)
    assert said == [p.symbol for p in direct.phonemes if p.symbol]


def test_it_speaks_before_its_writer_has_finished():
    written: list[str] = []

    def writer():
        for word in ["Hello there. ", "And ", "more. ", "The end."]:
            written.append(word)
            yield word

    stream = speak_stream(writer(), PLAIN)
    assert next(stream).text == "Hello there." and len(written) == 2
    assert [part.text for part in stream] == ["And more.", "The end."]


def test_it_may_be_left_at_any_moment():
    closed: list[bool] = []

    def writer():
        try:
            while True:
                yield "Another sentence. "
        finally:
            closed.append(True)

    before = threading.active_count()
    deltas = writer()
    stream = speak_stream(deltas, PLAIN)
    next(stream)
    stream.close()
    deltas.close()
    assert closed and threading.active_count() == before
    assert list(stream) == []


def test_a_long_sentence_comes_in_clauses():
    parts = list(speak_stream("the kettle is warm, and the stars are late tonight, " * 40, PLAIN))
    assert len(parts) >= 4
    assert parts[0].duration_s < 12
    well_formed(joined(parts))


@pytest.mark.slow
def test_fifty_thousand_characters_in_bounded_memory():
    text = ("The kettle is warm, and the stars are late tonight; who would like some tea? " * 650)[:50_000]
    tracemalloc.start()
    count = sum(1 for _ in speak_stream(text, PLAIN))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == len(sentences(text)) and peak < 40e6


@pytest.mark.parametrize("text", ["", " \n", "...", ["", ""], [], ["*waves*"]])
def test_nothing_to_say_is_an_error(text):
    with pytest.raises(BadInput, match="nothing to say"):
        list(speak_stream(text, PLAIN))
    with pytest.raises(BadInput, match="give at least one"):
        joined([])


def test_emoji_alone_are_said_by_name():
    (part,) = speak_stream("😀", PLAIN)
    assert part.text == "😀"
    assert [p.symbol for p in part.phonemes] == [p.symbol for p in speak("grinning face", PLAIN).phonemes]


def test_what_the_tone_cant_speak_is_refused_at_once():
    german = PLAIN.model_copy(update={"languages": ("de",)})
    with pytest.raises(BadInput, match="can't speak 'es', only: de"):
        speak_stream("Hola.", german, language="es")
