"""Every picture, sound, clip and page says how it was made, without a change to what is seen and heard."""

import hashlib
import json
import re
import struct
import wave
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from personify.avatar import clip_tags, png_tags
from personify.avatar.video import write_clip
from personify.pipelines import BadInput
from personify.pipelines.bundle import open_avatar
from personify.pipelines.containers import container_of
from personify.pipelines.provenance import Drawn, Provenance, Shown, Spoken, of, sentence, source_type, stamp, tags_of
from personify.pipelines.xmp import source_type_in
from personify.voices import wav_tags
from personify.voices.speech import Speech
from personify.voices.tags import Tags
from personify.voices.wav import write_wav

TAGS = Tags(
    "Tea – pot", "Made by a machine: 声", "Personify 9", '{"x": "é"}', "<x:xmpmeta>声</x:xmpmeta>", "2026-01-02"
)
SAID = Provenance(
    notice="Made by a machine.", what="clip",
    source_type="trainedAlgorithmicMedia", head="builtin", words_by="qwen3", created="2026-01-02T03:04Z",
    characters=(
        Shown(
            name='Bo <b>"&', description="a pot ]]> with 声 and \x07", key="00ff", seed=7,
            drawn=Drawn(expert="clay", licence="mit", commercial=False, seed=9, guidance="both", guide="sketch"),
            spoken=Spoken(tone="kettle", voice_model="vctk", licence="Apache-2.0", commercial=True),
        ),
    ),
)  # fmt: skip


def picture(path):
    rng = np.random.default_rng(1)
    Image.fromarray(rng.integers(0, 255, (40, 30, 3), np.uint8)).save(path, "PNG")
    return path


def sound(path):
    return write_wav(path, Speech("", np.sin(np.arange(4001) / 9).astype(np.float32), 16_000, ()))


def clip(path):
    rng = np.random.default_rng(2)
    frames = [rng.integers(0, 255, (64, 64, 3), np.uint8) for _ in range(30)]
    write_clip(path, frames, Speech("", np.sin(np.arange(19_200) / 9).astype(np.float32), 16_000, ()))
    return path


MAKERS = {"a.png": picture, "a.wav": sound, "a.mp4": clip}
KINDS = list(MAKERS)


@pytest.fixture(scope="module")
def pear(studio, tmp_path_factory):
    """An avatar that is made quickly; tests read it and never change it."""
    return studio.create("a cheerful pear", seed=3, expert="sketch", out=tmp_path_factory.mktemp("avatars"))


def seen_and_heard(path):
    """A digest of every pixel and sample, decoded by libraries that know nothing of ours."""
    digest = hashlib.sha256()
    if path.suffix == ".png":
        with Image.open(path) as image:
            digest.update(np.asarray(image).tobytes())
    elif path.suffix == ".wav":
        with wave.open(str(path)) as file:
            digest.update(repr(file.getparams()).encode() + file.readframes(file.getnframes()))
    else:
        for kind in ("video", "audio"):
            with av.open(str(path)) as container:
                for frame in container.decode(**{kind: 0}):
                    digest.update(repr((frame.pts, frame.time_base)).encode() + frame.to_ndarray().tobytes())
    return digest.hexdigest()


@pytest.mark.parametrize("name", KINDS)
def test_tags_are_read_back_and_nothing_that_is_seen_or_heard_changes(tmp_path, left_in, name):
    path = MAKERS[name](tmp_path / name)
    before, container = seen_and_heard(path), container_of(path)
    container.write_tags(path, TAGS)
    found = container.read_tags(path)
    told = {key.lower(): text for key, text in found.texts.items()}
    assert (told["title"], told["comment"], told["software"]) == (TAGS.title, TAGS.comment, TAGS.software)
    assert told.get("date", told.get("creation time")) == "2026-01-02"
    assert (found.record, found.xmp, found.problem, found.has_credentials) == (TAGS.record, TAGS.xmp, None, False)
    assert seen_and_heard(path) == before
    assert left_in(tmp_path) == [name]


