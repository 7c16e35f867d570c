"""The gallery of a batch: it opens from a disk, asks no network, shows every text as text, and costs little to write
again."""

import json
import os
import shutil
import struct
import threading
import time
import zlib
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from browser import faults_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personify.pipelines.batch.diversity import report
from personify.pipelines.batch.gallery import write_gallery
from personify.pipelines.batch.outcomes import made
from personify.pipelines.batch.quotas import read_quotas
from personify.pipelines.batch.store import FolderStore
from personify.pipelines.batch.values import Failed, Row
from personify.pipelines.inspecting import inspect_file

EVIL = (
    """</script><script>document.title='owned'</script><img src=x onerror="document.title='owned'">\u2028{name}<!--"""
)
PEOPLE = (
    {"name": "Edgar", "nature": "teapot", "archetype": "teapot", "gender": "masculine", "tone": "kettle"},
    {"name": "Zoë", "nature": "owl", "archetype": "owl", "gender": "feminine", "tone": "owl"},
    {"name": "Ada", "nature": "baker", "archetype": "woman", "gender": "feminine", "tone": "hostess"},
)


class Watched(FolderStore):
    """A store that remembers what was written."""

    def __init__(self, folder):
        super().__init__(folder)
        self.written = []

    def write(self, name, data):
        self.written.append(name)
        super().write(name, data)


def failure(row, problem, description="a villager"):
    return Failed(
        row=row, id=f"x-{row}", description=description, stage="input", kind="refused", problem=problem, at="now"
    )


@pytest.fixture(scope="module")
def someone(studio, tmp_path_factory):
    """An avatar on disk that is quickly drawn."""
    return studio.create("a teapot", seed=7, out=tmp_path_factory.mktemp("someone"), expert="sketch")


@pytest.fixture
def lines_of(someone):
    """Lines of a batch whose bundles are somebody's, by what of each is told otherwise."""

    def lines(folder, changes):
        found = []
        for number, change in enumerate(changes, 1):
            row = Row(number=number, id=change.get("id", f"p-{number}"), description="", seed=7)
            bundle = folder / "avatars" / row.id
            if not bundle.exists():
                bundle.mkdir(parents=True)
                for file in someone.files.values():
                    os.link(file, bundle / file.name)
            found.append(made(row, someone.record).model_copy(update=change))
        return found

    return lines


@pytest.fixture
def opened(browser):
    """Opens a gallery from the disk in a browser that has no network; what it asks for and what goes wrong is kept."""
    rooms = []

    def open_page(folder, at="", **context):
        room = browser.new_context(offline=True, **context)
        rooms.append(room)
        page = room.new_page()
        page.set_default_timeout(20_000)
        page.faults, page.asked = faults_of(page), []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto((folder / "index.html").as_uri() + at)
        return page

    yield open_page
    for room in rooms:
        room.close()


@pytest.fixture
def small(tmp_path, lines_of):
    """A gallery of three, and one row that failed."""
    folder = tmp_path / "townspeople"
    write_gallery(FolderStore(folder), lines_of(folder, PEOPLE), [failure(9, "the seed 'x' is no number")])
    return folder


def until(page, holds):
    """Waits until a script's expression holds; Playwright's own way evaluates strings in the page, which its policy
    forbids."""
    end = time.monotonic() + 30
    while not page.evaluate(holds):
        assert time.monotonic() < end, f"never came true: {holds}"
        page.wait_for_timeout(20)


def names(page):
    return page.locator(".tile .name").all_inner_texts()


def test_it_opens_from_a_disk_and_shows_everyone(small, opened):
    page = opened(small)
    assert page.title() == "townspeople"
    assert page.locator("h1").inner_text() == "3 characters"
    assert names(page) == ["Edgar", "Zoë", "Ada"]
    until(page, "[...document.querySelectorAll('.shot img')].every((face) => face.naturalWidth === 256)")
    page.locator("#failed").scroll_into_view_if_needed()
    assert page.locator("#failures li").all_inner_texts() == ["Row 9, input\na villager\nthe seed 'x' is no number"]
    assert page.locator("#failed-title").inner_text() == "1 row without a character"
    assert page.faults == []
    assert all(url.startswith("file:") for url in page.asked)
    assert not any("portrait.png" in url or ".mp4" in url for url in page.asked), "the wall loads no large files"


