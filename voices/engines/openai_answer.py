"""What a speech server sent, as samples: it tells the format by the bytes, since servers send what they can make.

Knows nothing of requests. WAV (also one whose header was written before its length was known), MP3, Ogg, FLAC, AAC, MP4
and WebM are decoded as recordings are; raw PCM is taken for 24 kHz, 16 bit, little-endian, mono, as OpenAI's reference
of the endpoint says, unless its Content-Type names another rate.
"""

import re
import struct

import numpy as np

from personify.voices.errors import BadInput, PersonifyError
from personify.voices.exchange import Received, quoted
from personify.voices.recordings import Recording, read_sound
from personify.voices.servers import SpeechServer

_PCM_RATE_HZ = 24_000
_PCM_RATES_HZ = (8_000, 192_000)
_MAGIC = (b"RIFF", b"RF64", b"fLaC", b"OggS", b"ID3", b"\x1aE\xdf\xa3", b"FORM", b"caff")
_UNKNOWN = 0x7FFF0000
"""A length from here on is one that nobody knew: 0xFFFFFFFF, or as much as fits into a signed number."""
_TEXT_KINDS = ("json", "html", "xml", "text/")


def sound_of(server: SpeechServer, received: Received) -> Recording:
    """The samples of an answer, float32 (n,), mono; `PersonifyError` where it is no sound, or broke off."""
    body, kind = received
    at = f"{server.what} at {server.url}"
    if not body:
        raise PersonifyError(f"{at} sent an empty answer; see its log, and whether it has the voice that was asked for")
    if _is_text(body, kind):
        raise PersonifyError(f"{at} sent no sound but {quoted(server, body)}; is that the address of a speech server?")
    if not _is_container(body):
        if server.format != "pcm" and "pcm" not in kind:
            raise PersonifyError(f"{at} sent {kind or 'bytes'} that is no sound; set the format in [speech] to another")
        body = _as_wav(body, kind)
    elif missing := _missing(body):
        raise PersonifyError(f"{at} broke off: {missing:,} bytes of its sound are missing; try again, or see its log")
    else:
        body = _measured(body)
    try:
        return read_sound(body, "its answer")
    except BadInput as error:
        raise PersonifyError(f"{at} sent sound that can't be used: {error}") from error


def _is_text(body: bytes, kind: str) -> bool:
    """JSON, HTML or a plain message, whatever the server calls it; samples are full of bytes that no text has."""
    if _is_container(body):
        return False
    head = body[:512]
    printable = sum(32 <= byte < 127 or byte in b"\t\r\n" or byte >= 0xC2 for byte in head)
    plain = b"\0" not in head and printable >= 0.97 * len(head)
    return plain and (head.lstrip()[:1] in b"{[<" or any(word in kind for word in _TEXT_KINDS) or _is_utf8(head))


def _is_utf8(head: bytes) -> bool:
    try:
        head[:-4].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_container(body: bytes) -> bool:
    """Whether it begins as a sound file does: by its magic number, or by the sync word and layer of an MP3 or AAC frame
    (ISO/IEC 11172-3 and 13818-7), which samples near silence are not mistaken for."""
    if body.startswith(_MAGIC) or body[4:8] == b"ftyp":
        return True
    return len(body) > 2 and body[0] == 0xFF and ((body[1] & 0xE6) == 0xE2 or (body[1] & 0xF6) == 0xF0)


def _missing(body: bytes) -> int:
    """How many bytes a WAV file lacks by its own header."""
    if body[:4] != b"RIFF" or len(body) < 12:
        return 0
    size = struct.unpack("<I", body[4:8])[0]
    return 0 if size >= _UNKNOWN else max(0, size + 8 - len(body))


def _measured(body: bytes) -> bytes:
    """A WAV file whose header was written before its length was known, with the length that it has; others as they
    are."""
    at = body.find(b"data", 12, 4096)
    if body[:4] != b"RIFF" or at < 0 or struct.unpack("<I", body[at + 4 : at + 8])[0] < _UNKNOWN:
        return body
    size = struct.pack("<I", len(body) - at - 8)
    return body[:4] + struct.pack("<I", len(body) - 8) + body[8 : at + 4] + size + body[at + 8 :]


def _as_wav(samples: bytes, kind: str) -> bytes:
    """Raw 16-bit samples with a header before them."""
    told = re.search(r"rate=(\d{4,6})\b", kind)
    rate_hz = int(np.clip(int(told.group(1)), *_PCM_RATES_HZ)) if told else _PCM_RATE_HZ
    size = len(samples) & ~1
    header = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1, rate_hz, 2 * rate_hz, 2,
                         16, b"data", size)  # fmt: skip
    return header + samples[:size]
