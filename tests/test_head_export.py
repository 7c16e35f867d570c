"""The exported rig: a renderer that knows nothing of Personify draws what Personify draws, from the JSON alone."""

import dataclasses
import json

import cv2
import numpy as np
import pytest
from head_parts import portrait_of, speech_of
from pydantic import ValidationError
from rig_renderer import Renderer

from personify.avatar.animation import SHAPE_CHANNELS, face_shape, face_shapes
from personify.avatar.motion import motion_track
from personify.avatar.rig import build_rig
from personify.avatar.rig_export import export_rig, export_track, write_rig
from personify.avatar.rig_format import RigFile, TrackFile, schemas
from personify.avatar.visemes import viseme_track
from personify.voices.errors import PersonifyError


@pytest.fixture(scope="module", params=["teapot", "woman"])
def both(request):
    """The same character twice: a renderer of its JSON, and its rig."""
    portrait = portrait_of(request.param, 256)
    return Renderer(export_rig(portrait).model_dump_json()), build_rig(portrait)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"yaw": 10},
        {"yaw": -12, "pitch": 8},
        {"pitch": -8, "roll": 5, "shift_x": 0.05, "breath": 1},
        {"lift": 1},
        {"inner": -1, "yaw": 5},
    ],
    ids=str,
)
def test_pose_and_brows_are_those_of_the_rig(both, values):
    renderer, rig = both
    away = np.abs(renderer.draw(values).astype(int) - rig.draw(face_shape(values)))
    assert away.mean() < 1.5
    assert np.percentile(away, 97) <= 12


def test_lips_part_and_lids_shut_as_they_do_in_the_rig(both):
    renderer, rig = both
    rest = rig.draw(face_shape({})).astype(int)
    for values in ({"jaw": 0.8}, {"smile": 1}, {"blink": 1}):
        mine, own = renderer.draw(values).astype(int), rig.draw(face_shape(values)).astype(int)
        assert np.abs(mine - own).mean() < 0.6 * np.abs(rest - own).mean()


def test_a_rig_in_a_folder_names_its_pictures(tmp_path):
    portrait = portrait_of("teapot", 256)
    path = write_rig(tmp_path, portrait)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["character.png", "plate.png", "rig.json"]
    assert cv2.imread(str(tmp_path / "character.png"), cv2.IMREAD_UNCHANGED).shape == (256, 256, 4)
    drawn = Renderer(path.read_text("utf-8"), tmp_path).draw({})
    assert np.abs(drawn.astype(int) - portrait.image).mean() < 1.5


def test_the_file_is_read_back_as_it_was():
    rig = export_rig(portrait_of("teapot", 256))
    assert RigFile.model_validate_json(rig.model_dump_json()) == rig
    assert (rig.width, rig.height, len(rig.landmarks)) == (256, 256, 478)
    known = {movement.channel for layer in rig.layers for movement in layer.movements}
    known |= {channel for layer in rig.layers for turn in layer.turns for channel, _ in turn.factors}
    assert known <= set(SHAPE_CHANNELS)
    assert {"jaw", "smile", "blink", "lift", "inner", "yaw", "pitch", "roll"} <= known


def test_without_a_mask_the_picture_is_its_own_plate():

    portrait = dataclasses.replace(portrait_of("woman", 256), mask=None, depth=None)
    renderer, rig = Renderer(export_rig(portrait).model_dump_json()), build_rig(portrait)
    away = np.abs(renderer.draw({"yaw": 8}).astype(int) - rig.draw(face_shape({"yaw": 8})))
    assert away.mean() < 2


def test_without_landmarks_there_is_nothing_to_export():

    with pytest.raises(PersonifyError, match="no landmarks"):
        export_rig(dataclasses.replace(portrait_of("teapot", 256), landmarks=None))


def test_a_track_holds_what_the_face_is_asked_for():
    visemes, motion = viseme_track(speech_of()), motion_track(speech_of(), seed=2)
    track = json.loads(export_track(visemes, motion).model_dump_json())
    assert (track["format"], track["version"], track["fps"]) == ("personify-track", 1, 25)
    assert track["channels"] == list(SHAPE_CHANNELS)
    for row, shape in zip(track["values"], face_shapes(visemes, motion), strict=True):
        again = face_shape(dict(zip(track["channels"], row, strict=True)))
        assert again.mouth.jaw == pytest.approx(shape.mouth.jaw, abs=6e-4)
        assert again.pose.yaw == pytest.approx(shape.pose.yaw, abs=6e-4)
        assert again.eyes.blink == pytest.approx(shape.eyes.blink, abs=6e-4)


def test_a_broken_file_is_refused():
    layer = {"name": "a", "paint": "picture", "vertices": [[0, 0]], "triangles": [[0, 1, 2]]}
    rig = export_rig(portrait_of("teapot", 256)).model_dump(mode="json")
    for wrong in ({"layers": [layer]}, {"version": 2}, {"more": 1}):
        with pytest.raises(ValidationError):
            RigFile.model_validate(rig | wrong)
    with pytest.raises(ValidationError):
        TrackFile(fps=25, channels=("jaw",), values=((0.1, 0.2),))


def test_the_schemas_are_json():
    found = schemas()
    assert set(found) == {"personify-rig", "personify-track"}
    assert "layers" in json.loads(json.dumps(found))["personify-rig"]["properties"]
