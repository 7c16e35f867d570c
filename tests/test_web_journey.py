"""What people do with the web app, in a real Chromium: describe, meet, talk; on a phone, in the dark, by keys alone."""

import json
import re
import shutil
import threading
import time
import zipfile

import pytest
from web_app import Visit, visit, web_app

HOSTILE = '<img src=x onerror="window.hacked=1"><b>Bold</b>'
LOUD = "Tell me everything about your day, please."


@pytest.fixture(scope="module")
def lamp(studio, tmp_path_factory):
    """An avatar that was made before; tests copy it and never change it."""
    return studio.create("a friendly lamp", seed=3, expert="sketch", out=tmp_path_factory.mktemp("lamp"))


@pytest.fixture(scope="module")
def hostile(lamp, tmp_path_factory):
    """The same, but that every text of it is markup."""
    folder = tmp_path_factory.mktemp("hostile") / "hostile"
    shutil.copytree(lamp.folder, folder)
    record = json.loads((folder / "avatar.json").read_text())
    persona = record["persona"]
    persona["social"]["name"] = persona["social"]["home"] = persona["social"]["nature"] = HOSTILE
    persona["speaking"]["manner"] = persona["life"]["backstory"] = persona["description"] = HOSTILE
    persona["personal"]["traits"] = [HOSTILE, "x</script><script>window.hacked=1</script>", "javascript:alert(1)"]
    record["tone"]["reason"] = record["portrait"]["reason"] = HOSTILE
    (folder / "avatar.json").write_text(json.dumps(record))
    return folder


@pytest.fixture(scope="module")
def app(studio, lamp, hostile, tmp_path_factory):
    shelf = tmp_path_factory.mktemp("shelf")
    shutil.copytree(lamp.folder, shelf / "lamp")
    shutil.copytree(hostile, shelf / "hostile")
    with web_app(shelf, studio) as running:
        running.shelf = shelf
        yield running


@pytest.fixture
def guest(app, browser):
    with visit(browser, app.url) as found:
        yield found
        assert found.faults == []


def test_a_line_of_text_becomes_somebody_to_talk_with(guest, tmp_path):
    guest.describe("a grumpy teapot who loves astronomy")
    name = guest.see(".tell.persona .name").inner_text()
    guest.see(".hero img.layer")
    guest.until("document.querySelector('.frame').dataset.state === 'speaking'")
    greeting = guest.see(".tell.persona blockquote").inner_text()
    assert guest.see(".caption").inner_text() in greeting
    assert guest.see(".chat h2").inner_text() == name
    assert guest.lines == [greeting]

    guest.say("What do you like?")
    guest.until("document.querySelectorAll('.log .line.them').length === 2")
    guest.until("document.querySelector('.frame').dataset.state === 'speaking'")
    guest.page.locator(".frame").click(position={"x": 200, "y": 200})
    guest.until("document.querySelector('.frame').dataset.state !== 'speaking'")
    guest.see(".log .line.them .cut", "interrupted")

    guest.page.get_by_text("Another voice").click()
    voice = guest.page.get_by_label("Voice", exact=True).last
    voice.select_option("narrator")
    guest.page.get_by_role("button", name="Use this voice").click()
    guest.see(".tell", "Narrator")
    guest.until("window.personify.scene.tone.name === 'narrator' && !window.personify.scene.redoing")
    guest.until("document.querySelector('.hero').dataset.busy === 'false'")  # until then the files are the old ones
    assert guest.lines[1] == "What do you like?", "the talk goes on"

    with guest.page.expect_download() as kept:
        guest.page.get_by_role("link", name="All of it").click()
    kept.value.save_as(tmp_path / "bundle.zip")
    record = json.loads(zipfile.ZipFile(tmp_path / "bundle.zip").read(_record_in(tmp_path / "bundle.zip")))
    assert (record["persona"]["social"]["name"], record["tone"]["name"]) == (name, "narrator")


def _record_in(path):
    return next(name for name in zipfile.ZipFile(path).namelist() if name.endswith("avatar.json"))


