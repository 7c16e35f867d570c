"""The planner: rows in their order, quotas met, nobody twice, one bad row spoils no other, and a model asked several at
a time."""

import hashlib
import json
import threading
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llm_server import LlmServer, error
from test_writing_model import GOOD

from personify.pipelines.batch import plan as plan_module
from personify.pipelines.batch.likeness import TOO_ALIKE
from personify.pipelines.batch.outcomes import Unreached
from personify.pipelines.batch.plan import MOST_UNREACHED, Planner
from personify.pipelines.batch.quotas import read_quotas
from personify.pipelines.batch.values import Failed, Made, Planned, Row
from personify.pipelines.services import Services
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.stopping import Stop, Stopped, stoppable

VILLAGER = "a villager"


@pytest.fixture(scope="module")
def services():
    return Services()


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(plan_module, "PAUSE_S", 0.0)


@pytest.fixture
def server():
    made = LlmServer()
    made.behave(reply=lambda body: json.dumps(GOOD))
    yield made
    made.close()


def row(number, description=VILLAGER, **changes):
    drawn = int.from_bytes(hashlib.sha256(str(number).encode()).digest()[:4], "big")
    return Row(**{"number": number, "id": f"row-{number}", "description": description, "seed": drawn} | changes)


def rows(count, description=VILLAGER, first=1):
    return [row(number, description) for number in range(first, first + count)]


def plan(services, those, quotas=(), **changes):
    return list(Planner(services, seed=5, quotas=read_quotas(quotas), **changes).plan(those))


def line(planned):
    persona = planned.persona
    return Made(
        row=planned.row.number, id=planned.row.id, folder=f"avatars/{planned.row.id}", description=persona.description,
        name=persona.name, nature=persona.social.nature, language=persona.language, category=persona.social.category,
        archetype=persona.appearance.archetype, gender=persona.social.gender, age=persona.social.age,
        tone=planned.tone.name, expert=planned.expert.name, seed=planned.seed, found=True, plausible=True,
        greeting=persona.speaking.greeting, fingerprint=planned.fingerprint, seconds={}, created="2026-01-01T00:00:00Z",
    )  # fmt: skip


def genders(planned):
    return Counter(one.persona.social.gender for one in planned)


def test_rows_come_in_their_order_with_all_that_is_settled(services):
    planned = plan(services, rows(5))
    assert [one.row.number for one in planned] == [1, 2, 3, 4, 5]
    for one in planned:
        assert one.persona.description == VILLAGER
        assert one.tone.name in services.tones()
        assert one.expert.name
        assert len(one.fingerprint) <= 200
        assert one.seconds.keys() == {"persona", "tone"}
        assert one.usage is None


def test_a_row_alone_is_what_create_would_make(services):
    those = [row(1), row(2, "a shy cactus"), row(3, "a proud pirate queen")]
    for one in plan(services, those):
        assert one.seed == one.row.seed
        assert one.persona == services.write(one.row.description, seed=one.row.seed)


def test_the_same_batch_comes_out_alike(services):
    quotas = ["gender=female:50+male:50,age=even"]
    first, second = (plan(services, rows(30), quotas) for _ in range(2))
    assert [one.persona for one in first] == [one.persona for one in second]
    assert [one.nearest for one in first] == [one.nearest for one in second]


def test_a_hundred_villagers_are_a_hundred_characters(services):
    planned = plan(services, rows(100))
    assert len({one.persona.name for one in planned}) == 100
    assert len({one.persona.speaking.greeting for one in planned}) == 100
    assert len({one.persona.personal.traits for one in planned}) > 60
    assert len({one.persona.social.home for one in planned}) > 30
    assert all(one.nearest is None or one.nearest[1] < TOO_ALIKE for one in planned)
    assert sum("Beyond the description" in " ".join(one.persona.notes) for one in planned) == 99


def test_without_distinct_each_row_is_as_create_makes_it(services):
    planned = plan(services, rows(12), distinct=False)
    assert [one.persona for one in planned] == [services.write(VILLAGER, seed=one.row.seed) for one in planned]
    assert {one.nearest for one in planned} == {None}


