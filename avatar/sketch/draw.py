"""Drawing a sketch: archetype, face, accessories and backdrop, then a style; the landmarks come from the geometry."""

import hashlib
from dataclasses import dataclass

import cv2
import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.sketch import colours, layering
from personify.avatar.sketch.accessories import wear
from personify.avatar.sketch.backdrops import backdrop, choose_scene
from personify.avatar.sketch.canvas import Canvas, Layers
from personify.avatar.sketch.face import Face, make_face
from personify.avatar.sketch.features import FacePainter
from personify.avatar.sketch.figure import Look, Part
from personify.avatar.sketch.layering import PictureLayers
from personify.avatar.sketch.materials import MATERIALS
from personify.avatar.sketch.registry import Archetype, find_archetype
from personify.avatar.sketch.styles import painted, render, style_for


@dataclass(frozen=True)
class Drawing:
    """A sketch: `image` uint8 RGB (size, size, 3); `mask` uint8 (size, size), 255 on the character; the landmarks that
    are known exactly: their `numbers` (n,) and `points` float32 (n, 2) in pixels; the `scene` behind it."""

    image: np.ndarray
    mask: np.ndarray
    numbers: np.ndarray
    points: np.ndarray
    archetype: str
    style: str
    scene: str


def draw(brief: AppearanceBrief, *, seed: int, size: int = 512, style: str | None = None, face: bool = True) -> Drawing:
    """Draws the brief's concept as a character. The same brief, seed, size and style give the same bytes.

    Without a `style` the brief's style words and the seed choose one. `face=False` leaves the features out (a control
    for measuring detectors); everything else stays the same. Unknown names in the brief are `BadInput`.
    """
    sketch = _Sketch(brief, seed, size, style)
    sketch.lay_body()
    if face:
        sketch.paint_face()
    sketch.lay_front()
    return sketch.drawing(sketch.picture(sketch.canvas.layers, sketch.wall()))


def draw_layers(
    brief: AppearanceBrief, *, seed: int, size: int = 512, style: str | None = None
) -> tuple[Drawing, PictureLayers]:
    """What `draw` draws, and the same as RGBA pictures that can be moved apart; takes about three times as long."""
    sketch = _Sketch(brief, seed, size, style)
    sketch.lay_body()
    bare = layering.copied(sketch.canvas.layers)
    sketch.paint_face()
    faced = layering.copied(sketch.canvas.layers)
    sketch.lay_front()
    for layers in (bare, faced):
        layering.shade(sketch.canvas, layers, sketch.front)
    wall = sketch.wall()
    whole = sketch.picture(sketch.canvas.layers, wall)
    pictures = (
        painted(bare, wall, sketch.style, sketch.style_seed).ground,
        render(bare, wall, sketch.style, sketch.style_seed),
        sketch.picture(faced, wall),
        whole,
    )
    covers = (
        bare.cover,
        layering.face_cover(sketch.canvas, sketch.face) * bare.cover,
        layering.parts_cover(sketch.canvas, sketch.front),
    )
    return sketch.drawing(whole), layering.peel(pictures, covers)


class _Sketch:
    """One drawing on its way: the steps in the order in which they are called."""

    def __init__(self, brief: AppearanceBrief, seed: int, size: int, style: str | None) -> None:
        kind = find_archetype(brief.archetype)
        identity = _identity(brief)
        choices = np.random.default_rng([seed, *identity, 1])  # apart, so that what is chosen changes nothing else
        chosen = style_for(brief.style_words, float(choices.random()))
        rng = np.random.default_rng([seed, *identity])
        self.brief, self.rng, self.choices = brief, rng, choices
        self.style = style or chosen
        self.scene = choose_scene(brief, choices)
        self.look = look_of(brief, kind, rng)
        self.figure = kind.build(self.look)
        self.canvas = Canvas(size, rng, calm=self.figure.face)
        self.face = make_face(brief, self.figure.face, rng)
        worn = wear(brief, self.figure, self.face, self.look)
        self.front: tuple[Part, ...] = (*self.figure.front, *worn)
        self.style_seed = int(choices.integers(1 << 16))
        self.canvas.make_room(worn)

    def lay_body(self) -> None:
        """What is behind and under the face; the painter then knows the colour of its ground."""
        for part in self.figure.body:
            self.canvas.add(part)
        self.painter = FacePainter(self.canvas, self.face, _ground(self.canvas, self.face), self.brief, self.rng)

    def paint_face(self) -> None:
        """The features."""
        self.painter.paint()

    def lay_front(self) -> None:
        """What may cover the face, and what is worn."""
        for part in self.front:
            self.canvas.add(part)

    def wall(self) -> np.ndarray:
        """What is behind the finished figure; call it once."""
        rng = self.look.rng if self.scene == "studio" else self.choices
        return backdrop(self.canvas.layers, self.scene, self.look.main, rng)

    def picture(self, layers: Layers, wall: np.ndarray) -> np.ndarray:
        """Layers in the sketch's style before the wall, with light on the eyes; float32 RGB (size, size, 3)."""
        picture = render(layers, wall, self.style, self.style_seed)
        for centre, radius in self.painter.glints:
            if not layering.covers(self.front, self.face.to_picture(centre[None])[0]):
                _glint(picture, self.canvas, self.face, centre, radius)
        return np.clip(picture, 0, 1)

    def drawing(self, picture: np.ndarray) -> Drawing:
        """The picture with what is known of it."""
        numbers, points = self.face.known_points()
        return Drawing(
            image=np.round(picture * 255).astype(np.uint8),
            mask=np.round(self.canvas.layers.cover * 255).astype(np.uint8),
            numbers=numbers,
            points=self.canvas.to_px(points).astype(np.float32),
            archetype=self.brief.archetype,
            style=self.style,
            scene=self.scene,
        )


def _identity(brief: AppearanceBrief) -> bytes:
    """What makes two characters of one seed different people; expression, style and setting only change how one is
    shown, and the words are told by the rest."""
    told = brief.model_dump_json(exclude={"expression", "style_words", "category", "setting", "words"})
    return hashlib.sha256(told.encode()).digest()


def look_of(brief: AppearanceBrief, kind: Archetype, rng: np.random.Generator) -> Look:
    """The brief's colours or the archetype's own, a little varied, within what light can shape."""
    main = colours.parse(brief.colours[0] if brief.colours else str(rng.choice(kind.mains)))
    second = colours.parse(brief.colours[1] if len(brief.colours) > 1 else str(rng.choice(kind.seconds)))
    main = colours.shade(main, light=rng.uniform(-0.03, 0.03), hue=rng.uniform(-0.012, 0.012))
    material = next((m for m in brief.materials if m in MATERIALS), kind.material)
    return Look(brief, rng, colours.within(main, 0.19, 0.9), colours.within(second, 0.06, 0.94), material)


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
