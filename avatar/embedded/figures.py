"""Figures: lays a plan's character on the canvas once and bends it into its pose; two renderings start from here."""

from dataclasses import dataclass, fields, replace

import cv2
import numpy as np

from personify.avatar.embedded.plans import Plan
from personify.avatar.embedded.poses import Bend, Pose
from personify.avatar.embedded.strange import strange_parts
from personify.avatar.embedded.surfaces import Fine, RichCanvas, calm_features, calm_skin
from personify.avatar.sketch.accessories import wear
from personify.avatar.sketch.canvas import Layers
from personify.avatar.sketch.draw import look_of
from personify.avatar.sketch.face import Face, make_face
from personify.avatar.sketch.features import FacePainter
from personify.avatar.sketch.figure import Figure, Look
from personify.avatar.sketch.layering import covers
from personify.avatar.sketch.mesh import full_landmarks
from personify.avatar.sketch.registry import find_archetype

_TINY = (0.15, 0.23)


@dataclass(frozen=True)
class Laid:
    """A figure ready to be lit. `glints`: outlines (n, 2) in pixels of the lights in the eyes; `landmarks` float32
    (478, 2) in pixels or None; `main` its first colour; `face_px`: the face's middle (x, y) and the eyes' distance."""

    layers: Layers
    fine: Fine
    glints: tuple[np.ndarray, ...]
    landmarks: np.ndarray | None
    main: np.ndarray
    face_px: tuple[float, float, float]


def lay_figure(plan: Plan, size: int, light_from: tuple[float, float]) -> Laid:
    """The plan's figure in its pose, in a picture of size x size pixels."""
    shown = size
    rng = np.random.default_rng([plan.seed, 104])
    if plan.kind == "tiny":
        shown = max(48, round(size * rng.uniform(*_TINY)))
    kind = find_archetype(plan.brief.archetype)
    look = look_of(plan.brief, kind, rng)
    figure = kind.build(look)
    if plan.donor:
        figure = _with_parts_of(figure, plan.donor, look)
    canvas = RichCanvas(shown, rng, figure.face, light_from, int(rng.integers(1 << 16)))
    face = make_face(plan.brief, figure.face, rng)
    front = (*figure.front, *wear(plan.brief, figure, face, look))
    canvas.make_room(front)
    for part in figure.body:
        canvas.add(part)
    glints = _face(plan, canvas, face, rng)
    for part in front:
        canvas.add(part)
    glints = [outline for outline in glints if not covers(front, outline.mean(0))]
    numbers, known = face.known_points()
    points = canvas.to_px(known)
    pose = _turned_away(rng) if plan.kind == "turned" and plan.pose.roll**2 < 45**2 else plan.pose
    bend = Bend(pose, face.spot, canvas.to_px(face.to_picture(np.zeros((1, 2))))[0], canvas.px(face.spot.iod), shown)
    landmarks = full_landmarks(numbers, points)[0] if plan.kind == "face" else None
    if landmarks is not None:
        landmarks = bend.points(landmarks).astype(np.float32)
    layers, fine = (canvas.layers, canvas.fine) if pose.still else _bent(canvas.layers, canvas.fine, bend)
    lights = tuple(bend.points(canvas.to_px(outline)) for outline in glints if not pose.spin)
    laid = Laid(layers, fine, lights, landmarks, look.main, _face_px(bend))
    return laid if shown == size else _set_far(laid, size, rng)


def _with_parts_of(figure: Figure, donor: str, look: Look) -> Figure:
    """The figure with what stands out above the donor's face: ears, horns, leaves; in the donor's own colours."""
    kind = find_archetype(donor)
    own = look.brief.model_copy(update={"colours": (), "materials": ()})
    other = kind.build(look_of(own, kind, look.rng))
    to, of = figure.face, other.face
    scale = to.iod / of.iod
    rim = of.cy - 0.75 * of.iod * of.squeeze
    head_top = figure.crown[1] if figure.crown else to.cy - 0.95 * to.iod * to.squeeze
    of_top = other.crown[1] if other.crown else of.cy - 0.95 * of.iod * of.squeeze
    sink = 0.12 * to.iod

    def moved(outline: np.ndarray) -> np.ndarray:
        return (outline - (of.cx, of_top)) * scale + (to.cx, head_top + sink)

    ears = tuple(
        replace(part, outline=moved(part.outline), holes=tuple(moved(h) for h in part.holes))
        for part in (*other.body, *other.front)
        if part.outline[:, 1].mean() < rim and np.ptp(part.outline[:, 0]) < 2.4 * of.iod
        and part.outline[:, 1].max() < of.cy
    )  # fmt: skip
    return replace(figure, body=(*ears, *figure.body))