def test_quotas_are_met_at_every_beginning(services):
    planned = plan(services, rows(80), ["archetype=owl+cat+woman+man,gender=female:60+male:40,age=even"])
    for end in (10, 25, 50, 80):
        assert abs(genders(planned[:end])["feminine"] - 0.6 * end) <= 2
        ages = Counter(one.persona.social.age for one in planned[:end])
        assert all(abs(ages[age] - end / 4) <= 2 for age in ("child", "young", "adult", "elderly"))
    kinds = Counter(one.persona.appearance.archetype for one in planned)
    assert set(kinds) == {"owl", "cat", "woman", "man"}
    assert max(kinds.values()) - min(kinds.values()) <= 3


def test_open_rows_make_up_for_those_that_are_not(services):
    those = [row(number, "a queen" if number % 3 == 0 else VILLAGER) for number in range(1, 61)]
    planned = plan(services, those, ["gender=female+male"])
    assert genders(planned) == {"feminine": 30, "masculine": 30}
    assert {one.persona.social.gender for one in planned if one.row.description == "a queen"} == {"feminine"}


def test_a_resumed_batch_ends_with_the_same_totals(services):
    quotas = ["gender=female:50+male:40+neutral:10,age=even"]
    whole = plan(services, rows(60), quotas)
    half = plan(services, rows(60), quotas)[:30]
    kept = [one for one in half if one.row.number not in (7, 22, 29)]
    missing = [one for one in rows(60) if one.number > 30 or one.number in (7, 22, 29)]
    rest = plan(services, missing, quotas, before=[line(one) for one in kept])
    both = [*kept, *rest]
    assert genders(both) == genders(whole) == {"feminine": 30, "masculine": 24, "neutral": 6}
    assert Counter(one.persona.social.age for one in both) == Counter(one.persona.social.age for one in whole)
    assert len({one.persona.name for one in both}) == 60


def test_a_resumed_batch_knows_descriptions_with_emoji_again(services):
    """Lines have them as personas do, without."""
    whole = plan(services, rows(2, "a teapot 🫖 who loves tea"))
    (rest,) = plan(services, [whole[1].row], before=[line(whole[0])])
    assert rest.persona == whole[1].persona


def test_a_row_with_a_seed_of_its_own_is_never_drawn_again(services):
    those = [row(number, seed=7, seeded=True) for number in (1, 2)]
    planned = plan(services, those, ["gender=male"])
    alone = services.write(VILLAGER, seed=7)
    assert [one.persona for one in planned] == [alone, alone]
    assert planned[1].nearest == ("row-1", 1.0)


def test_a_name_that_the_description_gives_is_kept(services):
    planned = plan(services, rows(3, "a dog called Rex"))
    assert {one.persona.name for one in planned} == {"Rex"}


@pytest.mark.parametrize(
    ("bad", "stage", "kind"),
    [
        (row(2, "   "), "persona", "refused"),
        (row(2, "x" * 100_000), "persona", "refused"),
        (row(2, "\x00\x01\u202e"), "persona", "refused"),
        (row(2, tone="no-such-tone"), "tone", "refused"),
        (row(2, expert="no-such-expert"), "portrait", "refused"),
        (row(2, "ein Fisch, der gerne liest", tone="amy", strict=True), "tone", "refused"),
    ],
)
def test_a_bad_row_fails_alone_and_says_why(services, bad, stage, kind):
    first, failed, last = plan(services, [row(1), bad, row(3)], ["age=even"])
    assert isinstance(first, Planned)
    assert isinstance(last, Planned)
    assert isinstance(failed, Failed)
    assert (failed.row, failed.id, failed.stage, failed.kind) == (2, "row-2", stage, kind)
    assert failed.problem


def test_a_failed_row_takes_no_share_of_the_quota(services):
    those = [row(number, tone="no-such-tone" if number % 2 else None) for number in range(1, 41)]
    planned = [one for one in plan(services, those, ["gender=female+male"]) if isinstance(one, Planned)]
    assert abs(genders(planned)["feminine"] - 10) <= 1


@settings(deadline=None, max_examples=25)
@given(st.lists(st.text(max_size=60), max_size=4))
def test_any_description_is_planned_or_failed(descriptions):
    services = Services()
    those = [row(number, text) for number, text in enumerate(descriptions, 1)]
    outcomes = plan(services, those, ["gender=even,archetype=owl+cat"])
    assert [one.row.number if isinstance(one, Planned) else one.row for one in outcomes] == [r.number for r in those]


