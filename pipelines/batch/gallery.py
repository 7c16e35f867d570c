"""The gallery of a batch: one page with a wall of its faces, that opens from a disk and asks no network for anything.

Written again and again while the batch runs: what was drawn for it before is kept, and what hasn't changed isn't
written. It reads bundles through the store and writes through it, so that it lies in a bucket as in a folder.
"""

import base64
import hashlib
import html
import io
import json
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any

from personify.pipelines.batch.values import Failed, Made
from personify.pipelines.bundle import AvatarRecord
from personify.pipelines.provenance import Provenance, SourceType, of, sentence, tags_of
from personify.voices.errors import PersonifyError

if TYPE_CHECKING:
    from personify.pipelines.batch.diversity import Diversity
    from personify.pipelines.batch.store import Store

PAGE = "index.html"
FOLDER = "gallery"
_STATE = f"{FOLDER}/state.json"
"""What was drawn, of which bundles, and what was written: so that the next time less is to do."""

FACE_PX = 256
"""Width and height of a face on the wall: two pixels to one of a tile's, for sharp screens."""
_CHUNK = 1000
"""Characters in one data script."""
_AT_ONCE = 64
"""Faces in the making; bounds the memory."""
_THREADS = 4
_SEPARATOR = "|"
"""Between when a bundle was made and the term for it. A state without it was kept when faces said nothing of how they
were made, and they are drawn anew."""
_MOST_FAILURES = 500
"""Failures on the page; `failures.jsonl` has all."""
_NOTICE = "Made by a machine: these characters, their faces and their voices are synthetic."
_SOURCES: tuple[SourceType, ...] = (
    "compositeSynthetic", "compositeWithTrainedAlgorithmicMedia", "trainedAlgorithmicMedia", "algorithmicMedia",
)  # fmt: skip
"""The IPTC's terms; of those that fit somebody on the wall the first is the page's."""
_EXIF_DESCRIPTION, _EXIF_SOFTWARE = 0x010E, 0x0131
_LONGEST_WHO, _LONGEST_WORDS, _LONGEST_STORY = 240, 400, 900

_SHOWN = re.compile(r"\{(\w+)\}")
_COLUMNS = (
    "id", "row", "copy", "name", "nature", "archetype", "category", "gender", "age", "language", "tone", "expert",
    "seed", "description", "greeting", "notes", "face",
)  # fmt: skip

log = logging.getLogger(__name__)


def write_gallery(
    store: "Store", lines: Iterable[Made], failed: Iterable[Failed], diversity: "Diversity | None" = None
) -> None:
    """Writes `index.html`, and what it shows into `gallery/`.

    A bundle whose picture can't be read stands on the wall without one. Raises what the store raises where nothing can
    be written.
    """
    before = _State.read(store)
    state = _State(store, before)
    scripts = []
    for number, chunk in enumerate(_groups(lines, _CHUNK), 1):
        rows = list(_drawn(store, chunk, state))
        scripts.append(state.put(f"wall-{number:04}.js", _call("wall", {"columns": _COLUMNS, "rows": rows})))
        state.count += len(rows)
    told, untold = _failures(failed)
    scripts.append(state.put("failures.js", _call("lost", told, untold)))
    scripts.append(state.put("figures.js", _figures(diversity)))
    page = _page(store, state, len(told) + untold, scripts)
    store.write(PAGE, page)
    state.keep()


def _drawn(store: "Store", lines: Sequence[Made], state: "_State") -> Iterator[list[Any]]:
    """The rows of the wall, in the order of the lines; faces that aren't there yet are drawn."""
    with ThreadPoolExecutor(_THREADS) as pool:
        for some in _groups(lines, _AT_ONCE):
            for line, face in zip(some, pool.map(lambda line: _face(store, line, state), some), strict=True):
                yield _row(line, face=face)


