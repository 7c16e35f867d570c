"""Streaming: pieces of speech become the frames of the whole, nothing is asked for early, and engines can be added."""

import itertools
import re
import sys
import threading
import tomllib
from pathlib import Path

import numpy as np
import pytest
from head_parts import RATE_HZ, SENTENCE, portrait_of, speech_of

from personify.avatar.animation import SHAPE_CHANNELS, animate, face_shape, idle, spoken_shapes
from personify.avatar.heads import BUILTIN, head_engine, head_names
from personify.avatar.rig import FaceShape, build_rig
from personify.pipelines.services import Services
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.speech import Speech, TimedPhoneme


def pieces_of(speech, cuts):
    """The speech cut before the phonemes of those numbers, each piece on its own clock."""
    pieces, edges = [], [0, *cuts, len(speech.phonemes)]
    for first, last in itertools.pairwise(edges):
        phonemes = speech.phonemes[first:last]
        begin = round(phonemes[0].start_s * speech.sample_rate_hz)
        end = round(phonemes[-1].end_s * speech.sample_rate_hz)
        moved = tuple(
            TimedPhoneme(p.symbol, p.start_s - begin / RATE_HZ, p.end_s - begin / RATE_HZ, p.stress) for p in phonemes
        )
        pieces.append(Speech("", speech.samples[begin:end], speech.sample_rate_hz, moved))
    return pieces


@pytest.fixture(scope="module")
def rig():
    return build_rig(portrait_of("teapot"))


@pytest.mark.parametrize("cuts", [(10,), (3, 5, 11), tuple(range(1, len(SENTENCE)))])
def test_pieces_make_the_frames_of_the_whole(rig, cuts):
    speech = speech_of()
    whole = animate(rig, speech, seed=4)
    parts = animate(rig, iter(pieces_of(speech, cuts)), seed=4)
    assert all(np.array_equal(a, b) for a, b in zip(whole, parts, strict=True))


def test_a_piece_is_asked_for_when_its_frames_are_due():
    asked = []

    def pieces():
        for number, piece in enumerate(pieces_of(speech_of(), (5, 10))):
            asked.append(number)
            yield piece

    shapes = spoken_shapes(pieces(), seed=0)
    assert asked == []
    next(shapes)
    assert asked == [0]
    first = 1
    while asked == [0]:
        next(shapes)
        first += 1
    length = sum(seconds for _, seconds, _ in SENTENCE[:5])
    assert first / 25 > length - 0.35, "all but the look-ahead of the first piece is out before the second is asked for"


def test_a_reader_that_stops_leaves_nothing(rig):
    before = threading.active_count()
    asked, left = [], []

    def endless():
        try:
            while True:
                asked.append(1)
                yield speech_of()
        finally:
            left.append("the source is closed")

    frames = animate(rig, endless(), seed=1)
    for _ in range(3):
        next(frames)
    assert (len(asked), left) == (1, [])
    del frames
    assert left
    assert threading.active_count() == before


def test_no_pieces_make_no_frames(rig):
    assert list(animate(rig, [], seed=0)) == []
    assert list(animate(rig, [Speech("", np.zeros(0, np.float32), RATE_HZ, ())], seed=0)) == []


@pytest.mark.parametrize("wrong", [{"expression": "hungry"}, {"fps": 0}, {"fps": float("nan")}, {"seed": -1}], ids=str)
def test_wrong_wishes_are_refused_before_the_first_frame(rig, wrong):
    with pytest.raises(BadInput):
        animate(rig, speech_of(), **({"seed": 0} | wrong))


def test_idle_is_seeded_and_long_enough(rig):
    one, again = (list(idle(rig, 1.2, seed=5)) for _ in range(2))
    assert len(one) == 30
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert any(not np.array_equal(one[0], frame) for frame in one)


def test_a_loop_has_no_seam():
    """From the last frame to the first is no further than between two frames in its middle."""
    frames = [frame.astype(int) for frame in idle(portrait_of("teapot", 256), 2.0, seed=2)]
    steps = [np.abs(a - b).mean() for a, b in itertools.pairwise([*frames, frames[0]])]
    assert steps[-1] <= 1.5 * max(steps[:-1])


def test_a_face_shape_by_the_names_of_its_channels():
    assert face_shape({}) == FaceShape()
    assert face_shape({"jaw": 0.5}).mouth.jaw == 0.5
    assert face_shape({"yaw": 3.0}).pose.yaw == 3.0
    assert len(set(SHAPE_CHANNELS)) == len(SHAPE_CHANNELS)


GUIDE = (Path(__file__).parents[1] / "docs/talking-head.md").read_text("utf-8")
BROKEN = """
class Half:
    name = "half"


def broken():
    raise RuntimeError("its model is missing")
"""


def block(kind, title):
    """The guide's block of code of that kind that begins with that comment."""
    return re.search(rf"```{kind}\n# {re.escape(title)}\n(.*?)```", GUIDE, re.DOTALL)[1]


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The guide's package, as pip would lay it down, with some broken engines beside its own."""
    project = tomllib.loads(block("toml", "pyproject.toml"))["project"]
    (tmp_path / "glowing.py").write_text(block("python", "glowing.py") + BROKEN)
    info = tmp_path / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    offered = project["entry-points"]["personify.heads"] | {
        "half": "glowing:Half", "broken": "glowing:broken", "gone": "nowhere:Engine",
    }  # fmt: skip
    lines = [f"{name} = {where}" for name, where in offered.items()]
    (info / "entry_points.txt").write_text("\n".join(["[personify.heads]", *lines, ""]))
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("glowing", None)


def test_an_engine_of_a_package_of_its_own(installed):
    assert head_names() == [BUILTIN, "broken", "glow", "gone", "half"]
    head = head_engine("glow").prepare(portrait_of("teapot"))
    brightness = [float(frame.mean()) for frame in head.animate(speech_of(), seed=0)]
    assert len(brightness) == 65
    assert max(brightness) > 1.2 * min(brightness)
    assert len(list(head.idle(0.4, seed=0))) == 10


def test_a_studio_films_with_the_engine_that_is_asked_for(installed, tmp_path):
    services = Services(head="glow")
    told = []
    clip = services.film(
        portrait_of("teapot", 256), speech_of(), tmp_path / "c.mp4", seed=0, expression="neutral", on_share=told.append
    )
    assert (clip.frames, told[-1]) == (65, 1.0)


def test_the_builtin_engine_draws_what_animate_draws(rig):
    head = head_engine().prepare(portrait_of("teapot"))
    assert np.array_equal(next(iter(head.animate(speech_of(), seed=0))), next(animate(rig, speech_of(), seed=0)))


@pytest.mark.parametrize(
    ("name", "said"), [("broken", "its model is missing"), ("gone", "nowhere"), ("half", "prepare")]
)
def test_a_broken_engine_is_named_with_its_package(installed, name, said):
    with pytest.raises(PersonifyError, match=f"personify-glow.*{said}"):
        head_engine(name)


def test_an_unknown_engine_lists_the_choices():
    with pytest.raises(BadInput, match="builtin"):
        head_engine("sadtalker")
