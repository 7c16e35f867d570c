"""Drawing a sketch: archetype, face, accessories and backdrop, then a style; the landmarks come from the geometry."""

import hashlib
from dataclasses import dataclass

import cv2
import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.sketch import colours
from personify.avatar.sketch.accessories import wear
from personify.avatar.sketch.backdrops import backdrop, ground_shadow
from personify.avatar.sketch.canvas import Canvas
from personify.avatar.sketch.face import Face, make_face
from personify.avatar.sketch.features import FacePainter
from personify.avatar.sketch.figure import Figure, Look
from personify.avatar.sketch.materials import MATERIALS
from personify.avatar.sketch.registry import Archetype, find_archetype
from personify.avatar.sketch.styles import STYLES, render


@dataclass(frozen=True)
class Drawing:
    """A sketch: `image` uint8 RGB (size, size, 3); `mask` uint8 (size, size), 255 on the character; the landmarks that
    are known exactly: their `numbers` (n,) and `points` float32 (n, 2) in pixels."""

    image: np.ndarray
    mask: np.ndarray
    numbers: np.ndarray
    points: np.ndarray
    archetype: str
    style: str


def draw(brief: AppearanceBrief, *, seed: int, size: int = 512, style: str | None = None, face: bool = True) -> Drawing:
    """Draws the brief's concept as a character. The same brief, seed, size and style give the same bytes.

    Without a `style` the brief's style words and the seed choose one. `face=False` leaves the features out (a control
    for measuring detectors); everything else stays the same.
    """
    kind = find_archetype(brief.archetype)
    rng = np.random.default_rng([seed, *_identity(brief)])
    look = _look(brief, kind, rng)
    figure = kind.build(look)
    style = style or _style_for(brief, rng)
    canvas = Canvas(size, rng, calm=figure.face)
    geometry = make_face(brief, figure.face, rng)
    worn = wear(brief, figure, geometry, look)
    canvas.make_room(worn)
    for part in figure.body:
        canvas.add(part)
    painter = FacePainter(canvas, geometry, _ground(canvas, geometry), brief, rng)
    if face:
        painter.paint()
    for part in (*figure.front, *worn):
        canvas.add(part)
    return _finish(canvas, figure, geometry, painter, look, style, brief)


def _identity(brief: AppearanceBrief) -> bytes:
    """What makes two characters of one seed different people; expression and style only change how one is shown."""
    told = brief.model_dump_json(exclude={"expression", "style_words", "category"})
    return hashlib.sha256(told.encode()).digest()


def _finish(
    canvas: Canvas, figure: Figure, geometry: Face, painter: FacePainter, look: Look, style: str, brief: AppearanceBrief
) -> Drawing:
    layers = canvas.layers
    wall = ground_shadow(backdrop(canvas.size, look.main, look.rng), layers.cover)
    picture = render(layers, wall, style, int(look.rng.integers(1 << 16)))
    for centre, radius in painter.glints:
        _glint(picture, canvas, geometry, centre, radius)
    numbers, points = geometry.known_points()
    return Drawing(
        image=np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8),
        mask=np.round(layers.cover * 255).astype(np.uint8),
        numbers=numbers,
        points=canvas.to_px(points).astype(np.float32),
        archetype=brief.archetype,
        style=style,
    )


def _look(brief: AppearanceBrief, kind: Archetype, rng: np.random.Generator) -> Look:
    main = colours.parse(brief.colours[0] if brief.colours else str(rng.choice(kind.mains)))
    second = colours.parse(brief.colours[1] if len(brief.colours) > 1 else str(rng.choice(kind.seconds)))
    main = colours.shade(main, light=rng.uniform(-0.03, 0.03), hue=rng.uniform(-0.012, 0.012))
    material = next((m for m in brief.materials if m in MATERIALS), kind.material)
    return Look(brief, rng, colours.within(main, 0.19, 0.9), colours.within(second, 0.06, 0.94), material)


def _style_for(brief: AppearanceBrief, rng: np.random.Generator) -> str:
    named = [style for style in STYLES if style in brief.style_words]
    chosen = str(rng.choice(list(STYLES)))
    return named[0] if named else chosen


def _ground(canvas: Canvas, face: Face) -> np.ndarray:
    """The colour of the surface that carries the face: the median around its middle."""
    points = canvas.to_px(face.to_picture(np.array([(x, y) for x in (-0.7, 0, 0.7) for y in (-0.1, 0.3, 0.75)])))
    x, y = np.clip(np.round(points).astype(int), 0, canvas.size - 1).T
    return np.median(canvas.layers.albedo[y, x], axis=0).astype(float)


def _glint(picture: np.ndarray, canvas: Canvas, face: Face, centre: np.ndarray, radius: float) -> None:
    """A small window of light on the eye."""
    outline = np.array([(np.cos(a), np.sin(a)) for a in np.linspace(0, 6.283, 24, endpoint=False)]) * radius + centre
    spot = face.to_picture(outline)
    at = canvas.window(spot)
    if at is None:
        return
    mask = cv2.GaussianBlur(canvas.mask(spot, at), (0, 0), 0.6).astype(np.float32)[..., None] / 255
    picture[at] += (0.98 - picture[at]) * mask * 0.95
