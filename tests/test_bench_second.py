"""Second detectors: real ones on drawn faces, and clear words for what can't be had."""

import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_yunet import FACE_PX, red_square_finder

from personify.avatar.portraits import draw_portrait
from personify.avatar.sketch.draw import draw
from personify.eval.detection.second import agrees, second_detectors
from personify.eval.gallery import appearance_of
from personify.voices.errors import BadInput, MissingExtra, PersonifyError

PEOPLE = ("a cheerful baker", "a young ballet dancer", "a retired sailor", "a stern headmaster", "a man", "a woman")


class Boxes:
    """A detector that always finds the same."""

    name = "boxes"

    def __init__(self, *boxes):
        self.boxes = np.array(boxes, np.float32).reshape(-1, 4)

    def find(self, image):
        return self.boxes


@pytest.fixture(scope="module")
def haar():
    return second_detectors(["haar"])[0]


def face_at(x, y, side):
    """Landmarks all round a circle, whose bounding square is x, y, side, side."""
    angles = np.linspace(0, 2 * np.pi, 478, endpoint=False)
    ring = np.stack([np.cos(angles), np.sin(angles)], 1)
    ring[[10, 152, 234, 454]] = ((0, -1), (0, 1), (-1, 0), (1, 0))
    return np.array([x, y]) + side / 2 + side / 2 * ring


IMAGE = np.zeros((512, 512, 3), np.uint8)


# ---- when two detectors agree


def test_a_box_of_the_same_face_agrees():
    landmarks = face_at(100, 120, 200)
    assert agrees(Boxes((100, 120, 200, 200)), IMAGE, landmarks)
    assert agrees(Boxes((0, 0, 40, 40), (110, 150, 180, 180)), IMAGE, landmarks)
    assert agrees(Boxes((120, 120, 150, 200)), IMAGE, landmarks), "a narrower one, without ears"


@pytest.mark.parametrize(
    "box", [(300, 120, 200, 200), (100, 120, 60, 60), (175, 195, 50, 50), (0, 0, 512, 512), (0, 0, 199, 219)]
)
def test_a_box_of_something_else_does_not(box):
    assert not agrees(Boxes(box), IMAGE, face_at(100, 120, 200))


def test_nothing_found_does_not_agree():
    assert not agrees(Boxes(), IMAGE, face_at(100, 120, 200))
    assert not agrees(Boxes((0, 0, 9, 9)), IMAGE, np.zeros((478, 2)))
    assert not agrees(Boxes((0, 0, 9, 9)), IMAGE, np.full((478, 3), np.nan))


@given(st.floats(0, 300), st.floats(0, 300), st.floats(10, 200), st.floats(0, 2))
def test_the_size_decides_as_the_overlap_says(x, y, side, factor):
    """Squares around one middle overlap by the square of the smaller's share of the larger."""
    middle, own = np.array([x, y]) + side / 2, factor * side
    overlap = min(factor, 1 / max(factor, 1e-9)) ** 2
    if abs(overlap - 0.4) > 0.01:
        found = agrees(Boxes((*(middle - own / 2), own, own)), IMAGE, face_at(x, y, side))
        assert found == (overlap > 0.4)


# ---- OpenCV's cascades


def test_haar_finds_drawn_people_and_not_their_bare_heads(haar):
    drawn = [draw(appearance_of(text, 7), seed=7, style="photo").image for text in PEOPLE]
    bare = [draw(appearance_of(text, 7), seed=7, style="photo", face=False).image for text in PEOPLE]
    places = [draw_portrait(appearance_of(text, 7), seed=7).landmarks for text in PEOPLE]
    assert sum(agrees(haar, image, at) for image, at in zip(drawn, places, strict=True)) >= len(PEOPLE) - 1
    assert sum(agrees(haar, image, at) for image, at in zip(bare, places, strict=True)) <= 1


def test_haar_finds_nothing_where_there_is_nothing(haar):
    assert haar.name == "haar"
    assert haar.find(np.full((128, 96, 3), 90, np.uint8)).shape == (0, 4)


# ---- those that need a file


@pytest.fixture
def yunet(tmp_path):
    file = tmp_path / "yunet.onnx"
    file.write_bytes(red_square_finder())
    return second_detectors([f"yunet={file}"])[0]


@pytest.mark.parametrize("shape", [(320, 320), (250, 333), (512, 512)])
def test_yunet_is_shown_colours_and_sizes_as_they_are(yunet, shape):
    image = np.zeros((*shape, 3), np.uint8)
    image[96:128, 128:160] = (255, 0, 0)
    image[160:192, 32:64] = (0, 0, 255)
    assert yunet.name == "yunet"
    assert yunet.find(image) == pytest.approx(np.array([[144 - FACE_PX / 2, 112 - FACE_PX / 2, FACE_PX, FACE_PX]]))
    assert yunet.find(np.zeros_like(image)).shape == (0, 4)


def test_mediapipe_s_task_finds_a_drawn_face(tmp_path):
    """A task file is a zip of two networks. MediaPipe's older ones, which come with it, run there too, though the task
    reads their places on another scale: the box holds the face but isn't of its size."""
    import mediapipe

    modules = Path(mediapipe.__file__).parent / "modules"
    with zipfile.ZipFile(tmp_path / "face.task", "w") as task:
        task.write(modules / "face_detection/face_detection_short_range.tflite", "face_detector.tflite")
        task.write(modules / "face_landmark/face_landmark.tflite", "face_landmarks_detector.tflite")
    second = second_detectors([f"mediapipe-task={tmp_path / 'face.task'}"])[0]
    portrait = draw_portrait(appearance_of("a man", 7), seed=7)
    ((x, y, width, height),) = second.find(portrait.image)
    nose = portrait.landmarks[4]
    assert width == height and x < nose[0] < x + width and y < nose[1] < y + height
    assert second.find(np.zeros((200, 300, 3), np.uint8)).shape == (0, 4)


