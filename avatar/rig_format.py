"""The files `personify-rig` and `personify-track`, version 1: a talking head for a renderer elsewhere.

docs/talking-head.md tells how to draw them. These models are what is written; `schemas()` gives their JSON Schema.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

RIG_VERSION = 1
TRACK_VERSION = 1

Point = tuple[float, float]
Paint = Annotated[str, Field(pattern=r"^(picture|#[0-9a-f]{6})$")]
PictureSource = Annotated[str, Field(pattern=r"^(data:image/png;base64,.+|[A-Za-z0-9._-]+\.png)$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Movement(_Model):
    """How a layer's vertices move when a channel has a value: vertex `vertices[i]` by `by[i]` pixels.

    Between the values that are given for one channel and 0 (no movement) it is linear; beyond them it stays.
    """

    channel: str
    value: float
    vertices: tuple[int, ...]
    by: tuple[Point, ...]

    @model_validator(mode="after")
    def _as_many(self) -> "Movement":
        if len(self.vertices) != len(self.by):
            raise ValueError(f"{len(self.vertices)} vertices, but {len(self.by)} displacements")
        if self.value == 0:
            raise ValueError("at the value 0 nothing moves")
        return self


class Turn(_Model):
    """How all vertices of a layer move with the head: by `by` pixels times, for each of `factors`, (channel, unit), the
    channel's value in that unit. A channel that is named twice counts squared."""

    factors: tuple[tuple[str, float], ...]
    by: tuple[Point, ...]


class Layer(_Model):
    """A triangle mesh. `vertices`: places at rest, pixels; divided by the rig's size they are the texture coordinates.

    `paint`: "picture" for the character's picture, or a colour. `depth`: how far each vertex stands out to the viewer,
    eye distances; empty where it isn't known.
    """

    name: str
    paint: Paint
    vertices: tuple[Point, ...]
    triangles: tuple[tuple[int, int, int], ...]
    depth: tuple[float, ...] = ()
    movements: tuple[Movement, ...] = ()
    turns: tuple[Turn, ...] = ()

    @model_validator(mode="after")
    def _numbers_exist(self) -> "Layer":
        used = [i for triangle in self.triangles for i in triangle]
        used += [i for movement in self.movements for i in movement.vertices]
        if used and not 0 <= min(used) <= max(used) < len(self.vertices):
            raise ValueError(f"the layer {self.name} uses vertices that it doesn't have")
        if any(len(turn.by) != len(self.vertices) for turn in self.turns):
            raise ValueError(f"the layer {self.name} has a turn that doesn't move all of its vertices")
        if self.depth and len(self.depth) != len(self.vertices):
            raise ValueError(f"the layer {self.name} has {len(self.vertices)} vertices, but {len(self.depth)} depths")
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
    what lies behind it."""

    character: PictureSource
    plate: PictureSource


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
