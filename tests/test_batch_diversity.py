"""The diversity report: what there is of everything, what quotas missed, and how near the nearest neighbours are."""

import contextlib
import random

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_batch_likeness import random_fingerprints

from personify.pipelines.batch import diversity
from personify.pipelines.batch.diversity import Diversity, describe_face, face_distances, report
from personify.pipelines.batch.quotas import read_quotas
from personify.pipelines.batch.values import Made
from personify.voices.errors import PersonifyError

_, FINGERPRINTS = random_fingerprints(400)


def line(number, **changes):
    told = {
        "row": number, "id": f"row-{number}", "folder": f"avatars/row-{number}", "description": "a villager",
        "name": f"Otto {number}", "nature": "villager", "language": "en", "category": "people", "archetype": "man",
        "gender": "masculine", "age": "adult", "tone": "alfred", "expert": "clay", "seed": 1, "found": True,
        "plausible": True, "greeting": f"Well. I am {number}.", "fingerprint": FINGERPRINTS[number % 400],
        "seconds": {}, "created": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    return Made(**(told | changes))


def png(shade, seed=0):
    image = np.full((128, 128, 3), shade, np.uint8)
    image[:, ::2] = np.random.default_rng(seed).integers(0, 40, (128, 64, 3), np.uint8)
    return cv2.imencode(".png", image)[1].tobytes()


def test_what_there_is_is_counted():
    lines = [
        line(number, gender="feminine" if number % 4 else "masculine", tone=f"tone {number % 5}")
        for number in range(40)
    ]
    told = report(lines, None)
    assert told.rows == 40
    assert told.attributes["gender"].counts == {"feminine": 30, "masculine": 10}
    assert told.attributes["gender"].evenness == pytest.approx(0.5119, abs=1e-3)  # 0.8113 bits of log2(3)
    assert told.attributes["age"].evenness == 0
    assert told.tones.distinct == 5
    assert told.tones.evenness == pytest.approx(1)
    assert (told.names.distinct, told.names.most_frequent) == (40, 1)
    assert (told.openings.distinct, told.openings.most_frequent) == (1, 40)
    assert told.faces is None
    assert Diversity.model_validate_json(told.model_dump_json()) == told


def test_quotas_are_kept_or_missed_by_so_much():
    lines = [line(number, gender="feminine" if number < 30 else "neutral") for number in range(40)]
    kept = report(lines, None, quotas=read_quotas(["gender=female:75+neutral:25"])).attributes["gender"]
    assert (kept.missed, kept.furthest) == (0, 0)
    missed = report(lines, None, quotas=read_quotas(["gender=female+male"])).attributes["gender"]
    assert missed.missed == 20  # ten women too many, and ten of neither
    assert missed.furthest == pytest.approx(0.5)
    assert missed.wanted == {"feminine": 0.5, "masculine": 0.5}


def test_a_count_that_no_rounding_could_meet_is_no_miss():
    lines = [line(number, gender="feminine" if number < 2 else "masculine") for number in range(3)]
    assert report(lines, None, quotas=read_quotas(["gender=female+male"])).attributes["gender"].missed == 0


def test_near_duplicates_are_told():
    lines = [line(number) for number in range(50)]
    apart = report(lines, None).personas
    assert apart.under == 0
    assert apart.least > 0.9
    twins = report([*lines, line(60, fingerprint=FINGERPRINTS[3])], None).personas
    assert twins.under == 2
    assert twins.least == 0
    assert (twins.probes, twins.among) == (51, 51)


def test_faces_are_compared_and_those_that_cannot_be_read_are_counted():
    pictures = {"row-0": png(30), "row-1": png(30, seed=1), "row-2": png(220), "row-3": b"no picture", "row-4": b""}
    told = report([line(number) for number in range(6)], lambda id: pictures.get(id) or _gone(id))
    assert told.unreadable_faces == 3
    assert told.faces.probes == 3
    assert told.faces.under == 2
    assert told.faces.least < 5


def _gone(id):
    raise PersonifyError(f"{id} has no portrait")


def test_distances_of_faces_grow_with_the_difference():
    dark, darkish, light = (describe_face(png(shade)) for shade in (30, 50, 220))
    near, far = face_distances(dark, np.stack([darkish, light]))
    assert 0 < near < far
    assert face_distances(dark, dark[None])[0] == 0


@given(st.binary(max_size=300))
def test_any_bytes_are_a_face_or_an_error(data):
    with contextlib.suppress(PersonifyError):
        assert describe_face(data).shape == (256, 3)


def test_nothing_and_one_alone_have_no_neighbours():
    assert report([], None).rows == 0
    assert report([], None).personas is None
    assert report([line(1)], lambda id: png(40)).faces is None
    assert report([line(1, fingerprint="")], None).personas is None


def test_big_batches_are_sampled_and_it_is_said(monkeypatch):
    monkeypatch.setattr(diversity, "POPULATION", 100)
    monkeypatch.setattr(diversity, "PROBES", 20)
    first, again, other = (
        report((line(number) for number in range(5000)), None, seed=seed).personas for seed in (1, 1, 2)
    )
    assert (first.probes, first.among) == (20, 100)
    assert first == again
    assert first != other


def test_the_faces_are_a_sample_of_all_lines_too(monkeypatch):
    """The first ones of a sample stand for the beginning of the file alone."""
    monkeypatch.setattr(diversity, "FACES", 10)
    asked = []
    report((line(number) for number in range(400)), lambda id: asked.append(int(id[4:])) or png(90, 1))
    assert len(set(asked)) == 10
    assert max(asked) > 200 > min(asked)


def test_the_sample_is_of_all_lines_alike():
    counts = np.zeros(40)
    for seed in range(600):
        sample = diversity._Sample(10, random.Random(seed))
        for number in range(40):
            sample.offer(number)
        assert len(set(sample.kept)) == 10
        counts[sample.kept] += 1
    assert counts.min() > 100  # 150 expected, with a deviation of 11
    assert counts.max() < 200


def test_few_figures_say_it_in_words():
    told = dict(report([line(number) for number in range(9)], None, quotas=read_quotas(["age=even"])).told())
    assert told["names of their own"] == "9 of 9"
    assert told["quota of age"] == "6 off, 75.0 points"
    assert told["genders"] == "100 % masculine"
    assert told["personas much like another"] == "0 of 9"
