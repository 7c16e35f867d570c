"""`personify inspect`: what files of ours, of other generators and of strangers say, and nothing they command."""

import json
import shutil
import struct
import zlib

import pytest
from credential_parts import papers
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from test_provenance import MAKERS, SAID
from typer.testing import CliRunner

from personify.pipelines import BadInput
from personify.pipelines.inspecting import inspect_file
from personify.pipelines.provenance import stamp
from personify.ui.cli import app
from personify.ui.terminal import print_json


@pytest.fixture(scope="module")
def pear(studio, tmp_path_factory):
    """An avatar that is made quickly; tests read it and never change it."""
    return studio.create("a cheerful pear", seed=3, expert="sketch", out=tmp_path_factory.mktemp("avatars"))


def ask(*words, code=0):
    told = CliRunner().invoke(app, ["inspect", *map(str, words)])
    assert told.exit_code == code, told.output
    return told.output


def generated(path, **texts):
    said = PngInfo()
    for keyword, text in texts.items():
        said.add_itxt(keyword, text)
    Image.new("RGB", (8, 8)).save(path, pnginfo=said)
    return path


def test_a_folder_shows_its_record_and_its_files(pear):
    told = ask(pear.folder)
    for word in (pear.name, "a cheerful pear", "sketch, seed 3", "apache-2.0", pear.tone, "espeak", "GPL-3.0", "rules"):
        assert word in told
    assert told.count("says how it was made; not signed") == 3
    assert ask(pear.folder / "avatar.json") == told


def test_a_folder_as_json(pear):
    told = json.loads(ask(pear.folder, "--json"))
    assert told["record"]["persona"]["description"] == "a cheerful pear"
    assert [each["provenance"]["what"] for each in told["files"]] == ["portrait", "speech", "clip"]
    assert all(each["machine_made"] for each in told["files"])


def test_a_clip_shows_how_it_was_made_and_that_nobody_signed_it(pear):
    told = ask(pear.clip)
    assert "yes, it says" in told and "algorithmicMedia" in told and "none; its tags are what anybody" in told
    found = json.loads(ask(pear.clip, "--json"))
    assert found["credentials"] is None and found["provenance"]["characters"][0]["name"] == pear.name


def test_a_folder_whose_files_are_missing_or_strange_says_so(pear, tmp_path):
    folder = shutil.copytree(pear.folder, tmp_path / "pear")
    (folder / "greeting.wav").unlink()
    (folder / "greeting.mp4").write_bytes(b"x" * 100)
    told = ask(folder)
    assert "greeting.wav is no file" in told and "is neither a PNG" in told


def test_a_page_shows_how_it_was_made(pear, tmp_path):
    from personify.ui.page import page_html, spoken_lines

    page = tmp_path / "pear.html"
    page.write_text(page_html(pear, spoken_lines(pear, [])[0]), "utf-8")
    found = json.loads(ask(page, "--json"))
    assert found["kind"] == "HTML page" and found["provenance"]["what"] == "page"


@pytest.mark.parametrize(
    ("texts", "generator"),
    [
        ({"parameters": "a cat, masterpiece\nSteps: 20, Sampler: Euler"}, "Stable Diffusion web UI"),
        ({"prompt": '{"3": {}}', "workflow": "{}"}, "ComfyUI"),
        ({"Dream": "a cat -s 50"}, "InvokeAI"),
        ({"Software": "NovelAI", "Comment": '{"steps": 28}'}, "NovelAI"),
    ],
)
def test_what_other_generators_say_is_shown(tmp_path, texts, generator):
    found = json.loads(ask(generated(tmp_path / "a.png", **texts), "--json"))
    assert found["generator"] == generator and found["provenance"] is None
    assert found["texts"] == texts


def test_a_picture_from_elsewhere_tells_its_source_type(tmp_path):
    packet = '<x:xmpmeta DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/>'
    found = inspect_file(generated(tmp_path / "a.png", **{"XML:com.adobe.xmp": packet}))
    assert found.source_type == "trainedAlgorithmicMedia" and found.machine_made
    packet = packet.replace("trainedAlgorithmicMedia", "digitalCapture")
    found = inspect_file(generated(tmp_path / "b.png", **{"XML:com.adobe.xmp": packet}))
    assert found.source_type == "digitalCapture" and found.machine_made is None


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_a_photo_says_what_its_exif_says(tmp_path, form):
    exif = Image.Exif()
    exif[0x0131] = "Some Camera 3"
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + "a cat\nSteps: 20".encode("utf-16-be")
    path = tmp_path / "photo.bin"
    Image.new("RGB", (9, 9)).save(path, form, exif=exif)
    found = inspect_file(path)
    assert found.texts == {"Software": "Some Camera 3", "parameters": "a cat\nSteps: 20"}
    assert found.generator == "Stable Diffusion web UI" and found.credentials is None


