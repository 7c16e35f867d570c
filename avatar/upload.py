"""Pictures from users: any file that claims to be one, read within limits and handed on as plain RGB.

The file may be hostile. What it is comes from its first bytes, how large it is from its header, before a pixel is
decoded; the decoder is Pillow's for exactly that format. Nothing but pixels leaves: no name, place or profile.
"""

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from personify.voices.errors import BadInput

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

MAX_BYTES = 40_000_000
MAX_PIXELS = 64_000_000
"""What is decoded whole: about 0.6 GB at its peak."""
MAX_STREAMED_PIXELS = 400_000_000
"""For JPEGs that can be shrunk row by row while they are decoded, as cameras write them."""
MIN_SIDE_PX = 64
MAX_JPEG_SCANS = 100
"""Progressive JPEGs have about ten; thousands of empty ones keep a decoder busy for hours."""
GROUND = (214, 210, 204)
"""The calm colour under transparent places."""

_FORMATS = "JPEG, PNG, WebP, GIF or BMP"
_EXIF_ORIENTATION = 0x0112


def read_picture(source: Path | bytes, *, longest_px: int = 2048) -> np.ndarray:
    """The picture, uint8 RGB (H, W, 3), upright, its longer side at most `longest_px`.

    JPEG, PNG, WebP, GIF (the first frame) and BMP are read, in any of their colour modes: grey, palette, CMYK, 16 bits;
    transparency is laid on a calm ground; the EXIF orientation is applied. Large JPEGs are reduced while they are
    decoded. Raises `BadInput` with the file's name and the reason: missing, too large, another format, too many
    pixels, smaller than 64 px, cut short or broken.
    """
    name, data = _load(source)
    try:
        image = _opened(data)
        picture = _pixels(image, data, longest_px)
    except BadInput as error:
        raise BadInput(f"{name} {error}") from error
    except MemoryError as error:
        raise BadInput(f"{name} needs more memory than there is; save a smaller copy") from error
    except Exception as error:  # a decoder that is fed hostile bytes may raise anything
        raise BadInput(f"{name} can't be read: {_reason(error)}; save it anew as JPEG or PNG") from error
    return picture


def _load(source: Path | bytes) -> tuple[str, bytes]:
    """A name for messages and the bytes, no more than the limit of them."""
    if isinstance(source, bytes):
        name, data = "the picture", source
    else:
        name = f"the picture {source}"
        try:
            if not source.is_file():
                what = "is a folder" if source.is_dir() else "doesn't exist or is not a file"
                raise BadInput(f"{name} {what}")
            with source.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path
            raise BadInput(f"{name} can't be opened: {_reason(error)}") from error
    if len(data) > MAX_BYTES:
        raise BadInput(f"{name} is larger than {MAX_BYTES // 1_000_000} MB; save a smaller copy")
    if not data:
        raise BadInput(f"{name} is empty")
    return name, data


def _opened(data: bytes) -> "ImageFile":
    """The picture with its header read, by the decoder that the first bytes ask for and no other."""
    kind = _kind(data)
    if kind is None:
        raise BadInput(f"is not a picture that can be read; give {_FORMATS}")
    if kind not in _DECODERS:
        raise BadInput(f"is {kind}, which can't be read; save it as {_FORMATS}")
    return _DECODERS[kind](data)


