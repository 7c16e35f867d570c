"""The avatar bundle: the folder that holds one character, its record `avatar.json`, and how both are kept."""

import hashlib
import json
import platform
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from personify.avatar.landmarks import COUNT
from personify.avatar.portrait import Attempt, Guidance, Portrait, Verdict
from personify.pipelines.draft import draft_folder, full_path
from personify.pipelines.persona import Persona
from personify.voices.errors import BadInput
from personify.voices.speech import Speech

RECORD = "avatar.json"
PICTURE = "portrait.png"
MASK = "mask.png"
LANDMARKS = "landmarks.json"
GREETING = "greeting.wav"
CLIP = "greeting.mp4"

MACHINE_MADE = "Made by a machine: this character, its face and its voice are synthetic."

_LIBRARIES = ("numpy", "opencv-contrib-python", "mediapipe", "espeakng-loader", "pedalboard", "pillow", "av", "scipy")
_OPTIONAL = ("torch", "diffusers", "transformers", "peft")
_RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d")  # names that Windows keeps for devices
_SLUG_LENGTH = 48

Model = TypeVar("Model", bound=BaseModel)
FileName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RunnerUpRecord(_Record):
    """A tone or an expert that was not chosen: its score from 0 to 1, higher fits better, and how it compares."""

    name: str
    score: float
    reason: str


class ToneRecord(_Record):
    """Which tone was chosen, and why; `note` says where it isn't the one asked for, or not chosen by who should."""

    name: str
    reason: str
    runners_up: tuple[RunnerUpRecord, ...] = ()
    note: str | None = None


class PortraitRecord(_Record):
    """How the portrait came to be: who drew it and why, guided by what, after which attempts.

    `stand_in` says why the sketch stands in for the expert that was chosen, where it does.
    """

    expert: str
    reason: str = ""
    runners_up: tuple[RunnerUpRecord, ...] = ()
    stand_in: str | None = None
    seed: int
    guidance: Guidance
    guide: Literal["sketch", "image"] | None = None
    verdict: Verdict
    attempts: tuple[Attempt, ...] = ()


class UsageRecord(_Record):
    """What a language model did for an avatar: the tokens are 0 where the server doesn't count, `cost` is in the
    currency of the configured prices, None where there are none."""

    model: str
    requests: int
    tokens_in: int
    tokens_out: int
    cost: float | None = None


class AvatarRecord(_Record):
    """`avatar.json`: the one source of truth of a bundle. What varies from run to run stays outside `persona`."""

    schema_version: Literal[1] = 1
    notice: str = MACHINE_MADE
    persona: Persona
    tone: ToneRecord
    portrait: PortraitRecord
    head: str = Field("builtin", description="the name by which the clip's talking head was asked for")
    seed: int
    versions: dict[str, str]
    created: str = Field(description="UTC, ISO 8601")
    seconds: dict[str, float] = Field(description="how long each stage took, in order")
    files: dict[str, FileName] = Field(description="what lies beside avatar.json, by what it is")
    usage: UsageRecord | None = Field(None, description="what was asked of a language model; None where none was")


class LandmarksFile(_Record):
    """`landmarks.json`: the 478 points of the convention in `avatar/landmarks.py`, in pixels of `portrait.png`."""

    width: int
    height: int
    points: tuple[tuple[float, float], ...] | None
    depth: tuple[float, ...] | None


@dataclass(frozen=True)
class Avatar:
    """A character on disk: its folder, its record, and its portrait in memory."""

    folder: Path
    record: AvatarRecord
    portrait: Portrait

    @property
    def persona(self) -> Persona:
        """Who it is."""
        return self.record.persona

    @property
    def name(self) -> str:
        """What it is called."""
        return self.record.persona.name

    @property
    def tone(self) -> str:
        """The name of its tone."""
        return self.record.tone.name

    @property
    def seed(self) -> int:
        """What it was made from, beside the description."""
        return self.record.seed

    @property
    def key(self) -> str:
        """What tells this character from others wherever its folder lies; what is remembered of it hangs on that."""
        told = f"{self.persona.description}\n{self.seed}".encode()
        return hashlib.sha256(told).hexdigest()[:16]

    @property
    def files(self) -> dict[str, Path]:
        """Absolute paths by what they are: record, portrait, landmarks, greeting, clip."""
        return {"record": self.folder / RECORD} | {what: self.folder / name for what, name in self.record.files.items()}

    @property
    def picture(self) -> Path:
        """Where its portrait is."""
        return self.folder / PICTURE

    @property
    def clip(self) -> Path:
        """Where the clip of its greeting is."""
        return self.folder / CLIP


def folder_name(description: str) -> str:
    """The folder of a description: lower-case ASCII words with hyphens, never a path, never empty, of bounded length.

    The seed is not part of it: a folder is one character, and another seed of it takes its place only by force.
    """
    from slugify import slugify

    slug = slugify(description, max_length=_SLUG_LENGTH, word_boundary=True)
    if not slug:
        return "avatar"
    return f"{slug}-avatar" if _RESERVED.fullmatch(slug) else slug


