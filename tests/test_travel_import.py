"""Import and export end to end: what goes out comes in again as it was, and others' characters come alive here."""

import base64
import io
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from card_parts import DETECTIVE, FAIRY, picture, png_card
from PIL import Image
from typer.testing import CliRunner

from personify.pipelines import open_avatar
from personify.pipelines.services import Services
from personify.pipelines.travel.cards import card_from, read_card
from personify.pipelines.travel.exporting import export_card, own_fields
from personify.pipelines.travel.importing import requested, written
from personify.pipelines.travel.png_text import png_texts, with_texts
from personify.pipelines.travel.zips import unpack
from personify.ui.cli import app
from personify.voices.errors import BadInput, PersonifyError

FIRST = Path(__file__).parent / "data" / "version1" / "a-child-who-loves-tea"


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def without_notes(persona):
    """What was noted for the user stays where it was noted."""
    return persona.model_copy(update={"notes": ()})


@pytest.fixture(scope="module")
def fairy(studio, tmp_path_factory):
    """Another's card, whose picture has a face, as it came in; tests read it and never change it."""
    home = tmp_path_factory.mktemp("fairy")
    (home / "fairy.png").write_bytes(png_card(FAIRY, (FIRST / "portrait.png").read_bytes()))
    return studio.import_file(home / "fairy.png", out=home / "avatars")


def test_a_card_gets_a_face_a_voice_and_its_own_words(fairy):
    record = fairy.record
    assert fairy.folder.name == "ondine" and fairy.name == "Ondine"
    assert record.persona.speaking.greeting.startswith("Ah, you're awake at last.")
    assert record.portrait.guide == "image" and record.portrait.verdict.plausible
    assert (record.source.form, record.source.creator) == ("chara_card_v2", "somebody")
    assert {"portrait", "landmarks", "greeting", "clip", "card"} <= record.files.keys()
    assert json.loads((fairy.folder / "card.json").read_bytes()) == FAIRY
    assert open_avatar(fairy.folder).record == record


def test_a_card_that_came_in_goes_out_as_it_was(fairy, studio, tmp_path):
    out = studio.export_card(fairy, tmp_path / "out.png")
    again = read_card(out)
    kept = dict(again.raw["data"])
    ours = kept["extensions"].pop("personify")
    kept = {key: value for key, value in kept.items() if key in FAIRY["data"]}
    assert kept == FAIRY["data"] and ours["avatar"]["persona"]["social"]["name"] == "Ondine"
    back = studio.import_file(out, out=tmp_path)
    assert (without_notes(back.persona), back.seed, back.tone) == (without_notes(fairy.persona), fairy.seed, fairy.tone)
    assert np.array_equal(back.portrait.image, fairy.portrait.image)
    assert json.loads((back.folder / "card.json").read_bytes())["data"].items() >= FAIRY["data"].items()
    assert back.record.source.creator == "somebody"


def test_the_picture_itself_can_be_kept(studio, tmp_path):
    (tmp_path / "card.png").write_bytes(png_card(DETECTIVE, (FIRST / "portrait.png").read_bytes()))
    kept = studio.import_file(tmp_path / "card.png", keep_picture=True, out=tmp_path / "out")
    first = open_avatar(FIRST)
    assert kept.record.portrait.expert == "picture" and kept.record.portrait.verdict.plausible
    assert np.abs(kept.portrait.image.astype(int) - first.portrait.image).mean() < 25  # it, but for how it is cropped
    assert studio.say(kept, "Hello.", out=tmp_path / "clip.mp4").frames > 5
    redrawn = studio.revise(kept, seed=3, expert="sketch")
    assert redrawn.record.portrait.expert == "sketch"


def test_a_picture_without_a_face_is_not_kept(tmp_path, left_in):
    (tmp_path / "card.png").write_bytes(png_card(DETECTIVE))
    told = run("import", tmp_path / "card.png", "--keep-picture", "--out", tmp_path / "out")
    assert told.exit_code == 2 and "no face that can be moved" in told.stderr
    assert not (tmp_path / "out").exists()