def _face(plan: Plan, canvas: RichCanvas, face: Face, rng: np.random.Generator) -> list[np.ndarray]:
    """Lays the plan's kind of face; the outlines of the lights in its eyes, in picture units."""
    ground = _ground(canvas, face)
    if plan.kind in {"face", "turned", "tiny"}:
        before = canvas.layers.open.copy()
        painter = FacePainter(canvas, face, ground, plan.brief, rng)
        painter.paint()
        canvas.fine.cast *= np.clip(canvas.layers.open / np.maximum(before, 1e-3), 0, 1.4)
        calm_skin(canvas, face.to_picture(face.contours["oval"]), 0.72)
        features = [face.to_picture(face.eye(side)) for side in ("right", "left")]
        features += [face.to_picture(face.lips(which)) for which in ("upper", "lower")]
        calm_features(canvas, features)
        calm_features(canvas, [face.to_picture(face.brow(side)) for side in ("right", "left")], 0.8)
        circle = np.stack([np.cos(t := np.linspace(0, 6.283, 20, endpoint=False)), np.sin(t)], 1)
        return [face.to_picture(circle * radius + centre) for centre, radius in painter.glints]
    for part in strange_parts(plan.kind, face, ground, rng):
        canvas.add(part)
    return []


def _ground(canvas: RichCanvas, face: Face) -> np.ndarray:
    """The colour of the surface that carries the face: the median around its middle."""
    points = canvas.to_px(face.to_picture(np.array([(x, y) for x in (-0.7, 0, 0.7) for y in (-0.1, 0.3, 0.75)])))
    x, y = np.clip(np.round(points).astype(int), 0, canvas.size - 1).T
    return np.median(canvas.layers.albedo[y, x], axis=0).astype(float)


def _turned_away(rng: np.random.Generator) -> Pose:
    """A face turned so far to one side that half of it is gone."""
    return Pose(float(rng.normal(0, 10)), 0.0, 0.0, spin=float(rng.uniform(44, 66) * rng.choice([-1, 1])))


def _face_px(bend: Bend) -> tuple[float, float, float]:
    middle = bend.points(np.array([bend.centre + (0, 0.4 * bend.unit)]))[0]
    return float(middle[0]), float(middle[1]), bend.unit * bend.pose.scale


def _bent(layers: Layers, fine: Fine, bend: Bend) -> tuple[Layers, Fine]:
    """Both sets of planes as the pose shows them; what reaches an edge of the picture goes on beyond it."""
    x, y = bend.sources()
    last = layers.size - 1.5
    x, y = cv2.convertMaps(np.clip(x, 0.5, last), np.clip(y, 0.5, last), cv2.CV_16SC2)

    def moved(plane: np.ndarray, how: int = cv2.INTER_LINEAR) -> np.ndarray:
        return cv2.remap(plane, x, y, how, borderMode=cv2.BORDER_CONSTANT, borderValue=(0, 0, 0, 0))

    albedo = np.clip(moved(layers.albedo, cv2.INTER_CUBIC), 0, 1)
    first = moved(cv2.merge([layers.slope_x, layers.slope_y, layers.cover, 1 - layers.open]))
    second = moved(cv2.merge([layers.gloss, layers.soft, layers.line, fine.mottle]))
    third = moved(cv2.merge([fine.slope_x, fine.slope_y, 1 - fine.cast, fine.still]))
    sx, sy, cover, shade = cv2.split(first)
    gloss, soft, line, mottle = cv2.split(second)
    fx, fy, cast, still = cv2.split(third)
    sx, sy = bend.turned(sx, sy)
    fx, fy = bend.turned(fx, fy)
    return Layers(albedo, sx, sy, cover, 1 - shade, gloss, soft, line), Fine(fx, fy, mottle, 1 - cast, still)


def _set_far(laid: Laid, size: int, rng: np.random.Generator) -> Laid:
    """A small figure set somewhere into a large picture."""
    small = laid.layers.size
    left = int(rng.uniform(0.12, 0.88) * (size - small))
    top = int(rng.uniform(0.45, 0.92) * (size - small))
    at = slice(top, top + small), slice(left, left + small)
    layers, fine = Layers.empty(size), Fine.empty(size)
    for far, near in ((layers, laid.layers), (fine, laid.fine)):
        for field in fields(far):
            getattr(far, field.name)[at] = getattr(near, field.name)
    x, y, unit = laid.face_px
    glints = tuple(outline + (left, top) for outline in laid.glints)
    return Laid(layers, fine, glints, None, laid.main, (x + left, y + top, unit))
