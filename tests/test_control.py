"""Control images are drawn as the ControlNets were trained on them, MediaPipe's own drawing being the measure."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personify.avatar.control import control_image, points_68
from personify.avatar.sketch.mesh import canonical
from personify.voices.errors import BadInput

KINDS = ("mediapipe-mesh", "openpose-face", "dots-68")


def face(size=512, eye_distance=110.0, at=(0.5, 0.42)):
    """The canonical face in a picture of `size` px, on whole 64ths of a pixel so that shares are exact."""
    points = canonical()[:, :2] * eye_distance + np.array(at) * size
    return np.round(points * 64) / 64


def drawn_by_mediapipe(landmarks, of_size, size):
    """What CrucibleAI's annotator draws, with MediaPipe's own functions."""
    from mediapipe.framework.formats import landmark_pb2
    from mediapipe.python.solutions import drawing_utils
    from mediapipe.python.solutions import face_mesh_connections as mesh

    def spec(*bgr):
        return drawing_utils.DrawingSpec(color=bgr, thickness=2, circle_radius=1)

    specs = {}
    for edges, colour in (
        (mesh.FACEMESH_FACE_OVAL, (10, 200, 10)),
        (mesh.FACEMESH_LEFT_EYE, (180, 200, 10)),
        (mesh.FACEMESH_LEFT_EYEBROW, (180, 220, 10)),
        (mesh.FACEMESH_RIGHT_EYE, (10, 200, 180)),
        (mesh.FACEMESH_RIGHT_EYEBROW, (10, 220, 180)),
        (mesh.FACEMESH_LIPS, (10, 180, 10)),
    ):
        specs |= dict.fromkeys(edges, spec(*colour))
    canvas = np.zeros((size, size, 3), np.uint8)
    points = [landmark_pb2.NormalizedLandmark(x=x / of_size, y=y / of_size) for x, y in landmarks]
    drawing_utils.draw_landmarks(
        canvas, landmark_pb2.NormalizedLandmarkList(landmark=points), specs.keys(), None, specs
    )
    for number, colour in ((473, (250, 200, 10)), (468, (10, 200, 250))):
        x, y = points[number].x, points[number].y
        if 0 <= x < 1 and 0 <= y < 1:
            column, row = int(x * size), int(y * size)
            canvas[row - 2 : row + 2, column - 2 : column + 2] = colour
    return canvas[:, :, ::-1]


@pytest.mark.parametrize("size", [512, 768, 1024, 333])
def test_mesh_is_mediapipes_drawing_pixel_by_pixel(size):
    landmarks = face()
    mine = control_image("mediapipe-mesh", landmarks, of_size=512, size=size)
    assert mine.dtype == np.uint8 and mine.shape == (size, size, 3)
    assert np.array_equal(mine, drawn_by_mediapipe(landmarks, 512, size))
    assert len(np.unique(mine.reshape(-1, 3), axis=0)) == 9  # black, six parts, two pupils


@given(
    eye_distance=st.floats(20, 300),
    x=st.floats(0.1, 0.9),
    y=st.floats(0.1, 0.9),
    seed=st.integers(0, 2**16),
)
def test_mesh_agrees_with_mediapipe_where_faces_leave_the_picture(eye_distance, x, y, seed):
    landmarks = face(512, eye_distance, (x, y)) + np.random.default_rng(seed).integers(-8, 9, (478, 2))
    ours = control_image("mediapipe-mesh", landmarks, of_size=512, size=256)
    theirs = drawn_by_mediapipe(landmarks, 512, 256)
    for number in (468, 473):  # a pupil within 2 px of the rim: theirs wraps around or vanishes, ours is cut
        column, row = (landmarks[number] / 2).astype(int)
        if min(row, column) < 2:
            return
    assert np.array_equal(ours, theirs)


def test_a_point_outside_drops_its_lines_and_nothing_else():
    landmarks = face()
    whole = control_image("mediapipe-mesh", landmarks, of_size=512, size=512)
    landmarks[152] = (256, 520)  # the chin
    cut = control_image("mediapipe-mesh", landmarks, of_size=512, size=512)
    gone = (whole != cut).any(axis=2)
    assert 0 < gone.sum() < 0.15 * (whole > 0).any(axis=2).sum()
    assert (cut[gone] == 0).all()
    landmarks[:] = np.nan
    for kind in KINDS:
        assert not control_image(kind, landmarks, of_size=512, size=64).any()


@pytest.mark.parametrize(("kind", "dots", "across"), [("openpose-face", 70, 7), ("dots-68", 68, 6)])
def test_dots_are_white_round_and_as_many_as_they_say(kind, dots, across):
    import cv2

    landmarks = face(2048, 500)
    landmarks[[87, 14, 317, 181, 84, 17, 314, 405], 1] += 60  # an open mouth: no dot touches another
    image = control_image(kind, landmarks, of_size=2048, size=2048)
    assert set(np.unique(image)) == {0, 255}
    count, _, stats, _ = cv2.connectedComponentsWithStats(image[:, :, 0], connectivity=4)
    assert count - 1 == dots
    assert set(stats[1:, cv2.CC_STAT_WIDTH]) <= {across - 1, across}
    assert set(stats[1:, cv2.CC_STAT_HEIGHT]) <= {across - 1, across}


def test_dots_keep_their_size_whatever_the_picture():
    small, large = (control_image("openpose-face", face(1024, 300), of_size=1024, size=size) for size in (512, 1024))
    assert 0.6 < (small > 0).sum() / (large > 0).sum() <= 1


def test_68_points_are_in_ibugs_order_and_mirror_each_other():
    p = points_68(canonical())
    assert p.shape == (68, 2) and points_68(canonical(), pupils=True).shape == (70, 2)
    jaw, brows, bridge, base, eyes, lips = p[:17], p[17:27], p[27:31], p[31:36], p[36:48], p[48:]
    assert (np.diff(jaw[:, 0]) > 0).all() and jaw[:, 1].argmax() == 8
    assert (np.diff(brows[:, 0]) > 0).all() and (np.diff(bridge[:, 1]) > 0).all() and (np.diff(base[:, 0]) > 0).all()
    assert eyes[0, 0] < eyes[3, 0] < eyes[6, 0] < eyes[9, 0]
    assert (eyes[[1, 2], 1] < eyes[[5, 4], 1]).all() and (eyes[[7, 8], 1] < eyes[[11, 10], 1]).all()
    assert lips[:, 0].argmin() == 0 and lips[:, 0].argmax() == 6 and lips[3, 1] < lips[14, 1] < lips[9, 1]
    mirror = [*range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1)]
    assert np.abs(p[mirror] * (-1, 1) - p[:36]).max() < 0.02


def test_the_whole_kind_of_thing_is_refused_by_name():
    with pytest.raises(BadInput, match=r"'mesh'.*dots-68, mediapipe-mesh, openpose-face"):
        control_image("mesh", face(), of_size=512, size=512)
    with pytest.raises(ValueError, match=r"\(68, 2\)"):
        control_image("dots-68", np.zeros((68, 2)), of_size=512, size=512)
    with pytest.raises(ValueError, match="size=0"):
        control_image("dots-68", face(), of_size=512, size=0)
