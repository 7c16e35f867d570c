"""Users' own pictures: every common kind is read, everything hostile is refused by name, and nothing else happens."""

import io
import os
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from personify.avatar import upload
from personify.avatar.upload import GROUND, read_picture
from personify.voices.errors import BadInput


def scene(width=96, height=72):
    """Red, green, blue and white quarters, so that turning and channel order show."""
    picture = np.full((height, width, 3), 255, np.uint8)
    picture[: height // 2, : width // 2] = (200, 30, 30)
    picture[: height // 2, width // 2 :] = (30, 170, 40)
    picture[height // 2 :, : width // 2] = (30, 40, 190)
    return picture


def saved(image, kind, **settings):
    file = io.BytesIO()
    image.save(file, kind, **settings)
    return file.getvalue()


def corners(picture):
    return [picture[y, x].astype(int) for y, x in ((8, 8), (8, -8), (-8, 8), (-8, -8))]


def alike(a, b, most=14):
    return all(np.abs(x - y).max() <= most for x, y in zip(corners(a), corners(b), strict=True))


PLAIN = Image.fromarray(scene())
FILES = {
    "jpeg": saved(PLAIN, "JPEG", quality=95, subsampling=0),
    "progressive jpeg": saved(PLAIN, "JPEG", quality=95, subsampling=0, progressive=True),
    "cmyk jpeg": saved(PLAIN.convert("CMYK"), "JPEG", quality=95),
    "png": saved(PLAIN, "PNG"),
    "palette png": saved(PLAIN.quantize(16), "PNG"),
    "webp": saved(PLAIN, "WEBP", lossless=True),
    "gif": saved(PLAIN, "GIF"),
    "bmp": saved(PLAIN, "BMP"),
}


@pytest.mark.parametrize("kind", FILES)
def test_every_kind_gives_the_same_pixels(kind, tmp_path):
    path = tmp_path / "mine.bin"  # the name's ending says nothing
    path.write_bytes(FILES[kind])
    picture = read_picture(path)
    assert picture.dtype == np.uint8 and picture.shape == (72, 96, 3) and picture.flags.c_contiguous
    assert alike(picture, scene())
    assert np.array_equal(picture, read_picture(FILES[kind]))


def test_grey_one_bit_and_sixteen_bit_pictures_are_read_in_full_range():
    ramp = np.linspace(0, 255, 128).astype(np.uint8)[None].repeat(80, 0)
    for image in (
        Image.fromarray(ramp),
        Image.fromarray(ramp.astype(np.uint16) * 257),
        Image.fromarray(ramp).convert("LA"),
    ):
        picture = read_picture(saved(image, "PNG"))
        assert np.abs(picture.astype(int) - ramp[..., None]).max() <= 1
    bits = read_picture(saved(Image.fromarray((ramp > 127).astype(np.uint8) * 255).convert("1"), "PNG"))
    assert set(np.unique(bits)) == {0, 255}


def test_transparency_lies_on_a_calm_ground():
    rgba = np.dstack([scene(), np.zeros((72, 96), np.uint8)])
    rgba[:, :48, 3] = 255
    rgba[40:, 48:, 3] = 128
    for kind, settings_ in (("PNG", {}), ("WEBP", {"lossless": True, "exact": True})):
        picture = read_picture(saved(Image.fromarray(rgba), kind, **settings_))
        assert np.array_equal(picture[:36, :48], scene()[:36, :48])
        assert (picture[:36, 48:] == GROUND).all()
        assert np.abs(picture[60, 80] - (np.array(GROUND) + 255) / 2).max() <= 1
    keyed = saved(Image.fromarray(scene()).quantize(16), "PNG", transparency=0)
    assert (read_picture(keyed) == GROUND).all(axis=2).any()
    hidden = np.dstack([np.full((400, 400, 3), (255, 0, 0), np.uint8), np.zeros((400, 400), np.uint8)])
    hidden[::2, :, 3] = 255  # shrinking must not let the colour of invisible pixels through
    hidden[1::2, :, :3] = (0, 255, 0)
    shrunk = read_picture(saved(Image.fromarray(hidden), "PNG"), longest_px=100)
    assert (shrunk[..., 1] <= GROUND[1]).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_undone(orientation):
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(PLAIN, "JPEG", quality=95, subsampling=0, exif=exif)
    assert alike(read_picture(data), np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data)))))
    assert read_picture(data).shape == ((96, 72, 3) if orientation > 4 else (72, 96, 3))


def test_broken_exif_does_not_spoil_a_good_picture():
    for exif in (b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\1" * 40):
        assert read_picture(saved(PLAIN, "JPEG", exif=exif)).shape == (72, 96, 3)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_a_moving_picture_the_first_frame_is_taken(kind):
    later = [Image.new("RGB", (96, 72), (0, 0, 0)) for _ in range(3)]
    data = saved(PLAIN, kind, save_all=True, append_images=later)
    assert alike(read_picture(data), scene())


def test_large_pictures_are_reduced_and_small_ones_left():
    wide = Image.fromarray(scene(3000, 1000))
    for kind in ("PNG", "JPEG", "WEBP"):
        picture = read_picture(saved(wide, kind), longest_px=600)
        assert picture.shape == (200, 600, 3) and alike(picture, scene(600, 200))
    assert read_picture(FILES["png"], longest_px=4000).shape == (72, 96, 3)


def test_twenty_thousand_pixels_wide_work():
    jpeg = saved(Image.new("RGB", (20_000, 12_000), (90, 140, 200)), "JPEG", quality=20)
    picture = read_picture(jpeg)
    assert picture.shape == (1229, 2048, 3) and np.abs(picture[600, 1000].astype(int) - (90, 140, 200)).max() < 8
    png = saved(Image.new("L", (20_000, 1_500), 120), "PNG")
    assert read_picture(png).shape == (154, 2048, 3)


def png_of(width, height, *chunks, depth=8, colour=2):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunk(*c) for c in chunks) + chunk(b"IEND", b"")


