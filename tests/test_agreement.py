"""The lexicon and the sketch agree: what a persona asks to look like can be drawn."""

import pytest

from personify.avatar.brief import EXPRESSIONS
from personify.avatar.sketch.accessories import drawable
from personify.avatar.sketch.backdrops import settings
from personify.avatar.sketch.registry import archetypes
from personify.pipelines.builtin import BuiltinWriter
from personify.pipelines.builtin.lexicon import lexicon


def test_every_concept_has_an_archetype_that_can_be_drawn():
    known = archetypes()
    missing = {word: c.archetype for word, c in lexicon().concepts.items() if c.archetype not in known}
    assert missing == {}


def test_every_accessory_of_a_role_can_be_drawn():
    asked = {name for role in lexicon().roles.values() for name in role.accessories}
    assert {name for name in asked if not drawable(name)} == set()


def test_every_setting_of_a_role_or_an_interest_can_be_drawn():
    lives = [*lexicon().roles.values(), *lexicon().interests.values()]
    assert {life.setting for life in lives} - {None} <= set(settings())


@pytest.mark.parametrize(
    ("description", "setting"), [("a teapot who loves astronomy", "night_sky"), ("a pear who loves books", "study")]
)
def test_what_is_loved_is_behind_the_character(description, setting):
    assert {BuiltinWriter().write(description, seed=seed).appearance.setting for seed in range(4)} == {setting}


def test_a_role_is_mostly_seen_at_work():
    seen = [BuiltinWriter().write("an owl professor", seed=seed).appearance.setting for seed in range(12)]
    assert seen.count("study") > 6 and set(seen) <= {"study", None}


def test_every_temperament_shows_on_the_face():
    assert {t.expression for t in lexicon().temperaments.values()} <= set(EXPRESSIONS)


@pytest.mark.parametrize("description", ["a wibblefrotz", "a sad person", "something", "🦑", "ein Zauberer"])
def test_even_what_nobody_knows_is_drawn_as_something(description):
    brief = BuiltinWriter().write(description, seed=3).appearance
    assert brief.archetype in archetypes()