def test_search_and_filters_narrow_the_wall(small, opened):
    page = opened(small)
    page.keyboard.press("/")
    page.keyboard.type("zoe")
    until(page, "document.querySelectorAll('.tile').length === 1")
    assert names(page) == ["Zoë"]
    assert page.locator("#count").inner_text() == "1 of 3 characters"
    page.keyboard.type(" teapot-nobody")
    page.get_by_text("Nobody here is like that.").wait_for()
    page.locator("#clear").click()
    page.get_by_label("Any gender").select_option("feminine")
    assert names(page) == ["Zoë", "Ada"]
    page.get_by_label("Any tone").select_option("hostess")
    assert names(page) == ["Ada"]
    page.locator("#clear").click()
    assert len(names(page)) == len(PEOPLE)
    page.locator(".bar[data-value=owl][data-name=tone]").click()
    assert names(page) == ["Zoë"]


def test_a_card_speaks_and_is_left_by_keyboard(small, opened, someone):
    page = opened(small)
    page.locator(".tile").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    card = page.locator("dialog[open]")
    card.wait_for()
    assert card.locator("h2").inner_text() == "Zoë"
    assert card.locator("blockquote").inner_text() == someone.persona.speaking.greeting
    card.get_by_text(someone.persona.personal.traits[0]).wait_for()
    until(page, "document.getElementById('clip').currentTime > 0.05")
    assert page.url.endswith("#p-2")
    page.locator("#close").focus()
    page.keyboard.press("ArrowRight")
    until(page, "document.getElementById('card-name').textContent === 'Ada'")
    assert page.locator("#after").is_disabled()
    page.keyboard.press("Escape")
    card.wait_for(state="hidden")
    until(page, "document.activeElement.textContent.startsWith('Ada')")
    assert page.evaluate("document.getElementById('clip').paused")
    assert page.faults == []


def test_a_face_moves_silently_under_the_mouse(small, opened):
    page = opened(small)
    page.locator(".tile").nth(1).hover()
    playing = "!!document.querySelector('.tile video') && document.querySelector('.tile video').currentTime > 0.05"
    until(page, playing)
    assert page.locator(".tile").nth(1).locator("video").count() == 1
    assert page.evaluate("document.querySelector('.tile video').muted")
    page.locator("h1").hover()
    assert page.locator(".tile video").count() == 0


def test_served_from_a_web_space_it_is_the_same(small, opened):
    handler = partial(SimpleHTTPRequestHandler, directory=small)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = opened(small)
        page.context.set_offline(False)
        page.goto(f"http://127.0.0.1:{server.server_port}/index.html#p-2")
        page.locator("dialog[open]").wait_for()
        assert page.locator("#card-folder").get_attribute("href") == "avatars/p-2/avatar.json"
        until(page, "[...document.querySelectorAll('.shot img')].every((face) => face.naturalWidth === 256)")
        until(page, "document.getElementById('card-story').textContent !== ''")
        assert page.faults == []
        page.close()
        server.shutdown()


def test_a_link_opens_a_card(small, opened):
    page = opened(small, "#p-3")
    page.locator("dialog[open]").wait_for()
    assert page.locator("dialog h2").inner_text() == "Ada"
    folder = page.locator("#card-folder").evaluate("(link) => link.href")
    assert folder == (small / "avatars" / "p-3").as_uri() + "/"


def test_text_from_outside_stays_text(tmp_path, lines_of, opened, someone):
    folder = tmp_path / "<b>town"
    told = dict.fromkeys(("name", "nature", "description", "greeting", "archetype", "tone"), EVIL) | {"notes": (EVIL,)}
    lines = lines_of(folder, [told, {}])
    persona = someone.persona
    persona = persona.model_copy(
        update={
            "life": persona.life.model_copy(update={"backstory": EVIL}),
            "personal": persona.personal.model_copy(update={"traits": (EVIL, "two", "three")}),
        }
    )
    record = folder / "avatars" / "p-1" / "avatar.json"
    record.unlink()
    record.write_text(json.dumps(someone.record.model_copy(update={"persona": persona}).model_dump(mode="json")))
    write_gallery(FolderStore(folder), lines, [failure(1, EVIL, EVIL)])
    page = opened(folder, "#p-1")
    page.locator("#card-story").get_by_text("</script>").wait_for()
    assert page.title() == "<b>town"
    assert page.locator("#card-name").text_content() == f"{EVIL[:79]}…"
    for shown in ("#card-says", "#card-story", "#failures li span:nth-child(3)"):
        assert page.locator(shown).text_content() == EVIL
    assert page.evaluate("document.images.length") == 2
    assert page.evaluate("document.querySelectorAll('b:not(.bar b)').length") == 0
    assert page.faults == []


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text())
def test_data_scripts_are_one_call_whatever_is_told(tmp_path, someone, text):
    line = made(Row(number=1, id="p-1", description="", seed=1), someone.record)
    line = line.model_copy(update={"greeting": text, "name": text})
    write_gallery(FolderStore(tmp_path), [line], [failure(1, text)])
    for name, call in (("wall-0001", "wall"), ("failures", "lost")):
        script = (tmp_path / "gallery" / f"{name}.js").read_text("utf-8")
        assert script.startswith(f"gallery.{call}(")
        assert script.endswith(");\n")
        assert not set(script) & {"<", "\u2028", "\u2029"}
        assert json.loads("[" + script[len(f"gallery.{call}(") : -3] + "]")


