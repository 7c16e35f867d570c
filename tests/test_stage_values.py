"""What is told while an avatar is made: each stage's result, the sketch, every attempt, a persona as it is written."""

import json
import time

import numpy as np
import pytest
import tiny_models as tiny
from hypothesis import given, settings
from hypothesis import strategies as st
from test_studio_llm import casting
from test_writing_model import GOOD

from personify.avatar.diffusion.expert import DiffusionExpert
from personify.avatar.diffusion.pool import ModelPool
from personify.avatar.portrait import Portrait
from personify.avatar.portraits import draw_portrait
from personify.avatar.steps import hearing
from personify.pipelines import STAGES, Avatar, Persona, Studio
from personify.pipelines.builtin import BuiltinWriter, read_description
from personify.pipelines.bundle import ToneRecord
from personify.pipelines.create import PersonaSoFar, Sketched, Stage, Tried
from personify.pipelines.language_model import LanguageModel
from personify.pipelines.services import Services
from personify.pipelines.writers import persona_writer
from personify.pipelines.writing.asking import Asker
from personify.pipelines.writing.coming import Coming
from personify.pipelines.writing.draft import FIELDS
from personify.pipelines.writing.model_writer import guard_of
from personify.voices.speech import Speech

TEAPOT = "a grumpy teapot who loves astronomy"


@pytest.fixture(scope="module")
def told(studio, tmp_path_factory):
    """What a run of the rules and the sketch tells."""
    heard: list[Stage] = []
    avatar = studio.create(TEAPOT, seed=7, expert="sketch", out=tmp_path_factory.mktemp("told"), on_stage=heard.append)
    return avatar, heard


def ends(heard):
    return {stage.name: stage.made for stage in heard if stage.share == 1}


def test_each_stage_tells_what_it_made(told):
    avatar, heard = told
    made = ends(heard)
    kinds = {"persona": Persona, "tone": ToneRecord, "portrait": Portrait, "speech": Speech, "bundle": Avatar}
    assert {name: type(value) for name, value in made.items() if value is not None} == kinds
    assert made["persona"] == avatar.persona and made["tone"] == avatar.record.tone
    assert made["speech"].text == avatar.persona.speaking.greeting
    assert made["bundle"].folder == avatar.folder and made["bundle"].record == avatar.record


def test_beginning_and_end_are_told_once_each_and_the_rest_lies_between(told):
    _, heard = told
    for name in STAGES:
        shares = [stage.share for stage in heard if stage.name == name]
        assert shares[0] == 0 and shares[-1] == 1 and shares == sorted(shares)
        assert all(0 < share < 1 for share in shares[1:-1])


def test_the_sketch_and_the_attempt_are_shown_before_the_portrait(told):
    _, heard = told
    shown = [stage.made for stage in heard if stage.name == "portrait" and stage.made is not None]
    assert [type(value) for value in shown] == [Sketched, Tried, Portrait]
    sketch, tried, portrait = shown
    assert sketch.source == "sketch" and np.array_equal(sketch.image, portrait.image)
    assert np.array_equal(sketch.landmarks, portrait.landmarks)
    assert tried.attempt == portrait.attempts[0] and tried.landmarks.shape == (478, 2)
    assert np.abs(tried.landmarks - sketch.landmarks).mean() < 10, "what was found lies where it was drawn"


def test_what_is_told_is_the_listener_s_own(told):
    avatar, heard = told
    made = [stage.made for stage in heard if isinstance(stage.made, Sketched | Tried | Portrait | Speech)]
    arrays = [each for value in made for each in vars(value).values() if isinstance(each, np.ndarray)]
    assert len(arrays) >= 8 and not any(array.flags.writeable for array in arrays)
    with pytest.raises(ValueError, match="read-only"):
        arrays[0][0, 0] = 0
    assert not any(np.shares_memory(array, avatar.portrait.image) for array in arrays)


def test_waiting_for_a_turn_is_no_work(studio, tmp_path):
    """A listener that keeps the work waiting as a stage begins is not counted in what the stage took."""
    at: list[float] = []

    def wait(stage):
        if stage.name == "tone":
            time.sleep(0.2 if stage.share == 0 else 0)
            at.append(time.perf_counter())

    avatar = studio.create("a shy pear", seed=1, expert="sketch", out=tmp_path, on_stage=wait)
    begun, ended = at
    assert avatar.record.seconds["tone"] <= ended - begun + 0.001


@pytest.mark.usefixtures("one_thread")
def test_a_diffusion_expert_tells_of_its_guide_its_steps_and_each_attempt(tmp_path):
    """What it draws is noise, so that all attempts fail and the sketch stands in."""
    entry = tiny.entry(tiny.save_sd(tmp_path / "sd"), steps=4)
    expert = DiffusionExpert(entry, tiny.catalogue(entry), ModelPool("cpu"))
    order: list[str] = []
    shares: list[float] = []
    portrait = draw_portrait(
        BuiltinWriter().write(TEAPOT, seed=1).appearance,
        seed=1, expert=expert, guidance="pixel", size=128, attempts=2,
        on_sketch=lambda number, guide: order.append("sketch"),
        on_attempt=lambda number, attempt, image, found: order.append(attempt.expert),
        on_share=lambda share, look: (shares.append(share), order.append("step")),
    )  # fmt: skip
    assert portrait.stand_in and portrait.expert == "sketch"
    steps = [name for name in order if name == "step"]
    assert len(steps) >= 4 and shares == sorted(shares) and shares[0] > 0 and shares[-1] < 1
    assert [name for name in order if name != "step"] == ["sketch", "tiny", "tiny", "sketch", "sketch"]
    assert order.index("step") < order.index("tiny")