@pytest.mark.parametrize("name", KINDS)
def test_tags_that_are_written_twice_are_there_once(tmp_path, name):
    path = MAKERS[name](tmp_path / name)
    write = container_of(path).write_tags
    write(path, TAGS)
    once, seen = path.read_bytes(), seen_and_heard(path)
    write(path, Tags("Another", "thing", "altogether " * 40, "{}", "<x/>"))
    assert path.read_bytes() != once and seen_and_heard(path) == seen
    write(path, TAGS)
    assert path.read_bytes() == once


def test_pillow_reads_the_texts_of_a_picture(tmp_path):
    path = picture(tmp_path / "a.png")
    png_tags.write_tags(path, TAGS)
    with Image.open(path) as image:
        image.load()
        assert image.text["Comment"] == TAGS.comment and image.text["personify"] == TAGS.record
        assert image.info["xmp"].decode() == TAGS.xmp


def test_ffmpeg_reads_the_tags_of_sounds_and_clips(tmp_path):
    for path in (sound(tmp_path / "a.wav"), clip(tmp_path / "a.mp4")):
        container_of(path).write_tags(path, TAGS)
        with av.open(str(path)) as file:
            assert file.metadata["title"] == TAGS.title and file.metadata["comment"] == TAGS.comment


def test_chunks_of_others_in_a_picture_are_kept(tmp_path):
    from PIL.PngImagePlugin import PngInfo

    theirs = PngInfo()
    theirs.add_text("chara", "eyJ9")
    theirs.add_text("Comment", "older")
    Image.new("RGB", (4, 4)).save(tmp_path / "card.png", pnginfo=theirs)
    png_tags.write_tags(tmp_path / "card.png", TAGS)
    with Image.open(tmp_path / "card.png") as image:
        image.load()
        assert image.text["chara"] == "eyJ9" and image.text["Comment"] == TAGS.comment


def test_an_index_behind_what_it_points_to_stays_right(tmp_path):
    """As other muxers write it."""
    source = clip(tmp_path / "front.mp4")
    behind = tmp_path / "behind.mp4"
    with av.open(str(source)) as old, av.open(str(behind), "w") as new:
        tracks = {track.index: new.add_stream_from_template(track) for track in old.streams}
        for packet in old.demux():
            if packet.dts is not None:
                packet.stream = tracks[packet.stream.index]
                new.mux(packet)
    data = behind.read_bytes()
    assert data.index(b"moov") > data.index(b"mdat")
    before = seen_and_heard(behind)
    clip_tags.write_tags(behind, TAGS)
    assert seen_and_heard(behind) == before and clip_tags.read_tags(behind).record == TAGS.record


def _box_at(data, kind, start=0):
    """Where a box begins, and its size."""
    place = data.index(kind, start) - 4
    return place, struct.unpack_from(">I", data, place)[0]


def test_a_clip_whose_last_box_has_no_size_keeps_it_to_itself(tmp_path):
    """It goes on to the end of the file, as live muxers write it; tags that come behind it must not be in it."""
    path = clip(tmp_path / "a.mp4")
    data = bytearray(path.read_bytes())
    place, size = _box_at(data, b"mdat", data.index(b"moov"))
    assert place + size == len(data)
    data[place : place + 4] = bytes(4)
    path.write_bytes(data)
    before = seen_and_heard(path)
    clip_tags.write_tags(path, TAGS)
    found = clip_tags.read_tags(path)
    assert (found.xmp, found.record, found.problem) == (TAGS.xmp, TAGS.record, None)
    assert seen_and_heard(path) == before
    once = path.read_bytes()
    clip_tags.write_tags(path, TAGS)
    assert path.read_bytes() == once


