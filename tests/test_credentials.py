"""Files are signed with the user's certificate where there is one, and what was changed afterwards is found out."""

import io
import json
import subprocess
import sys
import zlib

import pytest
from credential_parts import PASSPHRASE, papers
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from test_provenance import KINDS, MAKERS, SAID, seen_and_heard

from personify.pipelines import BadInput, MissingExtra, PersonifyError
from personify.pipelines.bundle import open_bundle
from personify.pipelines.containers import container_of
from personify.pipelines.credentials import check_credentials, find_credentials
from personify.pipelines.inspecting import inspect_file
from personify.pipelines.provenance import SOURCE_TYPES, Provenance, stamp
from personify.pipelines.verifying import verify
from personify.voices.tags import Tags

pytest.importorskip("c2pa")


@pytest.fixture
def signs(tmp_path, monkeypatch):
    """The papers of a signer who is configured in `personify.toml`, by paths beside it."""
    made = papers(tmp_path / "papers")
    (tmp_path / "papers" / "personify.toml").write_text('[c2pa]\ncertificate = "chain.pem"\nkey = "key.pem"\n')
    monkeypatch.setenv("PERSONIFY_CONFIG", str(tmp_path / "papers" / "personify.toml"))
    return made


def trust(signs):
    settings = signs.root.with_name("personify.toml")
    settings.write_text(f"{settings.read_text()}trust = 'root.pem'\n")


@pytest.mark.parametrize("name", KINDS)
def test_a_file_is_signed_and_its_record_can_be_trusted(tmp_path, left_in, signs, name):
    (tmp_path / "files").mkdir()
    path = MAKERS[name](tmp_path / "files" / name)
    before = seen_and_heard(path)
    stamp(path, SAID)
    verdict = verify(path, container_of(path).mime)
    assert (verdict.state, verdict.signer, verdict.issuer) == ("intact", "Tea Signer", "Tea Works")
    assert verdict.actions == ("c2pa.created",) and verdict.source_types == ("trainedAlgorithmicMedia",)
    assert verdict.generator == f"Personify {SAID.version}" and verdict.problems == ()
    assert Provenance.model_validate(verdict.record) == SAID
    assert seen_and_heard(path) == before and left_in(path.parent) == [name]
    trust(signs)
    assert verify(path, container_of(path).mime).state == "trusted"


@pytest.mark.parametrize("name", KINDS)
def test_one_bit_that_was_changed_is_found(tmp_path, signs, name):
    path = MAKERS[name](tmp_path / name)
    stamp(path, SAID)
    whole = bytearray(path.read_bytes())
    place = whole.index({".png": b"IDAT", ".wav": b"data", ".mp4": b"mdat"}[path.suffix]) + 400
    whole[place] ^= 1
    path.write_bytes(whole)
    found = inspect_file(path)
    assert found.credentials.state == "broken"
    assert any("Hash.mismatch" in problem for problem in found.credentials.problems)


def test_tags_that_were_changed_after_signing_are_found(tmp_path, signs):
    path = MAKERS["a.png"](tmp_path / "a.png")
    stamp(path, SAID)
    path.write_bytes(path.read_bytes().replace(b"Drawn by clay", b"Drawn by hand"))
    assert inspect_file(path).credentials.state == "broken"


def test_credentials_of_one_file_do_not_hold_for_another(tmp_path, signs):
    """The manifest of a signed picture put into another one."""
    one, other = MAKERS["a.png"](tmp_path / "one.png"), tmp_path / "other.png"
    stamp(one, SAID)
    Image.new("RGB", (30, 40)).save(other)
    whole = one.read_bytes()
    place = whole.index(b"caBX") - 4
    chunk = whole[place : place + 12 + int.from_bytes(whole[place : place + 4], "big")]
    plain = other.read_bytes()
    other.write_bytes(plain[:33] + chunk + plain[33:])
    assert inspect_file(other).credentials.state == "broken"


def test_a_file_that_is_stamped_again_has_credentials_that_hold(tmp_path, signs):
    path = MAKERS["a.mp4"](tmp_path / "a.mp4")
    before = seen_and_heard(path)
    stamp(path, SAID)
    stamp(path, SAID.model_copy(update={"words_by": "another"}))
    found = inspect_file(path)
    assert found.credentials.state == "intact" and found.provenance.words_by == "another"
    assert seen_and_heard(path) == before


