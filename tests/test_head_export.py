"""The exported rig: a renderer that knows nothing of Personify draws what Personify draws, from the JSON alone."""

import dataclasses
import json

import cv2
import numpy as np
import pytest
from head_parts import lined, portrait_of, speech_of
from pydantic import ValidationError
from rig_renderer import Renderer

from personify.avatar.animation import SHAPE_CHANNELS, face_shape, face_shapes
from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import OVAL, inter_ocular
from personify.avatar.motion import motion_track
from personify.avatar.outline import outline
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


@pytest.mark.parametrize(
    ("values", "share"),
    [
        ({"gaze_x": 14}, 0.25),
        ({"gaze_x": -25, "gaze_y": -10}, 0.25),
        ({"gaze_y": 12}, 0.4),
        ({"blink": 0.5}, 0.4),
        ({"blink": 1}, 0.25),
        ({"blink": 1, "gaze_y": 14}, 0.25),
        ({"squint": 1}, 0.7),
        ({"squint": 0.6, "smile": 0.8, "yaw": 6}, 0.3),
        ({"jaw": 0.8}, 0.4),
        ({"jaw": 0.8, "tongue": 1}, 0.4),
        ({"jaw": 0.3, "tongue": 1}, 0.5),
        ({"smile": 1}, 0.4),
        ({"jaw": 0.5, "round": 1}, 0.5),
        ({"jaw": 0.3, "wide": 0.8, "upper_lip": 0.5}, 0.5),
        ({"jaw": 0.1, "tuck": 1}, 0.5),
        ({"press": 1}, 0.6),
        ({"roll": 12, "jaw": 0.6, "blink": 0.8, "gaze_x": 8}, 0.25),
    ],
    ids=str,
)
def test_eyes_lids_lips_and_tongue_are_those_of_the_rig(both, values, share):
    """What differs from Personify's own frame is a small part of what differs from the portrait."""
    renderer, rig = both
    rest, mine, own = (
        picture.astype(int)
        for picture in (rig.draw(face_shape({})), renderer.draw(values), rig.draw(face_shape(values)))
    )
    assert np.abs(mine - own).mean() < share * np.abs(rest - own).mean()


@pytest.mark.parametrize("archetype", ["teapot", "woman"])
def test_a_shut_lid_covers_an_eye_that_was_drawn_wider_than_its_landmarks(archetype):
    portrait = lined(portrait_of(archetype, 256), wider=0.08)
    renderer, rig = Renderer(export_rig(portrait).model_dump_json()), build_rig(portrait)
    rest, mine, own = (
        picture.astype(int)
        for picture in (portrait.image, renderer.draw({"blink": 1}), rig.draw(face_shape({"blink": 1})))
    )
    frame = FaceFrame.of(portrait.landmarks)
    u, v = frame.grid((slice(0, 256), slice(0, 256)))
    beside = np.zeros(u.shape, bool)
    for corner, outward in ((33, -1), (133, 1), (362, -1), (263, 1)):
        at = frame.to_face(portrait.landmarks[corner])
        away = outward * (u - at[0])
        beside |= (away > 0.01) & (away < 0.13) & (np.abs(v - at[1]) < 0.1)
    assert np.abs(mine - own)[beside].mean() < 0.4 * np.abs(rest - own)[beside].mean()


def test_at_rest_it_is_the_portrait(both):
    renderer, rig = both
    away = np.abs(renderer.draw({}).astype(int) - rig.draw(face_shape({})))
    assert away.mean() < 0.3
    assert np.percentile(away, 99) <= 8


def test_a_tongue_shows_between_open_teeth(both):
    """Raising the tongue changes what an open mouth shows; that it changes as Personify's own is held above."""
    renderer, _ = both
    away = np.abs(renderer.draw({"jaw": 0.8, "tongue": 1}).astype(int) - renderer.draw({"jaw": 0.8}))
    assert (away.max(axis=2) > 20).sum() > 30


def test_a_mouth_that_the_border_cuts_off_is_left_out():
    portrait = portrait_of("woman", 256)
    down = 256 - portrait.landmarks[13, 1] + 6
    moved = portrait.landmarks + np.float32([0, down])
    rig = export_rig(dataclasses.replace(portrait, landmarks=moved, mask=None, depth=None))
    assert Renderer(rig.model_dump_json()).draw({"jaw": 1}).shape == (256, 256, 3)


