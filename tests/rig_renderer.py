"""A renderer of personify-rig files in a few lines, as docs/talking-head.md tells it; knows nothing of Personify."""

import base64
import json

import cv2
import numpy as np


class Renderer:
    """Draws one rig; `text` is the JSON."""

    def __init__(self, text, folder=None):
        self.rig = json.loads(text)
        assert (self.rig["format"], self.rig["version"]) == ("personify-rig", 1)
        self.character, self.plate = (self._picture(self.rig["pictures"][n], folder) for n in ("character", "plate"))
        self.size = self.rig["width"], self.rig["height"]

    def draw(self, values):
        """A frame, uint8 RGB, for values of channels by name."""
        out = self.plate[..., :3].astype(np.float32)
        for layer in self.rig["layers"]:
            colour, alpha = self._layer(layer, values)
            out += (colour - out) * alpha[..., None]
        return np.clip(np.round(out), 0, 255).astype(np.uint8)

    def places(self, layer, values):
        """Where a layer's vertices are."""
        rest = np.array(layer["vertices"], float)
        places, known = rest.copy(), {}
        for movement in layer["movements"]:
            known.setdefault(movement["channel"], {})[movement["value"]] = movement
        for channel, movements in known.items():
            at = sorted([0.0, *movements])
            value = float(np.clip(values.get(channel, 0.0), at[0], at[-1]))
            for i, sample in enumerate(at):  # each sample counts by a hat function
                knots = np.zeros(len(at))
                knots[i] = 1
                weight = np.interp(value, at, knots)
                if sample and weight and movements[sample]["vertices"]:
                    places[movements[sample]["vertices"]] += weight * np.array(movements[sample]["by"])
        for turn in layer["turns"]:
            weight = np.prod([values.get(channel, 0.0) / unit for channel, unit in turn["factors"]])
            places += weight * np.array(turn["by"])
        return rest, places

    def _layer(self, layer, values):
        rest, places = self.places(layer, values)
        width, height = self.size
        sources = np.full((height, width, 2), -1e4, np.float32)
        covered = np.zeros((height, width), np.uint8)
        for triangle in layer["triangles"]:
            there, here = places[triangle], rest[triangle]
            edges = there[1:] - there[0]
            if abs(np.linalg.det(edges)) < 1e-3:
                continue
            low, high = np.floor(there.min(0)).astype(int), np.ceil(there.max(0)).astype(int) + 1
            low, high = np.maximum(low, 0), np.minimum(high, [width, height])
            if (high <= low).any():
                continue
            ys, xs = np.mgrid[low[1] : high[1], low[0] : high[0]]
            inside = (np.stack([xs, ys], -1) - there[0]) @ np.linalg.inv(edges)
            hit = (inside.min(-1) >= -1e-6) & (inside.sum(-1) <= 1 + 1e-6)
            box = slice(low[1], high[1]), slice(low[0], high[0])
            sources[box][hit] = (here[0] + inside @ (here[1:] - here[0]))[hit]
            covered[box][hit] = 1
        if layer["paint"] != "picture":
            rgb = [int(layer["paint"][i : i + 2], 16) for i in (1, 3, 5)]
            return np.full((height, width, 3), rgb, np.float32), covered.astype(np.float32)
        texture = cv2.remap(
            self.character, sources, np.empty(0, np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return texture[..., :3].astype(np.float32), covered * texture[..., 3].astype(np.float32) / 255

    @staticmethod
    def _picture(source, folder):
        head, _, data = source.partition(",")
        raw = base64.b64decode(data) if head.startswith("data:image/png") else (folder / source).read_bytes()
        image = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_UNCHANGED)
        return cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA if image.shape[2] == 4 else cv2.COLOR_BGR2RGB)
