"""The persona benchmark without a model: it must tell an engine that plays its persona from one that doesn't."""

import re
import time
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as with_settings
from hypothesis import strategies as st
from persona_parts import Knowing

from personify.eval.persona import bench, report
from personify.eval.persona.authorship import consistency
from personify.eval.persona.cast import cast_of
from personify.eval.persona.facts import check_facts, fact_figures
from personify.eval.persona.interview import FACTS, HISTORY, Answer, Question, ask, interview, questions, shuffled
from personify.eval.persona.masking import name_mask
from personify.eval.persona.retrieval import adherence, record_text
from personify.pipelines import BadInput, PersonifyError
from personify.pipelines.chat.engine import Context, Usage

COUNT = 12


@pytest.fixture(scope="module")
def cast():
    return cast_of(COUNT, 7)


@pytest.fixture(scope="module")
def knowing(cast):
    engine = Knowing()
    return engine, interview(engine, cast, usage=Usage())


def test_every_fact_is_asked_thrice_at_different_places_in_other_words():
    *open_ones, facts = questions()
    assert len(open_ones) >= 3
    texts = [question.text for part in open_ones for question in part]
    assert len(set(texts)) == len(texts)
    for fact, times in Counter(question.fact for question in facts).items():
        assert times == 3
        mine = [question for question in facts if question.fact == fact]
        assert len({question.text for question in mine}) == 3
        places = sorted(question.place for question in mine)
        assert all(b - a >= 5 for a, b in pairwise(places))


def test_the_history_is_kept_and_bounded(cast, knowing):
    engine, answers = knowing
    assert len(answers) == COUNT * sum(map(len, questions()))
    assert max(len(context.turns) for context in engine.contexts) == HISTORY
    turns = engine.contexts[3].turns
    assert [turn.who for turn in turns] == ["user", "character"] * 3
    assert turns[-1].text == answers[2].text
    assert not engine.contexts[6].turns, "each conversation begins anew"


def test_the_cast_is_the_same_again_and_of_many_kinds(cast):
    assert [persona.name for persona in cast_of(COUNT, 7)] == [persona.name for persona in cast]
    assert len({persona.name for persona in cast}) == COUNT
    assert len({persona.social.category for persona in cast}) >= 5
    for count in (3, 401):
        with pytest.raises(BadInput, match=str(count)):
            cast_of(count, 7)


def test_an_engine_that_plays_its_persona_is_told_from_its_shuffled_self(cast):
    result = bench.run(Knowing(), personas=COUNT, seed=7)
    apart = {figure.what: figure.told_apart for figure in result.figures}
    assert all(value for what, value in apart.items() if "style" not in what), apart
    assert result.own.facts.agrees.value > 0.95
    assert result.own.facts.contradicts.value < 0.02
    assert result.own.adherence.hits.value > 0.8
    assert result.usage.requests == len(result.answers)


def test_an_engine_that_ignores_its_persona_gets_no_more_than_chance(cast):
    result = bench.run(Knowing(ignores=cast[0]), personas=COUNT, seed=7)
    own = result.own
    assert own.adherence.hits.value <= 1.5 / COUNT
    assert own.consistency.accuracy.value <= 2.5 / COUNT
    assert own.consistency.auc.low <= 0.5 <= own.consistency.auc.high
    assert own.facts.agrees.value < 0.4
    assert own.facts.contradicts.value > 0.3
    assert not any(figure.told_apart for figure in result.figures if "consistency" in figure.what)


def test_the_control_is_never_its_own(cast, knowing):
    answers = knowing[1]
    control = shuffled(answers, COUNT, seed=3)
    assert [(a.persona, a.question) for a in control] == [(a.persona, a.question) for a in answers]
    by_question: dict[Question, list[str]] = {}
    for answer in answers:
        by_question.setdefault(answer.question, []).append(answer.text)
    for own, other in zip(answers, control, strict=True):
        texts = by_question[own.question]
        assert other.text in texts
        if texts.count(own.text) == 1:
            assert other.text != own.text


