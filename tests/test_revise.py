"""One thing about an avatar anew: what hangs on it is made again, all else is kept byte for byte, and nothing half."""

import hashlib
import json
import shutil
import wave

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_studio_llm import casting
from typer.testing import CliRunner

from personify.pipelines import BadInput, Persona, PersonifyError, Studio, open_avatar
from personify.pipelines.editing import follow, renamed
from personify.ui.cli import app
from personify.voices.stopping import Stop, Stopped

FACE = {"portrait.png", "landmarks.json", "mask.png"}


@pytest.fixture(scope="module")
def made(studio, tmp_path_factory):
    """A pear of few words, whose clip is soon filmed."""
    avatar = studio.create("a shy pear", seed=5, expert="sketch", out=tmp_path_factory.mktemp("made"))
    return studio.revise(avatar, persona=speaking(avatar.persona, greeting=f"I am {avatar.name}."))


@pytest.fixture
def pear(made, tmp_path):
    """An avatar of its own for each test, with a file beside that is the user's."""
    shutil.copytree(made.folder, tmp_path / "out" / "a-shy-pear")
    (tmp_path / "out" / "a-shy-pear" / "notes.txt").write_text("mine")
    return open_avatar(tmp_path / "out" / "a-shy-pear")


def sums(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


class Watched:
    """Revises, and says which stages ran and which files came out otherwise."""

    def __init__(self, studio, avatar, **changes) -> None:
        before, self.stages = sums(avatar.folder), []
        self.avatar = studio.revise(avatar, on_stage=self._hear, **changes)
        after = sums(self.avatar.folder)
        assert before.keys() == after.keys()
        self.changed = {name for name in after if after[name] != before[name]}
        self.record = self.avatar.record
        assert open_avatar(self.avatar.folder).record == self.record
        assert self.avatar.key == avatar.key and self.avatar.seed == avatar.seed

    def _hear(self, stage):
        if stage.share == 0:
            self.stages.append(stage.name)


def speaking(persona, **update):
    return persona.model_copy(update={"speaking": persona.speaking.model_copy(update=update)})


def test_another_voice_leaves_the_face_as_it_is(studio, pear):
    other = pear.record.tone.runners_up[0].name
    seen = Watched(studio, pear, tone=other)
    assert seen.stages == ["tone", "speech", "clip", "bundle"]
    assert seen.changed == {"avatar.json", "greeting.wav", "greeting.mp4"}
    assert seen.avatar.tone == other and "asked for by name" in seen.record.tone.reason
    assert seen.record.portrait == pear.record.portrait and seen.record.persona == pear.persona


def test_another_face_leaves_the_voice_as_it_is(studio, pear):
    seen = Watched(studio, pear, seed=6)
    assert seen.stages == ["portrait", "clip", "bundle"]
    assert seen.changed == {"avatar.json", "greeting.mp4"} | FACE
    assert seen.record.portrait.seed == 6 and seen.record.tone == pear.record.tone
    assert not np.array_equal(seen.avatar.portrait.image, pear.portrait.image)
    assert seen.record.seconds["speech"] == pear.record.seconds["speech"]
    assert list(seen.record.seconds) == list(pear.record.seconds)
    assert seen.avatar.portrait.landmarks is not None and seen.record.portrait.verdict.plausible


def test_the_same_face_seed_gives_the_same_face_whenever_it_is_asked_for(studio, pear):
    first = studio.revise(pear, seed=6).picture.read_bytes()
    assert studio.revise(pear.folder, seed=7).picture.read_bytes() != first
    assert studio.revise(pear.folder, seed=6).picture.read_bytes() == first


def test_another_greeting_is_spoken_and_filmed(studio, pear):
    seen = Watched(studio, pear, persona=speaking(pear.persona, greeting="Good evening. I am ripe at last."))
    assert seen.stages == ["persona", "speech", "clip", "bundle"]
    assert seen.changed == {"avatar.json", "greeting.wav", "greeting.mp4"}
    assert seen.avatar.persona.speaking.greeting == "Good evening. I am ripe at last."


def test_another_story_changes_the_record_alone(studio, pear):
    life = pear.persona.life.model_copy(update={"backstory": "I grew up on a sunny wall."})
    seen = Watched(studio, pear, persona=pear.persona.model_copy(update={"life": life}))
    assert seen.stages == ["persona", "bundle"] and seen.changed == {"avatar.json"}


def test_another_look_is_drawn_by_the_same_expert_from_the_same_seed(studio, pear):
    look = pear.persona.appearance.model_copy(update={"colours": ("crimson",), "accessories": ("top hat",)})
    seen = Watched(studio, pear, persona=pear.persona.model_copy(update={"appearance": look}))
    assert seen.stages == ["persona", "portrait", "clip", "bundle"]
    assert seen.changed == {"avatar.json", "greeting.mp4"} | FACE
    assert (seen.record.portrait.expert, seen.record.portrait.seed) == ("sketch", pear.record.portrait.seed)


def test_another_sort_of_voice_chooses_the_tone_anew(studio, pear):
    voice = pear.persona.voice.model_copy(update={"nature": ("robot",), "gender": "masculine", "pitch": 0.1})
    seen = Watched(studio, pear, persona=pear.persona.model_copy(update={"voice": voice}))
    assert seen.stages == ["persona", "tone", "speech", "clip", "bundle"]
    assert seen.avatar.tone != pear.tone and "robot" in seen.record.tone.reason


def test_who_it_is_goes_over_to_the_voice_and_the_look(studio, pear):
    social = pear.persona.social.model_copy(update={"gender": "masculine", "age": "elderly"})
    seen = Watched(studio, pear, persona=pear.persona.model_copy(update={"social": social}))
    assert seen.stages == ["persona", "tone", "portrait", "speech", "clip", "bundle"]
    for brief in (seen.avatar.persona.voice, seen.avatar.persona.appearance):
        assert (brief.gender, brief.age) == ("masculine", "elderly")


def test_a_persona_may_be_told_as_plain_values(studio, pear):
    told = json.loads(pear.persona.model_dump_json())
    told["personal"]["likes"] = ["rain", "compost"]
    seen = Watched(studio, pear, persona=told)
    assert seen.avatar.persona.personal.likes == ("rain", "compost") and seen.changed == {"avatar.json"}


def test_what_changes_nothing_does_nothing(studio, pear):
    before = sums(pear.folder)
    assert studio.revise(pear, persona=pear.persona) is pear
    assert sums(pear.folder) == before
    with pytest.raises(BadInput, match="nothing is to be changed"):
        studio.revise(pear)


def test_out_leaves_the_old_one_and_is_replaced_by_force_alone(studio, pear, tmp_path, left_in):
    before = sums(pear.folder)
    other = studio.revise(pear, seed=9, out=tmp_path / "new")
    assert other.folder == tmp_path / "new" / "a-shy-pear" and sums(pear.folder) == before
    with pytest.raises(BadInput, match="--force"):
        studio.revise(pear, seed=10, out=tmp_path / "new")
    assert studio.revise(pear, seed=10, out=tmp_path / "new", force=True).record.portrait.seed == 10
    assert left_in(tmp_path / "new") == ["a-shy-pear"]


def test_a_greeting_that_can_not_be_spoken_again_alike_is_heard(studio, pear):
    """The sound in the bundle is another one than the built-in voice's, as a server's is each time: it stays, and the
    lips move to it."""
    path = pear.files["greeting"]
    with wave.open(str(path)) as sound:
        rate_hz, samples = sound.getframerate(), np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    slower = np.interp(np.arange(0, len(samples) - 1, 0.5), np.arange(len(samples)), samples).astype("<i2")
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, rate_hz, 0, "NONE", "not compressed"))
        sound.writeframes(slower.tobytes())
    seen = Watched(studio, pear, seed=6)
    assert "greeting.wav" not in seen.changed
    import av

    with av.open(str(seen.avatar.clip)) as film:
        assert film.duration / av.time_base == pytest.approx(len(slower) / rate_hz, abs=0.25)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tone": "kazoo"}, "unknown tone 'kazoo'"),
        ({"expert": "leonardo"}, "unknown expert 'leonardo'"),
        ({"guidance": "both"}, "can't be guided by 'both'"),
        ({"seed": -1}, "between 0 and"),
        ({"image": "/nowhere/face.png"}, "nowhere"),
    ],
)
def test_what_can_not_be_is_refused_and_changes_nothing(studio, pear, left_in, changes, said):
    before = sums(pear.folder)
    with pytest.raises(BadInput, match=said):
        studio.revise(pear, **changes)
    assert sums(pear.folder) == before and left_in(pear.folder.parent) == ["a-shy-pear"]


