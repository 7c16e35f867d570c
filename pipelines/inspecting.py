"""What a file says of where it comes from: Personify's own tags, other generators' and content credentials.

Files come from anybody. Nothing is decoded, so that no picture can fill the memory; so much is read and no more; and
what tags say is told as what they say, since anybody can write and remove them.
"""

import html
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from personify.pipelines.bundle import RECORD, AvatarRecord, read_record
from personify.pipelines.containers import container_of, head_of
from personify.pipelines.provenance import Provenance
from personify.pipelines.verifying import REMOTE, Verdict, can_verify, verify
from personify.pipelines.xmp import source_type_in
from personify.voices.errors import BadInput
from personify.voices.tags import LONGEST_TEXT, Found

LARGEST_CHECKED = 2**30
"""Bytes of a file whose credentials are checked, which takes reading all of it."""
META = "personify"
"""The name of the element `<meta>` in which a page keeps its record."""

_HEAD_OF_PAGE = 2**17
_META = re.compile(r'<meta name="personify" content="([^"]*)"', re.ASCII)
_ELSEWHERE = "dcterms:provenance"
"""The property of an XMP packet that says at which address credentials lie (C2PA 2.1, 11.4)."""
_CARDS = ("chara", "ccv3")
_GENERATORS = {
    "parameters": "Stable Diffusion web UI",
    "prompt": "ComfyUI",
    "workflow": "ComfyUI",
    "invokeai_metadata": "InvokeAI",
    "sd-metadata": "InvokeAI",
    "Dream": "InvokeAI",
}
"""The keywords under which other programs keep what they were told."""
_MACHINES = {
    "algorithmicMedia",
    "trainedAlgorithmicMedia",
    "compositeWithTrainedAlgorithmicMedia",
    "compositeSynthetic",
}


@dataclass(frozen=True)
class Inspected:
    """What was found in one file. `machine_made` None: it doesn't say; `credentials` None: it has none."""

    path: Path
    kind: str
    size: int
    machine_made: bool | None
    provenance: Provenance | None = None
    credentials: Verdict | None = None
    source_type: str | None = None
    """The IPTC's term, from the actions where they are signed and that holds, else from the XMP packet."""
    generator: str | None = None
    texts: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class InspectedFolder:
    """An avatar's folder: its record, and what each of its pictures, sounds and clips says."""

    folder: Path
    record: AvatarRecord
    files: tuple[Inspected, ...]
    notes: tuple[str, ...] = ()


def inspect_file(path: Path) -> Inspected:
    """What a PNG, WAV, MP4, JPEG, WebP or HTML file says. Raises `BadInput` where it is none or can't be read."""
    if not path.is_file():
        raise BadInput(f"{path} is no file; name a picture, a sound, a clip, a page, or an avatar's folder")
    kind, mime, found = _found(path)
    notes = [] if found.problem is None else [f"the file is damaged: {found.problem}"]
    said = _provenance(found, notes)
    verdict = _verdict(path, mime, found)
    said = _agreed(said, verdict, notes)
    signed = verdict.source_types if verdict and verdict.holds else ()
    tagged = source_type_in(found.xmp) if found.xmp else None
    source = next(iter(signed), None) or tagged or (said.source_type if said else None)
    generator = _generator(found, said, verdict)
    machine = (
        (said is not None and said.source_type is not None)
        or not _MACHINES.isdisjoint((*signed, tagged))
        or any(key in found.texts for key in _GENERATORS)
    )
    return Inspected(
        path, kind, path.stat().st_size, machine or None, said, verdict, source, generator, _others(found, said),
        tuple(notes),
    )  # fmt: skip


def inspect_folder(folder: Path) -> InspectedFolder:
    """What an avatar's folder says. Raises `BadInput` where there is no avatar that can be read."""
    record = read_record(folder / RECORD)
    files, notes = [], []
    for what, name in record.files.items():
        if what in ("portrait", "greeting", "clip"):
            try:
                files.append(inspect_file(folder / name))
            except BadInput as error:
                notes.append(str(error))
    return InspectedFolder(folder, record, tuple(files), tuple(notes))


def _found(path: Path) -> tuple[str, str, Found]:
    """The kind of a file, its MIME type, and its tags."""
    head = head_of(path, 512)
    if head.startswith(b"\xff\xd8\xff") or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return _picture(path, "JPEG" if head[:1] == b"\xff" else "WEBP")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        return "HTML page", "text/html", _page(path)
    try:
        container = container_of(path)
    except BadInput:
        raise BadInput(f"{path} is neither a PNG, JPEG or WebP picture, nor a WAV, an MP4 or an HTML page") from None
    return container.name, container.mime, container.read_tags(path)