@pytest.mark.parametrize("name", KINDS)
def test_tags_alone_leave_no_credentials_that_would_not_hold(tmp_path, signs, name):
    path = MAKERS[name](tmp_path / name)
    stamp(path, SAID)
    assert container_of(path).read_tags(path).has_credentials
    container_of(path).write_tags(path, Tags("a", "b", "c", "{}", "<x/>"))
    assert not container_of(path).read_tags(path).has_credentials
    assert verify(path, container_of(path).mime) is None


@pytest.mark.parametrize("root", ["P-256", "RSA-PSS"])
@pytest.mark.parametrize("kind", ["P-256", "P-384", "P-521", "RSA", "Ed25519"])
def test_every_kind_of_key_that_c2pa_knows_signs(tmp_path, monkeypatch, kind, root):
    """Whatever the authority signed the certificate with, which stands in it too."""
    made = papers(tmp_path, kind, root=root)
    monkeypatch.setenv("PERSONIFY_C2PA_CERT", str(made.chain))
    monkeypatch.setenv("PERSONIFY_C2PA_KEY", str(made.key))
    path = MAKERS["a.wav"](tmp_path / "a.wav")
    stamp(path, SAID)
    assert inspect_file(path).credentials.state == "intact"


def test_an_encrypted_key_is_opened_with_the_passphrase(tmp_path, monkeypatch):
    made = papers(tmp_path, passphrase=PASSPHRASE)
    monkeypatch.setenv("PERSONIFY_C2PA_CERT", str(made.chain))
    monkeypatch.setenv("PERSONIFY_C2PA_KEY", str(made.key))
    with pytest.raises(BadInput, match="is encrypted; put its passphrase into PERSONIFY_C2PA_PASSPHRASE"):
        check_credentials()
    monkeypatch.setenv("PERSONIFY_C2PA_PASSPHRASE", "wrong")
    with pytest.raises(BadInput, match=r"doesn't open the key") as error:
        check_credentials()
    assert "wrong" not in str(error.value)
    monkeypatch.setenv("PERSONIFY_C2PA_PASSPHRASE", PASSPHRASE)
    assert find_credentials() is not None


_NO_KEY = b"-----BEGIN PRIVATE KEY-----\nU0VDUkVU\n-----END PRIVATE KEY-----"


def _another_key(made, folder):
    made.key.write_bytes(papers(folder / "another").key.read_bytes())


def _replace(file, content):
    def change(made, folder):
        getattr(made, file).write_bytes(content)

    return change


@pytest.mark.parametrize(
    ("kind", "options", "change", "said"),
    [
        ("P-256", {"days": -1}, None, "valid today"),
        ("P-256", {"usage": False}, None, "signing documents"),
        ("secp256k1", {}, None, "of a kind that C2PA doesn't sign with"),
        ("P-256", {}, _another_key, "the key must be the certificate's"),
        ("P-256", {}, _replace("key", b"hello"), r"key.pem, which is no PEM file"),
        ("P-256", {}, _replace("chain", b"-----BEGIN NOTHING-----"), "holds no certificate"),
        ("P-256", {}, _replace("key", b"-----BEGIN CERTIFICATE-----\n"), "holds no private key"),
        ("P-256", {}, _replace("key", _NO_KEY), "nothing can be signed"),
        ("P-256", {}, lambda made, folder: made.key.unlink(), r"key.pem, which can't be read"),
    ],
)  # fmt: skip
def test_what_cannot_sign_is_refused_before_work_begins(tmp_path, monkeypatch, left_in, kind, options, change, said):
    made = papers(tmp_path / "papers", kind, **options)
    secret = made.key.read_text().splitlines()[1]
    if change is not None:
        change(made, tmp_path)
    monkeypatch.setenv("PERSONIFY_C2PA_CERT", str(made.chain))
    monkeypatch.setenv("PERSONIFY_C2PA_KEY", str(made.key))
    with pytest.raises(BadInput, match=said) as error, open_bundle(tmp_path / "avatars" / "pear"):
        pytest.fail("work began")
    assert secret not in str(error.value) and "U0VDUkVU" not in str(error.value)
    assert left_in(tmp_path / "avatars") == []