def test_a_card_of_ours_is_the_same_character_again(teapot, tmp_path):
    told = run("export", teapot.folder, "--card", "--out", tmp_path / "teapot.png", "--json")
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["bytes"] == (tmp_path / "teapot.png").stat().st_size
    back = run("import", tmp_path / "teapot.png", "--out", tmp_path / "there", "--json")
    assert back.exit_code == 0, back.output
    avatar = open_avatar(json.loads(back.stdout)["folder"])
    assert (avatar.tone, avatar.seed) == (teapot.tone, teapot.seed)
    assert without_notes(avatar.persona) == without_notes(teapot.persona)
    assert avatar.key == teapot.key and avatar.record.source is None
    for name in ("portrait.png", "landmarks.json", "mask.png"):
        mine, theirs = avatar.folder / name, teapot.folder / name
        assert mine.exists() == theirs.exists()
    assert np.array_equal(avatar.portrait.image, teapot.portrait.image)
    assert np.array_equal(avatar.portrait.landmarks, teapot.portrait.landmarks)


def test_what_our_card_says_to_others(teapot, studio, tmp_path):
    card = json.loads(studio.export_card(teapot, tmp_path / "card.json").read_text("utf-8"))
    data = card["data"]
    assert card["spec"] == "chara_card_v2" and data["name"] == teapot.name
    assert data["first_mes"] == teapot.persona.speaking.greeting
    assert data["mes_example"].count("<START>\n{{user}}: ") == len(teapot.persona.speaking.sample_lines)
    assert "teapot" in data["tags"] and teapot.persona.life.backstory in data["description"]
    assert all(trait in data["personality"] for trait in teapot.persona.personal.traits)
    assert "synthetic" in data["creator_notes"] and "landmarks" not in data["extensions"]["personify"]


def test_what_is_private_stays_at_home(tmp_path):
    folder = shutil.copytree(FIRST, tmp_path / "kid")
    record = json.loads((folder / "avatar.json").read_bytes())
    record["usage"] = {"model": "big-model", "requests": 3, "tokens_in": 4321, "tokens_out": 1234, "cost": 0.5}
    record["seconds"], record["versions"] = {"persona": 77.125}, {"python": "3.99.9"}
    record["persona"]["notes"] = ["It was read from /home/ann/secret.txt."]
    record["tone"]["note"] = "asked for at /home/ann"
    (folder / "avatar.json").write_text(json.dumps(record))
    avatar = open_avatar(folder)
    texts = png_texts(export_card(avatar, tmp_path / "kid.png").read_bytes(), "it")
    cards = [base64.b64decode(texts[key]).decode() for key in ("chara", "ccv3")]
    for told in (*cards, export_card(avatar, tmp_path / "kid.json").read_text("utf-8")):
        ours = json.loads(told)["data"]["extensions"]["personify"]["avatar"]
        assert not any(private in told for private in ("/home/ann", "77.125", "3.99.9", "4321", "greeting.wav"))
        assert (ours["usage"], ours["versions"], ours["seconds"], ours["files"]) == (None, {}, {}, {})
        assert {"persona", "tone", "portrait", "seed", "head", "created"} <= ours.keys()
        assert {"expert", "seed", "guidance", "licence", "commercial", "verdict"} <= ours["portrait"].keys()
        asked = requested(card_from(told.encode(), "it"))
        assert asked.record.persona == without_notes(avatar.persona) and asked.seed == avatar.seed


def test_what_was_edited_elsewhere_counts(teapot, studio, tmp_path):
    card = json.loads(studio.export_card(teapot, tmp_path / "card.json").read_text("utf-8"))
    card["data"] |= {"name": "Gustav", "first_mes": "*sighs* Well, {{user}}. I have been waiting for you."}
    (tmp_path / "edited.json").write_text(json.dumps(card))
    edited = studio.import_file(tmp_path / "edited.json", expert="sketch", out=tmp_path / "out")
    assert edited.name == "Gustav" and edited.persona.speaking.greeting == "Well. I have been waiting for you."
    assert edited.key == teapot.key and teapot.name not in edited.persona.life.backstory