def test_an_eye_whose_iris_cannot_be_told_keeps_it():
    """Eyes that are all black have no irises to move, but lids that shut."""
    portrait = portrait_of("woman", 256)
    image = portrait.image.copy()
    for eye in ([33, 160, 158, 133, 153, 144], [362, 385, 387, 263, 373, 380]):
        cv2.fillPoly(image, [np.round(portrait.landmarks[eye]).astype(np.int32)], (10, 10, 10))
    portrait = dataclasses.replace(portrait, image=image)
    rig = export_rig(portrait)
    assert not [layer.name for layer in rig.layers if "iris" in layer.name]
    renderer = Renderer(rig.model_dump_json())
    assert np.array_equal(renderer.draw({"gaze_x": 12}), renderer.draw({}))
    assert np.abs(renderer.draw({"blink": 1}).astype(int) - renderer.draw({})).max() > 60


def test_a_rig_in_a_folder_names_its_pictures(tmp_path):
    portrait = portrait_of("teapot", 256)
    path = write_rig(tmp_path, portrait)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["character.png", "parts.png", "plate.png", "rig.json"]
    assert cv2.imread(str(tmp_path / "character.png"), cv2.IMREAD_UNCHANGED).shape == (256, 256, 4)
    drawn = Renderer(path.read_text("utf-8"), tmp_path).draw({})
    assert np.abs(drawn.astype(int) - portrait.image).mean() < 1.5


def test_the_file_is_read_back_as_it_was():
    rig = export_rig(portrait_of("teapot", 256))
    assert RigFile.model_validate_json(rig.model_dump_json()) == rig
    assert (rig.width, rig.height, len(rig.landmarks)) == (256, 256, 478)
    known = {movement.channel for layer in rig.layers for movement in (*layer.movements, *layer.slides)}
    known |= {channel for turn in rig.head.turns for channel, _ in turn.factors}
    assert known == set(SHAPE_CHANNELS)


def test_a_rig_is_small(tmp_path):
    """Without its pictures, for a portrait of the usual size; a browser loads it before anything moves."""
    assert write_rig(tmp_path, portrait_of("woman", 512)).stat().st_size < 400_000


def test_without_a_mask_the_outline_that_is_found_is_the_alpha(tmp_path):
    portrait = portrait_of("woman", 256)
    bare = dataclasses.replace(portrait, mask=None)
    alpha = Renderer(write_rig(tmp_path, bare).read_text("utf-8"), tmp_path).pictures["character"][..., 3]
    assert np.array_equal(alpha, outline(portrait.image, portrait.landmarks))
    renderer, rig = Renderer(export_rig(bare).model_dump_json()), build_rig(bare)
    away = np.abs(renderer.draw({"yaw": 8}).astype(int) - rig.draw(face_shape({"yaw": 8})))
    assert away.mean() < 1.5


def test_without_any_outline_the_picture_is_its_own_plate():
    """A face upon noise: the head moves softly within the whole picture."""
    portrait = portrait_of("woman", 256)
    centre = portrait.landmarks[list(OVAL)].mean(axis=0)
    ys, xs = np.mgrid[0:256, 0:256]
    away = np.hypot(xs - centre[0], ys - centre[1]) > 0.8 * inter_ocular(portrait.landmarks)
    noise = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, portrait.image.shape, np.uint8), (0, 0), 2)
    image = np.where(away[..., None], noise, portrait.image)
    assert outline(image, portrait.landmarks) is None
    portrait = dataclasses.replace(portrait, image=image, mask=None, depth=None)
    renderer, rig = Renderer(export_rig(portrait).model_dump_json()), build_rig(portrait)
    assert renderer.pictures["character"][..., 3].min() == 255
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
    layer = {"name": "a", "paint": "character", "vertices": [[0, 0]], "triangles": [[0, 1, 2]]}
    rig = export_rig(portrait_of("teapot", 256)).model_dump(mode="json")
    for wrong in (
        {"layers": [layer]},
        {"layers": [layer | {"triangles": [], "alpha": [1, 1]}]},
        {"head": {"columns": 2, "rows": 2, "turns": [{"factors": [["yaw", 15]], "by": [[0, 0]]}]}},
        {"version": 2},
        {"more": 1},
    ):
        with pytest.raises(ValidationError):
            RigFile.model_validate(rig | wrong)
    with pytest.raises(ValidationError):
        TrackFile(fps=25, channels=("jaw",), values=((0.1, 0.2),))


def test_the_schemas_are_json():
    found = schemas()
    assert set(found) == {"personify-rig", "personify-track"}
    assert "layers" in json.loads(json.dumps(found))["personify-rig"]["properties"]
