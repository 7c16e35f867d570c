"""Coqui's models on disk: whole, damaged, or holding code; fetched from a server, and never without an agreement."""

import errno
import io
import json
import pickle
import shutil
import zipfile

import pytest
from coqui_parts import Server, own_models, tone
from hub_server import Hub

from personify.voices.engines import get_engine, status_of
from personify.voices.engines.coqui import files
from personify.voices.engines.coqui.files import listed
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.fetching import fetch
from personify.voices.licences import agree, agreed
from personify.voices.models import load_models, model_of, ready_models
from personify.voices.settings import data_folder

pytest.importorskip("TTS", reason="coqui-tts is not installed: pip install -e '.[coqui]'")
tiny = pytest.importorskip("tiny_vits")

pytestmark = pytest.mark.usefixtures("one_thread")

XTTS = "tts_models/multilingual/multi-dataset/xtts_v2"


@pytest.fixture(scope="module")
def whole(tmp_path_factory, one_thread):
    return tiny.save_vits(tmp_path_factory.mktemp("models") / "whole")


@pytest.fixture
def folder(whole, tmp_path, monkeypatch):
    """A copy to be damaged, known as the model `broken`."""
    copy = shutil.copytree(whole, tmp_path / "broken")
    monkeypatch.setenv("PERSONIFY_CONFIG", str(own_models(tmp_path / "personify.toml", broken=copy)))
    return copy


def say(model="broken"):
    return get_engine("coqui").speak("Hello.", tone(model, speaker="p225"), language="en", accent=None)


class Trap:
    """A pickle that writes a file when it is loaded by an ordinary unpickler."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return (open, (self.path, "w"))


@pytest.mark.parametrize("name", ["model.pth", "speaker_ids.pth"])
def test_a_pickle_that_holds_code_is_refused_and_nothing_runs(folder, tmp_path, name):
    sprung = tmp_path / "sprung"
    if name == "speaker_ids.pth":
        (folder / "speaker_ids.json").unlink()
    with (folder / name).open("wb") as file:
        pickle.dump({"model": Trap(sprung)}, file, protocol=2)
    with pytest.raises(PersonifyError, match=r"broken is refused.*code that would run"):
        say()
    assert not sprung.exists()


def test_a_checkpoint_that_holds_code_in_torchs_own_format_is_refused(folder, tmp_path):
    import torch

    sprung = tmp_path / "sprung"
    torch.save({"model": {"emb": Trap(sprung)}}, folder / "model.pth")
    with pytest.raises(PersonifyError, match="broken is refused"):
        say()
    assert not sprung.exists()


def test_a_configuration_may_name_coquis_classes_alone(folder):
    config = json.loads((folder / "config.json").read_text())
    config["characters"]["characters_class"] = "antigravity.Fly"
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(BadInput, match=r"names the class 'antigravity.Fly'"):
        say()


def test_files_that_a_configuration_names_elsewhere_are_looked_for_here(folder):
    config = json.loads((folder / "config.json").read_text())
    config["model_args"]["speakers_file"] = config["speakers_file"] = "https://example.org/speaker_ids.json"
    (folder / "config.json").write_text(json.dumps(config))
    assert say().duration_s > 0.1


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda f: (f / "config.json").write_text("{"), "line 1 of .*config.json is not valid JSON"),
        (lambda f: (f / "config.json").write_text("{}"), "can't be loaded: KeyError"),
        (lambda f: (f / "config.json").write_text('{"model": "nonsense"}'), "nonsense"),
        (lambda f: (f / "model.pth").write_bytes(b"PK\x03\x04 not a checkpoint"), "broken .*(can't be loaded|refused)"),
        (lambda f: (f / "model.pth").write_bytes(b""), "broken .*(can't be loaded|refused)"),
        (lambda f: (f / "model.pth").unlink(), r"it needs config\.json and model\.pth"),
        (lambda f: (f / "speaker_ids.json").unlink(), "can't be loaded"),
        (shutil.rmtree, "there is no folder at"),
    ],
)
def test_damage_is_said_in_a_sentence(folder, damage, said):
    damage(folder)
    with pytest.raises(PersonifyError, match=said) as caught:
        say()
    assert "\n" not in str(caught.value)


def test_status_looks_at_the_disk_before_and_after(folder):
    model = model_of("broken")
    assert status_of(model).ready
    (folder / "model.pth").unlink()
    assert not status_of(model).ready and str(folder) in status_of(model).lacks
    lacks = ready_models()["vctk"].lacks
    assert "personify tones pull vctk (150 MB)" in lacks


# From a server -------------------------------------------------------------------------------------------------------


@pytest.fixture
def server(whole, tmp_path, monkeypatch):
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in whole.iterdir():
            archive.write(path, f"tts_models--en--tiny/../../{path.name}")
        archive.writestr("tts_models--en--tiny/run.py", "raise SystemExit")
    server = Server(packed.read_bytes())
    settings = tmp_path / "personify.toml"
    settings.write_text(
        '[[voice_model]]\nname = "far"\nengine = "coqui"\ntitle = "Far away"\nlicence = "MIT"\n'
        f'archive = "{server.url}"\n'
    )
    monkeypatch.setenv("PERSONIFY_CONFIG", str(settings))
    yield server
    server.http.shutdown()
    server.http.server_close()


def pull(model, on_bytes=lambda here, total: None):
    get_engine("coqui").pull(model, on_bytes)


def test_a_model_comes_from_a_server_whole_and_speaks(server):
    told = []
    model = model_of("far")
    assert not status_of(model).ready
    with pytest.raises(PersonifyError, match="far can't speak: not here yet: personify tones pull far"):
        say("far")
    pull(model, lambda here, total: told.append((here, total)))
    assert told[-1] == (len(server.body), len(server.body))
    assert status_of(model).ready and say("far").duration_s > 0.1
    held = sorted(path.name for path in (data_folder() / "voices" / "far").iterdir())
    assert held == ["config.json", "model.pth", "speaker_ids.json"]
    assert [path.name for path in (data_folder() / "voices").iterdir()] == ["far"]
    pull(model)
    assert len(server.ranges) == 1


def test_a_fetch_that_broke_off_goes_on(server):
    server.hang_up_after = 100_000
    with pytest.raises(PersonifyError, match=r"tiny\.zip from 127\.0\.0\.1.*call it again to go on"):
        pull(model_of("far"))
    assert not status_of(model_of("far")).ready
    pull(model_of("far"))
    again = int(server.ranges[1].removeprefix("bytes=").removesuffix("-"))
    assert 80_000 < again <= 100_000 and status_of(model_of("far")).ready


def test_a_damaged_archive_is_thrown_away(server):
    good, middle = server.body, len(server.body) // 2
    server.body = good[:middle] + bytes(64) + good[middle + 64 :]
    with pytest.raises(PersonifyError, match="came damaged"):
        pull(model_of("far"))
    server.body = good
    pull(model_of("far"))
    assert status_of(model_of("far")).ready


def packed_tightly(whole):
    """An archive whose weights are deflated, and where their bytes begin."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(whole.iterdir()):
            archive.write(path, path.name)
        inside = archive.getinfo("model.pth")
    return bytearray(file.getvalue()), inside.header_offset + 30 + len(inside.filename)