def test_the_face_found_can_be_seen_and_the_runners_up_heard(guest, lamp):
    guest.meet(lamp.name)
    toggle = guest.page.get_by_role("button", name="Show the landmarks")
    toggle.click()
    guest.until(
        "(() => { const c = document.querySelector('.points'); return !c.hidden && "
        "c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v, i) => i % 4 === 3 && v > 0); })()"
    )
    assert toggle.get_attribute("aria-pressed") == "true"
    live = guest.page.locator(".stage-canvas canvas")
    assert not live.is_visible(), "they lie on the picture in which they were found"
    assert guest.page.locator(".hero img.layer").last.is_visible()
    toggle.click()
    assert live.is_visible()
    with guest.page.expect_response("**/personify/try") as tried:
        guest.page.locator(".tells button[aria-label^='Hear']").first.click()
    assert tried.value.ok
    assert tried.value.json()["seconds"] > 0.3


def test_typing_interrupts_at_once_and_the_cut_reply_is_marked(guest, lamp):
    guest.meet(lamp.name)
    guest.say(LOUD)
    guest.until("document.querySelector('.frame').dataset.state === 'speaking'")
    guest.say("Stop. Who are you?")
    guest.see(".log .line.them .cut", "interrupted")
    guest.until("document.querySelectorAll('.log .line.you').length === 2")
    guest.until(
        "[...document.querySelectorAll('.log .line.them')].pop().querySelector('.words').textContent.length > 3"
    )


def test_a_reload_comes_back_to_who_was_there_and_what_was_said(guest, lamp):
    guest.meet(lamp.name)
    guest.say("Hello there!")
    guest.until("!document.querySelector('.line[aria-busy]') && document.querySelectorAll('.line.them').length === 2")
    said = guest.lines
    guest.page.reload()
    guest.see(".chat h2", lamp.name)
    guest.until("document.querySelectorAll('.log .line').length === 3")
    assert guest.lines == said
    guest.say("And again?")
    guest.until("document.querySelectorAll('.line.them').length === 3")


def test_whoever_is_gone_from_the_shelf_after_a_reload_is_not_waited_for(guest, app, lamp):
    shutil.copytree(lamp.folder, app.shelf / "passing")
    guest.page.evaluate("sessionStorage.setItem('personify', JSON.stringify({key: 'passing', lines: []}))")
    shutil.rmtree(app.shelf / "passing")
    guest.page.reload()
    guest.see(".describe h1")
    guest.see(".trouble", "passing")


def test_markup_in_a_character_is_text(guest, hostile):
    guest.page.locator(".card .open").filter(has=guest.page.locator("strong", has_text="<img")).click()
    assert HOSTILE in guest.see(".tell.persona .name").inner_text()
    guest.see(".chat h2", "<img src=x")
    guest.see(".stage-canvas canvas")
    guest.page.get_by_text("Edit the character").click()
    assert guest.page.get_by_label("Name", exact=True).input_value() == HOSTILE
    guest.say(HOSTILE)
    guest.until("document.querySelectorAll('.line.them').length >= 2")
    _harmless(guest)


def test_markup_in_a_description_is_text(guest):
    guest.describe(f"a teapot {HOSTILE}")
    guest.see(".chat h2")
    _harmless(guest)
    guest.page.get_by_role("button", name="Someone new").click()
    guest.see(".card", "<img")
    _harmless(guest)


@pytest.mark.slow
def test_markup_from_a_language_model_is_text(browser, studio, lamp, server, tmp_path):
    shutil.copytree(lamp.folder, tmp_path / "lamp")
    server.behave(reply=lambda body: f"{HOSTILE} says hello. <script>window.hacked = 1</script>")
    with web_app(tmp_path, studio.asking(f"{server.url}#tiny")) as app, visit(browser, app.url) as guest:
        guest.meet(lamp.name)
        guest.say("Hello!")
        guest.see(".line.them .words", "says hello")
        assert "tiny" in guest.see(".chat .engine").inner_text()
        _harmless(guest)
        assert guest.faults == []


def _harmless(guest: Visit) -> None:
    assert guest.page.evaluate("window.hacked") is None
    assert guest.page.locator("#personify img[onerror], #personify script, #personify .line b, .tell b").count() == 0


