"""The files `personify-rig` and `personify-track`, version 1: a talking head for a renderer elsewhere.

docs/talking-head.md tells how to draw them. These models are what is written; `schemas()` gives their JSON Schema.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Point = tuple[float, float]
Paint = Annotated[str, Field(pattern=r"^(character|parts|#[0-9a-f]{6})$")]
PictureSource = Annotated[str, Field(pattern=r"^(data:image/png;base64,.+|[A-Za-z0-9._-]+\.png)$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Movement(_Model):
    """What happens to a layer's vertices when a channel has a value: `vertices[i]` go by `by[i]` pixels.

    Between the values that a layer gives for a channel, with the same `scaled_by` and `yields_to`, and 0 (no movement)
    it is linear; beyond them it stays. It counts times the value of `scaled_by`, a channel, and times 1 less that of
    `yields_to`, both taken within [0, 1]. What several channels do adds up.
    """

    channel: str
    value: float
    vertices: tuple[int, ...]
    by: tuple[Point, ...]
    scaled_by: str | None = None
    yields_to: str | None = None

    @model_validator(mode="after")
    def _as_many(self) -> "Movement":
        if len(self.vertices) != len(self.by):
            raise ValueError(f"{len(self.vertices)} vertices, but {len(self.by)} displacements")
        if self.value == 0:
            raise ValueError("at the value 0 nothing moves")
        return self


class Turn(_Model):
    """How the nodes of the head's grid move: by `by` pixels times, for each of `factors`, (channel, unit), the
    channel's value in that unit. A channel that is named twice counts squared."""

    factors: tuple[tuple[str, float], ...]
    by: tuple[Point, ...]


class Head(_Model):
    """How the head moves every place of the picture: a grid of `columns` times `rows` nodes, row by row, the first in
    the middle of the picture's first pixel and the last in that of its last; between nodes it is bilinear."""

    columns: int = Field(ge=2)
    rows: int = Field(ge=2)
    turns: tuple[Turn, ...]

    @model_validator(mode="after")
    def _every_node(self) -> "Head":
        if any(len(turn.by) != self.columns * self.rows for turn in self.turns):
            raise ValueError(f"a turn of the head must move each of its {self.columns * self.rows} nodes")
        return self


class Layer(_Model):
    """A triangle mesh. `vertices`: places at rest, pixels of the portrait.

    `paint`: "character" or "parts" for one of the pictures, or a colour. `texture`: where in that picture each vertex
    has its colour from, pixels; empty if at the vertex's own place at rest. `alpha`: how much each vertex covers, 0 to
    1; empty for 1. `movements` move the vertices, `slides` their places in the texture.
    """

    name: str
    paint: Paint
    vertices: tuple[Point, ...]
    triangles: tuple[tuple[int, int, int], ...]
    texture: tuple[Point, ...] = ()
    alpha: tuple[float, ...] = ()
    movements: tuple[Movement, ...] = ()
    slides: tuple[Movement, ...] = ()

    @model_validator(mode="after")
    def _numbers_exist(self) -> "Layer":
        used = [i for triangle in self.triangles for i in triangle]
        used += [i for movement in (*self.movements, *self.slides) for i in movement.vertices]
        if used and not 0 <= min(used) <= max(used) < len(self.vertices):
            raise ValueError(f"the layer {self.name} uses vertices that it doesn't have")
        for what in ("texture", "alpha"):
            given = len(getattr(self, what))
            if given not in (0, len(self.vertices)):
                raise ValueError(f"the layer {self.name} has {len(self.vertices)} vertices, but {given} of {what}")
        return self


class Frame(_Model):
    """The face's own axes in the picture: `origin` in pixels between the eyes, unit vectors, pixels from eye to eye."""

    origin: Point
    right: Point
    down: Point
    unit_px: float


class Curves(_Model):
    """Contours in pixels at rest, from the picture's left to its right: the lips' line where they part, the lids."""

    lip_line: tuple[Point, ...]
    right_lid_upper: tuple[Point, ...]
    right_lid_lower: tuple[Point, ...]
    left_lid_upper: tuple[Point, ...]
    left_lid_lower: tuple[Point, ...]


class Pictures(_Model):
    """PNG files beside this one or data URIs: `character` RGBA, the alpha being the character's mask; `plate` RGB,
    what lies behind it; `parts` RGBA, what the portrait doesn't show: shut lids, eyes without their irises, teeth."""

    character: PictureSource
    plate: PictureSource
    parts: PictureSource


class RigFile(_Model):
    """One portrait's rig. `landmarks`: MediaPipe's 478 points in pixels; `depth`: pixels, smaller is nearer."""

    format: Literal["personify-rig"] = "personify-rig"
    version: Literal[1] = 1
    width: int = Field(ge=2)
    height: int = Field(ge=2)
    frame: Frame
    landmarks: tuple[Point, ...]
    depth: tuple[float, ...] | None
    pictures: Pictures
    curves: Curves
    head: Head
    layers: tuple[Layer, ...] = Field(description="drawn over the plate in this order")


class TrackFile(_Model):
    """What a face does over time: `values[i]` holds one value a channel for the moment (i + 0.5) / fps."""

    format: Literal["personify-track"] = "personify-track"
    version: Literal[1] = 1
    fps: float = Field(gt=0)
    channels: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]

    @model_validator(mode="after")
    def _whole_rows(self) -> "TrackFile":
        if any(len(row) != len(self.channels) for row in self.values):
            raise ValueError(f"every frame needs {len(self.channels)} values, one a channel")
        return self


def schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema of each file, by its format's name."""
    return {"personify-rig": RigFile.model_json_schema(), "personify-track": TrackFile.model_json_schema()}
