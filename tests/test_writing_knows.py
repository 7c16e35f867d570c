"""What the built-in writer says that a character knows, and how hard its words are."""

import pytest

from personify.pipelines.writers import persona_writer

WRITER = persona_writer()


@pytest.mark.parametrize(
    ("description", "known"),
    [
        ("a grumpy teapot who loves astronomy", {"astronomy", "teapots"}),
        ("a shy ghost librarian", {"the work of a librarian", "ghosts"}),
        ("una tetera que ama la música", {"la música"}),
    ],
)
def test_it_knows_its_love_its_trade_and_its_kind(description, known):
    for seed in range(3):
        knows = WRITER.write(description, seed=seed).personal.knows
        assert known <= set(knows) and len(knows) <= 8


@pytest.mark.parametrize(
    ("description", "level"),
    [("a seven-year-old girl", "child"), ("a wise owl professor", "learned"), ("a cheerful sock", "plain")],
)
def test_its_words_are_as_hard_as_suits_it(description, level):
    assert WRITER.write(description, seed=3).speaking.reading_level == level