def test_a_card_is_told_of_and_not_shown(tmp_path):
    told = ask(generated(tmp_path / "card.png", chara="QUJD" * 2000))
    assert "a character card, 8,000 characters" in told and "QUJD" not in told


def test_a_plain_picture_says_nothing(tmp_path):
    told = ask(generated(tmp_path / "plain.png"))
    assert "it doesn't say" in told and "none" in told


def test_what_a_file_says_commands_no_terminal(tmp_path):
    path = generated(tmp_path / "a.png", Comment="\x1b[2J\x1b]0;owned\x07[red]hi[/red]", **{"\x9bkey": "\u202eevil"})
    told = ask(path)
    assert not set("\x1b\x07\x9b\u202e") & set(told)
    assert "[red]hi[/red]" in told and "\\x1b" in told


def test_json_commands_no_terminal_and_says_the_same(tmp_path, capsys):
    told = ask(generated(tmp_path / "a.png", **{"\x9bkey": "\u202eevil\x7f\u2066"}), "--json")
    assert not set("\x7f\x9b\u202e\u2066") & set(told)
    assert json.loads(told)["texts"] == {"\x9bkey": "\u202eevil\x7f\u2066"}
    value = {"\udcff": "\x85\u2028\u200f é 声"}
    print_json(value)
    told = capsys.readouterr().out
    assert json.loads(told) == value and "é 声" in told and "\\udcff" in told and "\x85" not in told


def test_a_long_text_is_cut(tmp_path):
    told = ask(generated(tmp_path / "a.png", Comment="y" * 60_000))
    assert told.count("y") < 1000 and "60,000 characters" in told


def test_a_record_that_lies_about_its_form_is_named(tmp_path):
    for record in ('{"what": "portrait"}', "[" * 60_000, '{"characters": ' + "1" * 5000 + "}", "\udcff"):
        path = generated(tmp_path / "a.png", personify=record.encode("utf-8", "replace").decode())
        told = json.loads(ask(path, "--json"))
        assert told["provenance"] is None and "can't be read" in told["notes"][0]


def test_a_picture_that_would_fill_the_memory_is_not_decoded(tmp_path):
    head = struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 6, 0, 0, 0)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    path = tmp_path / "bomb.png"
    parts = chunk(b"IHDR", head) + chunk(b"tEXt", b"Comment\0boo") + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
    assert inspect_file(path).texts == {"Comment": "boo"}


@pytest.mark.parametrize("name", ["missing.png", ".", "fifo"])
def test_what_is_no_file_is_refused(tmp_path, name):
    import os

    os.mkfifo(tmp_path / "fifo")
    told = CliRunner().invoke(app, ["inspect", str(tmp_path / name)])
    assert told.exit_code == 2 and "Traceback" not in told.output


def test_a_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    told = CliRunner().invoke(app, ["inspect", str(tmp_path / "a.pdf")])
    assert told.exit_code == 2 and "neither a PNG, JPEG or WebP picture, nor a WAV" in told.output


def test_credentials_are_shown_and_a_changed_file_fails(tmp_path, monkeypatch):
    pytest.importorskip("c2pa")
    made = papers(tmp_path / "papers")
    monkeypatch.setenv("PERSONIFY_C2PA_CERT", str(made.chain))
    monkeypatch.setenv("PERSONIFY_C2PA_KEY", str(made.key))
    path = MAKERS["a.png"](tmp_path / "a.png")
    stamp(path, SAID)
    told = ask(path)
    assert "hold: not changed since they were signed; whether the signer" in told and "Tea Signer, Tea Works" in told
    monkeypatch.setenv("PERSONIFY_C2PA_CERT", "")
    monkeypatch.setenv("PERSONIFY_C2PA_KEY", "")
    assert ask(path) == told  # whoever checks needs no key
    path.write_bytes(path.read_bytes().replace(b"Made by a machine", b"Made by one human"))
    told = ask(path, code=1)
    assert "DON'T HOLD" in told and "Tea Works, it says" in told


def test_without_the_library_credentials_are_said_to_be_unchecked(tmp_path, monkeypatch):
    pytest.importorskip("c2pa")
    made = papers(tmp_path / "papers")
    monkeypatch.setenv("PERSONIFY_C2PA_CERT", str(made.chain))
    monkeypatch.setenv("PERSONIFY_C2PA_KEY", str(made.key))
    path = MAKERS["a.wav"](tmp_path / "a.wav")
    stamp(path, SAID)
    monkeypatch.setattr("personify.pipelines.verifying.find_spec", lambda name: None)
    told = ask(path)
    assert "not checked" in told and "pip install 'personify[c2pa]'" in told


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_where_nobody_looked_for_credentials_none_are_denied(tmp_path, monkeypatch, form):
    path = tmp_path / "photo.bin"
    Image.new("RGB", (9, 9)).save(path, form)
    monkeypatch.setattr("personify.pipelines.verifying.find_spec", lambda name: None)
    told = " ".join(ask(path).split())
    assert "credentials not looked for: whether it has any isn't known" in told and "personify[c2pa]" in told
    assert json.loads(ask(path, "--json"))["credentials"]["state"] == "unread"