def edited(persona, place, value):
    """The persona's plain values with another one at a place such as "social.name"."""
    told = json.loads(persona.model_dump_json())
    *way, last = place.split(".")
    holder = told
    for name in way:
        holder = holder[name]
    holder[last] = value
    return told


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("description", "a proud apple", "description stays"),
        ("social.name", "", "social.name"),
        ("social.name", "x" * 81, "social.name"),
        ("social.name", "\u202e\x1b\u200b", "social.name"),
        ("personal.traits", ["shy"], "personal.traits"),
        ("personal.big_five.openness", 7, "openness"),
        ("life.routine", [{"time": "25:00", "activity": "sleep"}] * 3, "life.routine"),
        ("speaking.greeting", "a" * 5000, "5,000 characters"),
        ("speaking.greeting", "...", "nothing to say"),
        ("personal.likes", ["x"] * 5000, "list of 5,000"),
        ("appearance.archetype", "../../etc/passwd", "unknown archetype"),
        ("appearance.expression", "furious", "appearance.expression"),
        ("voice.language", "tlh", "tlh"),
        ("voice.pitch", float("nan"), "voice.pitch"),
        ("admin", True, "admin"),
    ],
)
def test_an_edit_that_makes_no_persona_is_refused_by_its_place(studio, pear, left_in, place, value, said):
    before = sums(pear.folder)
    with pytest.raises(BadInput, match=said):
        studio.revise(pear, persona=edited(pear.persona, place, value))
    assert sums(pear.folder) == before and left_in(pear.folder.parent) == ["a-shy-pear"]


