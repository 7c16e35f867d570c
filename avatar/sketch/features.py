"""Features: sculpts a face into the surface it stands on, then paints eyes, lids, brows, nose and lips on it.

The relief adds to the slopes of the part below, so the same light shapes body and face: the face is the thing's own.
"""

import cv2
import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.sketch import colours, relief
from personify.avatar.sketch.canvas import Canvas, Layers, Window, overlap, threefold
from personify.avatar.sketch.face import Face, iris_centre

_LIT_GROUND = 0.37
"""The luminance up to which a dark ground is raised under a thing's face."""
_HUMAN_LIFT = 0.15
"""How much of that people get: their skin is what it is."""
_TURNED = 0.5
"""How much of the body's slopes is taken back under a face."""
_IRIS = ("#5b3a1e", "#7a5230", "#3d6b8c", "#4f86a8", "#4c7a4a", "#6f8a3f", "#5a5f73", "#8a6a2e", "#3b2a20")


class FacePainter:
    """Paints one face onto a canvas. `ground` is the colour of the part that carries it."""

    def __init__(
        self, canvas: Canvas, face: Face, ground: np.ndarray, brief: AppearanceBrief, rng: np.random.Generator
    ) -> None:
        self.canvas, self.face, self.ground, self.brief, self.rng = canvas, face, ground, brief, rng
        self.iris_colour = colours.parse(str(rng.choice(_IRIS)))
        window = canvas.window(face.to_picture(face.contours["oval"]), margin=0.2 * face.spot.iod)
        if window is None:
            raise ValueError(f"the face at ({face.spot.cx}, {face.spot.cy}) lies outside the picture")
        self.at: Window = window
        self.u, self.v = face.to_face(*canvas.units(window))
        self.unit_px = canvas.px(face.spot.iod)
        self.glints: list[tuple[np.ndarray, float]] = []

    def paint(self) -> None:
        """The whole face."""
        self._turn_to_viewer()
        self._lift()
        self._muzzle()
        self._sculpt()
        self._catch_light()
        self._cheeks()
        self._age()
        self._nose()
        self._lips()
        for side in ("right", "left"):
            self._eye(side)
            self._brow(side)

    # ---- the surface

    def _turn_to_viewer(self) -> None:
        """Under the face the body bulges less: on a ball's flank the edge of shade would cut through cheek and lips."""
        r = np.hypot(self.u / 1.12, (self.v - 0.36) / 1.28)
        keep = (1 - _TURNED / (1 + np.exp((r - 0.9) / 0.12))).astype(np.float32)
        self.canvas.layers.slope_x[self.at] *= keep
        self.canvas.layers.slope_y[self.at] *= keep

    def _lift(self) -> None:
        """Dark stuff is paler where the face is, as if worn by touch: brows, lids and lips need something to be darker
        than. What is painted afterwards goes by the paler colour."""
        seen = colours.luminance(self.ground)
        if seen >= _LIT_GROUND:
            return
        washed, stronger = colours.within(self.ground, _LIT_GROUND, 1.0), self.ground * (_LIT_GROUND / max(seen, 0.05))
        pale = colours.mix(washed, np.clip(stronger, 0, 1), 0.6)
        share = _HUMAN_LIFT if self.face.spot.human else 1.0
        r = np.hypot(self.u / 1.06, (self.v - 0.34) / 1.24)
        inside = (share / (1 + np.exp((r - 0.82) / 0.15))).astype(np.float32) * self.canvas.layers.cover[self.at]
        albedo = self.canvas.layers.albedo[self.at]
        albedo += threefold(inside) * (pale - self.ground).astype(np.float32)
        self.ground = colours.mix(self.ground, pale, share)

    def _sculpt(self) -> None:
        u, v, t = self.u, self.v, self.face.traits
        w, n = t.nose_width, t.nose_length
        bridge = 0.2 * np.clip((v + 0.25) / (0.7 * n), 0, 1) ** 1.3 * _bump(u / (0.1 + 0.1 * np.clip(v, 0, 1)))
        nose = bridge / (1 + np.exp((v - 0.56 * n) / 0.035)) + 0.14 * _ball(u, v - 0.46 * n, 0.17 * w, 0.15)
        for side in (-1, 1):
            nose = nose + 0.1 * _ball(u - side * 0.2 * w, v - 0.53 * n, 0.1, 0.09)
        height = nose + 0.05 * _ball(u, v - 0.98, 0.5, 0.34) + 0.05 * _ball(u, v - 1.42, 0.3, 0.2)
        for side in (-1, 1):
            height = height - 0.075 * _ball(u - side * 0.5, v - 0.0, 0.36, 0.27)
            height = height + 0.05 * _ball(u - side * 0.72, v - 0.55, 0.36, 0.3)
            height = height + 0.045 * _ball(u - side * 0.52, v + t.brow_height + 0.05, 0.4, 0.13)
        height = height - 0.035 * _ball(u, v - 0.75, 0.055, 0.09)
        to = self.canvas.layers
        on = to.cover[self.at]
        if not self.face.spot.human:
            height = height + self._mass(on)
        sx, sy = relief.slopes((height * self.unit_px).astype(np.float32))
        to.slope_x[self.at] += sx * on
        to.slope_y[self.at] += sy * on
        shade = 0.3 * _ball(u, v - 0.685 * n, 0.25 * w, 0.055) + 0.22 * _ball(u, v - 1.19, 0.26, 0.06)
        for side in (-1, 1):
            shade = shade + 0.22 * _ball(u - side * 0.47, v + 0.17, 0.34, 0.13)
            shade = shade + 0.12 * _ball(u - side * 0.2, v - 0.05, 0.1, 0.22)
        to.open[self.at] *= 1 - shade.astype(np.float32) * on

    def _catch_light(self) -> None:
        """On dark grounds shape alone hardly shows: the bridge and tip of the nose, cheekbones and chin are lighter."""
        dark = float(np.clip((0.34 - colours.luminance(self.ground)) / 0.2, 0, 1))
        if dark <= 0:
            return
        n = self.face.traits.nose_length
        lit = 0.9 * _ball(self.u, self.v - 0.2, 0.07, 0.27) + _ball(self.u, self.v - 0.45 * n, 0.11, 0.08)
        lit = lit + 0.35 * _ball(self.u, self.v - 1.36, 0.2, 0.1)
        for side in (-1, 1):
            lit = lit + 0.35 * _ball(self.u - side * 0.66, self.v - 0.32, 0.22, 0.12)
        self._tint(np.clip(lit, 0, 1), colours.mix(self.ground, np.ones(3), 0.42), 0.75 * dark)

    def _mass(self, on: np.ndarray) -> np.ndarray:
        """The face as a whole, swelling out of a flat side: without it a mug's face is but features on a wall."""
        r = np.hypot(self.u / 1.04, (self.v - 0.36) / 1.22)
        inside = 1 / (1 + np.exp((r - 0.9) / 0.09))
        to = self.canvas.layers
        to.albedo[self.at] *= threefold((1 + 0.1 * inside).astype(np.float32))
        to.gloss[self.at] *= (1 - 0.45 * inside).astype(np.float32)
        to.open[self.at] *= (1 - 0.22 * np.exp(-(((r - 1.04) / 0.13) ** 2)) * on).astype(np.float32)
        return 0.3 / (1 + np.exp((r - 0.85) / 0.115))

    def _muzzle(self) -> None:
        spot = self.face.spot
        if spot.muzzle is None:
            return
        area = np.maximum(
            np.maximum(_ball(self.u - 0.26, self.v - 0.9, 0.42, 0.36), _ball(self.u + 0.26, self.v - 0.9, 0.42, 0.36)),
            _ball(self.u, self.v - 1.2, 0.4, 0.3),
        )
        self._tint(np.clip((area - 0.33) * 3.2, 0, 1), spot.muzzle, 0.92)

    def _cheeks(self) -> None:
        warm = colours.mix(self.ground, np.array([0.98, 0.3, 0.32]), 0.7)
        fair = min(1.0, 0.35 + 1.1 * colours.luminance(self.ground))
        strength = {"shy": 0.55, "happy": 0.42}.get(self.brief.expression, 0.26) + (
            0.12 if self.brief.age == "child" else 0
        )
        for side in (-1, 1):
            self._tint(_ball(self.u - side * 0.74, self.v - 0.58, 0.27, 0.2), warm, strength * fair)
        if "freckles" in self.brief.features:
            dark = colours.mix(self.ground, np.array([0.45, 0.2, 0.1]), 0.6)
            for _ in range(26):
                x, y = self.rng.normal(0, 0.32), 0.45 + self.rng.normal(0, 0.1)
                r = self.rng.uniform(0.012, 0.022)
                self._tint(np.clip(1.6 - np.hypot(self.u - x, self.v - y) / r, 0, 1), dark, 0.55)

    def _age(self) -> None:
        """Creases of age: beside the mouth, under the eyes, on the forehead; pressed into the surface and shaded."""
        if self.brief.age != "elderly" and "wrinkles" not in self.brief.features:
            return
        creases = [[(s * 0.34, 0.58), (s * 0.47, 0.75), (s * 0.54, 0.98)] for s in (-1, 1)]
        creases += [[(s * 0.3, 0.2), (s * 0.5, 0.25), (s * 0.68, 0.19)] for s in (-1, 1)]
        creases += [[(-0.45, y), (0.0, y - 0.05), (0.45, y)] for y in (-0.58, -0.68)]
        for crease in creases:
            taper = np.array([0.004, 0.022, 0.006])
            self._stroke(np.array(crease), taper, colours.mix(self.ground, self.ground * 0.35, 0.8), 0.42, blur=0.014)

    # ---- nose and lips

    def _nose(self) -> None:
        t, spot = self.face.traits, self.face.spot
        dark = colours.mix(self.ground * 0.35, np.array([0.2, 0.05, 0.05]), 0.35)
        if spot.nose is not None:
            tip = np.maximum(
                _ball(self.u, self.v - 0.47 * t.nose_length, 0.2 * t.nose_width, 0.13),
                0.9 * _ball(self.u, self.v - 0.55 * t.nose_length, 0.26 * t.nose_width, 0.09),
            )
            self._tint(np.clip((tip - 0.32) * 5, 0, 1), spot.nose, 0.95, gloss=0.55)
        for side in (-1, 1):
            x, y = side * 0.115 * t.nose_width, 0.6 * t.nose_length
            hole = np.array([(x - side * 0.045, y + 0.012), (x + side * 0.01, y - 0.03), (x + side * 0.055, y + 0.0)])
            self._stroke(hole, 0.026, dark, 0.85, blur=0.008)
            wing = np.array(
                [
                    (side * 0.25 * t.nose_width, 0.47),
                    (side * 0.29 * t.nose_width, 0.55),
                    (side * 0.23 * t.nose_width, 0.615),
                ]
            )
            self._stroke(wing * (1, t.nose_length), 0.016, colours.mix(self.ground, dark, 0.6), 0.4, blur=0.012)
        base = np.array([(-0.1 * t.nose_width, 0.635), (0.0, 0.655), (0.1 * t.nose_width, 0.635)]) * (1, t.nose_length)
        self._stroke(base, 0.014, colours.mix(self.ground, dark, 0.6), 0.45, blur=0.012)

    def _lips(self) -> None:
        red = np.array([0.76, 0.2, 0.22]) if colours.luminance(self.ground) > 0.3 else np.array([0.85, 0.38, 0.36])
        made_up = self.brief.gender == "feminine" and self.brief.age != "child"
        share = (0.74 if made_up else 0.58) if self.face.spot.human else (0.82 if made_up else 0.74)
        colour = colours.mix(self.ground, red, share)
        if abs(colours.luminance(colour) - colours.luminance(self.ground)) < 0.1:
            colour = colour * 0.72
        height: np.ndarray = np.zeros_like(self.u, dtype=np.float32)
        for which, tone, thick in (("upper", 0.82, 0.05), ("lower", 1.06, 0.075)):
            outline = self.face.to_picture(self.face.lips(which))
            mask = self.canvas.mask(outline, self.at)
            m = cv2.GaussianBlur(mask, (0, 0), max(0.5, 0.008 * self.unit_px)).astype(np.float32) / 255
            self._tint(m, np.clip(colour * tone, 0, 1), 0.94, gloss=0.2 if which == "upper" else 0.42)
            height += relief.inflate(mask) * thick * 8
        height = cv2.GaussianBlur(height, (0, 0), max(0.6, 0.014 * self.unit_px))
        sx, sy = relief.slopes(height)
        self.canvas.layers.slope_x[self.at] += sx
        self.canvas.layers.slope_y[self.at] += sy
        line = self.face.lip_line()
        self._stroke(line, np.array([0.008, 0.016, 0.02, 0.016, 0.008]), colour * 0.28, 0.9, pen=1.0)
        for end, way in ((line[0], -1), (line[-1], 1)):
            corner = np.array([end, end + (way * 0.02, 0.008)])
            self._stroke(corner, 0.022, self.ground * 0.4, 0.4, blur=0.014)

    # ---- eyes and brows

    def _eye(self, side: str) -> None:
        face, t = self.face, self.face.traits
        outline = face.to_picture(face.eye(side))
        at = self._around(outline, 0.02)
        if at is None:
            return
        u, v = self._units(at)
        m = self.canvas.mask(outline, at).astype(np.float32) / 255
        centre = iris_centre(t, side)
        du, dv = u - centre[0], v - centre[1]
        r = np.hypot(du, dv) / t.iris
        eu, ev = (u - (-0.5 if side == "right" else 0.5)) / t.eye_half_width, v / t.eye_half_width
        white = np.array([0.97, 0.96, 0.94]) * (1 - 0.2 * np.clip(np.hypot(eu, ev) - 0.35, 0, 1))[..., None]
        iris = self._iris(r, np.arctan2(dv, du))
        edge = np.clip((1.03 - r) / 0.07, 0, 1)[..., None]
        colour = white * (1 - edge) + iris * edge
        lid_shade = self._below_lid(side, u, v)
        colour = colour * (1 - 0.5 * lid_shade[..., None])
        to = self.canvas.layers
        to.albedo[at] += (np.clip(colour, 0, 1) - to.albedo[at]) * m[..., None]
        bulge = 0.55 / max(t.eye_half_width, 1e-6)
        for plane, value in (
            (to.slope_x, -bulge * (u - (-0.5 if side == "right" else 0.5)) * 0.35),
            (to.slope_y, -bulge * v * 0.35), (to.gloss, 0.25), (to.soft, 0.3), (to.line, 0.0),
        ):  # fmt: skip
            plane[at] += (value - plane[at]) * m
        to.open[at] += (np.maximum(to.open[at], 0.9) - to.open[at]) * m
        self.glints.append((centre + np.array([-0.4, -0.42]) * t.iris, 0.25 * t.iris))
        self.glints.append((centre + np.array([0.36, 0.42]) * t.iris, 0.11 * t.iris))
        self._lids(side)

    def _iris(self, r: np.ndarray, angle: np.ndarray) -> np.ndarray:
        """The iris with its dark ring, rays, a lighter crescent below and the pupil, RGB."""
        rays = 0.09 * np.sin(angle * 23 + 2 * np.sin(angle * 7)) * np.clip(r - 0.4, 0, 1)
        glow = np.clip(np.sin(angle), 0, 1) * np.clip(1 - abs(r - 0.66) / 0.3, 0, 1)
        ring = np.clip((r - 0.78) / 0.2, 0, 1)
        tone = (0.95 + rays + 0.75 * glow - 0.62 * ring)[..., None]
        pupil = np.clip((0.47 - r) / 0.06, 0, 1)[..., None]
        return self.iris_colour * tone * (1 - pupil) + np.array([0.02, 0.02, 0.03]) * pupil

    def _below_lid(self, side: str, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """1 right under the upper lid, fading downwards: the lid's shadow on the eyeball."""
        lid = self.face.upper_lid(side)
        order = np.argsort(lid[:, 0])
        y = np.interp(u[0] if self.face.spot.roll == 0 else u.ravel(), lid[order, 0], lid[order, 1])
        y = np.broadcast_to(y, u.shape) if self.face.spot.roll == 0 else y.reshape(u.shape)
        return np.clip(1 - (v - y) / 0.085, 0, 1)

    def _lids(self, side: str) -> None:
        t, lid = self.face.traits, self.face.upper_lid(side)
        dark = colours.mix(self.ground * 0.22, np.array([0.1, 0.05, 0.04]), 0.5)
        thick = 0.017 + 0.016 * t.lashes
        self._stroke(lid, np.array([0.8, 1.1, 1.0, 0.75, 0.35]) * thick, dark, 0.95, pen=1.0)
        lower = self.face.contours[f"{side}_eye_lower"]
        self._stroke(lower, np.array([0.011, 0.011, 0.009]), colours.mix(self.ground, dark, 0.65), 0.6, pen=0.35)
        crease = lid[4:-4] * (1, 1) + np.array([0, -0.055])
        self._stroke(crease, np.array([0.006, 0.014, 0.006]), colours.mix(self.ground, dark, 0.6), 0.5, blur=0.008)
        if t.lashes > 0.6:
            way = -1 if side == "right" else 1
            for k, reach in zip((0, 3, 7, 12), (0.085, 0.085, 0.075, 0.06), strict=True):
                root = lid[k]
                tip = root + np.array([way * reach * (0.95 - 0.05 * k), -reach * (0.45 + 0.05 * k)])
                middle = (root + tip) / 2 + (way * 0.008, 0.012)
                self._stroke(np.array([root, middle, tip]), np.array([0.017, 0.012, 0.004]), dark, 0.95, pen=1.0)

    def _brow(self, side: str) -> None:
        hair = self.face.spot.hair if self.face.spot.hair is not None else self.ground * 0.3
        hair = colours.within(hair * 0.85, 0.03, max(0.08, colours.luminance(self.ground) - 0.16))
        if self.face.spot.hair is not None and colours.luminance(self.ground) < 0.22:
            hair = self.ground * 0.3
        mask = self.canvas.mask(self.face.to_picture(self.face.brow(side)), self.at)
        m = cv2.GaussianBlur(mask, (0, 0), max(0.5, 0.012 * self.unit_px)).astype(np.float32) / 255
        sx, sy = relief.slopes(m * self.unit_px * 0.025)
        self._tint(m, hair, 0.92, gloss=0.1)
        self.canvas.layers.slope_x[self.at] += sx
        self.canvas.layers.slope_y[self.at] += sy
        self.canvas.layers.line[self.at] = np.maximum(self.canvas.layers.line[self.at], m * 0.6)

    # ---- brushes

    def _around(self, outline: np.ndarray, margin: float) -> Window | None:
        """The part of the face's window around an outline in picture units; `margin` in face units."""
        at = self.canvas.window(outline, margin * self.face.spot.iod)
        return None if at is None else overlap(at, self.at)

    def _units(self, at: Window) -> tuple[np.ndarray, np.ndarray]:
        """The face units of a window within the face's own."""
        (rows, columns), (top, left) = at, self.at
        inner = (
            slice(rows.start - top.start, rows.stop - top.start),
            slice(columns.start - left.start, columns.stop - left.start),
        )
        return self.u[inner], self.v[inner]

    def _tint(
        self,
        area: np.ndarray,
        colour: np.ndarray,
        strength: float,
        gloss: float | None = None,
        at: Window | None = None,
    ) -> None:
        """Lays a colour where `area` (like the window `at`, by default the face's own) says."""
        to: Layers = self.canvas.layers
        at = at or self.at
        a = (area * strength).astype(np.float32) * to.cover[at]
        albedo = to.albedo[at]
        paint = np.empty_like(albedo)
        paint[:] = np.float32(np.clip(colour, 0, 1))
        albedo += (paint - albedo) * threefold(a)
        if gloss is not None:
            to.gloss[at] += (gloss - to.gloss[at]) * a

    def _stroke(
        self, line: np.ndarray, half_width: float | np.ndarray, colour: np.ndarray, strength: float,
        *, blur: float = 0.0, pen: float = 0.0,
    ) -> None:  # fmt: skip
        from personify.avatar.sketch.shapes import stroke

        widths = (
            half_width
            if isinstance(half_width, float)
            else np.interp(np.linspace(0, 1, len(line)), np.linspace(0, 1, len(half_width)), half_width)
        )
        outline = self.face.to_picture(stroke([tuple(p) for p in line], widths))
        at = self._around(outline, 0.01 + 4 * blur)
        if at is None:
            return
        mask = self.canvas.mask(outline, at)
        if blur * self.unit_px > 0.4:
            mask = cv2.GaussianBlur(mask, (0, 0), blur * self.unit_px)
        m = mask.astype(np.float32) / 255
        self._tint(m, colour, strength, gloss=0.1, at=at)
        if pen:
            to = self.canvas.layers
            to.line[at] = np.maximum(to.line[at], m * pen)


def _bump(x: np.ndarray) -> np.ndarray:
    return np.exp(-(x**2))


def _ball(x: np.ndarray, y: np.ndarray, rx: float, ry: float) -> np.ndarray:
    return np.exp(-((x / rx) ** 2) - (y / ry) ** 2)