def _face(store: "Store", line: Made, state: "_State") -> bool:
    """Whether a bundle has a face on the wall."""
    drawn = str(state.before_faces.get(line.id))
    if drawn.startswith(f"{line.created}{_SEPARATOR}"):
        state.faces[line.id] = drawn
        return True
    try:
        record = store.record(line.id)
        face = _thumbnail(store.picture(line.id), of(record, "portrait"))
        facts = _call("facts", line.id, _facts(record))
    except (PersonifyError, OSError, ValueError) as error:
        log.info("the gallery shows %s without its picture: %s", line.id, error)
        return False
    store.write(f"{FOLDER}/facts/{line.id}.js", facts)
    store.write(f"{FOLDER}/faces/{line.id}.webp", face)
    state.faces[line.id] = f"{line.created}{_SEPARATOR}{of(record, 'clip').source_type}"
    return True


def _thumbnail(picture: bytes, said: Provenance) -> bytes:
    """The portrait as a small WebP, which says how it was made as the portrait does."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(picture), formats=("PNG",)) as image:
            small = image.convert("RGB")
    except (Image.DecompressionBombError, SyntaxError) as error:  # its word for a PNG whose chunks are broken
        raise ValueError(str(error)) from error
    small.thumbnail((FACE_PX, FACE_PX), Image.Resampling.LANCZOS, reducing_gap=2.0)
    file, tags = io.BytesIO(), tags_of(said)
    exif = Image.Exif()
    exif[_EXIF_DESCRIPTION], exif[_EXIF_SOFTWARE] = said.notice, tags.software
    small.save(file, "WEBP", quality=82, method=2, xmp=tags.xmp.encode("utf-8", "replace"), exif=exif)
    return file.getvalue()


def _row(line: Made, *, face: bool) -> list[Any]:
    return [
        line.id, line.row, line.copy_number, _short(line.name, 80), _short(line.nature, _LONGEST_WHO), line.archetype,
        line.category, line.gender, line.age, line.language, line.tone, line.expert, line.seed,
        _short(line.description, _LONGEST_WHO), _short(line.greeting, _LONGEST_WORDS),
        [_short(note, _LONGEST_WORDS) for note in (*line.notes, *_doubts(line))], int(face),
    ]  # fmt: skip


def _doubts(line: Made) -> Iterator[str]:
    if line.stand_in:
        yield f"The sketch stands in: {line.stand_in}."
    if not line.found:
        yield "No face was found in its picture."
    elif not line.plausible:
        yield "The face that was found in its picture is not plausible."


def _facts(record: AvatarRecord) -> dict[str, Any]:
    """What a card tells beyond the wall."""
    social, personal = record.persona.social, record.persona.personal
    facts = (
        ("Does", social.occupation or ""),
        ("Lives", social.home),
        ("Likes", ", ".join(personal.likes)),
        ("Dislikes", ", ".join(personal.dislikes)),
        ("Talks", record.persona.speaking.manner),
        ("Voice", record.tone.reason),
        ("Face", record.portrait.reason),
    )
    return {
        "traits": [_short(trait, 60) for trait in personal.traits[:8]],
        "story": _short(record.persona.life.backstory, _LONGEST_STORY),
        "facts": [(name, _short(text, _LONGEST_WORDS)) for name, text in facts if text],
    }


def _failures(failed: Iterable[Failed]) -> tuple[list[list[Any]], int]:
    """The first failures as the page lists them, in the order of rows, and how many more there are."""
    every = iter(failed)
    first = sorted(islice(every, _MOST_FAILURES), key=lambda line: (line.row, line.copy_number))
    told = [
        [line.row, line.stage, _short(line.description, _LONGEST_WHO), _short(line.problem, _LONGEST_WORDS)]
        for line in first
    ]
    return told, sum(1 for _ in every)


def _figures(diversity: "Diversity | None") -> bytes:
    """The few numbers of the diversity report that a visitor understands, and what quotas want; the shares of
    attributes are what the page's charts show."""
    if diversity is None:
        return _call("figures", [], {})
    numbers = [(what, much) for what, much in diversity.told() if "%" not in much]
    return _call("figures", numbers, {name: told.wanted for name, told in diversity.attributes.items() if told.wanted})