TEXTS = ("social.name", "social.home", "speaking.greeting", "speaking.manner", "life.backstory")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(st.sampled_from(TEXTS), st.text(max_size=120))
def test_hostile_text_becomes_a_persona_that_can_be_shown_or_a_clear_error(made, place, text):
    try:
        persona = follow(made.persona, edited(made.persona, place, text))
    except BadInput as error:
        assert place in str(error)
        return
    dumped = persona.model_dump_json()
    dumped.encode("utf-8")
    assert not any(sign in dumped for sign in ("\\u001b", "\u202e", "\\n", "\\u0000"))
    assert Persona.model_validate_json(dumped) == persona


def test_what_the_user_wrote_is_no_longer_told_as_filled_in(made):
    persona = made.persona.model_copy(update={"filled": ("speaking.greeting", "social.home", "profile/tastes/tea")})
    after = follow(persona, speaking(persona, greeting="I speak for myself now."))
    assert after.filled == ("social.home", "profile/tastes/tea")


def test_another_name_is_its_name_in_all_it_says(made):
    persona = renamed(made.persona, " Lady\x00 Agatha ")
    assert persona.name == "Lady Agatha"
    assert "Lady Agatha" in persona.speaking.greeting
    old = made.persona.name
    assert old not in persona.model_dump_json().replace(json.dumps(persona.description), "")
    for name in ("", "\u200b", "!!!"):
        with pytest.raises(BadInput, match="is no name"):
            renamed(made.persona, name)


@pytest.mark.parametrize("stage", ["portrait", "clip", "bundle"])
def test_a_revision_that_is_stopped_leaves_the_avatar_as_it_was(studio, pear, left_in, stage):
    stop, before = Stop(), sums(pear.folder)
    with pytest.raises(Stopped):
        studio.revise(pear, seed=6, stop=stop, on_stage=lambda told: told.name == stage and stop.ask())
    assert sums(pear.folder) == before and left_in(pear.folder.parent) == ["a-shy-pear"]