@pytest.mark.parametrize("name", ["a.png", "a.wav", "a.mp4"])
def test_credentials_behind_a_damage_are_not_denied(tmp_path, name):
    path = MAKERS[name](tmp_path / name)
    assert inspect_file(path).credentials is None
    path.write_bytes(path.read_bytes()[:-100])
    assert inspect_file(path).credentials.state == "unread"


def test_credentials_of_a_page_are_not_denied(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><title>tea</title>", "utf-8")
    assert "not looked for" in ask(page)


def test_credentials_that_lie_elsewhere_are_not_fetched(tmp_path):
    packet = '<x:xmpmeta dcterms:provenance="http://127.0.0.1:9/a.c2pa"/>'
    found = inspect_file(generated(tmp_path / "a.png", **{"XML:com.adobe.xmp": packet}))
    assert found.credentials.state == "unchecked" and "nothing is fetched" in found.credentials.problems[0]


def test_a_jpeg_whose_credentials_lie_elsewhere_is_not_called_broken(tmp_path):
    pytest.importorskip("c2pa")
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dcterms="http://purl.org/dc/terms/" '
        'dcterms:provenance="http://127.0.0.1:9/a.c2pa"/></rdf:RDF></x:xmpmeta>'
    )
    Image.new("RGB", (9, 9)).save(tmp_path / "a.jpg", xmp=packet.encode())
    assert inspect_file(tmp_path / "a.jpg").credentials.state == "unchecked"


def test_a_file_that_is_too_large_to_check_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("personify.pipelines.inspecting.LARGEST_CHECKED", 100)
    Image.new("RGB", (99, 99)).save(tmp_path / "a.jpg")
    assert inspect_file(tmp_path / "a.jpg").credentials.state == "unread"


@pytest.mark.parametrize("name", ["a.png", "a.wav", "a.mp4"])
@settings(max_examples=25)
@given(data=st.data())
def test_signed_files_that_were_damaged_anywhere_are_told_of_or_refused(tmp_path_factory, name, data):
    """Whatever happened to the bytes: one line, or a verdict that is good only where nothing that counts was changed;
    the padding around a signature doesn't."""
    pytest.importorskip("c2pa")
    with pytest.MonkeyPatch.context() as patch:
        whole = _signed_once(tmp_path_factory, patch, name)
    changed = bytearray(whole)
    for place in data.draw(st.lists(st.integers(0, len(changed) - 1), min_size=1, max_size=6, unique=True)):
        changed[place] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("damaged") / name
    path.write_bytes(changed[: data.draw(st.sampled_from([len(changed), len(changed) // 2]))])
    try:
        found = inspect_file(path)
    except BadInput:
        return
    if found.credentials is not None and found.credentials.state not in ("broken", "unread"):
        assert found.provenance == SAID


_SIGNED: dict[str, bytes] = {}


def _signed_once(folders, patch, name):
    if name not in _SIGNED:
        made = papers(folders.mktemp("papers"))
        patch.setenv("PERSONIFY_C2PA_CERT", str(made.chain))
        patch.setenv("PERSONIFY_C2PA_KEY", str(made.key))
        path = MAKERS[name](folders.mktemp("signed") / name)
        stamp(path, SAID)
        _SIGNED[name] = path.read_bytes()
    return _SIGNED[name]


def test_the_pictures_in_a_card_are_no_texts(tmp_path):
    """Where a card's assets come before it and are many, it is still told of."""
    assets = {f"chara-ext-asset_:{number}": "aGVsbG8=" for number in range(60)}
    generated(tmp_path / "card.png", **assets, chara="e30=")
    told = ask(tmp_path / "card.png")
    assert "a character card, 4 characters" in told and "aGVsbG8=" not in told


@pytest.mark.parametrize("form", ["webp", "jpeg"])
def test_a_photo_that_was_cut_is_not_said_to_have_been_changed(tmp_path, form):
    pytest.importorskip("c2pa")
    path = tmp_path / f"photo.{form}"
    Image.effect_noise((64, 64), 80).convert("RGB").save(path, form)
    whole = path.read_bytes()
    for length in (len(whole) // 2, 40):
        path.write_bytes(whole[:length])
        told = inspect_file(path)
        assert told.credentials is None or told.credentials.state == "unread", (length, told.credentials)