def test_dlib_finds_a_drawn_face(tmp_path):
    dlib = pytest.importorskip("dlib")
    portrait = draw_portrait(appearance_of("a man", 7), seed=7)
    x, y = portrait.landmarks[:, 0], portrait.landmarks[:, 1]
    box = dlib.rectangle(*(int(value) for value in (x.min(), y.min(), x.max(), y.max())))
    points = [dlib.point(int(px), int(py)) for px, py in portrait.landmarks[:468:7]]
    options = dlib.shape_predictor_training_options()
    options.tree_depth, options.cascade_depth, options.num_trees_per_cascade_level = 2, 2, 5
    options.oversampling_amount = 3
    trained = dlib.train_shape_predictor([portrait.image], [[dlib.full_object_detection(box, points)]], options)
    trained.save(str(tmp_path / "points.dat"))
    second = second_detectors([f"dlib={tmp_path / 'points.dat'}"])[0]
    assert agrees(second, portrait.image, portrait.landmarks)
    (tmp_path / "broken.dat").write_bytes(b"no model")
    with pytest.raises(BadInput, match=r"broken\.dat is no model for 'dlib'"):
        second_detectors([f"dlib={tmp_path / 'broken.dat'}"])


@pytest.mark.parametrize("name", ["yunet", "mediapipe-task"])
def test_a_broken_file_is_named(name, tmp_path):
    file = tmp_path / "broken.bin"
    file.write_bytes(b"this is no model at all")
    with pytest.raises(BadInput, match=rf"broken\.bin is no model for '{name}' \(.+\); get it from"):
        second_detectors([f"{name}={file}"])


@pytest.mark.parametrize("name", ["yunet", "dlib", "mediapipe-task"])
def test_a_missing_file_is_named(name, tmp_path):
    with pytest.raises(BadInput, match=rf"'{name}' needs .*nowhere, which is not there; it comes from"):
        second_detectors([f"{name}={tmp_path / 'nowhere'}"])
    with pytest.raises(BadInput, match=rf"'{name}' needs its model: {name}=FILE\.\w+, from"):
        second_detectors([name])


def test_dlib_s_library_is_asked_for(tmp_path, monkeypatch):
    (tmp_path / "points.dat").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "dlib", None)
    with pytest.raises(MissingExtra, match="pip install dlib"):
        second_detectors([f"dlib={tmp_path / 'points.dat'}"])


def test_wrong_names_list_the_choices():
    with pytest.raises(BadInput, match=r"unknown second detector 'har'; choose one of: dlib=FILE.dat, haar, mediapipe"):
        second_detectors(["haar", "har"])
    with pytest.raises(BadInput, match="'haar' is asked for twice"):
        second_detectors(["haar", " haar"])
    with pytest.raises(BadInput, match=r"takes no file; it was given 'x\.xml'"):
        second_detectors(["haar=x.xml"])
    assert second_detectors([]) == []


# ---- plug-ins


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Installs a distribution with one module and its second detectors, as pip would leave it."""

    def run(module: str, entries: str):
        package = f"plugged_{tmp_path.name}"
        (tmp_path / f"{package}.py").write_text(module, encoding="utf-8")
        info = tmp_path / "plugged-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged\nVersion: 1.0\n", encoding="utf-8")
        listed = "[personify.second_detectors]\n" + entries.replace("plugged:", f"{package}:")
        (info / "entry_points.txt").write_text(listed, encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))

    return run


def test_a_plug_in_is_found_by_its_name(install):
    install(
        "import numpy as np\n"
        "class Middle:\n"
        "    def __init__(self, argument):\n"
        "        self.name, self.side = 'middle', float(argument or 100)\n"
        "    def find(self, image):\n"
        "        return np.array([[256 - self.side / 2, 256 - self.side / 2, self.side, self.side]])\n",
        "middle = plugged:Middle\n",
    )
    seconds = second_detectors(["middle=200", "haar"])
    assert [second.name for second in seconds] == ["middle", "haar"]
    assert agrees(seconds[0], IMAGE, face_at(156, 156, 200))
    assert not agrees(second_detectors(["middle"])[0], IMAGE, face_at(156, 156, 200))
    with pytest.raises(BadInput, match=r"unknown second detector 'odd'; choose one of: .*middle"):
        second_detectors(["odd"])


def test_a_plug_in_that_fails_is_named(install):
    install(
        "class Nameless:\n"
        "    name = 'two words'\n"
        "    def __init__(self, argument): pass\n"
        "    def find(self, image): pass\n"
        "def refuse(argument):\n"
        "    from personify.voices.errors import BadInput\n"
        "    raise BadInput(f'no such model: {argument}')\n",
        "nameless = plugged:Nameless\nabsent = plugged:Absent\nrefusing = plugged:refuse\n",
    )
    with pytest.raises(PersonifyError, match=r"'nameless', a plug-in at .*needs a name of one word"):
        second_detectors(["nameless"])
    with pytest.raises(PersonifyError, match=r"'absent', a plug-in at .*can't be used: AttributeError"):
        second_detectors(["absent"])
    with pytest.raises(BadInput, match="no such model: x"):
        second_detectors(["refusing=x"])