def test_rows_are_read_a_little_ahead_and_no_further(services):
    read = []

    def reading():
        for one in rows(50):
            read.append(one.number)
            yield one

    outcomes = Planner(services, seed=1).plan(reading())
    next(outcomes)
    assert len(read) == 1


def test_the_benchmark_prints_its_table(capsys):
    from personify.eval.batch.planning import main

    main(["--rows", "12"])
    head, _, alike, apart, quotas, mixed = capsys.readouterr().out.splitlines()
    assert "rows/s" in head
    assert apart.split(" | ")[2] == "12"  # names
    assert float(quotas.rstrip(" |").rsplit(" | ", 1)[1]) <= 3
    assert {len(line.split("|")) for line in (alike, apart, quotas, mixed)} == {len(head.split("|"))}


# --- with a language model -------------------------------------------------------------------------------------------


def asking(server, **limits):
    """Services that ask the server, patient for a moment only."""
    from personify.pipelines.language_model import LanguageModel

    services = Services()
    services._model = LanguageModel.connect(f"{server.url}#tiny", **({"backoff_s": 0.01, "timeout_s": 5.0} | limits))
    return services


class Crowd:
    """How many ask at the same time: each waits until `most` have been seen, or nobody else comes."""

    def __init__(self, most):
        self.most, self.now, self.peak = most, 0, 0
        self._lock = threading.Condition()

    def __call__(self, body):
        with self._lock:
            self.now += 1
            self.peak = max(self.peak, self.now)
            self._lock.notify_all()
            self._lock.wait_for(lambda: self.peak >= self.most, timeout=5)
            self.now -= 1
        return json.dumps(GOOD | {"name": f"Barnaby {len(body['messages'][-1]['content'])}"})


def test_a_model_is_asked_about_several_rows_at_once_and_no_more(server):
    crowd = Crowd(4)
    server.behave(reply=crowd)
    planned = plan(asking(server), rows(12), at_once=4)
    assert crowd.peak == 4
    assert [one.row.number for one in planned] == list(range(1, 13))
    assert all(one.persona.writer.startswith("language model") for one in planned)
    assert all(one.usage.requests >= 1 for one in planned)


def test_rows_before_a_slow_one_do_not_wait_for_all(server):
    read = []

    def reading():
        for one in rows(40):
            read.append(one.number)
            yield one

    outcomes = Planner(asking(server), seed=1, at_once=3).plan(reading())
    next(outcomes)
    assert len(read) == 3
    outcomes.close()


def test_what_is_wanted_is_told_to_the_model_and_held(server):
    asked = []

    def reply(body):
        question = body["messages"][-1]["content"]
        asked.append(question)
        if "could not be used" in question:
            return json.dumps({"gender": "feminine", "age": "child"})
        return json.dumps(GOOD)  # which is masculine and elderly

    server.behave(reply=reply)
    (planned,) = plan(asking(server), rows(1), ["gender=female,age=child"])
    assert '"also": ["child", "feminine"]' in asked[0]
    assert any("it must be 'feminine'" in question for question in asked)
    assert (planned.persona.social.gender, planned.persona.social.age) == ("feminine", "child")
    assert not any("quota" in note for note in planned.persona.notes)


def test_the_model_says_the_same_name_and_nobody_bears_it_twice(server):
    planned = plan(asking(server), [row(1), row(2, "a queen"), row(3, "a shy cactus")])
    names = [one.persona.name for one in planned]
    assert names[0] == GOOD["name"]
    assert len(set(names)) == 3
    for one in planned[1:]:
        assert GOOD["name"] not in one.persona.speaking.greeting
        assert any(f"the batch has a {GOOD['name']} already" in note for note in one.persona.notes)


def test_too_alike_is_asked_again_once_with_something_of_its_own(server):
    planned = plan(asking(server), [row(1, "a shy cactus"), row(2, "a proud cactus")], at_once=1)
    questions = [body["messages"][-1]["content"] for body in server.asked if '"description"' in str(body["messages"])]
    second = [question for question in questions if "a proud cactus" in question]
    assert any('"also"' in question for question in second)
    assert planned[1].nearest[0] == "row-1"
    assert planned[1].nearest[1] >= TOO_ALIKE  # this model says the same whatever it is asked
    assert planned[1].usage.requests > planned[0].usage.requests