def test_a_certificate_without_a_key_is_refused(monkeypatch, signs):
    monkeypatch.setenv("PERSONIFY_CONFIG", "")
    monkeypatch.setenv("PERSONIFY_C2PA_CERT", str(signs.chain))
    with pytest.raises(BadInput, match="lacks the key"):
        check_credentials()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[c2pa]\ncertificate = 1\n", "certificate"),
        ("[c2pa]\nsecret = 'x'\n", "secret"),
        ("[c2pa]\ntsa_url = 'ftp://x'\n", "tsa_url"),
        ("[[c2pa]]\n", "one bracket"),
        ("[c2pa]\ncertificate = '~nobody-here/x'\nkey = 'y'\n", "home folder of nobody"),
    ],
)
def test_settings_that_cannot_be_understood_are_named(tmp_path, monkeypatch, text, said):
    (tmp_path / "personify.toml").write_text(text)
    monkeypatch.setenv("PERSONIFY_CONFIG", str(tmp_path / "personify.toml"))
    with pytest.raises(BadInput, match=said):
        check_credentials()


@pytest.mark.parametrize("name", ["certificate", "key", "trust"])
@pytest.mark.parametrize("content", ["-----BEGIN PRIVATE KEY-----U0VDUkVU", "U0VDUkVU\nmore", "U0VDUkVU" * 200])
def test_a_key_in_the_place_of_its_path_is_refused_and_not_shown(tmp_path, monkeypatch, signs, name, content):
    wanted = "must be the path of a PEM file, not what is in it"
    if name != "trust":
        variable = {"certificate": "PERSONIFY_C2PA_CERT", "key": "PERSONIFY_C2PA_KEY"}[name]
        with monkeypatch.context() as patch:
            patch.setenv(variable, content)
            with pytest.raises(BadInput, match=f"{variable} {wanted}") as error:
                check_credentials()
        assert "U0VDUkVU" not in str(error.value)
    settings = signs.root.with_name("personify.toml")
    told = {"certificate": "chain.pem", "key": "key.pem"} | {name: content}
    settings.write_text("[c2pa]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in told.items()))
    with pytest.raises(BadInput, match=wanted) as error:
        check_credentials()
    assert name in str(error.value) and "U0VDUkVU" not in str(error.value)


def test_the_web_app_does_not_start_with_a_certificate_that_cannot_sign(tmp_path, monkeypatch):
    from personify.ui.web.context import build_context
    from personify.ui.web.settings import WebSettings

    monkeypatch.setenv("PERSONIFY_C2PA_CERT", str(tmp_path / "none.pem"))
    monkeypatch.setenv("PERSONIFY_C2PA_KEY", str(tmp_path / "none.pem"))
    with pytest.raises(BadInput, match=r"none\.pem, which can't be read"):
        build_context(WebSettings(shelf=str(tmp_path / "shelf"), llm="builtin", asr="none"))


def test_experts_and_voices_are_read_from_a_file_with_credentials(signs):
    from personify.avatar.catalogue import load_catalogue
    from personify.voices import load_tones

    assert load_catalogue().experts and load_tones()


def test_without_the_library_a_certificate_is_an_error_by_name(signs, monkeypatch):
    monkeypatch.setattr("personify.pipelines.credentials.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'personify\[c2pa\]'"):
        check_credentials()


def test_nothing_of_the_library_is_loaded_where_nothing_is_signed():
    code = (
        "import sys; from personify.pipelines.credentials import find_credentials; assert find_credentials() is None;"
        " print([name for name in sys.modules if name.startswith(('c2pa', 'cryptography'))])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_key_is_in_no_file_and_no_representation(tmp_path, signs):
    path = MAKERS["a.png"](tmp_path / "a.png")
    stamp(path, SAID)
    lines = [line.encode() for line in signs.key.read_text().splitlines()[1:-1]]
    assert not any(line in path.read_bytes() for line in lines)
    assert all(line.decode() not in repr(find_credentials()) for line in lines)


def test_a_certificate_that_is_renewed_is_read_anew(tmp_path, signs):
    import os

    first = find_credentials()
    assert find_credentials() is first
    papers(signs.chain.parent)
    for file in (signs.chain, signs.key):  # a coarse clock could give both the same time
        os.utime(file, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns + 10**9))
    assert find_credentials().chain != first.chain


def test_a_time_stamping_authority_that_is_not_there_is_an_error(tmp_path, signs):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings = signs.root.with_name("personify.toml")
        settings.write_text(f"{settings.read_text()}tsa_url = 'http://127.0.0.1:{taken.getsockname()[1]}'\n")
        path = MAKERS["a.png"](tmp_path / "a.png")
        with pytest.raises(PersonifyError, match=r"a\.png could not be signed"):
            stamp(path, SAID)


def test_a_bundle_is_signed_file_by_file(tmp_path, signs, studio):
    avatar = studio.create("a cheerful pear", seed=3, expert="sketch", out=tmp_path / "avatars")
    for what in ("portrait", "greeting", "clip"):
        found = inspect_file(avatar.files[what])
        assert found.credentials.state == "intact", found
        assert found.provenance.characters[0].key == avatar.key
    moved = studio.revise(avatar, tone="kettle")
    assert inspect_file(moved.picture).credentials.state == "intact"  # kept, byte for byte
    assert json.loads((moved.folder / "avatar.json").read_text("utf-8"))["tone"]["voice_model"] == "espeak"


def _signed_by_others(signs, path, *assertions):
    """A picture that is signed with these assertions and nothing of ours."""
    import c2pa

    manifest = {"claim_generator_info": [{"name": "Other", "version": "1"}], "assertions": list(assertions)}
    info = c2pa.C2paSignerInfo(b"es256", signs.chain.read_bytes(), signs.key.read_bytes(), None)
    settings = {"version": 1, "builder": {"thumbnail": {"enabled": False}}}
    signed = io.BytesIO()
    with (
        c2pa.Context.from_dict(settings) as context,
        c2pa.Signer.from_info(info) as signer,
        c2pa.Builder(manifest, context) as builder,
    ):
        builder.sign(signer, "image/png", io.BytesIO(MAKERS["a.png"](path).read_bytes()), signed)
    path.write_bytes(signed.getvalue())
    return path


@pytest.mark.parametrize("data", [[1], "x", {"actions": None}, {"actions": 5}, {"actions": [1, None]}])
def test_assertions_of_any_shape_are_no_trouble(tmp_path, signs, monkeypatch, data):
    """Today's library refuses such actions; others' manifests and its next version may not."""
    import c2pa

    path = MAKERS["a.png"](tmp_path / "a.png")
    stamp(path, SAID)
    with c2pa.Reader("image/png", io.BytesIO(path.read_bytes())) as reader:
        told = json.loads(reader.json())
    for each in told["manifests"][told["active_manifest"]]["assertions"]:
        if each["label"].startswith("c2pa.actions"):
            each["data"] = data
    monkeypatch.setattr(c2pa.Reader, "json", lambda reader: json.dumps(told))
    found = inspect_file(path)
    assert found.credentials.actions == () and found.credentials.signer == "Tea Signer"


def test_a_signature_that_does_not_hold_decides_nothing(tmp_path, signs):
    made = {"action": "c2pa.created", "digitalSourceType": f"{SOURCE_TYPES}digitalCapture"}
    path = _signed_by_others(signs, tmp_path / "a.png", {"label": "c2pa.actions.v2", "data": {"actions": [made]}})
    found = inspect_file(path)
    assert (found.credentials.state, found.source_type, found.generator) == ("intact", "digitalCapture", "Other 1")
    assert found.machine_made is None
    whole = path.read_bytes()
    packet = f'<x:xmpmeta DigitalSourceType="{SOURCE_TYPES}trainedAlgorithmicMedia"/>'
    text = b"XML:com.adobe.xmp\0\0\0\0\0" + packet.encode()
    chunk = len(text).to_bytes(4) + b"iTXt" + text + zlib.crc32(b"iTXt" + text).to_bytes(4)
    path.write_bytes(whole[:33] + chunk + whole[33:])
    found = inspect_file(path)
    assert (found.credentials.state, found.generator) == ("broken", None)
    assert (found.source_type, found.machine_made) == ("trainedAlgorithmicMedia", True)


def test_what_the_tags_say_counts_beside_what_was_signed(tmp_path, signs, monkeypatch):
    packet = f'<x:xmpmeta DigitalSourceType="{SOURCE_TYPES}trainedAlgorithmicMedia"/>'

    def tagged(path):
        said = PngInfo()
        said.add_itxt("XML:com.adobe.xmp", packet)
        Image.new("RGB", (8, 8)).save(path, pnginfo=said)
        return path

    monkeypatch.setitem(MAKERS, "a.png", tagged)
    made = {"action": "c2pa.created", "digitalSourceType": f"{SOURCE_TYPES}digitalCapture"}
    path = _signed_by_others(signs, tmp_path / "a.png", {"label": "c2pa.actions.v2", "data": {"actions": [made]}})
    found = inspect_file(path)
    assert (found.source_type, found.machine_made) == ("digitalCapture", True)


def test_what_personify_only_hands_on_is_not_signed(tmp_path, signs):
    path = MAKERS["a.png"](tmp_path / "a.png")
    stamp(path, SAID.model_copy(update={"source_type": None, "what": "portrait"}))
    found = inspect_file(path)
    assert found.credentials is None and found.machine_made is None and found.provenance.source_type is None