def test_a_phone_has_no_sideways_scroll_anywhere(app, browser, lamp):
    with visit(browser, app.url, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as guest:
        _fits(guest)
        guest.page.get_by_text("Settings", exact=True).click()
        _fits(guest)
        guest.meet(lamp.name)
        assert guest.page.evaluate("scrollY") == 0, "the face is seen first, however far down the shelf was"
        _fits(guest)
        guest.say("What is it like, being " + "very" * 40 + " long?")
        guest.until("document.querySelectorAll('.line.them').length === 2")
        for part in ("Another face", "Another voice", "Edit the character"):
            guest.page.get_by_text(part, exact=True).click()
            _fits(guest)
        small = guest.page.evaluate(
            "[...document.querySelectorAll('.personify button')]"
            ".filter((b) => b.offsetParent).map((b) => b.offsetHeight)"
        )
        assert min(small) >= 36
        assert guest.faults == []


def _fits(guest: Visit) -> None:
    width = guest.page.evaluate("document.documentElement.clientWidth")
    assert guest.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_the_light_and_in_the_dark(app, browser, lamp, scheme):
    with visit(browser, app.url, color_scheme=scheme) as guest:
        paper = guest.page.evaluate("getComputedStyle(document.querySelector('.personify')).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", paper)[:3])) < 384) == (scheme == "dark")
        texts = [".describe h1", ".lead", ".chip", ".button.main", ".foot", ".card strong", ".card .open span"]
        assert {name: ratio for name in texts if (ratio := _contrast(guest, name)) < 4.5} == {}
        guest.meet(lamp.name)
        guest.say("Hello!")
        guest.until("document.querySelectorAll('.line.them').length === 2")
        texts = [".line.them", ".line.you", ".engine", ".chat .nature", ".caption", ".tell .traits li", ".tell .by"]
        assert {name: ratio for name in texts if (ratio := _contrast(guest, name)) < 4.5} == {}


def _contrast(guest: Visit, selector: str) -> float:
    """Of a text and what is behind it, as WCAG 2.2 measures it (1.4.3)."""
    return guest.page.evaluate(
        """(selector) => {
          const light = (rgb) => {
            const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            const [r, g, b] = rgb.map((v) => linear(v / 255));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const colour = (text) => text.match(/[\\d.]+/g).map(Number);
          let element = document.querySelector(selector);
          const ink = colour(getComputedStyle(element).color);
          let behind = [0, 0, 0, 0];
          for (; element && (behind[3] ?? 1) === 0; element = element.parentElement)
            behind = colour(getComputedStyle(element).backgroundColor);
          const [low, high] = [light(ink), light(behind)].sort((a, b) => a - b);
          return (high + 0.05) / (low + 0.05);
        }""",
        selector,
    )


@pytest.mark.slow
def test_everything_can_be_done_without_a_mouse(app, browser, lamp):
    with visit(browser, app.url) as guest:
        keys = guest.page.keyboard
        _tab_to(guest, "textarea.wish")
        keys.type("a shy robot")
        keys.press("Escape")
        _tab_to(guest, ".card .open")
        assert guest.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        keys.press("Enter")
        guest.see(".chat h2")
        assert guest.page.evaluate("document.activeElement.tagName") == "H2", "the new step is where one reads on"
        guest.see(".stage-canvas canvas")
        _tab_to(guest, "textarea.say")
        keys.type(LOUD)
        keys.press("Enter")
        guest.until("document.querySelector('.frame').dataset.state === 'speaking'")
        keys.press("Escape")
        guest.until("document.querySelector('.frame').dataset.state !== 'speaking'")
        unnamed = guest.page.evaluate(
            "[...document.querySelectorAll('#personify :is(button, input, select, textarea)')]"
            ".filter((e) => e.offsetParent && !(e.textContent || e.ariaLabel || e.labels?.length || "
            "e.getAttribute('aria-labelledby'))).map((e) => e.outerHTML)"
        )
        assert unnamed == []


def _tab_to(guest: Visit, selector: str) -> None:
    for _ in range(80):
        guest.page.keyboard.press("Tab")
        if guest.page.evaluate("(selector) => document.activeElement?.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} can't be reached by the tab key")