def test_what_was_edited_of_a_card_that_had_come_in_counts_too(fairy, studio, tmp_path):
    out = studio.export_card(fairy, tmp_path / "out.png")
    unchanged = written(requested(read_card(out)), Services())
    assert unchanged == without_notes(fairy.persona)
    card = json.loads(studio.export_card(fairy, tmp_path / "out.json").read_text("utf-8"))
    card["data"] |= {"name": "Melusine", "first_mes": "Come closer, {{user}}, and mind the water."}
    edited = written(requested(card_from(json.dumps(card).encode(), "it")), Services())
    assert edited.name == "Melusine" and edited.speaking.greeting == "Come closer, and mind the water."
    del card["data"]["extensions"]["personify"]["said"]  # as cards were that left before
    assert written(requested(card_from(json.dumps(card).encode(), "it")), Services()) == unchanged


def test_a_name_that_was_edited_elsewhere_is_bounded_and_what_no_longer_fits_is_refused():
    first = open_avatar(FIRST).record
    speaking = first.persona.speaking.model_copy(update={"greeting": "Bo says this. " * 30})
    social = first.persona.social.model_copy(update={"name": "Bo"})
    record = first.model_copy(
        update={"persona": first.persona.model_copy(update={"social": social, "speaking": speaking})}
    )
    card = {"spec": "chara_card_v2", "data": own_fields(record) | {"name": "A" * 80}}
    card["data"]["extensions"] = {"personify": {"avatar": record.model_dump(mode="json")}}
    with pytest.raises(BadInput, match=r"speaking\.greeting"):
        written(requested(card_from(json.dumps(card).encode(), "it")), Services())
    card["data"]["name"] = "Bea " * 90
    card["data"]["extensions"] = {"personify": {"avatar": first.model_dump(mode="json")}}
    assert written(requested(card_from(json.dumps(card).encode(), "it")), Services()).name == ("Bea " * 20).strip()


@pytest.fixture(scope="module")
def pear(studio, tmp_path_factory):
    """An avatar that is made quickly; tests read it and never change it."""
    return studio.create("a cheerful pear", seed=3, expert="sketch", out=tmp_path_factory.mktemp("pear"))


def test_a_picture_that_was_replaced_in_a_card_of_ours_is_not_said_to_be_drawn_here(pear, studio, tmp_path):
    texts = png_texts(studio.export_card(pear, tmp_path / "pear.png").read_bytes(), "it")
    held = io.BytesIO()
    Image.fromarray(pear.portrait.image[:, ::-1].copy()).save(held, "PNG")
    (tmp_path / "other.png").write_bytes(with_texts(held.getvalue(), texts))
    other = studio.import_file(tmp_path / "other.png", out=tmp_path / "out")
    assert other.key == pear.key and not np.array_equal(other.portrait.image, pear.portrait.image[:, ::-1])
    assert other.record.portrait.guide == "image" or "isn't used" in other.record.portrait.reason


def test_a_card_of_ours_is_drawn_again_from_a_seed_that_is_wished(pear, studio, tmp_path):
    studio.export_card(pear, tmp_path / "pear.png")
    again = studio.import_file(tmp_path / "pear.png", seed=11, out=tmp_path / "out")
    assert (again.record.portrait.expert, again.record.portrait.seed, again.seed) == ("sketch", 11, 11)
    assert not np.array_equal(again.portrait.image, pear.portrait.image)


def test_a_portrait_that_is_damaged_is_an_error_by_name(tmp_path):
    folder = shutil.copytree(FIRST, tmp_path / "cut")
    avatar = open_avatar(folder)
    (folder / "portrait.png").write_bytes((folder / "portrait.png").read_bytes()[:-12])
    with pytest.raises(BadInput, match=r"cut/portrait\.png is damaged"):
        export_card(avatar, tmp_path / "card.png")
    assert [path.name for path in tmp_path.iterdir()] == ["cut"]