def _kind(data: bytes) -> str | None:
    """What the first bytes say it is, or None."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        return "AVIF" if brand.startswith(b"avi") else "HEIC" if brand[:3] in (b"hei", b"hev", b"mif") else "a video"
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    return next((kind for magic, kind in _MAGIC if data.startswith(magic) or start.startswith(magic)), None)


_MAGIC = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"8BPS", "a Photoshop file"),
    (b"%PDF", "a PDF"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML or SVG file"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
)


def _jpeg(data: bytes) -> "ImageFile":
    from PIL.JpegImagePlugin import JpegImageFile

    if data.count(b"\xff\xda") > MAX_JPEG_SCANS:
        raise BadInput(f"is a JPEG of more than {MAX_JPEG_SCANS} scans; save it anew as JPEG or PNG")
    return JpegImageFile(io.BytesIO(data))


def _png(data: bytes) -> "ImageFile":
    from PIL.PngImagePlugin import PngImageFile

    return PngImageFile(io.BytesIO(data))


def _webp(data: bytes) -> "ImageFile":
    from PIL.WebPImagePlugin import WebPImageFile

    return WebPImageFile(io.BytesIO(data))


def _gif(data: bytes) -> "ImageFile":
    from PIL.GifImagePlugin import GifImageFile

    return GifImageFile(io.BytesIO(data))


def _bmp(data: bytes) -> "ImageFile":
    from PIL.BmpImagePlugin import BmpImageFile

    image = BmpImageFile(io.BytesIO(data))
    if image.tile and image.tile[0][0] == "bmp_rle":
        raise BadInput("is a compressed BMP, which can't be read; save it as JPEG or PNG")
    return image


_DECODERS: dict[str, Callable[[bytes], "ImageFile"]] = {
    "JPEG": _jpeg, "PNG": _png, "WebP": _webp, "GIF": _gif, "BMP": _bmp,
}  # fmt: skip


def _pixels(image: "ImageFile", data: bytes, longest_px: int) -> np.ndarray:
    """Decodes, in the order that needs the least memory: shrink, convert, turn, lay on the ground."""
    width, height = image.size
    streamed = image.format == "JPEG" and _in_one_pass(data)
    most = MAX_STREAMED_PIXELS if streamed else MAX_PIXELS
    if width * height > most:
        raise BadInput(
            f"has {width} x {height} pixels, more than {most // 1_000_000} million as {image.format};"
            " save a smaller copy"
        )
    _check_sides(width, height, width, height)
    scale = min(1.0, longest_px / max(width, height))
    wanted = max(1, round(width * scale)), max(1, round(height * scale))
    _check_sides(*wanted, width, height)
    if image.format == "JPEG":
        image.draft(image.mode, wanted)
    if image.width * image.height > MAX_PIXELS:
        raise BadInput(f"has {width} x {height} pixels, too many to be kept {longest_px} px long; ask for fewer")
    image.load()
    plain = _eight_bits(image)
    if scale < 1:
        from PIL.Image import Resampling

        plain = plain.resize(wanted, Resampling.LANCZOS, reducing_gap=2.0)
    plain = _upright(plain, _orientation(image))
    return np.ascontiguousarray(_on_ground(plain), np.uint8)


def _check_sides(width: int, height: int, of_width: int, of_height: int) -> None:
    if min(width, height) < MIN_SIDE_PX:
        raise BadInput(
            f"has {of_width} x {of_height} pixels, too narrow: its shorter side has to be {MIN_SIDE_PX} px,"
            " also once the longer one is reduced"
        )


def _in_one_pass(data: bytes) -> bool:
    """Whether a JPEG's first scan holds all of its colours at full depth: others are kept whole in memory."""
    at, colours = 2, 0
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        if marker in (0xC0, 0xC1):
            colours = data[at + 9] if at + 9 < len(data) else 0
        if marker == 0xDA:
            return colours > 0 and at + 4 < len(data) and data[at + 4] == colours
        at += 2 + length
    return False


def _eight_bits(image: "Image") -> "Image":
    """Any mode as RGB, or RGBA where something is transparent."""
    if image.mode.startswith("I") or image.mode == "F":
        from PIL import Image as pillow

        values = np.asarray(image).astype(np.float32)
        return pillow.fromarray(np.clip(values / 257 + 0.5, 0, 255).astype(np.uint8)).convert("RGB")
    target = "RGBA" if image.has_transparency_data else "RGB"
    return image if image.mode == target else image.convert(target)


def _orientation(image: "Image") -> int:
    """EXIF's orientation, 1 (upright) where there is none or it can't be read."""
    try:
        value = image.getexif().get(_EXIF_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - hostile metadata may raise anything, and the picture is good without it
        return 1
    return value if isinstance(value, int) else 1


def _upright(image: "Image", orientation: int) -> "Image":
    """Undoes how the camera was held: EXIF 2.32, tag Orientation, values 1 to 8."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return image.transpose(turns[orientation]) if orientation in turns else image


def _on_ground(image: "Image") -> np.ndarray:
    values = np.asarray(image)
    if image.mode == "RGB":
        return values
    alpha = values[..., 3:].astype(np.float32) / 255
    return np.round(values[..., :3] * alpha + np.array(GROUND, np.float32) * (1 - alpha))


def _reason(error: Exception) -> str:
    """A decoder's own words in one short line."""
    said = " ".join(str(getattr(error, "strerror", None) or error).split())
    return (said or type(error).__name__)[:160]
