"""A description becomes an avatar: the same one for the same seed, in any script, and nothing at all when it fails."""

import filecmp
import os
import subprocess
import wave
from concurrent.futures import ThreadPoolExecutor

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personify.pipelines import STAGES, BadInput, PersonifyError, Studio
from personify.pipelines.create import read_description
from personify.pipelines.services import Services

SAME = ("portrait.png", "landmarks.json")


def test_an_avatar_has_a_face_a_voice_and_a_film(teapot):
    image, points = teapot.portrait.image, teapot.portrait.landmarks
    assert image.dtype == np.uint8 and image.shape == (512, 512, 3)
    assert points.shape == (478, 2)
    assert teapot.record.portrait.verdict.plausible
    with wave.open(str(teapot.files["greeting"])) as sound:
        spoken_s = sound.getnframes() / sound.getframerate()
    with av.open(str(teapot.clip)) as film:
        assert {stream.codec_context.name for stream in film.streams} == {"h264", "aac"}
        assert film.streams.video[0].average_rate == 25
        assert film.duration / av.time_base == pytest.approx(spoken_s, abs=0.25)


def test_the_record_says_how_it_came_to_be(teapot):
    record = teapot.record
    assert teapot.name and teapot.name == record.persona.name
    assert record.tone.reason and record.tone.runners_up
    assert record.seed == record.portrait.seed == 7
    assert {"personify", "mediapipe", "numpy", "espeakng-loader"} <= set(record.versions)
    assert list(record.seconds) == list(STAGES[:-1])


def test_the_same_seed_gives_the_same_bytes(studio, teapot, tmp_path):
    other = Studio().create(teapot.persona.description, seed=7, out=tmp_path)  # a cold one against a warm one
    assert other.persona.model_dump_json() == teapot.persona.model_dump_json()
    for name in SAME:
        assert filecmp.cmp(other.folder / name, teapot.folder / name, shallow=False), name


def test_another_seed_gives_another_character(studio, teapot):
    assert not np.array_equal(studio.portrait(teapot.persona.description, seed=8).image, teapot.portrait.image)


def test_a_seed_is_drawn_and_saved(studio, tmp_path):
    made = studio.create("a shy pear", out=tmp_path)
    assert np.array_equal(studio.portrait("a shy pear", seed=made.seed).image, made.portrait.image)
    assert len({studio.portrait("a shy pear", size=128).seed for _ in range(3)}) > 1


def test_an_avatar_says_anything(studio, teapot, tmp_path):
    clip = studio.say(teapot, "The stars are late tonight.", out=tmp_path / "new" / "clip.mp4")
    assert clip.path == tmp_path / "new" / "clip.mp4"
    assert clip.frames == pytest.approx(clip.seconds * 25, abs=1)
    with pytest.raises(BadInput, match="--force"):
        studio.say(teapot, "Again.", out=clip.path)


def test_a_clip_of_a_bundle_from_disk_is_the_same(studio, teapot, tmp_path):
    clips = [
        studio.say(who, "Papa, a map!", out=tmp_path / f"{i}.mp4") for i, who in enumerate((teapot, teapot.folder))
    ]
    frames = []
    for clip in clips:
        with av.open(str(clip.path)) as film:
            frames.append([frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)])
    assert np.array_equal(frames[0], frames[1])


def test_stages_are_told_in_order(studio, tmp_path):
    heard = []
    studio.create("a proud lighthouse", seed=1, out=tmp_path, on_stage=heard.append)
    names = list(dict.fromkeys(stage.name for stage in heard))
    assert names == list(STAGES)
    for name in STAGES:
        shares = [stage.share for stage in heard if stage.name == name]
        assert shares[0] == 0 and shares[-1] == 1 and shares == sorted(shares)
    assert len([stage for stage in heard if stage.name == "clip"]) > 10


@pytest.mark.parametrize(("name", "share"), [*((name, 0.0) for name in STAGES), ("bundle", 1.0)])
def test_a_run_stopped_in_any_stage_leaves_nothing(studio, tmp_path, left_in, name, share):
    def stop(stage):
        if (stage.name, stage.share) == (name, share):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        studio.create("a pear", seed=1, out=tmp_path / "out", expert="sketch", on_stage=stop)
    assert left_in(tmp_path) == []