def test_a_spoilt_record_in_a_card_leaves_an_ordinary_card(teapot, studio, tmp_path):
    card = json.loads(studio.export_card(teapot, tmp_path / "card.json").read_text("utf-8"))
    card["data"]["extensions"]["personify"]["avatar"]["schema_version"] = 99
    (tmp_path / "spoilt.json").write_text(json.dumps(card))
    told = studio.import_file(tmp_path / "spoilt.json", expert="sketch", out=tmp_path / "out")
    assert told.name == teapot.name and told.record.source is not None


def test_a_zip_and_a_folder_come_as_they_are(tmp_path):
    told = run("export", FIRST, "--zip", "--out", tmp_path / "kit.zip")
    assert told.exit_code == 0, told.output
    for number, source in enumerate((tmp_path / "kit.zip", FIRST, FIRST / "avatar.json"), 1):
        back = run("import", source, "--out", tmp_path / "out", "--json")
        assert back.exit_code == 0, back.output
        folder = Path(json.loads(back.stdout)["folder"])
        assert folder.name == FIRST.name + ("" if number == 1 else f"-{number}")
        for file in FIRST.iterdir():
            assert (folder / file.name).read_bytes() == file.read_bytes()
    refused = run("import", FIRST, "--seed", 3, "--out", tmp_path / "out")
    assert refused.exit_code == 2 and "personify revise" in refused.stderr


def test_a_bundle_takes_the_place_of_another_by_force_alone(tmp_path, left_in):
    out = tmp_path / "out"
    for source in (tmp_path / "kit.zip", FIRST):
        assert run("export", FIRST, "--zip", "--out", tmp_path / "kit.zip", "--force").exit_code == 0
        assert run("import", FIRST, "--out", out, "--force").exit_code == 0
        (out / FIRST.name / "mine.txt").write_text("of the old one")
        assert run("import", source, "--out", out, "--force").exit_code == 0
        assert left_in(out) == [FIRST.name] and left_in(out / FIRST.name) == left_in(FIRST)
    assert run("import", out / FIRST.name, "--out", out, "--force").exit_code == 0 and left_in(out) == [FIRST.name]
    (out / FIRST.name / "avatar.json").unlink()
    refused = run("import", tmp_path / "kit.zip", "--out", out, "--force")
    assert refused.exit_code == 2 and "is not an avatar, so it is never replaced" in refused.stderr
    assert left_in(out) == [FIRST.name]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "names no portrait"),
        ({"clip": None}, "names no clip"),
        ({"portrait": "avatar.json"}, "names 'avatar.json' as its portrait"),
        ({"diary": "card.json"}, "names 'card.json' as its diary"),
        ({"card": "card.json"}, "lacks card.json"),
    ],
)
def test_a_record_that_doesn_t_name_its_files_is_refused_by_name(tmp_path, left_in, files, said):
    folder = shutil.copytree(FIRST, tmp_path / "bundle")
    record = json.loads((folder / "avatar.json").read_bytes())
    record["files"] = {what: name for what, name in (record["files"] | files).items() if name} if files else {}
    (folder / "avatar.json").write_text(json.dumps(record))
    with zipfile.ZipFile(tmp_path / "bundle.zip", "w") as packed:
        for file in folder.iterdir():
            packed.write(file, f"who/{file.name}")
    for source in (folder, tmp_path / "bundle.zip"):
        told = run("import", source, "--out", tmp_path / "out")
        assert told.exit_code == 2 and said in told.stderr
        assert not (tmp_path / "out").exists() or left_in(tmp_path / "out") == []


@pytest.mark.parametrize("name", ["avatar.json", "landmarks.json"])
def test_a_file_of_a_bundle_that_is_huge_is_refused_before_it_is_read(tmp_path, name):
    folder = shutil.copytree(FIRST, tmp_path / "bundle")
    (folder / name).write_bytes((folder / name).read_bytes() + b" " * (3 << 20))
    with zipfile.ZipFile(tmp_path / "bundle.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for file in folder.iterdir():
            packed.write(file, file.name)
    for source in (folder, tmp_path / "bundle.zip"):
        told = run("import", source, "--out", tmp_path / "out")
        assert told.exit_code == 2 and f"holds a {name} of more than" in told.stderr


def test_a_link_to_nothing_takes_a_name_and_what_cannot_be_named_leaves_nothing(tmp_path, left_in):
    assert run("export", FIRST, "--zip", "--out", tmp_path / "kit.zip").exit_code == 0
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "kit").symlink_to(tmp_path / "nowhere")
    assert unpack(tmp_path / "kit.zip", tmp_path / "out", name="kit").folder.name == "kit-2"
    with pytest.raises(PersonifyError, match="can't write"):
        unpack(tmp_path / "kit.zip", tmp_path / "out", name="k" * 300)
    assert left_in(tmp_path / "out") == ["kit", "kit-2"]


