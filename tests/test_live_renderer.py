"""The renderer in the browser draws what a renderer in Python draws from the same rig file, with WebGL and without."""

import base64
import json
import subprocess
import sys

import cv2
import numpy as np
import pytest
from browser import FLAGS, program
from head_parts import portrait_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from live_pages import blank_page, serving
from rig_renderer import Renderer

from personify.avatar.animation import SHAPE_CHANNELS
from personify.avatar.rig_export import export_rig, write_rig
from personify.eval.web.frames import WAYS

KINDS = ["webgl", "canvas2d"]
HEALTH = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
RANGES = dict.fromkeys(("yaw", "pitch", "roll"), (-17, 17))
RANGES |= {"gaze_x": (-30, 30), "gaze_y": (-30, 30), "shift_x": (-0.2, 0.2), "shift_y": (-0.2, 0.2)}
"""Of channels that aren't shares: a little beyond what they should be."""
OPEN = """async ([rig, base]) => {
  const { readRig } = await import("/personify/live/rig.js");
  const { createRenderer, loadPictures } = await import("/personify/live/renderer.js");
  window.rig = readRig(rig);
  const pictures = await loadPictures(window.rig, base);
  window.draw = (prefer, values, options) => {
    const canvas = document.createElement("canvas");
    const renderer = createRenderer(canvas, window.rig, pictures, { prefer, emulated: true, ...options });
    renderer.draw(values);
    const told = { kind: renderer.kind, picture: canvas.toDataURL() };
    renderer.dispose();
    return told;
  };
}"""
VALUES = [
    {},
    {"yaw": -12, "pitch": 8},
    {"pitch": -8, "roll": 5, "shift_x": 0.05, "breath": 1},
    {"lift": 1, "inner": -0.5},
    {"blink": 1},
    {"blink": 0.4, "squint": 0.7, "gaze_y": 9},
    {"gaze_x": -18, "gaze_y": 6},
    {"jaw": 0.9, "tongue": 0.6},
    {"jaw": 0.4, "round": 0.8, "yaw": 7, "smile": 0.5},
    {"tuck": 1, "wide": 0.5, "upper_lip": 0.3, "press": 0.4},
]


@pytest.fixture(scope="module", params=["teapot", "woman"])
def both(request, browser):
    """A page with a rig, and the reference that draws the same."""
    text = export_rig(portrait_of(request.param, 256)).model_dump_json()
    with serving() as pages, blank_page(browser, pages) as page:
        page.evaluate(OPEN, [text, ""])
        page.rest = drawn(page, "canvas2d", {})
        yield page, Renderer(text)
        assert page.faults == []


def drawn(page, kind, values, **options):
    """The frame on the canvas, uint8 RGB."""
    told = page.evaluate("([prefer, values, options]) => draw(prefer, values, options)", [kind, values, options])
    assert told["kind"] == kind
    raw = np.frombuffer(base64.b64decode(told["picture"].partition(",")[2]), np.uint8)
    image = cv2.imdecode(raw, cv2.IMREAD_UNCHANGED)
    assert image.shape[2] == 3 or image[..., 3].min() == 255
    return cv2.cvtColor(image[..., :3], cv2.COLOR_BGR2RGB)


@pytest.mark.parametrize("values", VALUES, ids=str)
def test_frames_are_those_of_the_reference(both, values):
    """With WebGL and without; they move as far, so that drawing the portrait at rest wouldn't do."""
    page, reference = both
    wanted = reference.draw(values).astype(int)
    webgl, canvas2d = drawn(page, "webgl", values), drawn(page, "canvas2d", values)
    for frame in (webgl, canvas2d):
        away = np.abs(frame - wanted)
        assert away.mean() < 0.5
        assert np.percentile(away, 99) <= 6
        if values:
            assert away.mean() < 0.25 * np.abs(wanted - page.rest).mean()
    between = np.abs(webgl.astype(int) - canvas2d)
    assert between.mean() < 0.25  # the rasterizer softens the lips' edges, a software WebGL doesn't
    assert np.percentile(between, 99.9) <= 12


