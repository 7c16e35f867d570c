"""Characters from elsewhere in the web app: "Open from a file" takes cards too, through the same importer."""

import json

import pytest
from card_parts import DETECTIVE, picture, png_card
from web_app import visit, web_app

from personify.pipelines.travel.exporting import export_card


@pytest.fixture(scope="module")
def app(studio, tmp_path_factory):
    shelf = tmp_path_factory.mktemp("shelf")
    with web_app(shelf, studio) as running:
        running.shelf = shelf
        yield running


@pytest.fixture
def guest(app, browser):
    with visit(browser, app.url) as found:
        yield found
        assert found.faults == []


@pytest.mark.slow
def test_a_character_card_comes_alive_and_stays_on_the_shelf(app, guest, tmp_path):
    before = set(app.shelf.glob("*/avatar.json"))
    (tmp_path / "rex.json").write_text(json.dumps(DETECTIVE))
    guest.page.locator(".shelf input[type=file]").set_input_files(tmp_path / "rex.json")
    guest.see(".tell.persona .name", "Rex Marlow")
    guest.see(".hero img.layer")
    guest.until("document.querySelector('.frame').dataset.state === 'speaking'")
    guest.see(".chat h2", "Rex Marlow")
    guest.see(".chat", "You're late. Sit down. Mind the cat.")
    (kept,) = set(app.shelf.glob("*/avatar.json")) - before
    assert json.loads(kept.read_text("utf-8"))["source"]["form"] == "chara_card_v1"
    assert json.loads((kept.parent / "card.json").read_text("utf-8")) == DETECTIVE
    guest.page.get_by_role("button", name="Someone new").click()
    guest.see(".card", "Rex Marlow")


@pytest.mark.slow
def test_a_card_of_ours_comes_home_as_it_left(app, guest, teapot, tmp_path):
    card = export_card(teapot, tmp_path / "home.png")
    before = set(app.shelf.glob("*/avatar.json"))
    guest.page.locator(".shelf input[type=file]").set_input_files(card)
    guest.see(".chat h2", teapot.name)
    guest.see(".chat", teapot.persona.speaking.greeting)
    (kept,) = set(app.shelf.glob("*/avatar.json")) - before
    assert (kept.parent / "portrait.png").read_bytes() == (teapot.folder / "portrait.png").read_bytes()
    here = json.loads(kept.read_text("utf-8"))
    assert here["seed"] == teapot.seed
    assert here["tone"]["name"] == teapot.tone
    assert here["portrait"]["expert"] == teapot.record.portrait.expert


def test_what_is_no_card_is_refused_in_one_line(guest, tmp_path):
    for name, content in (
        ("plain.png", picture()),
        ("nameless.json", b'{"spec": "chara_card_v2", "data": {}}'),
        ("deep.json", b"[" * 50_000),
        ("broken.png", png_card(DETECTIVE)[:90]),
    ):
        (tmp_path / name).write_bytes(content)
        guest.page.locator(".shelf input[type=file]").set_input_files(tmp_path / name)
        guest.see(".trouble", name)