@pytest.mark.slow
def test_cancel_stops_the_work_and_keeps_what_was_typed(guest, app):
    guest.describe("a lighthouse keeper", expert="clay")
    guest.until("document.querySelector('.steps [data-step=portrait]').className === 'doing'")
    assert guest.page.locator(".steps [data-step=portrait]").get_attribute("aria-current") == "step"
    session = next(one for one in app.context.sessions.all() if one.stop is not None)
    guest.page.get_by_role("button", name="Cancel").click()
    guest.see(".describe h1")
    assert guest.page.get_by_label("Who would you like to meet?").input_value() == "a lighthouse keeper"
    _soon(lambda: not [thread for thread in threading.enumerate() if thread.name == "web-making"])
    assert session.stop is None
    assert not (app.shelf / "a-lighthouse-keeper").exists()
    assert guest.page.locator(".describe .trouble").inner_text() == ""


def _soon(true, within_s: float = 20.0) -> None:
    until = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_character_says_hello_before_its_film_is_made(guest):
    guest.page.evaluate(
        """() => {
          const { hero } = window.personify;
          const seen = () => hero.avatar?.state === "speaking" && (window.hello ??= window.personify.scene.stage);
          hero.addEventListener("avatar", ({ detail }) => detail.addEventListener("state", seen));
        }"""
    )
    guest.describe("a friendly kettle")
    guest.until("window.hello !== undefined")
    assert guest.page.evaluate("window.hello") == "clip"
    assert guest.page.evaluate("document.activeElement.className") == "doing", "keys aren't lost with the form"
    guest.page.go_back()
    guest.see(".describe h1")
    assert guest.page.get_by_label("Who would you like to meet?").input_value() == "a friendly kettle"


@pytest.mark.slow
def test_a_reload_while_a_character_is_made_comes_back_to_what_was_typed(guest, app):
    guest.describe("a lighthouse keeper", expert="clay")
    guest.until("document.querySelector('.steps [data-step=portrait]').className === 'doing'")
    guest.page.reload()
    guest.see(".describe .trouble", "loaded anew")
    guest.faults.clear()  # Gradio tells of its stream that the reload broke off
    assert guest.page.get_by_label("Who would you like to meet?").input_value() == "a lighthouse keeper"
    _soon(lambda: not [thread for thread in threading.enumerate() if thread.name == "web-making"])
    assert not (app.shelf / "a-lighthouse-keeper").exists()


def test_asking_twice_makes_one_and_the_way_back_leads_to_the_first_step(guest, lamp):
    guest.page.evaluate(
        """() => {
          const app = window.personify, send = app.send;
          app.sent = [];
          app.send = (name, told) => { app.sent.push(name); if (name !== "create") send(name, told); };
        }"""
    )
    guest.page.get_by_label("Who would you like to meet?").fill("a lamp")
    for _ in range(3):
        guest.page.keyboard.press("Enter")
    guest.meet(lamp.name)
    guest.page.go_back()
    guest.see(".describe h1")
    assert guest.page.evaluate("window.personify.sent") == ["create", "open", "home"]
    guest.meet(lamp.name)
    guest.page.get_by_role("button", name="Someone new").click()
    guest.until("history.state?.personify === undefined")
    assert guest.page.url.rstrip("/") == guest.url.rstrip("/")


def test_what_is_too_large_is_refused_in_one_line(guest, tmp_path):
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.truncate(13 * 2**20)
    guest.page.get_by_text("Settings", exact=True).click()
    guest.page.get_by_label("A picture of your own").set_input_files(large)
    guest.see(".describe .trouble", "up to 12 MB are read")
    bundle = tmp_path / "large.zip"
    with bundle.open("wb") as file:
        file.truncate(61 * 2**20)
    guest.page.locator(".shelf input[type=file]").set_input_files(bundle)
    guest.see(".shelf .trouble", "up to 60 MB are read")