def test_names_give_nobody_away(cast, knowing):
    mask = name_mask(cast)
    for persona in cast:
        hidden = mask(f"I am {persona.name}, and {persona.name.split()[0]} is what I'm called. The end.")
        assert not any(part in hidden.split() for part in persona.name.split() if len(part) > 2)
        assert hidden.endswith("The end.")

    def only_name(answer: Answer) -> Answer:
        return Answer(answer.persona, answer.question, f"I am {cast[answer.persona].name}, and that is all I am.")

    named = [only_name(answer) for answer in knowing[1]]
    found = adherence(named, cast, mask)
    assert found.hits.value == pytest.approx(1 / COUNT, abs=0.02)
    same = consistency(named, COUNT, mask)
    assert same.accuracy.value == pytest.approx(1 / COUNT, abs=0.02)
    assert same.auc.value == pytest.approx(0.5, abs=0.02)


def test_silence_is_found_by_chance_alone(cast, knowing):
    nothing = [Answer(answer.persona, answer.question, "") for answer in knowing[1]]
    found = adherence(nothing, cast, lambda text: text)
    assert found.hits.value == pytest.approx(found.chance_hits)
    assert found.reciprocal.value == pytest.approx(found.chance_reciprocal)
    assert consistency(nothing, COUNT, lambda text: text).auc.value == pytest.approx(0.5)


def test_the_record_itself_is_found_at_once(cast, knowing):
    said = [Answer(a.persona, a.question, record_text(cast[a.persona])) for a in knowing[1]]
    assert adherence(said, cast, lambda text: text).hits.value == 1.0


def told(persona: int, fact: str, wording: int, text: str, failed: str = "") -> Answer:
    return Answer(persona, Question(FACTS, wording, "?", fact, wording), text, failed)


def verdict(cast, fact, text):
    return check_facts([told(0, fact, 0, text)], cast)[0].verdict


def test_answers_are_held_against_the_record(cast):
    me, other = cast[0], cast[1]
    assert verdict(cast, "name", f"They call me {me.name.split()[0].upper()}.") == "agrees"
    assert verdict(cast, "name", f"I'm {other.name}.") == "contradicts"
    assert verdict(cast, "name", "I'd rather not say.") == "unsaid"
    assert verdict(cast, "name", "Zebulon.") == "unsupported"
    assert verdict(cast, "home", f"Well: {me.social.home}!") == "agrees"
    assert verdict(cast, "home", f"You'll find me at {other.social.home}.") == "contradicts"
    assert verdict(cast, "home", "I don't know where that is.") == "unsaid"
    for nothing in ("How should I know? I only live here.", "That part is still blank.", "I leave that to my heirs."):
        assert verdict(cast, "home", nothing) == "unsaid"
    assert verdict(cast, "likes", f"Mostly {me.personal.likes[1]}.") == "agrees"
    assert verdict(cast, "likes", f"Oh, {me.personal.dislikes[0]}.") == "contradicts"
    assert verdict(cast, "dislikes", f"Oh, {me.personal.likes[0]}.") == "contradicts"
    assert verdict(cast, "routine", f"I {me.life.routine[0].activity.lower()}") == "agrees"
    assert check_facts([told(0, "likes", 0, "", "timed out")], cast)[0].verdict == "failed"


@pytest.mark.parametrize(
    ("age", "text", "expected"),
    [
        ("adult", "I'm no longer new and not yet antique.", "agrees"),
        ("adult", "I'm young yet.", "contradicts"),
        ("young", "I'm young yet.", "agrees"),
        ("young", "I'm old enough to know better and young enough not to.", "agrees"),
        ("young", "Ancient.", "contradicts"),
        ("child", "Young, and growing.", "agrees"),
        ("elderly", "Very old, my dear.", "agrees"),
        ("elderly", "I'm old enough to know.", "unsupported"),
        ("child", "I'm eight years old, a child still.", "agrees"),
        ("child", "Ancient.", "contradicts"),
        ("child", "I never learned the number.", "unsaid"),
    ],
)
def test_an_age_is_told_in_words(cast, age, text, expected):
    persona = cast[0].model_copy(update={"social": cast[0].social.model_copy(update={"age": age})})
    assert verdict([persona, *cast[1:]], "age", text) == expected