BOMBS = {
    "pixels of a PNG": (png_of(60_000, 60_000, (b"IDAT", zlib.compress(bytes(1000)))), "60000 x 60000 pixels"),
    "text of a PNG": (
        png_of(100, 100, (b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000))), (b"IDAT", b"")), "can't be read"
    ),
    "profile of a PNG": (
        png_of(100, 100, (b"iCCP", b"a\0\0" + zlib.compress(bytes(80_000_000))), (b"IDAT", b"")), "can't be read"
    ),
    "scans of a JPEG": (FILES["progressive jpeg"][:-2] + b"\xff\xda\0\x08\1\1\0\1\0\0" * 5000, "scans"),
    "canvas of a GIF": (b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0) + b",", "can't be read|65535 x"),
    "rows of a BMP": (
        b"BM" + struct.pack("<IHHI", 100, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, 50000, 50000, 1, 24, *[0] * 6),
        "50000 x 50000",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_before_they_go_off(name):
    data, reason = BOMBS[name]
    tracemalloc.start()
    with pytest.raises(BadInput, match=reason):
        read_picture(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60_000_000


def test_a_jpeg_that_must_be_held_whole_has_the_lower_limit(monkeypatch):
    monkeypatch.setattr(upload, "MAX_PIXELS", 96 * 72)
    halves = [saved(Image.fromarray(scene(192, 144)), "JPEG", progressive=late) for late in (False, True)]
    assert read_picture(halves[0], longest_px=96).shape == (72, 96, 3)
    with pytest.raises(BadInput, match="192 x 144 pixels"):
        read_picture(halves[1], longest_px=96)


def test_what_is_not_a_picture_is_named(tmp_path):
    for start, said in (
        (b"\0\0\0\x18ftypheic" + bytes(40), "HEIC"), (b"\0\0\0\x1cftypavif" + bytes(40), "AVIF"),
        (b"II*\0" + bytes(40), "TIFF"), (b"  <svg xmlns='x'/>", "SVG"), (b"%PDF-1.7", "PDF"),
        (b"\0\0\0\x20ftypisom" + bytes(9), "video"), (b"hello, I am a picture", "not a picture"), (b"", "empty"),
    ):  # fmt: skip
        path = tmp_path / "me.jpg"
        path.write_bytes(start)
        with pytest.raises(BadInput, match=said) as refusal:
            read_picture(path)
        assert "me.jpg" in str(refusal.value)


def test_missing_files_folders_devices_and_giants_are_refused(tmp_path):
    with pytest.raises(BadInput, match=r"nowhere\.png doesn't exist"):
        read_picture(tmp_path / "nowhere.png")
    with pytest.raises(BadInput, match="is a folder"):
        read_picture(tmp_path)
    with pytest.raises(BadInput, match=r"can't be opened|doesn't exist"):
        read_picture(tmp_path / "a\0b.png")
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(BadInput, match="not a file"):
        read_picture(tmp_path / "pipe.png")
    with (tmp_path / "giant.png").open("wb") as file:
        file.truncate(10 * upload.MAX_BYTES)
    with pytest.raises(BadInput, match=r"giant\.png is larger than 40 MB"):
        read_picture(tmp_path / "giant.png")


def test_too_small_or_too_narrow_is_said_with_its_size():
    with pytest.raises(BadInput, match="10 x 10 pixels"):
        read_picture(saved(Image.new("RGB", (10, 10)), "PNG"))
    with pytest.raises(BadInput, match="9000 x 70 pixels"):
        read_picture(saved(Image.new("RGB", (9000, 70)), "PNG"))


def test_hidden_text_leaves_no_trace():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("where", "at home")
    picture = read_picture(saved(PLAIN, "PNG", pnginfo=notes))
    assert type(picture) is np.ndarray and b"at home" not in picture.tobytes()


@pytest.mark.parametrize("kind", FILES)
def test_a_truncated_file_is_refused(kind):
    whole = FILES[kind]
    for share in (0.3, 0.6):
        with pytest.raises(BadInput, match="the picture"):
            read_picture(whole[: int(len(whole) * share)])


def only_bad_input(data):
    try:
        picture = read_picture(data)
    except BadInput as error:
        assert str(error).startswith("the picture ") and "\n" not in str(error)
    else:
        assert picture.dtype == np.uint8 and picture.ndim == 3 and picture.shape[2] == 3


@given(st.binary(max_size=400), st.sampled_from([b"", *(data[:30] for data in FILES.values())]))
def test_random_bytes_are_only_ever_bad_input(body, start):
    only_bad_input(start + body)


@settings(max_examples=300)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_mutated_files_are_read_or_bad_input(kind, data):
    file = bytearray(FILES[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, min(len(file), 700) - 1))
        file[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(file)))
    only_bad_input(bytes(file[:cut] if data.draw(st.booleans()) else file))