def test_a_page_can_name_no_file_but_one_that_it_sent(guest, lamp, app):
    guest.page.get_by_label("Who would you like to meet?").fill("a lamp")
    for path in (str(lamp.picture), "/etc/passwd", "../../etc/passwd", "\u0000"):
        guest.page.evaluate("(path) => window.personify.send('create', {description: 'a lamp', picture: path})", path)
        guest.see(".describe .trouble", "isn't here any more")
        guest.page.evaluate("() => window.personify.describe.trouble(null)")


@pytest.mark.slow
def test_a_character_goes_away_as_a_file_and_comes_back(guest, app, lamp, tmp_path):
    guest.meet(lamp.name)
    with guest.page.expect_download() as kept:
        guest.page.get_by_role("link", name="All of it").click()
    kept.value.save_as(tmp_path / "lamp.zip")
    guest.page.get_by_role("button", name="Someone new").click()
    before = guest.page.locator(".card").count()
    guest.page.locator(".shelf input[type=file]").set_input_files(tmp_path / "lamp.zip")
    guest.see(".chat h2", lamp.name)
    guest.page.get_by_role("button", name="Someone new").click()
    guest.until(f"document.querySelectorAll('.card').length === {before + 1}")
    card = guest.page.locator(".card").first
    card.hover()
    card.get_by_role("button", name=f"Remove {lamp.name}").click()
    guest.page.get_by_role("button", name="Keep", exact=True).click()
    assert guest.page.locator(".card").count() == before + 1
    card.hover()
    card.get_by_role("button", name=f"Remove {lamp.name}").click()
    guest.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    guest.until(f"document.querySelectorAll('.card').length === {before}")


def test_a_file_that_holds_no_character_is_refused(guest, tmp_path):
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as packed:
        packed.writestr("../../evil.txt", "no")
    guest.page.locator(".shelf input[type=file]").set_input_files(tmp_path / "evil.zip")
    guest.see(".trouble", re.compile("evil|avatar|bundle|zip", re.I))


def test_an_edited_character_keeps_its_face_and_says_its_new_greeting(guest, app, lamp):
    shutil.copytree(lamp.folder, app.shelf / "edited")
    guest.come()
    guest.page.locator(".card .open").filter(has_text=lamp.name).first.click()
    guest.see(".stage-canvas canvas")
    key = guest.page.evaluate("window.personify.scene.key")
    face = (app.shelf / key / "portrait.png").read_bytes()
    guest.page.get_by_text("Edit the character").click()
    guest.page.get_by_label("What it says first").fill("Good evening. It is bright in here.")
    guest.page.get_by_role("button", name="Save").click()
    guest.see(".tell.persona blockquote", "It is bright in here")
    guest.until("!window.personify.scene.redoing")
    assert (app.shelf / key / "portrait.png").read_bytes() == face
    shutil.rmtree(app.shelf / key)


@pytest.mark.slow
def test_two_people_see_nothing_of_each_other(browser, studio, lamp, tmp_path):
    with web_app(tmp_path, studio, private=True) as app, visit(browser, app.url) as ada, visit(browser, app.url) as bob:
        ada.describe("a friendly kettle")
        bob.describe("a quiet book")
        for guest in (ada, bob):
            guest.see(".chat h2")
        for guest, own, other in ((ada, "kettle", "book"), (bob, "book", "kettle")):
            guest.say("What are you?")
            guest.page.get_by_role("button", name="Someone new").click()
            guest.see(".card", own)
            assert guest.page.locator(".card").count() == 1
            assert other not in guest.page.locator(".shelf").inner_text()
        assert ada.faults == bob.faults == []


def test_where_nothing_hears_the_button_says_how_to_change_that(guest, app, lamp):
    guest.meet(lamp.name)
    guest.page.get_by_role("button", name="Hold to talk").hover()
    guest.page.mouse.down()
    assert guest.see(".chat .hint").inner_text() == app.context.hearing.how
    guest.page.mouse.up()


def test_files_of_a_page_are_gone_once_it_is_left(app, browser, lamp):
    before = set(app.context.sessions.all())
    with visit(browser, app.url) as guest:
        guest.meet(lamp.name)
        mine = next(one for one in app.context.sessions.all() if one not in before and one.avatar is not None)
        assert any((mine.folder / "files").iterdir())
    _soon(lambda: not mine.folder.exists())