def test_who_changed_it_meanwhile_wins(studio, pear):
    name = renamed(pear.persona, "Agatha")
    studio.revise(pear.folder, persona=name)
    with pytest.raises(PersonifyError, match="open it again"):
        studio.revise(pear, seed=6)
    assert open_avatar(pear.folder).name == "Agatha" and open_avatar(pear.folder).record.portrait.seed == 5


def test_two_at_once_leave_one_whole_avatar(studio, pear):
    """The second begins while the first is at work, and ends first."""

    def second(told):
        if (told.name, told.share) == ("clip", 0):
            studio.revise(pear.folder, persona=renamed(pear.persona, "Agatha"))

    with pytest.raises(PersonifyError, match="another run"):
        studio.revise(pear, seed=6, on_stage=second)
    assert open_avatar(pear.folder).name == "Agatha" and open_avatar(pear.folder).record.portrait.seed == 5


def test_a_bundle_that_lacks_a_file_is_not_made_worse(studio, pear):
    pear.files["greeting"].unlink()
    with pytest.raises(BadInput, match=r"lacks its greeting\.wav"):
        studio.revise(pear, persona=renamed(pear.persona, "A B").model_copy(update={"speaking": pear.persona.speaking}))


def test_links_in_a_bundle_are_not_followed(studio, pear, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (pear.folder / "link.txt").symlink_to(secret)
    (pear.folder / "own").mkdir()
    (pear.folder / "own" / "link").symlink_to(tmp_path)
    (pear.folder / "own" / "kept.txt").write_text("kept")
    revised = studio.revise(pear, seed=6)
    assert (revised.folder / "own" / "kept.txt").read_text() == "kept"
    assert not (revised.folder / "link.txt").exists() and not (revised.folder / "own" / "link").exists()
    assert secret.read_text() == "secret"


def test_what_a_language_model_did_is_added_up(server, pear):
    pytest.importorskip("openai")
    server.behave(reply=casting(["B"]))
    studio = Studio(llm=f"{server.url}#tiny")
    voice = pear.persona.voice.model_copy(update={"pitch": 0.1})
    once = studio.revise(pear, persona=pear.persona.model_copy(update={"voice": voice}))
    assert once.record.usage.requests == 1 and once.record.tone.reason == "It sounds like tin."
    voice = voice.model_copy(update={"pitch": 0.9})
    twice = studio.revise(once, persona=once.persona.model_copy(update={"voice": voice}))
    assert (twice.record.usage.requests, twice.record.usage.tokens_in) == (2, 22)
    assert studio.revise(twice, seed=8).record.usage == twice.record.usage


def run(*arguments):
    return CliRunner().invoke(app, ["revise", *map(str, arguments)])


def test_the_command_changes_what_it_is_told_and_says_what_was_made(pear):
    result = run(pear.folder, "--another-face", "--name", "Agatha Green")
    assert result.exit_code == 0, result.output
    after = open_avatar(pear.folder)
    assert after.name == "Agatha Green" and after.record.portrait.seed != 5
    shown = " ".join(result.stdout.split())
    assert "Agatha Green" in shown and "made anew portrait, speech, clip" in shown


def test_the_command_tells_other_programs(pear):
    result = run(pear.folder, "--greeting", "Hello, I am a pear of few words.", "--json")
    told = json.loads(result.stdout)
    assert told["stages"] == ["persona", "speech", "clip", "bundle"]
    assert told["persona"]["speaking"]["greeting"] == "Hello, I am a pear of few words."
    assert told["folder"] == str(pear.folder) and told["paths"]["clip"] == str(pear.clip)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "nothing is to be changed"),
        (["--another-face", "--face-seed", "3"], "give one of them"),
        (["--tone", "kazoo"], "unknown tone"),
        (["--name", "<>"], "is no name"),
    ],
)
def test_the_command_refuses_in_one_line(pear, options, said):
    result = run(pear.folder, *options)
    assert result.exit_code == 2 and said in result.output and result.output.count("\n") == 1