@pytest.mark.parametrize("form", ["to the end", "wide"])
def test_tags_of_an_index_whose_last_box_is_sized_otherwise_are_found_and_replaced(tmp_path, form):
    path = clip(tmp_path / "a.mp4")
    shorter = replace(TAGS, comment=TAGS.comment[:-1] + "12345678")  # by as much as a wide size takes
    bodies = []
    for tags in (shorter, replace(shorter, comment=shorter.comment + "12345678")):
        clip_tags.write_tags(path, tags)
        data = path.read_bytes()
        index, index_size = _box_at(data, b"moov")
        place, size = _box_at(data, b"udta", index)
        assert place + size == index + index_size  # the last one of the index
        bodies.append(data[place + 8 : place + size])
    wide, to_the_end = struct.pack(">I4sQ", 1, b"udta", size) + bodies[0], bytes(4) + b"udta" + bodies[1]
    path.write_bytes(data[:place] + (wide if form == "wide" else to_the_end) + data[place + size :])
    before = seen_and_heard(path)
    assert clip_tags.read_tags(path).record == TAGS.record
    clip_tags.write_tags(path, TAGS)
    assert path.read_bytes().count(b"ilst") == 1 and seen_and_heard(path) == before
    found = clip_tags.read_tags(path)
    assert (found.record, found.texts["comment"]) == (TAGS.record, TAGS.comment)


def test_an_index_that_would_lose_a_part_is_refused_and_left_alone(tmp_path, left_in):
    path = clip(tmp_path / "a.mp4")
    data = bytearray(path.read_bytes())
    place, _ = _box_at(data, b"trak", data.index(b"trak") + 4)  # the second one
    data[place : place + 4] = struct.pack(">I", 7)
    path.write_bytes(data)
    with pytest.raises(BadInput, match=r"a\.mp4 is damaged: a box of the index has a size that can't be"):
        stamp(path, SAID)
    assert path.read_bytes() == data and left_in(tmp_path) == ["a.mp4"]


def test_a_huge_last_box_without_a_size_is_refused(tmp_path, left_in):
    path = clip(tmp_path / "a.mp4")
    data = bytearray(path.read_bytes())
    place, _ = _box_at(data, b"mdat", data.index(b"moov"))
    data[place : place + 4] = bytes(4)
    path.write_bytes(data)
    with path.open("r+b") as file:
        file.truncate(2**32 + 2**20)  # a hole, which takes no place on the disk
    with pytest.raises(BadInput, match="larger than 4 GiB"):
        clip_tags.write_tags(path, TAGS)
    assert left_in(tmp_path) == ["a.mp4"]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("keep", [0.02, 0.5, 0.95])
def test_a_file_that_is_cut_off_is_refused_and_left_alone(tmp_path, left_in, name, keep):
    path = MAKERS[name](tmp_path / name)
    container = container_of(path)
    path.write_bytes(path.read_bytes()[: max(16, int(keep * path.stat().st_size))])
    cut = path.read_bytes()
    with pytest.raises((EOFError, BadInput)):
        container.write_tags(path, TAGS)
    assert path.read_bytes() == cut and left_in(tmp_path) == [name]
    assert container.read_tags(path).problem


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=40)
@given(data=st.data())
def test_whatever_is_in_a_file_reading_it_ends_well(tmp_path_factory, name, data):
    folder = tmp_path_factory.mktemp("files")
    path = MAKERS[name](folder / name)
    container_of(path).write_tags(path, TAGS)
    whole = bytearray(path.read_bytes())
    for place, byte in data.draw(st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), max_size=12)):
        if 16 <= place < len(whole):
            whole[place] = byte
    path.write_bytes(whole[: data.draw(st.integers(16, len(whole)))])
    found = {".png": png_tags, ".wav": wav_tags, ".mp4": clip_tags}[path.suffix].read_tags(path)
    assert all(isinstance(text, str) and len(text) <= 2**16 for text in found.texts.values())


def test_text_that_was_compressed_to_fill_the_memory_is_cut(tmp_path):
    import zlib

    path = picture(tmp_path / "a.png")
    data = b"parameters\0\0" + zlib.compress(b"a" * 50_000_000)
    chunk = struct.pack(">I", len(data)) + b"zTXt" + data + struct.pack(">I", zlib.crc32(b"zTXt" + data))
    whole = path.read_bytes()
    path.write_bytes(whole[:33] + chunk + whole[33:])
    assert len(png_tags.read_tags(path).texts["parameters"]) == 2**16