@pytest.mark.usefixtures("one_thread")
def test_a_portrait_can_be_looked_at_while_it_is_drawn_and_is_the_same(tmp_path):
    entry = tiny.entry(tiny.save_sd(tmp_path / "sd"), steps=4)
    expert = DiffusionExpert(entry, tiny.catalogue(entry), ModelPool("cpu"))
    steer, asked = expert.schedule("none", 1)[0], tiny.order(3, guided=False)
    unseen = expert.draw([asked], steer)[0].image
    looks: list[np.ndarray] = []
    with hearing(lambda share, look: looks.append(look())):
        seen = expert.draw([asked], steer)[0].image
    assert np.array_equal(seen, unseen)
    assert [look.shape for look in looks] == [(entry.size // 2, entry.size // 2, 3)] * 4
    assert looks[0].dtype == np.uint8 and not np.array_equal(looks[0], looks[-1])
    with hearing(lambda share, look: looks.append(look)):
        expert.draw([asked, asked], steer)
    assert looks[-1] is None  # a batch is nobody's to look at


def test_a_persona_is_shown_as_a_language_model_writes_it(server, tmp_path):
    server.behave(reply=casting(["B"]), hang_s=0.004)  # in pieces of four letters
    heard = []
    studio = Studio(llm=f"{server.url}#tiny")
    made = studio.create(TEAPOT, seed=3, expert="sketch", out=tmp_path, on_stage=heard.append)
    drafts = [stage.made for stage in heard if isinstance(stage.made, PersonaSoFar)]
    assert len(drafts) >= 4, "it comes in more than one piece"
    assert server.asked[0]["stream"] is True
    first, last = drafts[0], drafts[-1]
    assert first.greeting is None and last.greeting == GOOD["greeting"]
    assert last.name == made.name and last.traits == tuple(GOOD["traits"]) and last.backstory == GOOD["backstory"]
    stories = [draft.backstory for draft in drafts if draft.backstory is not None]
    assert all(GOOD["backstory"].startswith(story) and story.endswith(".") for story in stories)
    assert len(set(stories)) > 1, "sentences are shown before the last one is there"
    assert made.persona.filled == () and made.record.usage.tokens_in == 11 + 11


def test_without_a_listener_the_answer_comes_whole(server):
    server.behave(reply=lambda body: json.dumps(GOOD))
    services = Services(f"{server.url}#tiny")
    services.write(TEAPOT, seed=3, asker=services.asker())
    assert server.asked and not any(body.get("stream") for body in server.asked)


def write(server, heard, description=TEAPOT):
    asker = Asker(LanguageModel.connect(f"{server.url}#tiny", backoff_s=0.01), seed=7)
    return persona_writer(asker=asker, on_draft=heard.append).write(description, seed=7), asker


def test_a_server_that_does_not_stream_is_asked_whole(server):
    def refuse(body):
        return (400, {"error": {"message": "streaming is not supported here"}}) if body.get("stream") else None

    server.behave(reply=lambda body: json.dumps(GOOD), refuse=refuse)
    heard: list[dict] = []
    persona, asker = write(server, heard)
    assert persona.name == "Barnaby Spout" and heard[-1]["name"] == "Barnaby Spout"
    assert persona_writer(asker=asker, on_draft=heard.append).write(TEAPOT, seed=8).filled == ()
    assert [bool(body.get("stream")) for body in server.asked] == [True, False, False], "it is remembered"


def test_a_stream_that_breaks_off_is_asked_for_again(server):
    server.behave(reply=lambda body: json.dumps(GOOD), drops=1)
    persona, asker = write(server, [])
    assert persona.filled == () and asker.usage.requests == 1 and len(server.asked) == 2


def test_a_leak_and_a_refusal_are_never_shown(server):
    said = GOOD | {
        "backstory": "As an AI language model, I cannot do that. I was made to help. I am sorry about it.",
        "manner": "He answers with one JSON object that holds the fields of a form. He is old.",
    }
    server.behave(reply=lambda body: json.dumps(said), hang_s=0.001)
    heard: list[dict] = []
    write(server, heard)
    assert heard and not any({"backstory", "manner"} & set(draft) for draft in heard)


def test_what_the_description_says_is_shown_instead_of_what_the_model_says(server):
    server.behave(reply=lambda body: json.dumps(GOOD | {"name": "Bob"}))
    heard: list[dict] = []
    persona, _ = write(server, heard, "a teapot named Agatha")
    assert persona.name == "Agatha" and {draft["name"] for draft in heard if "name" in draft} == {"Agatha"}


BASE = BuiltinWriter().write(TEAPOT, seed=7)
READING = read_description(TEAPOT)
GUARD = guard_of("persona", BASE, 7)


@settings(max_examples=60)
@given(
    st.integers(0, len(json.dumps(GOOD))),
    st.one_of(st.just(""), st.text(max_size=40), st.sampled_from(['"', "}]}", "<script>", "\u202e. ", '\\"'])),
)
def test_wherever_an_answer_is_cut_what_is_shown_could_stand_in_a_persona(cut, noise):
    heard: list[dict] = []
    coming = Coming(BASE, READING, GUARD, heard.append)
    coming.listening({}, FIELDS)(json.dumps(GOOD)[:cut] + noise)
    for draft in heard:
        shown = PersonaSoFar.of(draft)
        hash(shown)
        assert "<" not in repr(shown) and "\u202e" not in repr(shown)
        assert shown.name is None or len(shown.name) <= 60
        assert shown.backstory is None or len(shown.backstory) <= 2400