def _picture(path: Path, form: str) -> tuple[str, str, Found]:
    """The tags of a JPEG or WebP; its header is read, its pixels aren't."""
    import warnings

    from PIL import Image

    found = Found()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pictures that are too large to decode, which nobody does here
            with Image.open(path, formats=(form,)) as picture:
                exif = picture.getexif()
                details = dict(exif) | dict(exif.get_ifd(0x8769))
                info = dict(picture.info)
    except Exception as error:  # noqa: BLE001 - whatever a broken header does to the parser
        found.problem = f"its header can't be read ({type(error).__name__})"
        details, info = {}, {}
    for name, code in (("Description", 0x010E), ("Software", 0x0131), ("Artist", 0x013B), ("parameters", 0x9286)):
        if (value := _plain(details.get(code))).strip():
            found.add(name, value)
    if comment := _plain(info.get("comment")):
        found.add("Comment", comment)
    packet = info.get("xmp")
    if isinstance(packet, bytes):
        found.xmp = packet[:LONGEST_TEXT].decode("utf-8", "replace")
    found.has_credentials = None  # whoever checks them will see
    return f"{form.replace('WEBP', 'WebP')} picture", f"image/{form.lower()}", found


def _plain(value: Any) -> str:
    """A value of Exif as text; user comments begin with the name of their encoding."""
    if isinstance(value, bytes):
        code, rest = value[:8], value[8 : LONGEST_TEXT + 8]
        if code.startswith(b"UNICODE"):
            return rest.decode("utf-16-be" if rest[:1] == b"\0" else "utf-16-le", "replace").rstrip("\0")
        return (rest if code.startswith(b"ASCII") else value[:LONGEST_TEXT]).decode("utf-8", "replace").rstrip("\0")
    return value[:LONGEST_TEXT] if isinstance(value, str) else ""


def _page(path: Path) -> Found:
    with path.open("rb") as file:
        text = file.read(_HEAD_OF_PAGE).decode("utf-8", "replace")
    found = Found(has_credentials=None)
    for name in ("generator", "description"):
        if told := re.search(rf'<meta name="{name}" content="([^"]{{1,2000}})"', text):
            found.add(name, html.unescape(told[1]))
    if record := _META.search(text):
        found.record = html.unescape(record[1])
    return found


def _provenance(found: Found, notes: list[str]) -> Provenance | None:
    if found.record is None:
        return None
    try:
        return Provenance.model_validate_json(found.record)
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))[:80] or "the whole"
        notes.append(f"it holds a record of Personify's that can't be read ({where})")
        return None


def _verdict(path: Path, mime: str, found: Found) -> Verdict | None:
    """The verdict on the credentials; None where they were looked for and aren't there."""
    if mime == "text/html":
        return Verdict("unread", problems=("those of a page aren't read here",))
    if found.has_credentials is False:
        if found.xmp and _ELSEWHERE in found.xmp:
            return REMOTE
        return Verdict("unread", problems=("what lies behind the damage isn't read",)) if found.problem else None
    untold = None
    if path.stat().st_size > LARGEST_CHECKED:
        untold = f"it has more than {LARGEST_CHECKED / 2**30:.0f} GiB"
    elif not can_verify():
        untold = "checking needs c2pa-python: pip install 'personify[c2pa]'"
    if untold is not None:
        return Verdict("unchecked" if found.has_credentials else "unread", problems=(untold,))
    verdict = verify(path, mime)
    if found.problem and found.has_credentials is None and (verdict is None or not verdict.signer):
        return Verdict("unread", problems=("what lies behind the damage isn't read",))
    return verdict


def _agreed(said: Provenance | None, verdict: Verdict | None, notes: list[str]) -> Provenance | None:
    """The record that counts: the one that was signed, where the signature holds."""
    if verdict is None or verdict.record is None or not verdict.holds:
        return said
    try:
        signed = Provenance.model_validate(verdict.record)
    except ValidationError:
        notes.append("the record that was signed can't be read")
        return said
    if said is not None and said != signed:
        notes.append("the plain tags say something else than what was signed, which is shown")
    return signed


def _generator(found: Found, said: Provenance | None, verdict: Verdict | None) -> str | None:
    if said is not None:
        return f"{said.software} {said.version}"
    if verdict is not None and verdict.holds and verdict.generator:
        return verdict.generator
    known = next((name for key, name in _GENERATORS.items() if key in found.texts), None)
    told = (found.texts.get(key) for key in ("Software", "software", "generator"))
    return known or next((text for text in told if text), None)


def _others(found: Found, said: Provenance | None) -> dict[str, str]:
    """Texts that tell more than the record does; of a character card that there is one."""
    own = {"Title", "Comment", "Software", "Creation Time", "title", "comment", "software", "date", "generator"}
    texts = {key: text for key, text in found.texts.items() if said is None or key not in own}
    return {
        key: f"a character card, {len(text):,} characters" if key in _CARDS else text for key, text in texts.items()
    }