def test_links_in_a_folder_are_not_followed(tmp_path, left_in):
    shutil.copytree(FIRST, tmp_path / "linked")
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "linked" / "greeting.wav").unlink()
    (tmp_path / "linked" / "greeting.wav").symlink_to(tmp_path / "secret")
    told = run("import", tmp_path / "linked", "--out", tmp_path / "out")
    assert told.exit_code == 2 and "lacks greeting.wav" in told.stderr
    assert not (tmp_path / "out").exists() or left_in(tmp_path / "out") == []


@pytest.mark.parametrize("name", ["../evil.txt", "/tmp/evil.txt", "who/../../evil.txt", "who/deep/avatar.json"])
def test_paths_in_a_zip_lead_nowhere(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as packed:
        for file in FIRST.iterdir():
            packed.write(file, f"who/{file.name}")
        packed.writestr(name, "evil")
    told = run("import", tmp_path / "evil.zip", "--out", tmp_path / "in" / "out")
    assert told.exit_code == 2 and "no part of a bundle" in told.stderr
    assert sorted(path.name for path in tmp_path.rglob("evil*")) == ["evil.zip"]


def test_what_isn_t_there_and_what_stands_there(fairy, studio, tmp_path):
    for path in (tmp_path / "none", tmp_path, Path("/dev/null"), "a" * 5000):
        with pytest.raises(BadInput):
            studio.import_file(path, out=tmp_path / "out")
    (tmp_path / "card.json").write_text(json.dumps(FAIRY))
    with pytest.raises(BadInput, match="--force"):
        studio.import_file(tmp_path / "card.json", out=fairy.folder.parent)
    with pytest.raises(BadInput, match="unknown tone"):
        studio.import_file(tmp_path / "card.json", tone="nobody", out=tmp_path / "out")
    assert not (tmp_path / "out" / "ondine").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "--html, --card or --zip"),
        (["--card", "--zip"], "--html, --card or --zip"),
        (["--card", "--text", "Hello."], "--text"),
        (["--zip", "--strict"], "--strict"),
        (["--card"], "x.jpg is no name for a card, which is a PNG or JSON; let it end in .png or .json"),
        (["--zip"], "let --out end in .zip"),
        (["--html"], "let --out end in .html or .htm"),
    ],
)
def test_exactly_one_form_is_exported_under_a_name_that_fits(tmp_path, options, said):
    told = run("export", FIRST, *options, "--out", tmp_path / "x.jpg")
    assert told.exit_code == 2 and said in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_stands_there_is_replaced_by_force_alone(tmp_path):
    for form, name in (("--card", "out.PNG"), ("--zip", "out.zip")):
        target = tmp_path / name
        target.write_text("mine")
        assert run("export", FIRST, form, "--out", target).exit_code == 2 and target.read_text() == "mine"
        assert run("export", FIRST, form, "--out", target, "--force").exit_code == 0 and target.stat().st_size > 10_000


@pytest.mark.parametrize("side_px", [8, 4200])
def test_a_placeholder_for_a_picture_is_no_picture_and_a_huge_one_isn_t_decoded(studio, tmp_path, side_px):
    (tmp_path / "card.png").write_bytes(png_card(DETECTIVE, picture(side_px)))
    avatar = studio.import_file(tmp_path / "card.png", expert="sketch", out=tmp_path / "out")
    assert avatar.record.portrait.guide != "image" and "isn't used" in avatar.record.portrait.reason
    assert f"has {side_px} x {side_px} pixels" in avatar.record.portrait.reason