def test_a_fact_told_in_two_ways_is_not_told_alike(cast):
    me = cast[0]
    alike = [told(0, "home", k, f"I live at {me.social.home}.") for k in range(3)]
    wavering = [told(1, "home", 0, cast[1].social.home), told(1, "home", 1, "On the moon, with nobody else.")]
    steady = [told(2, "home", k, "A windmill on the moon, I said.") for k in range(2)]
    silent = [told(3, "home", k, "I won't say.") for k in range(3)]
    found = fact_figures(check_facts([*alike, *wavering, *steady, *silent], cast), COUNT)
    assert found.one_another.value == pytest.approx(2 / 3)
    assert found.one_another.cases == 3
    assert found.counts["home"] == {"agrees": 4, "contradicts": 0, "unsupported": 3, "unsaid": 3, "failed": 0}


@with_settings(max_examples=15)
@given(data=st.data())
def test_whatever_is_answered_is_measured(cast, data):
    texts = st.one_of(st.text(max_size=60), st.sampled_from(["", "?" * 50, "<b>\n|x|", "ß\u0301" * 9, "I " * 30]))
    answers = [
        Answer(persona, question, data.draw(texts) if persona < 2 else "so so")
        for persona in range(4)
        for part in questions()
        for question in part[:2]
    ]
    few = cast[:4]
    mask = name_mask(few)
    found = consistency(answers, 4, mask)
    shares = [found.accuracy, found.auc, found.style_accuracy, found.style_auc]
    record = adherence(answers, few, mask)
    facts = fact_figures(check_facts(answers, few), 4)
    for one in [*shares, record.hits, record.reciprocal, facts.agrees, facts.contradicts, facts.one_another]:
        assert 0 <= one.low <= one.value <= one.high <= 1 or one.cases == 0
        assert np.isfinite(one.value)


class Failing(Knowing):
    """Fails at some questions, or at all."""

    def __init__(self, at) -> None:
        super().__init__()
        self.at = at

    def reply(self, said, context, usage):
        if self.at(said):
            raise PersonifyError("the server is gone")
        yield from super().reply(said, context, usage)


def test_an_answer_that_fails_is_counted_apart(tmp_path):
    result = bench.run(Failing(lambda said: "living" in said), personas=4, seed=7)
    failed = [answer for answer in result.answers if answer.failed]
    assert len(failed) == 4
    assert any("4 of" in note and "the server is gone" in note for note in result.notes)
    assert "the server is gone" in report.markdown(result)


def test_an_engine_that_is_gone_ends_the_interview():
    with pytest.raises(PersonifyError, match=r"can't go on: the server is gone"):
        bench.run(Failing(lambda said: True), personas=4, seed=7)


def test_nothing_more_is_asked_once_the_user_leaves(cast):
    class Slow(Knowing):
        asked = 0

        def reply(self, said, context, usage):
            Slow.asked += 1
            time.sleep(0.01 if context.persona is cast[0] else 0.1)
            yield "I see."

    def leave(done, of):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interview(Slow(), cast, usage=Usage(), workers=4, on_persona=leave)
    questions_each = sum(map(len, questions()))
    assert Slow.asked < 2 * questions_each


def test_an_endless_reply_is_cut(cast):
    class Endless(Knowing):
        closed = False

        def reply(self, said, context, usage):
            try:
                while True:
                    yield "and on and "
            finally:
                self.closed = True

    engine = Endless()
    assert len(ask(engine, "?", Context(cast[0]), Usage())) <= 4000
    assert engine.closed


def test_the_report_can_not_be_broken_out_of(cast):
    class Hostile(Knowing):
        def reply(self, said, context, usage):
            yield "| <script>alert(1)</script>\n# `x` | " + re.sub(r"\W", " ", cast[1].social.home)

    text = report.markdown(bench.run(Hostile(), personas=4, seed=7))
    assert "<script>" not in text.replace("\\<", "")
    assert all(line.startswith(("| ", "#", "Engine", "- ", "")) for line in text.splitlines())
    assert "\n# `x`" not in text