@pytest.mark.parametrize("kind", KINDS)
def test_half_the_size_is_the_same_picture(both, kind):
    page, reference = both
    values = {"jaw": 0.7, "yaw": 9}
    small = drawn(page, kind, values, scale=0.5)
    assert small.shape == (128, 128, 3)
    wanted = cv2.resize(reference.draw(values), (128, 128), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - wanted).mean() < 3


def test_twice_the_size_is_sharper_than_a_stretched_frame(both):
    """What a screen with more pixels than the portrait gets from WebGL: edges in twice the resolution."""
    page, reference = both
    large = drawn(page, "webgl", {"jaw": 0.9}, scale=2)
    assert large.shape == (512, 512, 3)
    wanted = cv2.resize(reference.draw({"jaw": 0.9}), (512, 512), interpolation=cv2.INTER_LINEAR)
    assert np.abs(large.astype(int) - wanted).mean() < 1.5


@settings(max_examples=12, suppress_health_check=HEALTH)
@given(st.fixed_dictionaries({}, optional={name: st.floats(*RANGES.get(name, (-1.2, 1.2))) for name in SHAPE_CHANNELS}))
def test_vertices_are_where_the_reference_has_them(both, values):
    page, reference = both
    places, sources = page.evaluate(
        "(values) => { rig.pose(values); return [[...rig.places], [...rig.sources]]; }", values
    )
    places, sources = np.reshape(places, (-1, 2)), np.reshape(sources, (-1, 2))
    head, first = reference._head(values), 0
    for layer in reference.rig["layers"]:
        rest = np.array(layer["vertices"], float)
        mine = slice(first, first := first + len(rest))
        inner = ((rest > 0) & (rest < 255)).all(axis=1)  # the outermost are half a pixel further out
        wanted = reference._turned(rest + reference._moved(layer["movements"], len(rest), values), head)
        assert np.abs(places[mine] - wanted)[inner].max(initial=0) < 0.15  # OpenCV looks up 32nds of a cell
        texture = np.array(layer["texture"] or rest) + reference._moved(layer["slides"], len(rest), values)
        assert np.abs(sources[mine] - texture)[inner].max(initial=0) < 1e-3
    assert first == len(places)


def test_pictures_beside_the_rig_are_drawn_too(browser, tmp_path):
    path = write_rig(tmp_path, portrait_of("teapot", 256))
    with serving() as pages, blank_page(browser, pages) as page:
        pages.folders["/rig/"] = tmp_path
        page.evaluate(OPEN, [path.read_text("utf-8"), "/rig/"])
        away = np.abs(drawn(page, "canvas2d", {}).astype(int) - portrait_of("teapot", 256).image)
        assert away.mean() < 1.5
        assert page.faults == []


def test_where_webgl_is_missing_canvas_2d_draws(browser):
    text = export_rig(portrait_of("teapot", 256)).model_dump_json()
    bare = browser.browser_type.launch(executable_path=program(), headless=False, args=[*FLAGS, "--disable-3d-apis"])
    try:
        with serving() as pages, blank_page(bare, pages) as page:
            page.evaluate(OPEN, [text, ""])
            assert page.evaluate('document.createElement("canvas").getContext("webgl")') is None
            assert page.evaluate('draw("webgl", {}).kind') == "canvas2d"
            assert page.faults == []
    finally:
        bare.close()


@pytest.fixture(scope="module")
def reader(browser):
    """A page that reads rigs: "fine", or the error's name and message."""
    with serving() as pages, blank_page(browser, pages) as page:
        page.evaluate("""async () => {
          const { readRig } = await import("/personify/live/rig.js");
          window.read = (text) => {
            try {
              readRig(text).pose({ jaw: 1, yaw: 3 });
              return ["fine", ""];
            } catch (error) {
              return [error.name, error.message];
            }
          };
        }""")
        yield lambda rig: page.evaluate("(text) => read(text)", json.dumps(rig))