@pytest.mark.parametrize(
    "description",
    ["🫖", "一只爱喝茶的猫", "\u202eقطة حكيمة تحب القراءة", "[link=file:///etc]\x1b[31m../../etc\x00\ud800"],
)
def test_any_script_becomes_an_avatar_inside_the_folder(studio, tmp_path, left_in, description):
    avatar = studio.create(description, seed=3, out=tmp_path / "out", expert="sketch")
    assert avatar.folder.parent == tmp_path / "out"
    assert left_in(tmp_path) == ["out"]
    assert left_in(tmp_path / "out") == [avatar.folder.name]
    assert avatar.portrait.landmarks is not None


@pytest.mark.parametrize(
    ("description", "language"),
    [
        ("a grumpy teapot who loves astronomy", "en"),
        ("una tetera gruñona que ama las estrellas", "es"),
        ("一隻戴眼鏡的貓頭鷹", "zh"),
        ("zxqvw", "en"),
    ],
)
def test_a_character_speaks_the_language_it_was_described_in(description, language):
    services = Services()
    persona = services.write(description, seed=3)
    assert persona.voice.language.split("-")[0] == language
    tone = services.choose(persona.voice)
    assert services.speak(persona.speaking.greeting, tone.name, voice=persona.voice).duration_s > 1


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_hostile_text_becomes_a_persona_or_a_clear_error(description):
    try:
        persona = Services().write(read_description(description), seed=1)
    except BadInput as error:
        assert "empty" in str(error) or "no words" in str(error)
        return
    assert persona.name and persona.speaking.greeting
    persona.model_dump_json().encode("utf-8")


@pytest.mark.parametrize(
    ("description", "said"),
    [("", "empty"), (" \t\n\u200b\x00", "empty"), ("a" * 10_000, "10,000 characters")],
)
def test_a_description_that_cannot_be_used_is_refused(studio, tmp_path, left_in, description, said):
    with pytest.raises(BadInput, match=said):
        studio.create(description, out=tmp_path / "out")
    assert left_in(tmp_path) == []


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"tone": "kazoo"}, "unknown tone 'kazoo'; the nearest of \\d+ are: .+, .+"),
        ({"expert": "leonardo"}, "unknown expert 'leonardo'; choose one of: .*sketch"),
        ({"expert": "sketch", "guidance": "both"}, "guid"),
        ({"guidance": "telepathy"}, "telepathy"),
        ({"seed": -1}, "between 0 and"),
        ({"seed": 2**64}, "between 0 and"),
    ],
)
def test_a_wish_that_is_not_known_is_refused_with_the_choices(studio, tmp_path, left_in, wish, said):
    with pytest.raises(BadInput, match=said):
        studio.create("a pear", out=tmp_path / "out", **wish)
    assert left_in(tmp_path) == []


def test_an_unknown_writer_is_refused_with_the_choices(tmp_path):
    with pytest.raises(BadInput, match="builtin"):
        Studio(llm="gpt-99").create("a pear", out=tmp_path)


@pytest.mark.parametrize("text", ["", "  ", "\x00"])
def test_nothing_to_say_is_refused(studio, teapot, tmp_path, text):
    with pytest.raises(BadInput, match="nothing to say"):
        studio.say(teapot, text, out=tmp_path / "clip.mp4")


def test_an_unknown_language_is_refused_with_the_choices(studio, teapot, tmp_path, left_in):
    with pytest.raises(BadInput, match=r"(?s)tlh.*en.*es"):
        studio.say(teapot, "nuqneH", language="tlh", out=tmp_path / "clip.mp4")
    assert left_in(tmp_path) == []


def test_threads_share_a_studio(tmp_path):
    studio = Studio()

    def run(number: int) -> bytes:
        return studio.create("a quiet teapot", seed=5, out=tmp_path / str(number)).picture.read_bytes()

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(run, range(2)))) == 1


@pytest.fixture
def small_disk(tmp_path):
    """A real disk of 12 MB, for those who may mount one."""
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk], capture_output=True, check=False
    ).returncode:
        pytest.skip("no disk may be mounted here")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


@pytest.mark.parametrize("name", [None, "clip", "bundle"])
def test_a_disk_that_fills_up_at_any_time_leaves_nothing(studio, small_disk, left_in, name):
    def fill() -> None:
        with (small_disk / "fill").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError:
                return

    if name is None:
        fill()
    with pytest.raises(PersonifyError, match=r"no room to write .*a-pear"):
        studio.create(
            "a pear", seed=1, out=small_disk / "out", expert="sketch",
            on_stage=lambda stage: fill() if stage.name == name else None,
        )  # fmt: skip
    assert left_in(small_disk) == ["fill"]