class BundleDraft:
    """A bundle in the making; `save` fills it, and leaving `open_bundle` without an error publishes it."""

    def __init__(self, target: Path, work: Path) -> None:
        self._target = target
        self._work = work

    @property
    def clip(self) -> Path:
        """Where the clip is to be filmed to."""
        return self._work / CLIP

    def carry(self, folder: Path, *, but: Collection[str]) -> None:
        """Takes over what lies in another bundle's folder, byte for byte, without the files of these names; links are
        left behind."""
        for entry in folder.iterdir():
            if entry.name in but or entry.is_symlink():
                continue
            if entry.is_dir():
                shutil.copytree(entry, self._work / entry.name, ignore=_links)
            elif entry.is_file():
                shutil.copy2(entry, self._work / entry.name)

    def save(self, record: AvatarRecord, portrait: Portrait, speech: Speech | None, *, redrawn: bool = True) -> Avatar:
        """Writes everything but the clip; returns the avatar as it will be found once the draft is published.

        Without `redrawn` the portrait, and without a `speech` the greeting, is one that was carried over. Raises
        `BadInput` where a file of the bundle is missing in the end.
        """
        from personify.voices.wav import write_wav

        files = {"portrait": PICTURE, "landmarks": LANDMARKS, "greeting": GREETING, "clip": CLIP}
        if redrawn:
            write_picture(self._work / PICTURE, portrait.image)
            (self._work / LANDMARKS).write_text(_landmarks_json(portrait), encoding="utf-8")
        if speech is not None:
            write_wav(self._work / GREETING, speech, {"comment": MACHINE_MADE})
        if portrait.mask is not None:
            if redrawn:
                write_picture(self._work / MASK, portrait.mask)
            files["mask"] = MASK
        for name in files.values():
            if not (self._work / name).is_file():
                raise BadInput(f"{self._target} lacks its {name}; make the avatar again with: personify create")
        record = record.model_copy(update={"files": files})
        text = json.dumps(record.model_dump(mode="json"), ensure_ascii=False, indent=2)
        (self._work / RECORD).write_text(text + "\n", encoding="utf-8")
        return Avatar(self._target, record, portrait)


@contextmanager
def open_bundle(target: Path, *, force: bool = False) -> Iterator[BundleDraft]:
    """A bundle that appears at `target` when the block ends well, or not at all. Errors: see `draft_folder`."""
    with draft_folder(target, marker=RECORD, force=force) as work:
        yield BundleDraft(target, work)


def open_avatar(path: str | Path) -> Avatar:
    """Reads a bundle from its folder or its `avatar.json`.

    Raises `BadInput` that names the file and what is wrong with it.
    """
    folder = full_path(path)
    folder = folder.parent if folder.name == RECORD else folder
    try:
        there = (folder / RECORD).is_file()
    except OSError as error:  # a folder that is locked, or a name that is too long
        raise BadInput(f"no avatar can be read at {folder} ({error.strerror}); name its folder") from error
    if not there:
        raise BadInput(f"no avatar at {folder}; make one with: personify create DESCRIPTION")
    record = _read(folder / RECORD, AvatarRecord)
    points = _read(folder / LANDMARKS, LandmarksFile)
    image = _read_picture(folder / PICTURE, "RGB")
    if image.shape[:2] != (points.height, points.width):
        raise BadInput(f"{folder / LANDMARKS} belongs to a picture of another size than {PICTURE}")
    mask = _read_picture(folder / MASK, "L") if record.files.get("mask") == MASK else None
    made = record.portrait
    portrait = Portrait(
        image,
        _floats(folder, points.points, (COUNT, 2)),
        _floats(folder, points.depth, (COUNT,)),
        expert=made.expert,
        seed=made.seed,
        guidance=made.guidance,
        verdict=made.verdict,
        attempts=made.attempts,
        mask=mask,
        stand_in=made.stand_in,
    )
    return Avatar(folder, record, portrait)


def library_versions() -> dict[str, str]:
    """The versions that decide what comes out: Personify, Python and the libraries that draw, speak and film."""
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in ("personify", *_LIBRARIES)},
        **{name: version(name) for name in _OPTIONAL if find_spec(name)},
    }


def now() -> str:
    """This moment in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_picture(path: Path, image: np.ndarray) -> None:
    """Writes uint8 RGB (H, W, 3) or grey (H, W) as a PNG whose text chunk says that a machine made it."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    said = PngInfo()
    said.add_text("Comment", MACHINE_MADE)
    said.add_text("Software", f"Personify {version('personify')}")
    Image.fromarray(image).save(path, "PNG", pnginfo=said)


def _links(folder: str, names: list[str]) -> list[str]:
    """Those of a folder's entries that are links."""
    return [name for name in names if (Path(folder) / name).is_symlink()]


def _read_picture(path: Path, mode: str) -> np.ndarray:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path, formats=("PNG",)) as picture:
            return np.asarray(picture.convert(mode))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise BadInput(f"{path} is not a readable PNG: {error}") from error


def _read(path: Path, model: type[Model]) -> Model:
    try:
        return model.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BadInput(f"can't read {path}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole file"
        raise BadInput(f"{path} is not an avatar of this version of Personify: {where}: {first['msg']}") from error


def _landmarks_json(portrait: Portrait) -> str:
    height, width = portrait.image.shape[:2]
    content = {
        "width": width,
        "height": height,
        "points": None if portrait.landmarks is None else [[_short(x), _short(y)] for x, y in portrait.landmarks],
        "depth": None if portrait.depth is None else [_short(z) for z in portrait.depth],
    }
    return json.dumps(content) + "\n"


def _short(value: np.float32) -> float:
    """The shortest decimal that is read back as the same float32."""
    return float(str(np.float32(value)))


def _floats(folder: Path, values: tuple | None, shape: tuple[int, ...]) -> np.ndarray | None:
    if values is None:
        return None
    array = np.asarray(values, np.float32)
    if array.shape != shape or not np.isfinite(array).all():
        raise BadInput(f"{folder / LANDMARKS} must hold finite numbers of shape {shape}, not {array.shape}")
    return array