def test_a_text_with_a_length_that_lies_takes_no_memory(tmp_path):
    path = sound(tmp_path / "a.wav")
    wav_tags.write_tags(path, TAGS)
    whole = path.read_bytes()
    place = whole.index(b"ICMT") + 4
    path.write_bytes(whole[:place] + struct.pack("<I", 2**32 - 1) + whole[place + 4 :])
    assert len(wav_tags.read_tags(path).texts["comment"]) < 2**16


@pytest.mark.parametrize("name", KINDS)
def test_a_stamp_tells_people_programs_and_newsrooms_the_same(tmp_path, name):
    path = MAKERS[name](tmp_path / name)
    stamp(path, SAID)
    found = container_of(path).read_tags(path)
    assert Provenance.model_validate_json(found.record) == SAID
    comment = found.texts.get("comment") or found.texts["Comment"]
    for word in ("machine", "clay", "mit, not for sale", "seed 9", "kettle", "vctk: Apache-2.0", "seed 7"):
        assert word in comment
    tree = ET.fromstring(re.search(r"<x:xmpmeta.*</x:xmpmeta>", found.xmp, re.S)[0])
    about = tree[0][0].attrib
    iptc = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
    assert about[f"{iptc}DigitalSourceType"].endswith("/digitalsourcetype/trainedAlgorithmicMedia")
    assert about[f"{iptc}AIPromptInformation"] == "a pot ]]> with 声 and "  # XML holds no control characters
    assert source_type_in(found.xmp) == "trainedAlgorithmicMedia"


@pytest.mark.parametrize("name", KINDS)
def test_a_damaged_file_is_not_stamped_and_left_alone(tmp_path, left_in, name):
    path = MAKERS[name](tmp_path / name)
    path.write_bytes(path.read_bytes()[:-200])
    cut = path.read_bytes()
    with pytest.raises(BadInput, match=f"{name} is damaged"):
        stamp(path, SAID)
    assert path.read_bytes() == cut and left_in(tmp_path) == [name]


