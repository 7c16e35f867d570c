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
from personify.pipelines.migrations import migrated
from personify.pipelines.persona import Persona
from personify.pipelines.safe_json import LARGEST_BYTES, read_json
from personify.voices.errors import BadInput
from personify.voices.speech import Speech

RECORD = "avatar.json"
PICTURE = "portrait.png"
MASK = "mask.png"
LANDMARKS = "landmarks.json"
GREETING = "greeting.wav"
CLIP = "greeting.mp4"
CARD = "card.json"
"""The character card that the avatar was made from, as it came."""

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
    """Which tone was chosen, and why; `note` says where it isn't the one asked for, or not chosen by who should.

    `licence` is that of its voice model, and `commercial` whether it lets the sound be sold; None where that is not
    known, as in bundles of version 1.
    """

    name: str
    reason: str
    runners_up: tuple[RunnerUpRecord, ...] = ()
    note: str | None = None
    voice_model: str | None = None
    licence: str | None = None
    commercial: bool | None = None


class PortraitRecord(_Record):
    """How the portrait came to be: who drew it and why, guided by what, after which attempts.

    `stand_in` says why the sketch stands in for the expert that was chosen, where it does. `licence` is that of the
    expert's models, all of which apply, and `commercial` whether it lets the picture be sold; None where that is not
    known, as in bundles of version 1.
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
    licence: str | None = None
    commercial: bool | None = None


class UsageRecord(_Record):
    """What a language model did for an avatar: the tokens are 0 where the server doesn't count, `cost` is in the
    currency of the configured prices, None where there are none."""

    model: str
    requests: int
    tokens_in: int
    tokens_out: int
    cost: float | None = None


class SourceRecord(_Record):
    """Where a character came from that wasn't made from a description: a character card, and who its maker is."""

    form: Literal["chara_card_v1", "chara_card_v2", "chara_card_v3"]
    name: str
    creator: str = ""
    character_version: str = ""
    sha256: str = Field(description="of the card's JSON, which lies beside avatar.json as it came")


class AvatarRecord(_Record):
    """`avatar.json`: the one source of truth of a bundle. What varies from run to run stays outside `persona`.

    Read it with `read_record`, which knows what earlier versions wrote; `migrations.py` says how it may change.
    """

    schema_version: Literal[2] = 2
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
    source: SourceRecord | None = Field(None, description="where it came from; None where it was made here")


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
        return key_of(self.persona.description, self.seed)

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


def key_of(description: str, seed: int) -> str:
    """What tells the character of a description and a seed from others."""
    return hashlib.sha256(f"{description}\n{seed}".encode()).hexdigest()[:16]


class BundleDraft:
    """A bundle in the making; `save` fills it, and leaving `open_bundle` without an error publishes it."""

    def __init__(self, target: Path, work: Path) -> None:
        self._target = target
        self._work = work

    @property
    def clip(self) -> Path:
        """Where the clip is to be filmed to."""
        return self._work / CLIP

    def put(self, name: str, content: bytes) -> None:
        """Lays a file of its own beside the others, such as the card that it was made from."""
        (self._work / name).write_bytes(content)

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

        What is new says how it was made, and is signed where the user has a certificate. Without `redrawn` the
        portrait, and without a `speech` the greeting, is one that was carried over. Raises `BadInput` where a file of
        the bundle is missing in the end, and `PersonifyError` where one can't be signed.
        """
        from personify.pipelines.provenance import notice_of
        from personify.voices.wav import write_wav

        files = {"portrait": PICTURE, "landmarks": LANDMARKS, "greeting": GREETING, "clip": CLIP}
        if redrawn:
            write_picture(self._work / PICTURE, portrait.image)
            (self._work / LANDMARKS).write_text(_landmarks_json(portrait), encoding="utf-8")
        if speech is not None:
            write_wav(self._work / GREETING, speech)
        if portrait.mask is not None:
            if redrawn:
                write_picture(self._work / MASK, portrait.mask)
            files["mask"] = MASK
        if (self._work / CARD).is_file():
            files["card"] = CARD
        for name in files.values():
            if not (self._work / name).is_file():
                raise BadInput(f"{self._target} lacks its {name}; make the avatar again with: personify create")
        record = record.model_copy(update={"files": files, "notice": notice_of(record)})
        self._stamp(record, redrawn=redrawn, spoken=speech is not None)
        text = json.dumps(record.model_dump(mode="json"), ensure_ascii=False, indent=2)
        (self._work / RECORD).write_text(text + "\n", encoding="utf-8")
        return Avatar(self._target, record, portrait)

    def _stamp(self, record: AvatarRecord, *, redrawn: bool, spoken: bool) -> None:
        """Lets what is new say how it was made; the clip hangs on both face and voice."""
        from personify.pipelines.provenance import of, stamp

        if redrawn:
            stamp(self._work / PICTURE, of(record, "portrait"))
        if spoken:
            stamp(self._work / GREETING, of(record, "speech"))
        if redrawn or spoken:
            stamp(self._work / CLIP, of(record, "clip"))


@contextmanager
def open_bundle(target: Path, *, force: bool = False) -> Iterator[BundleDraft]:
    """A bundle that appears at `target` when the block ends well, or not at all.

    Errors: see `draft_folder`, and `find_credentials` where its files couldn't be signed.
    """
    from personify.pipelines.credentials import check_credentials

    check_credentials()
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
    record = read_record(folder / RECORD)
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


def read_record(source: Path | bytes, name: str | None = None) -> AvatarRecord:
    """The record of an `avatar.json` of any version so far, from its path or its bytes; `name` is for messages.

    Raises `BadInput` that says what is wrong with it, and for one that a newer Personify wrote.
    """
    named = name or (RECORD if isinstance(source, bytes) else str(source))
    data = source if isinstance(source, bytes) else _bytes_of(source)
    try:
        return AvatarRecord.model_validate(migrated(read_json(data, named), named))
    except ValidationError as error:
        raise _unfit(named, error) from error


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
    from PIL import Image

    try:
        with Image.open(path, formats=("PNG",)) as picture:
            return np.asarray(picture.convert(mode))
    except Exception as error:  # a decoder that is fed hostile bytes may raise anything
        raise BadInput(f"{path} is not a readable PNG: {str(error)[:160]}") from error


def _read(path: Path, model: type[Model]) -> Model:
    try:
        return model.model_validate(read_json(_bytes_of(path), str(path)))
    except ValidationError as error:
        raise _unfit(str(path), error) from error


def _bytes_of(path: Path) -> bytes:
    """What a file holds, no more of it than is read anyway."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise BadInput(f"can't read {path}: {error.strerror}") from error


def _unfit(name: str, error: ValidationError) -> BadInput:
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(map(str, first["loc"]))[:200] or "the whole file"
    return BadInput(f"{name} is not an avatar of this version of Personify: {where}: {first['msg']}")


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