def test_what_has_not_changed_is_not_written_again(tmp_path, lines_of):
    store = Watched(tmp_path)
    write_gallery(store, lines_of(tmp_path, PEOPLE), [])
    assert "index.html" in store.written
    store.written.clear()
    write_gallery(store, lines_of(tmp_path, PEOPLE), [])
    assert store.written == ["index.html", "gallery/state.json"], "the page may have been taken away"
    store.written.clear()
    again = [{**PEOPLE[0], "created": "2030-01-01T00:00:00Z"}, *PEOPLE[1:], {}]
    write_gallery(store, lines_of(tmp_path, again), [])
    faces = sorted(name for name in store.written if name.startswith("gallery/faces/"))
    assert faces == ["gallery/faces/p-1.webp", "gallery/faces/p-4.webp"], "the one made anew, and the new one"


def test_the_page_and_its_faces_say_that_a_machine_made_them(small):
    notice = "Made by a machine: these characters, their faces and their voices are synthetic."
    assert f'<p class="notice">{notice}</p>' in (small / "index.html").read_text("utf-8")
    page = inspect_file(small / "index.html")
    assert page.machine_made and page.source_type == "algorithmicMedia" and page.provenance.what == "page"
    assert page.provenance.notice == notice and page.provenance.characters == ()
    face = inspect_file(small / "gallery" / "faces" / "p-1.webp")
    assert face.machine_made and face.source_type == "algorithmicMedia" and face.generator.startswith("Personify ")
    assert face.texts["Description"].startswith("Made by a machine") and face.credentials is None


def test_a_page_says_of_its_faces_what_fits_them_all(tmp_path, lines_of, someone):
    lines = lines_of(tmp_path, PEOPLE)
    drawn = someone.record.portrait.model_copy(update={"expert": "clay", "guidance": "pixel", "guide": "image"})
    path = tmp_path / "avatars" / "p-2" / "avatar.json"
    path.unlink()  # it is one file for all of them
    path.write_text(json.dumps(someone.record.model_copy(update={"portrait": drawn}).model_dump(mode="json")))
    for _ in "drawn", "kept":
        write_gallery(FolderStore(tmp_path), lines, [])
        assert inspect_file(tmp_path / "index.html").source_type == "compositeWithTrainedAlgorithmicMedia"
    assert inspect_file(tmp_path / "gallery/faces/p-2.webp").source_type == "compositeWithTrainedAlgorithmicMedia"


def test_faces_that_said_nothing_of_how_they_were_made_are_drawn_anew(tmp_path, lines_of):
    lines = lines_of(tmp_path, PEOPLE)
    store = Watched(tmp_path)
    write_gallery(store, lines, [])
    path = tmp_path / "gallery" / "state.json"
    state = json.loads(path.read_text())
    path.write_text(json.dumps(state | {"faces": {line.id: line.created for line in lines}}))  # as it was kept then
    store.written.clear()
    write_gallery(store, lines, [])
    assert sum(name.endswith(".webp") for name in store.written) == len(PEOPLE)


@pytest.mark.parametrize("state", [b"", b"[]", b"{", b'{"faces": 3}', b"[" * 100_000, b"\xff\x00"])
def test_a_broken_state_is_made_anew(tmp_path, lines_of, state):
    lines = lines_of(tmp_path, PEOPLE)
    (tmp_path / "gallery").mkdir()
    (tmp_path / "gallery" / "state.json").write_bytes(state)
    write_gallery(FolderStore(tmp_path), lines, [])
    assert len(list((tmp_path / "gallery" / "faces").iterdir())) == len(PEOPLE)


def test_who_has_no_picture_stands_there_without(tmp_path, lines_of, opened):
    lines = lines_of(tmp_path, PEOPLE)
    shutil.rmtree(tmp_path / "avatars" / "p-1")
    (tmp_path / "avatars" / "p-2" / "portrait.png").unlink()
    (tmp_path / "avatars" / "p-2" / "portrait.png").write_bytes(b"\x89PNG but not more")
    write_gallery(FolderStore(tmp_path), lines, [])
    (tmp_path / "gallery" / "faces" / "p-3.webp").unlink()
    page = opened(tmp_path)
    page.locator(".letter").nth(2).wait_for()
    assert page.locator(".letter").all_inner_texts() == ["E", "Z", "A"]