def test_a_file_of_another_kind_is_not_stamped(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    with pytest.raises(BadInput, match="neither a PNG"):
        stamp(tmp_path / "a.txt", SAID)
    with pytest.raises(BadInput, match="can't read"):
        stamp(tmp_path / "b.png", SAID)


@pytest.mark.parametrize(
    ("expert", "guide", "voice", "term"),
    [
        ("sketch", None, "espeak", "algorithmicMedia"),
        ("sketch", None, "vctk", "trainedAlgorithmicMedia"),
        ("clay", "sketch", "espeak", "trainedAlgorithmicMedia"),
        ("clay", "image", "espeak", "compositeWithTrainedAlgorithmicMedia"),
        ("sketch", None, None, "compositeSynthetic"),
        ("picture", "image", "espeak", "compositeSynthetic"),
    ],
)
def test_the_term_fits_how_it_was_made(expert, guide, voice, term):
    drawn = Drawn(expert=expert, seed=1, guidance="none" if expert in ("sketch", "picture") else "both", guide=guide)
    spoken = Spoken(tone=voice and "any", voice_model=voice)
    assert source_type([Shown(drawn=drawn, spoken=spoken)]) == term


def test_the_files_of_a_bundle_say_how_they_were_made(pear):
    said = {what: _record_in(pear.files[what]) for what in ("portrait", "greeting", "clip")}
    made = pear.record
    assert [each.what for each in said.values()] == ["portrait", "speech", "clip"]
    for each in said.values():
        assert each.characters[0].key == pear.key and each.characters[0].seed == pear.seed
    drawn = said["portrait"].characters[0].drawn
    assert (drawn.expert, drawn.seed, drawn.licence) == (
        made.portrait.expert,
        made.portrait.seed,
        made.portrait.licence,
    )
    spoken = said["greeting"].characters[0].spoken
    assert (spoken.tone, spoken.voice_model, spoken.licence) == (pear.tone, "espeak", made.tone.licence)
    assert said["clip"].characters[0].drawn == drawn and said["clip"].characters[0].spoken == spoken
    assert said["clip"].created == made.created and said["clip"].characters[0].name == pear.name
    assert made.portrait.licence == "apache-2.0" and made.portrait.commercial is True
    assert made.tone.licence.startswith("GPL-3.0") and made.tone.commercial is True


def test_a_portrait_says_nothing_that_may_change_without_it(pear):
    """It is kept byte for byte where another voice speaks or the character is renamed, and made alike another day."""
    said = _record_in(pear.picture)
    assert said.created is None and said.characters[0].name is None and said.characters[0].spoken is None
    assert _record_in(pear.files["greeting"]).characters[0].drawn is None


def test_a_clip_says_whose_voice_is_in_it(studio, pear, tmp_path):
    said = _record_in(studio.say(pear, "Hello.", out=tmp_path / "hello.mp4").path)
    assert said.characters[0].spoken.tone == pear.tone and said.notice.endswith("synthetic.")
    path = studio.say(pear, audio=pear.files["greeting"], out=tmp_path / "heard.mp4").path
    heard = _record_in(path)
    assert heard.source_type == "compositeSynthetic" and heard.characters[0].spoken.tone is None
    assert "the voice is a recording" in heard.notice and "spoken by a recording" in sentence(heard)
    assert datetime.fromisoformat(heard.created) > datetime(2020, 1, 1, tzinfo=UTC)


def test_a_picture_that_came_with_a_card_is_not_said_to_be_made_here(pear, tmp_path):
    kept = pear.record.portrait.model_copy(update={"expert": "picture", "guide": "image", "licence": None})
    record = pear.record.model_copy(update={"portrait": kept})
    path = picture(tmp_path / "a.png")
    stamp(path, of(record, "portrait"))
    found = png_tags.read_tags(path)
    assert "came with a character card" in found.texts["Comment"] and "drawn by" not in found.texts["Comment"].lower()
    assert source_type_in(found.xmp) is None and "AISystemUsed" not in found.xmp
    clip_says = of(record, "clip")
    assert clip_says.source_type == "compositeSynthetic"
    assert "its motion is synthetic, the picture came with a character card; the voice is synthetic" in clip_says.notice


def test_a_tone_that_is_tried_says_which_it_is(studio, tmp_path):
    said = _record_in(studio.try_tone("kettle", "Hello.", out=tmp_path / "hello.wav").path)
    assert said.characters[0].spoken.tone == "kettle" and said.characters[0].drawn is None


def test_a_page_says_how_it_was_made(pear):
    from personify.ui.page import page_html, spoken_lines

    page = page_html(pear, spoken_lines(pear, [])[0])
    meta = re.search(r'<meta name="personify" content="([^"]*)"', page)[1]
    said = Provenance.model_validate_json(meta.replace("&quot;", '"').replace("&#x27;", "'").replace("&amp;", "&"))
    assert said == of(pear.record, "page")


def test_a_licence_that_nobody_knows_is_said_to_be_unknown(pear):
    record = pear.record.model_copy(
        update={"tone": pear.record.tone.model_copy(update={"licence": None, "voice_model": None, "commercial": None})}
    )
    assert "voice model unknown: licence unknown" in sentence(of(record, "speech"))
    assert json.loads(tags_of(of(record, "speech")).record)["characters"][0]["spoken"] == {"tone": pear.tone}


def test_an_earlier_avatar_can_be_opened_and_says_so(pear, tmp_path):
    """Those of version 1 know no licences."""
    import shutil

    folder = shutil.copytree(pear.folder, tmp_path / "old")
    told = json.loads((folder / "avatar.json").read_text("utf-8"))
    for part in ("tone", "portrait"):
        for name in ("licence", "commercial", "voice_model"):
            told[part].pop(name, None)
    told.pop("source", None)
    (folder / "avatar.json").write_text(json.dumps(told | {"schema_version": 1}), "utf-8")
    record = open_avatar(folder).record
    assert record.portrait.licence is None and record.tone.voice_model is None


def _record_in(path):
    return Provenance.model_validate_json(container_of(path).read_tags(path).record)