def places_in(value, path=()):
    """Where something is in JSON: the path to every value, but of long lists only to the first and last two."""
    yield path
    if isinstance(value, dict):
        for key, part in value.items():
            yield from places_in(part, (*path, key))
    elif isinstance(value, list):
        for at in sorted({*range(len(value))[:2], *range(len(value))[-2:]}):
            yield from places_in(value[at], (*path, at))


MOVEMENT = {"channel": "jaw", "value": 1, "vertices": [0, 2], "by": [[1, 0], [0, 2]], "scaled_by": "tongue"}
LAYER = {
    "name": "mouth",
    "paint": "parts",
    "vertices": [[0, 0], [7, 0], [3, 7]],
    "triangles": [[0, 1, 2]],
    "texture": [[1, 1], [2, 1], [1, 3]],
    "alpha": [0, 0.5, 1],
    "movements": [MOVEMENT],
    "slides": [MOVEMENT | {"channel": "gaze_x", "yields_to": "blink"}],
}
RIG = {
    "format": "personify-rig",
    "version": 1,
    "width": 8,
    "height": 8,
    "pictures": {"character": "character.png", "plate": "plate.png", "parts": "parts.png"},
    "head": {"columns": 2, "rows": 2, "turns": [{"factors": [["yaw", 15]], "by": [[1, 0]] * 4}]},
    "layers": [LAYER, LAYER | {"paint": "#a64444", "texture": [], "alpha": []}],
}
ODD = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.just("x" * 10_000)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=8,
)


def put(value, path, odd):
    """JSON with something else at a path."""
    if not path:
        return odd
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = put(value[path[0]], path[1:], odd)
    return changed


def test_the_small_rig_is_fine(reader):
    assert reader(RIG) == ["fine", ""]


@settings(max_examples=100, suppress_health_check=HEALTH)
@given(st.sampled_from(list(places_in(RIG))), ODD)
def test_a_broken_rig_is_refused_by_name_or_harmless(reader, path, odd):
    name, message = reader(put(RIG, path, odd))
    assert name in ("fine", "RigError")
    assert len(message) < 300


@settings(max_examples=40, suppress_health_check=HEALTH)
@given(st.sampled_from(list(places_in(RIG))))
def test_nothing_that_is_needed_may_be_null(reader, path):
    may = {"texture", "alpha", "movements", "slides", "scaled_by", "yields_to"}
    name, message = reader(put(RIG, path, None))
    assert name == ("fine" if path and path[-1] in may else "RigError"), (path, message)


@pytest.mark.slow
def test_the_bench_tells_what_each_way_draws():
    shown = subprocess.run(
        [sys.executable, "-m", "personify.eval.web.frames", "--json", "--seconds", "0.5", "--size", "256"],
        capture_output=True,
        text=True,
        check=True,
    )
    drawn_by = {one["way"]: one for one in json.loads(shown.stdout)["drawn"]}
    assert {way: one["kind"] for way, one in drawn_by.items()} == {
        "chosen by itself": "canvas2d",
        "canvas 2D": "canvas2d",
        "WebGL, emulated": "webgl",
    }
    assert set(drawn_by) == set(WAYS)
    for one in drawn_by.values():
        assert 0 < one["ms"] <= one["worst_ms"]
        assert 0 < one["fps"] < 130
        assert one["start_ms"] > 0


def test_the_bench_refuses_a_size_that_cannot_be_drawn():
    shown = subprocess.run(
        [sys.executable, "-m", "personify.eval.web.frames", "--size", "7"], capture_output=True, text=True, check=False
    )
    assert (shown.returncode, shown.stdout) == (1, "")
    assert "7 px" in shown.stderr