def test_a_model_that_cannot_be_reached_is_no_persona_by_rules(server):
    server.behave(refuse=lambda body: (503, error("busy")) if "cactus" in str(body) else None)
    first, failed, last = plan(asking(server), [row(1), row(2, "a shy cactus"), row(3, "an owl")])
    assert isinstance(first, Planned)
    assert isinstance(last, Planned)
    assert isinstance(failed, Failed)
    assert (failed.stage, failed.kind) == ("persona", "unreached")
    assert "language model" in failed.problem


@pytest.mark.parametrize(
    "behaviour",
    [
        {"refuse": lambda body: (401, error("no such key"))},
        {"refuse": lambda body: (403, error("not you"))},
        {"refuse": lambda body: (429, error("too many"))},
        {"refuse": lambda body: (503, error("busy"))},
        {"models": [], "refuse": lambda body: (404, error("no such page"))},
        {"refuse": lambda body: (404, error("no such model"))},
        {"raw": b"<html>a proxy's page</html>"},
        {"hang_s": 5.0},
    ],
    ids=["401", "403", "429", "503", "404", "another model", "no json", "hangs"],
)  # fmt: skip
def test_a_server_that_has_gone_ends_the_batch(server, behaviour):
    server.behave(**behaviour)
    if "no such model" in str(behaviour.get("refuse", str)(None)):
        server.behave(models=["another"])
    outcomes = []
    with pytest.raises(Unreached) as gone:
        for outcome in Planner(asking(server, timeout_s=0.2), seed=1, at_once=3).plan(rows(30)):
            outcomes.append(outcome)
    assert {outcome.kind for outcome in outcomes} == {"unreached"}
    assert len(outcomes) == MOST_UNREACHED
    assert server.url in str(gone.value)
    assert "the same command goes on" in str(gone.value)


def test_a_server_that_goes_between_two_questions_leaves_no_choice_to_rules(server):
    """A row is the model's as a whole, or made by the next run."""
    server.behave(refuse=lambda body: None if '"description"' in str(body["messages"]) else (429, error("too many")))
    outcomes = plan(asking(server), rows(3))
    assert [(outcome.stage, outcome.kind) for outcome in outcomes] == [("portrait", "unreached")] * 3


def test_a_server_that_has_answered_is_given_time_and_the_wait_can_be_stopped(server, monkeypatch):
    monkeypatch.setattr(plan_module, "PAUSE_S", 60.0)
    server.behave(refuse=lambda body: (503, error("busy")) if "cactus" in str(body) else None)
    stop = Stop()
    planner = Planner(asking(server), seed=1, at_once=1)
    began = time.monotonic()
    with stoppable(stop):
        outcomes = planner.plan([row(1), row(2, "a shy cactus"), row(3)])
        assert [type(next(outcomes)), type(next(outcomes))] == [Planned, Failed]
        stop.ask()
        with pytest.raises(Stopped):
            next(outcomes)
    assert time.monotonic() - began < 30


def test_a_server_that_is_not_there_any_more_ends_the_batch(server):
    planner = Planner(asking(server), seed=1, at_once=2)
    server.close()
    with pytest.raises(Unreached, match="can't be reached"):
        list(planner.plan(rows(30)))


def test_a_server_that_refuses_rows_or_stumbles_now_and_then_does_not(server):
    """What it says no to is the row's; and a row that is made between two that had no answer says that it lives."""
    server.behave(refuse=lambda body: (400, error("that is against our rules")))
    outcomes = list(Planner(asking(server), seed=1, at_once=4).plan(rows(25)))
    assert [outcome.kind for outcome in outcomes] == ["failed"] * 25
    server.behave(refuse=lambda body: (401, error("no")) if "cactus" in str(body) else None)
    those = [row(number, "an owl" if number % 9 == 0 else "a shy cactus") for number in range(1, 30)]
    those[3] = row(4, "")
    outcomes = plan(asking(server), those)
    assert [one.row.number for one in outcomes if isinstance(one, Planned)] == [9, 18, 27]
    assert outcomes[3].kind == "refused"


def test_a_model_that_is_not_there_is_said_at_once(tmp_path, monkeypatch):
    with pytest.raises((BadInput, PersonifyError)):
        Planner(Services("no-such-thing://x"), seed=1)
