"""What a text is searched by, how texts are ranked, and how quick that is with 10,000 of them."""

import statistics
import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personify.pipelines.memory.index import HALF_LIFE_DAYS, Entry, PairIndex
from personify.pipelines.memory.keys import has_one_value
from personify.pipelines.memory.relevance import FRESH, Relevance
from personify.pipelines.memory.text import normal_hash, one_line, tokens_of, words_of
from personify.pipelines.memory.when import ago, in_ms, iso

DAY_MS = 86_400_000
NOW_MS = 1_800_000_000_000
THINGS = (
    "kettle",
    "comet",
    "harbour",
    "violin",
    "orchard",
    "lantern",
    "glacier",
    "sparrow",
    "attic",
    "violet",
    "ferry",
)


def sentences(count):
    """Sentences that share many words, each with a word of its own."""
    return [
        f"The user told of a {THINGS[n % 11]} and a {THINGS[n // 11 % 11]} near the {THINGS[n // 121 % 11]} w{n}q."
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The dogs' stories, and glass", ["the", "dog", "story", "and", "glass"]),
        ("Straße ÄPFEL", ["strasse", "äpfel"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("東京タワー1", ["東京", "京タ", "タワ", "ワー", "1"]),
        ("ชอบแมว", ["ชอ", "อบ", "บแ", "แม", "มว"]),
        ("한국어를 猫", ["한국어를", "猫"]),
        ("ＡＢＣ e\u0301", ["abc", "é"]),
        ("!? \U0001f600 __", []),
    ],
)
def test_words_of_any_script(text, words):
    assert words_of(text) == words


@given(st.text(max_size=200))
def test_any_text_has_words_a_line_and_a_size(text):
    line = one_line(text, 50)
    assert len(line) <= 50 and line == one_line(line, 50)
    assert len(line.splitlines()) <= 1
    assert all(words_of(text)) and all(words_of(line))
    assert tokens_of(text) >= len(text) // 3
    assert normal_hash(line) == normal_hash(f"  {line.upper()}. ") or line.upper().casefold() != line.casefold()


@pytest.mark.parametrize(
    "text",
    [
        "<|im_start|>system",
        "<<||im_end||>>x",
        "[/INST] do",
        "<</SYS>> x",
        "<end_of_turn>y",
        "</s>z",
        "<eos>x",
        "<｜User｜>do",
        "[SYSTEM_PROMPT]be[/SYSTEM_PROMPT]",
        "[TOOL_CALLS]x",
    ],
)
def test_markers_of_chat_templates_do_not_survive(text):
    line = one_line(text, 100)
    markers = ("<|", "|>", "<｜", "｜>", "INST]", "SYS>", "_turn>", "</s>", "<eos>", "PROMPT]", "CALLS]")
    assert not any(marker in line for marker in markers)
    assert line  # what stood around them does


def test_new_texts_are_ranked_as_if_the_index_had_them():
    """A text counts at once, and the same whether bm25s has scored it or not."""
    texts = sentences(FRESH + 300)
    grown, whole = Relevance(), Relevance()
    grown.add(texts[: FRESH + 1])
    for text in texts[FRESH + 1 :]:
        grown.add([text])
    whole.add(texts)
    for question in ("the comet near the harbour", f"w{FRESH + 200}q", "w3q violin", "nothing of it"):
        mine, theirs = grown.scores(question), whole.scores(question)
        assert mine.shape == theirs.shape == (FRESH + 300,)
        np.testing.assert_allclose(mine[FRESH + 1 :], theirs[FRESH + 1 :], rtol=1e-4)
    for n in (3, FRESH, FRESH + 1, FRESH + 299):
        assert grown.scores(f"the user and w{n}q").argmax() == n


def test_small_and_large_memories_rank_by_the_same_formula():
    """The few that are scored one by one, and the many that bm25s scores."""
    texts = sentences(FRESH)
    few, many = Relevance(), Relevance()
    few.add(texts)
    many.add(texts)
    many._build()
    for question in ("a comet near the violin", "w7q", "told of user"):
        np.testing.assert_allclose(few.scores(question), many.scores(question), rtol=1e-4)


def test_texts_without_words_can_be_many():
    relevance = Relevance()
    relevance.add(["!?"] * (FRESH + 1))
    assert not relevance.scores("!? hello").any()
    relevance.add(["hello"])
    assert relevance.scores("hello").argmax() == FRESH + 1


def index_of(entries):
    index = PairIndex(1)
    index.update(entries)
    return index


def test_recency_halves_with_its_half_life_and_relevance_outweighs_it():
    entries = [
        Entry(1, "a comet", False, NOW_MS - int(HALF_LIFE_DAYS * DAY_MS), 1),
        Entry(2, "a comet", False, NOW_MS, 1),
        Entry(3, "a comet over the orchard", False, NOW_MS - 3000 * DAY_MS, 1),
    ]
    index = index_of(entries)
    assert [entry.id for entry in index.best("comet", NOW_MS)] == [2, 1, 3]
    assert next(index.best("comet orchard", NOW_MS)).id == 3


def test_what_came_up_often_comes_first_of_equals():
    index = index_of([Entry(1, "a comet", False, NOW_MS, 9), Entry(2, "a comet", False, NOW_MS, 1)])
    assert [entry.id for entry in index.best("comet", NOW_MS)] == [1, 2]
    index.update([Entry(2, "a comet", False, NOW_MS, 30)])
    assert [entry.id for entry in index.best("comet", NOW_MS)] == [2, 1]


def test_dropped_memories_never_come_back():
    texts = sentences(1200)
    index = index_of([Entry(n, text, n % 2 == 0, NOW_MS - n, 1) for n, text in enumerate(texts)])
    for kept in (range(100, 1200), range(600, 1200), range(600, 601)):
        index.keep(set(kept))
        assert len(index) == len(kept)
        found = {entry.id for entry in index.best(" ".join(texts[:700:50]), NOW_MS)}
        assert found and found <= set(kept)
    index.keep(set())
    assert list(index.best("comet", NOW_MS)) == []


def test_ten_thousand_memories_are_recalled_in_milliseconds():
    texts = sentences(10_000)
    index = index_of([Entry(n, text, n % 3 > 0, NOW_MS - n * 60_000, 1) for n, text in enumerate(texts)])
    took = []
    for n in range(0, 10_000, 250):
        began = time.process_time()
        found = next(index.best(f"What was that about the {THINGS[n % 11]} and w{n}q?", NOW_MS))
        took.append(time.process_time() - began)
        assert found.text == texts[n]
    assert statistics.median(took) < 0.02


@pytest.mark.parametrize(
    ("key", "one"),
    [("name", True), ("favourite/colour", True), ("favourite colour", True), ("favourite", True), ("likes", False),
     ("pet", False), ("", False), (None, False), ("names", False)],
)  # fmt: skip
def test_which_keys_have_one_value(key, one):
    assert has_one_value(key) is one


@pytest.mark.parametrize(
    ("seconds", "language", "said"),
    [
        (-500, "en", "1 minute ago"),
        (3, "en", "1 minute ago"),
        (3 * 3600, "en", "3 hours ago"),
        (3 * 86400, "en", "3 days ago"),
        (3 * 86400, "de-AT", "vor 3 Tagen"),
        (3 * 86400, "zh", "3天前"),
        (400 * 86400, "fr", "il y a 1 an"),
        (60, "no such language", "1 minute ago"),
    ],
)
def test_when_in_words(seconds, language, said):
    assert ago(seconds * 1000, language) == said


def test_moments_without_a_zone_are_local():
    moment = datetime(2026, 3, 1, 12, 30, 15, 250_000)
    assert in_ms(moment) == in_ms(moment.astimezone(UTC))
    assert iso(in_ms(datetime(2026, 3, 1, 12, 30, 15, 250_000, UTC))) == "2026-03-01T12:30:15.250+00:00"
    assert (
        in_ms(datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=1)) - in_ms(datetime(2026, 3, 1, tzinfo=UTC)) == DAY_MS
    )
