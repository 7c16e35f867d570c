"""The rigs that pages get: written once for a character, however often it is opened."""

import json
from dataclasses import replace
from threading import Thread

import pytest

from personify.pipelines import Studio
from personify.ui.web.living import live_face_json
from personify.voices.errors import PersonifyError


@pytest.fixture(scope="module")
def portrait():
    return Studio().portrait("an owl", seed=3, expert="sketch")


def test_a_rig_is_written_once_for_a_portrait_and_anew_for_another(portrait):
    first = live_face_json(portrait)
    assert live_face_json(replace(portrait, image=portrait.image.copy())) is first
    darker = replace(portrait, image=portrait.image // 2)
    other = live_face_json(darker)
    assert json.loads(other)["pictures"] != json.loads(first)["pictures"]
    moved = live_face_json(replace(portrait, landmarks=portrait.landmarks + 1))
    assert json.loads(moved) != json.loads(first)


def test_many_who_open_it_at_once_share_one(portrait):
    rigs = []
    threads = [Thread(target=lambda: rigs.append(live_face_json(portrait))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(rig) for rig in rigs}) == 1 and len(rigs) == 6


def test_what_cannot_be_animated_is_refused_each_time(portrait):
    faceless = replace(portrait, landmarks=None)
    for _ in range(2):
        with pytest.raises(PersonifyError):
            live_face_json(faceless)