def test_an_archive_that_cannot_be_inflated_is_thrown_away(server, whole):
    good = server.body
    damaged, first = packed_tightly(whole)
    damaged[first : first + 64] = b"\xff" * 64
    server.body = bytes(damaged)
    with pytest.raises(PersonifyError, match=r"came damaged .*thrown away; try again"):
        pull(model_of("far"))
    assert left_over() == {"far.fetching"}
    server.body = good
    pull(model_of("far"))
    assert status_of(model_of("far")).ready


def test_an_archive_with_a_password_is_thrown_away_and_the_way_is_a_folder(server, whole):
    locked, _ = packed_tightly(whole)
    at = -1
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        while (at := locked.find(mark, at + 1)) >= 0:
            locked[at + flags] |= 1
    server.body = bytes(locked)
    with pytest.raises(PersonifyError, match=r"can't be unpacked .*password.*folder in personify\.toml"):
        pull(model_of("far"))
    assert left_over() == {"far.fetching"}


def test_an_archive_that_a_full_disk_stopped_is_kept_without_drafts(server, monkeypatch):
    def full(source, target):
        target.write(source.read(10))
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(files.shutil, "copyfileobj", full)
        with pytest.raises(PersonifyError, match="No space left on device; make room"):
            pull(model_of("far"))
    assert left_over() == {"far.fetching", "far.fetching.zip"}
    assert not list((data_folder() / "voices" / "far.fetching").iterdir())
    pull(model_of("far"))
    assert status_of(model_of("far")).ready and len(server.ranges) == 1


def left_over():
    return {path.name for path in (data_folder() / "voices").iterdir()}


def test_a_fetch_that_was_stopped_before_the_last_file_goes_on_with_it(tmp_path, monkeypatch):
    asked = []

    def fetched(url, target, on_bytes):
        asked.append(target.name)
        if asked == ["config.json", "model.pth", "vocab.json"]:
            raise PersonifyError("stopped")
        target.write_bytes(b"{}")

    urls = [f"https://example.org/{name}" for name in ("config.json", "model.pth", "vocab.json")]
    monkeypatch.setattr(files, "fetch", fetched)
    monkeypatch.setattr(files, "listed", lambda source: {"github_rls_url": urls})
    model = load_models()["vctk"]
    with pytest.raises(PersonifyError, match="stopped"):
        pull(model)
    assert not status_of(model).ready
    pull(model)
    assert asked == ["config.json", "model.pth", "vocab.json", "vocab.json"]
    folder = data_folder() / "voices" / "tts_models--en--vctk--vits"
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.pth", "vocab.json"]