def test_a_portrait_with_a_broken_chunk_costs_only_its_face(tmp_path, lines_of):
    lines = lines_of(tmp_path, PEOPLE)
    path = tmp_path / "avatars" / "p-2" / "portrait.png"
    good = path.read_bytes()
    start = good.index(b"IDAT") - 4
    data = good[start + 8 : start + 1008]
    broken = good[:start] + struct.pack(">I", len(data)) + b"IDAT" + data
    broken += struct.pack(">I", zlib.crc32(b"IDAT" + data)) + struct.pack(">I", 4) + b"\0\1\2\3" + bytes(100)
    path.unlink()  # it is one file for all of them
    path.write_bytes(broken)
    write_gallery(FolderStore(tmp_path), lines, [])
    assert {path.stem for path in (tmp_path / "gallery" / "faces").iterdir()} == {"p-1", "p-3"}


def test_two_thousand_are_quick(tmp_path, someone, opened):
    line = made(Row(number=1, id="p-1", description="", seed=1), someone.record)
    lines = [line.model_copy(update={"id": f"p-{i}", "row": i, "name": f"Person {i}"}) for i in range(2000, 0, -1)]
    began = time.process_time()
    write_gallery(FolderStore(tmp_path), lines, [failure(i, "no") for i in range(700)])
    assert time.process_time() - began < 5
    page = opened(tmp_path)
    assert page.locator(".tile").count() == 120
    assert page.locator(".tile .name").first.inner_text() == "Person 1"
    page.locator("#more").scroll_into_view_if_needed()
    until(page, "document.querySelectorAll('.tile').length >= 240")
    took_ms = page.evaluate(
        "() => { const began = performance.now(); const find = document.getElementById('find');"
        "find.value = 'person 1990'; find.dispatchEvent(new Event('input'));"
        "const count = document.getElementById('count');"
        "return new Promise((done) => { const look = () => { const took = performance.now() - began;"
        "if (took > 2000 || count.textContent.startsWith('1 of')) done(took); else requestAnimationFrame(look); };"
        "look(); }); }"
    )
    assert took_ms < 2000
    assert page.locator("#untold").text_content() == "and 200 more; all are in failures.jsonl"
    page.locator("#find").fill("")
    page.goto(page.url + "#p-1990")
    page.reload()
    page.locator("dialog[open]").wait_for()
    page.keyboard.press("Escape")
    until(page, "document.activeElement.textContent.includes('Person 1990')")


def test_an_empty_batch_says_so(tmp_path, opened):
    write_gallery(FolderStore(tmp_path), [], [])
    page = opened(tmp_path)
    assert page.locator("h1").inner_text() == "0 characters"
    assert page.faults == []


def test_a_phone_needs_no_sideways_scrolling(small, opened):
    page = opened(small, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    wide = "document.documentElement.scrollWidth <= innerWidth"
    assert page.evaluate(wide)
    assert page.locator(".tile").nth(1).bounding_box()["y"] == page.locator(".tile").first.bounding_box()["y"]
    page.locator(".tile").first.tap()
    page.locator("dialog[open]").wait_for()
    assert page.evaluate(wide)
    assert page.evaluate("document.getElementById('card').scrollWidth <= innerWidth")
    for button in page.locator("dialog button").all():
        assert min(button.bounding_box()["width"], button.bounding_box()["height"]) >= 44


def test_it_is_dark_where_the_system_is_and_still_where_it_asks(small, opened):
    page = opened(small, "#p-1", color_scheme="dark", reduced_motion="reduce")
    page.locator("dialog[open]").wait_for()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(25, 22, 20)"
    page.locator("#after").click()
    until(page, "document.getElementById('card-name').textContent === 'Zoë'")
    assert page.evaluate("document.getElementById('clip').paused")
    assert not any(".mp4" in url for url in page.asked), "nothing moves unasked"


def test_how_varied_they_are_is_told(tmp_path, lines_of, opened):
    lines = lines_of(tmp_path, PEOPLE)
    told = report(lines, None, quotas=read_quotas(["gender=feminine:25+masculine:75"]), seed=1)
    write_gallery(FolderStore(tmp_path), lines, [], told)
    page = opened(tmp_path)
    figures = page.locator("#figures div").all_inner_texts()
    assert "names of their own\n3 of 3" in figures
    bar = page.locator(".bar[data-name=gender][data-value=feminine]")
    assert bar.locator("span").last.inner_text() == "2"
    assert bar.locator("u").get_attribute("title") == "wanted: 25 %"
    assert page.locator(".bar[data-name=tone] u").count() == 0
    assert page.faults == []
