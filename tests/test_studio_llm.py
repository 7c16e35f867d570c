"""A studio with a language model: it writes the persona and casts voice and expert, and what that took is recorded."""

import json

import pytest
from test_writing_model import GOOD
from typer.testing import CliRunner

from personify.avatar.brief import AppearanceBrief
from personify.avatar.experts import Experts
from personify.avatar.mixture import choose_expert
from personify.pipelines import Studio, open_avatar
from personify.pipelines.services import Services
from personify.pipelines.writing.casting import ExpertCaster
from personify.ui.cli import app
from personify.voices.errors import BadInput, PersonifyError


def casting(letters):
    """A model that writes a good persona and chooses these letters, whatever it is asked to choose."""

    def reply(body):
        system = body["messages"][0]["content"]
        return json.dumps({"letters": letters, "reason": "It sounds like tin."} if "You cast" in system else GOOD)

    return reply


def test_the_model_writes_and_casts_and_the_record_says_what_that_took(server, tmp_path, monkeypatch):
    config = tmp_path / "personify.toml"
    config.write_text(f'[llm]\nurl = "{server.url}"\nmodel = "tiny"\nprice_in = 1.0\nprice_out = 2.0\n')
    monkeypatch.setenv("PERSONIFY_CONFIG", str(config))
    server.behave(reply=casting(["B"]))
    made = Studio().create("a grumpy teapot who loves astronomy", seed=3, expert="sketch", out=tmp_path)
    assert made.name == "Barnaby Spout" and made.persona.writer == "language model tiny"
    assert made.record.tone.reason == "It sounds like tin." and made.record.tone.note is None
    used = made.record.usage
    assert (used.model, used.requests, used.tokens_in) == ("tiny", 2, 22) and used.tokens_out > 50
    assert used.cost == pytest.approx((22 * 1.0 + used.tokens_out * 2.0) / 1e6)
    assert open_avatar(made.folder).record == made.record
    saved = made.folder / "avatar.json"
    older = {key: value for key, value in json.loads(saved.read_text("utf-8")).items() if key != "usage"}
    older["persona"] = {k: v for k, v in older["persona"].items() if k not in ("profile", "filled", "notes")}
    saved.write_text(json.dumps(older), "utf-8")
    assert open_avatar(made.folder).record.usage is None, "bundles of earlier versions open"


def test_a_key_that_the_model_repeats_is_in_no_file(server, tmp_path, monkeypatch):
    monkeypatch.setenv("PERSONIFY_LLM_KEY", "sk-secret-123")
    said = GOOD | {"backstory": GOOD["backstory"] + " My key is sk-secret-123."}
    server.behave(
        reply=lambda body: (
            '{"letters": ["B"], "reason": "sk-secret-123"}' if "You cast" in str(body["messages"]) else json.dumps(said)
        )
    )
    made = Studio(llm=f"{server.url}#tiny").create("a grumpy teapot", seed=3, expert="sketch", out=tmp_path)
    assert server.keys[0] == "Bearer sk-secret-123" and made.record.tone.reason == "***."
    assert "My key is" in made.persona.life.backstory
    assert not any(b"sk-secret-123" in path.read_bytes() for path in made.folder.iterdir())
    monkeypatch.setenv("PERSONIFY_LLM_KEY", "none")
    server.behave(reply=lambda body: "There is none.", refuse=lambda body: None)
    assert Services(f"{server.url}#tiny").model.ask("", "").text == "There is none."


def test_create_shows_what_the_model_did(server, tmp_path):
    server.behave(reply=casting(["Z"]))
    arguments = [
        "create",
        "a shy robot",
        "--seed",
        "3",
        "--expert",
        "sketch",
        "--out",
        str(tmp_path),
        "--depth",
        "full",
    ]
    result = CliRunner().invoke(app, [*arguments, "--llm", f"{server.url}#tiny"])
    assert result.exit_code == 0, result.output
    shown = " ".join(result.stdout.split())
    assert "tiny: " in shown and "requests" in shown and "370 attributes" in shown
    assert "the built-in writer filled in nature" in shown.lower(), "a teapot is no robot"
    made = open_avatar(tmp_path / "a-shy-robot")
    assert "there is no voice 'Z'" in made.record.tone.note
    assert len(made.persona.profile) == 370 and "social.nature" in made.persona.filled


def test_a_model_that_is_not_there_leaves_it_all_to_the_rules(tmp_path, monkeypatch):
    config = tmp_path / "personify.toml"
    config.write_text('[llm]\nurl = "http://127.0.0.1:9/v1"\nmodel = "tiny"\nbackoff_s = 0.01\n')
    monkeypatch.setenv("PERSONIFY_CONFIG", str(config))
    made = Studio(llm="http://127.0.0.1:9/v1#tiny").create("a shy robot", seed=3, expert="sketch", out=tmp_path)
    services = Services()
    alone = services.write("a shy robot", seed=3)
    assert made.tone == services.choose(alone.voice).name and "127.0.0.1:9" in made.record.tone.note
    assert made.persona.model_copy(update={"filled": (), "notes": ()}) == alone
    assert "127.0.0.1:9" in made.persona.notes[0] and services.asker() is None
    assert made.record.usage.requests == 1, "who isn't there is asked once"


@pytest.mark.parametrize("where", ["gpt-9", "", "ftp://127.0.0.1/v1#tiny", "http://my server/v1#tiny"])
def test_what_is_no_server_is_refused_before_anything_is_begun(where):
    with pytest.raises(BadInput):
        Studio(llm=where)


CARDS = Experts().cards()
BRIEF = AppearanceBrief(concept="teapot", category="household", archetype="teapot", style_words=("cosy",))


def test_a_studio_s_model_picks_among_the_experts_that_are_ready(server):
    server.behave(reply=casting(["B"]))
    services = Services(f"{server.url}#tiny")
    choice = services.pick(BRIEF, asker=services.asker())
    assert choice.reason == "It sounds like tin." and choice.runners_up and len(server.asked) == 1
    assert services.pick(BRIEF, name="sketch", asker=services.asker()).name == "sketch" and len(server.asked) == 1


def cast(*answers):
    said = iter(answers)

    def ask(system, user, schema):
        answer = next(said)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return choose_expert(BRIEF, CARDS, ranker=ExpertCaster(ask))


def test_an_expert_is_chosen_by_letter_or_name_with_runners_up():
    by_words = choose_expert(BRIEF, CARDS)
    second = by_words.runners_up[0].name
    choice = cast('{"letters": ["B", "A"], "reason": "It is warm"}')
    assert choice.name == second and choice.reason == "It is warm."
    assert choice.runners_up[0].name == by_words.name and len(choice.runners_up) == 3
    assert cast(f"I'd take **{second}**, it is cosy.").name == second


@pytest.mark.parametrize("useless", ["", "none of them", '{"letters": ["Z"]}', "[" * 3000, "<html>"])
def test_a_useless_answer_is_asked_again_and_then_done_without(useless):
    by_words = choose_expert(BRIEF, CARDS)
    choice = cast(useless, useless)
    assert choice.name == by_words.name and "Chosen by the built-in matcher" in choice.reason
    assert cast(useless, '{"letters": ["B"]}').name == by_words.runners_up[0].name
    assert cast(PersonifyError("nobody answers")).name == by_words.name