def test_a_damaged_model_says_how_it_comes_anew(server):
    pull(model_of("far"))
    folder = data_folder() / "voices" / "far"
    (folder / "model.pth").write_bytes(b"")
    with pytest.raises(PersonifyError) as caught:
        say("far")
    assert f"delete {folder}, then: personify tones pull far" in str(caught.value)
    shutil.rmtree(folder)
    pull(model_of("far"))
    assert say("far").duration_s > 0.1


def test_a_server_that_packs_is_asked_not_to(server, tmp_path):
    fetch(server.url, tmp_path / "tiny.zip", lambda here, total: None)
    assert (tmp_path / "tiny.zip").read_bytes() == server.body


def test_what_came_whole_is_used_where_only_its_name_was_left_to_give(server, tmp_path):
    (tmp_path / "tiny.zip.part").write_bytes(server.body)
    told = []
    fetch(server.url, tmp_path / "tiny.zip", lambda here, total: told.append((here, total)))
    assert (tmp_path / "tiny.zip").read_bytes() == server.body and told == [(len(server.body), len(server.body))]
    (tmp_path / "tiny.zip").rename(tmp_path / "tiny.zip.part")
    server.body = server.body[:-1]
    with pytest.raises(PersonifyError, match="no longer fits"):
        fetch(server.url, tmp_path / "tiny.zip", lambda here, total: None)


def test_an_address_that_nobody_answers_is_said(server):
    server.http.shutdown()
    server.http.server_close()
    with pytest.raises(PersonifyError, match=r"fetching tiny\.zip from 127\.0\.0\.1 stopped"):
        pull(model_of("far"))


def test_a_repository_of_the_hub_comes_without_what_is_left_out(tmp_path, monkeypatch):
    files = {"config.json": b"{}", "model.pth": bytes(5000), "vocab.json": b"{}", "dvae.pth": bytes(3000)}
    repository = tmp_path / "hub" / listed(XTTS)["repo_id"]
    (repository / "samples").mkdir(parents=True)
    for name, content in {**files, "samples/en.wav": b"RIFF"}.items():
        (repository / name).write_bytes(content)
    hub = Hub(tmp_path / "hub")
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    model = load_models()["xtts"]
    agree(model)
    told = []
    try:
        pull(model, lambda here, total: told.append(here))
    finally:
        hub.close()
    folder = data_folder() / "voices" / XTTS.replace("/", "--")
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.pth", "vocab.json"]
    assert status_of(model).ready and told and max(told) <= 6000
    assert not any("dvae" in request or "samples" in request for request in hub.log if request.startswith("GET"))


# Licences ------------------------------------------------------------------------------------------------------------


def test_terms_come_before_anything_is_fetched():
    model = load_models()["xtts"]
    assert not agreed(model)
    with pytest.raises(BadInput, match=r"Coqui Public Model License.*personify tones pull xtts --agree") as caught:
        pull(model)
    assert "non-commercial" in str(caught.value)
    assert not (data_folder() / "voices").exists()
    assert "asks you to agree" in ready_models()["xtts"].lacks


def test_an_agreement_is_remembered_for_these_terms_alone():
    model = load_models()["xtts"]
    agree(model)
    assert agreed(model)
    assert not agreed(model.model_copy(update={"terms": "Others."}))
    kept = data_folder() / "agreements" / "xtts.json"
    assert json.loads(kept.read_text())["licence"] == model.licence
    assert [path.name for path in kept.parent.iterdir()] == ["xtts.json"]
    kept.write_text("{")
    assert not agreed(model)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (XTTS, r"Coqui Public Model License.*personify tones pull xtts --agree"),
        ("tts_models/multilingual/multi-dataset/xtts_v1.1", r"CPML.*give mine its terms in personify\.toml"),
    ],
)
def test_terms_that_coqui_asks_for_hold_for_models_of_the_users_own(tmp_path, monkeypatch, source, said):
    (tmp_path / "personify.toml").write_text(
        f'[[voice_model]]\nname = "mine"\nengine = "coqui"\ntitle = "Mine"\nsource = "{source}"\n'
    )
    monkeypatch.setenv("PERSONIFY_CONFIG", str(tmp_path / "personify.toml"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(BadInput, match=said):
        pull(model_of("mine"))
    assert not (data_folder() / "voices").exists()


def test_an_agreement_that_cannot_be_kept_leaves_no_draft():
    kept = data_folder() / "agreements" / "xtts.json"
    kept.mkdir(parents=True)
    with pytest.raises(PersonifyError, match="the agreement can't be kept"):
        agree(load_models()["xtts"])
    assert list(kept.parent.iterdir()) == [kept]


def test_coqui_has_the_packaged_models_under_these_licences():
    assert listed("tts_models/en/vctk/vits")["license"].lower() == "apache 2.0"
    assert listed(XTTS)["license"] == "CPML"
    with pytest.raises(BadInput, match=r"at 'vctx' it has: .*vctk"):
        listed("tts_models/en/vctx/vits")
