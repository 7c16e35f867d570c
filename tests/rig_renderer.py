"""A renderer of personify-rig files in a few lines, as docs/talking-head.md tells it; knows nothing of Personify."""

import base64
import json

import cv2
import numpy as np

NONE = np.empty(0, np.float32)


class Renderer:
    """Draws one rig; `text` is the JSON."""

    def __init__(self, text, folder=None):
        self.rig = json.loads(text)
        assert (self.rig["format"], self.rig["version"]) == ("personify-rig", 1)
        self.pictures = {name: self._picture(where, folder) for name, where in self.rig["pictures"].items()}
        self.size = self.rig["width"], self.rig["height"]

    def draw(self, values):
        """A frame, uint8 RGB, for values of channels by name."""
        out = self.pictures["plate"][..., :3].astype(np.float32)
        head = self._head(values)
        for layer in self.rig["layers"]:
            rest = np.array(layer["vertices"], float)
            places = rest + self._moved(layer["movements"], len(rest), values)
            texture = np.array(layer["texture"] or rest, float) + self._moved(layer["slides"], len(rest), values)
            colour, alpha = self._layer(layer, self._turned(places, head), texture)
            out += (colour - out) * alpha[..., None]
        return np.clip(np.round(out), 0, 255).astype(np.uint8)

    def _moved(self, movements, count, values):
        """How far each vertex of a layer, or its place in the texture, has moved."""
        moved, known = np.zeros((count, 2)), {}
        for movement in movements:
            known.setdefault((movement["channel"], movement["scaled_by"], movement["yields_to"]), []).append(movement)
        for (channel, scaled_by, yields_to), samples in known.items():
            at = sorted([0.0, *(sample["value"] for sample in samples)])
            value = float(np.clip(values.get(channel, 0.0), at[0], at[-1]))
            strength = float(np.clip(values.get(scaled_by, 0.0), 0, 1)) if scaled_by else 1.0
            strength *= 1 - float(np.clip(values.get(yields_to, 0.0), 0, 1)) if yields_to else 1.0
            for sample in samples:  # each sample counts by a hat function
                weight = strength * np.interp(value, at, [float(x == sample["value"]) for x in at])
                if weight and sample["vertices"]:
                    moved[sample["vertices"]] += weight * np.array(sample["by"])
        return moved

    def _head(self, values):
        """How far the nodes of the head's grid have moved, (rows, columns, 2)."""
        head = self.rig["head"]
        moved = np.zeros((head["rows"] * head["columns"], 2))
        for turn in head["turns"]:
            moved += np.prod([values.get(name, 0.0) / unit for name, unit in turn["factors"]]) * np.array(turn["by"])
        return moved.reshape(head["rows"], head["columns"], 2).astype(np.float32)

    def _turned(self, places, head):
        """Where the head takes places: bilinear between its nodes."""
        cells = (np.array(head.shape[1::-1]) - 1) / (np.array(self.size) - 1)
        at = (places * cells).astype(np.float32)[None]
        return places + cv2.remap(head, at, NONE, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0]

    def _layer(self, layer, places, texture):
        width, height = self.size
        sources = np.zeros((height, width, 2), np.float32)
        cover = np.zeros((height, width), np.float32)
        alphas = np.array(layer["alpha"] or np.ones(len(places)))
        for triangle in layer["triangles"]:
            there, here, alpha = places[triangle], texture[triangle], alphas[triangle]
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
            cover[box][hit] = (alpha[0] + inside @ (alpha[1:] - alpha[0]))[hit]
        if layer["paint"].startswith("#"):
            rgb = [int(layer["paint"][i : i + 2], 16) for i in (1, 3, 5)]
            return np.full((height, width, 3), rgb, np.float32), cover
        seen = cv2.remap(
            self.pictures[layer["paint"]], sources, NONE, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ).astype(np.float32)
        return seen[..., :3], cover * seen[..., 3] / 255

    @staticmethod
    def _picture(source, folder):
        head, _, data = source.partition(",")
        raw = base64.b64decode(data) if head.startswith("data:image/png") else (folder / source).read_bytes()
        image = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_UNCHANGED)
        return cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA if image.shape[2] == 4 else cv2.COLOR_BGR2RGB)