def _page(store: "Store", state: "_State", failed: int, scripts: Sequence[str]) -> bytes:
    made = state.count
    said = Provenance(notice=_NOTICE, what="page", source_type=state.source_type)
    script, style = (_inline(kind, _own(name)) for kind, name in (("script", "gallery.js"), ("style", "gallery.css")))
    folder = _short(store.url.rstrip("/").rpartition("/")[2] or "batch", 80)
    lead = "Click a face to hear it." if made else "The first ones appear here once they are made; load the page again."
    if failed:
        lead += f" {failed:,} {'row' if failed == 1 else 'rows'} could not be made, and say why below."
    texts = {
        "policy": _policy(script, style),
        "version": version("personify"),
        "title": folder,
        "headline": f"{made:,} {'character' if made == 1 else 'characters'}",
        "lead": lead,
        "notice": said.notice,
        "made": sentence(said),
        "provenance": said.model_dump_json(exclude_none=True, exclude={"characters"}),
    }
    data = "\n".join(f'<script src="{FOLDER}/{html.escape(name)}"></script>' for name in scripts)
    parts = {name: html.escape(text) for name, text in texts.items()}
    parts |= {"script": script, "style": style, "data": data}
    return _SHOWN.sub(lambda match: parts[match[1]], _own("gallery.html")).encode("utf-8", "replace")


class _State:
    """What was drawn and written the last time, and what is this time."""

    def __init__(self, store: "Store", before: dict[str, dict[str, str]]) -> None:
        self._store = store
        self.before_faces, self._before_files = before["faces"], before["files"]
        self.faces: dict[str, str] = {}
        """When the bundle was made whose face is on the wall, and the IPTC's term for it, by id."""
        self._files: dict[str, str] = {}
        self.count = 0

    @staticmethod
    def read(store: "Store") -> dict[str, dict[str, str]]:
        """What was kept; nothing where that can't be read, and then all is drawn anew."""
        try:
            kept = json.loads(store.read(_STATE) or b"{}")
        except (ValueError, RecursionError):
            kept = {}
        parts = {name: kept.get(name) if isinstance(kept, dict) else None for name in ("faces", "files")}
        return {name: part if isinstance(part, dict) else {} for name, part in parts.items()}

    def put(self, name: str, data: bytes) -> str:
        """Writes a file unless it lies there like this already; returns how the page asks for it, so that no browser
        shows an old one."""
        digest = hashlib.sha256(data).hexdigest()[:16]
        if self._before_files.get(name) != digest:
            self._store.write(f"{FOLDER}/{name}", data)
        self._files[name] = digest
        return f"{name}?{digest}"

    @property
    def source_type(self) -> SourceType | None:
        """The term that fits all who are on the wall; None where nobody is."""
        found = {drawn.rpartition(_SEPARATOR)[2] for drawn in self.faces.values()}
        return next((term for term in _SOURCES if term in found), None)

    def keep(self) -> None:
        """Remembers it for the next time."""
        state = {"faces": self.faces, "files": self._files}
        self._store.write(_STATE, json.dumps(state, separators=(",", ":")).encode())


def _groups(lines: Iterable[Made], size: int) -> Iterator[list[Made]]:
    rest = iter(lines)
    while group := list(islice(rest, size)):
        yield group


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _call(name: str, *values: Any) -> bytes:
    """A data script: it hands values to the page, and nothing in them ends it or is code."""
    told = (json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False) for value in values)
    safe = ",".join(told).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return f"gallery.{name}({safe});\n".encode("utf-8", "replace")


def _own(name: str) -> str:
    return files("personify.pipelines.batch").joinpath(name).read_text("utf-8")


def _inline(kind: str, text: str) -> str:
    """Our own script or style as it stands in its element; it may not end that by itself."""
    if f"</{kind}" in text.lower() or "<!--" in text:
        raise PersonifyError(f"the gallery's own {kind} can't stand in a page: it holds </{kind} or <!--")
    return text


def _policy(script: str, style: str) -> str:
    """What the page may do: run its own script and those that lie beside it, and show pictures and clips from there."""

    def only(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"

    beside = "'self' file:"  # a page from a disk has no origin that 'self' could be
    return (
        f"default-src 'none'; script-src {beside} {only(script)}; style-src {only(style)}; img-src {beside} data:; "
        f"media-src {beside}; base-uri 'none'; form-action 'none'"
    )
