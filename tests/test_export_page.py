"""The exported page: one file that opens from a disk, asks no network for anything, speaks, and takes text for text."""

import base64
import hashlib
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import av
import numpy as np
import pytest
from browser import faults_of
from head_parts import portrait_of, speech_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from live_pages import LIVE, blank_page, serving
from typer.testing import CliRunner

from personify.ui.cli import app
from personify.ui.modules import bare, joined, live_file
from personify.ui.page import page_html, spoken_lines
from personify.voices.errors import BadInput, PersonifyError

EVIL = """</script><script>document.title='owned'</script><img src=x onerror="document.title='owned'">{name}<!--"""
LINES = ("The stars are late tonight.", EVIL)


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def page_file(teapot, tmp_path_factory):
    """A page as the command writes it, and what it told."""
    out = tmp_path_factory.mktemp("pages") / "teapot.html"
    texts = [part for line in LINES for part in ("--text", line)]
    told = run("export", teapot.folder, "--html", "--out", out, "--json", *texts)
    assert told.exit_code == 0, told.output
    return out, json.loads(told.stdout)


@pytest.fixture
def opened(browser):
    """Opens a page from the disk in a browser that has no network; what it asks for and what goes wrong is kept."""
    rooms = []

    def open_page(path, **context):
        room = browser.new_context(offline=True, **context)
        rooms.append(room)
        page = room.new_page()
        page.faults, page.asked = faults_of(page), []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(path.as_uri())
        return page

    yield open_page
    for room in rooms:
        room.close()


class Seen(HTMLParser):
    """The elements of a page, and the text in each kind."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self._open = [], {}, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)


def named(avatar, **social):
    """The avatar with something else in its persona."""
    persona = avatar.persona
    persona = persona.model_copy(
        update={
            "description": social.get("description", persona.description),
            "social": persona.social.model_copy(update={"name": social.get("name", persona.name)}),
            "life": persona.life.model_copy(update={"backstory": social.get("backstory", persona.life.backstory)}),
        }
    )
    return replace(avatar, record=avatar.record.model_copy(update={"persona": persona}))


def test_the_command_tells_where_the_page_is_how_large_and_what_it_says(page_file, teapot):
    path, told = page_file
    assert told["page"] == str(path)
    assert told["bytes"] == path.stat().st_size < 3_000_000
    assert told["lines"] == [teapot.persona.speaking.greeting, *LINES]
    assert told["notes"] == []


def test_it_is_alive_and_speaks_without_a_network(page_file, opened, teapot):
    page = opened(page_file[0])
    page.wait_for_selector(".alive")
    assert page.title() == teapot.name
    greeting = teapot.persona.speaking.greeting
    assert page.locator("#caption").text_content() == greeting
    drawn = page.evaluate("() => document.getElementById('face').toDataURL()")
    page.wait_for_function("before => document.getElementById('face').toDataURL() !== before", arg=drawn)

    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => avatar.state === 'speaking'")
    assert page.get_by_role("button", name="Stop").is_visible()
    page.wait_for_function("() => avatar.drawn.some(({ jaw, loud }) => jaw > 0.2 && loud > 0.01)")
    page.keyboard.press("Escape")
    page.wait_for_function("() => avatar.state === 'idle'")
    assert not page.evaluate("avatar.speaking")

    line = page.get_by_role("button", name=LINES[0])
    line.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("line => document.getElementById('caption').textContent === line", arg=LINES[0])
    assert line.get_attribute("aria-pressed") == "true"
    page.wait_for_function("() => avatar.state === 'idle' && !avatar.speaking")
    assert line.get_attribute("aria-pressed") == "false"
    assert abs(page.evaluate("avatar.stats.lag_ms")) <= 60
    assert page.faults == []
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []


def test_its_policy_lets_in_its_own_script_and_style_and_nothing_else(page_file):
    seen = Seen(page_file[0].read_text("utf-8"))
    policy = next(a["content"] for tag, a in seen.elements if a.get("http-equiv") == "Content-Security-Policy")
    script, style = seen.texts["script"][-1], "".join(seen.texts["style"])
    for kind, text in (("script", script), ("style", style)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}';" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    outside = [a for _, a in seen.elements for key in ("src", "href") if key in a and not a[key].startswith("data:")]
    assert outside == []
    assert sorted(a.get("type") for tag, a in seen.elements if tag == "script") == ["application/json", "module"]


def test_text_is_text_wherever_it_comes_from(page_file, opened, teapot, tmp_path):
    path = tmp_path / "evil.html"
    evil = named(teapot, name=EVIL[:80], description=EVIL, backstory=EVIL)
    path.write_text(page_html(evil, [replace(speech_of(), text=EVIL), replace(speech_of(), text=EVIL)]), "utf-8")
    page = opened(path)
    page.wait_for_selector(".alive")
    assert page.title() == EVIL[:80].strip()
    assert page.locator("h1").text_content() == EVIL[:80]
    assert page.locator("details p").text_content() == EVIL
    assert page.locator("#caption").text_content() == EVIL
    assert page.locator("#lines button").text_content() == EVIL
    page.locator("#lines button").click()
    page.wait_for_function("() => !avatar.speaking")
    assert page.locator("script").count() == 2
    assert page.locator("img").count() == 0
    assert page.faults == []


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1, max_size=80), text=st.text(max_size=200), lang=st.text(max_size=12))
def test_any_text_comes_back_as_it_was(teapot, name, text, lang):
    avatar = named(teapot, name=name, backstory=text)
    persona = avatar.persona.model_copy(update={"language": lang})
    avatar = replace(avatar, record=avatar.record.model_copy(update={"persona": persona}))
    avatar = replace(avatar, portrait=portrait_of("teapot", 256))
    told = page_html(avatar, [replace(speech_of(), text=text)])
    seen = Seen(told)
    data = json.loads("".join(re.findall(r'id="avatar">(.*?)</script>', told, re.DOTALL)))
    assert data["lines"][0]["sentence"] == text
    assert dict(seen.elements)["html"]["lang"] == lang
    assert [tag for tag, _ in seen.elements if tag in ("script", "img", "iframe")] == ["script", "script"]


def test_its_sound_is_the_speech_to_the_sample(page_file, teapot):
    data = json.loads(re.findall(r'id="avatar">(.*?)</script>', page_file[0].read_text("utf-8"), re.DOTALL)[0])
    speeches, notes, _ = spoken_lines(teapot, LINES)
    assert notes == []
    for line, speech in zip(data["lines"], speeches, strict=True):
        with av.open(io.BytesIO(base64.b64decode(line["audio"]["data"]))) as file:
            samples = np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio=0)])
            assert file.streams.audio[0].rate == speech.sample_rate_hz
        assert len(samples) == len(speech.samples)
        assert np.abs(samples / 32767 - speech.samples).max() < 1e-4
        assert line["seconds"] == round(speech.duration_s, 4)
        assert len(line["face"]["values"]) == int(np.ceil(speech.duration_s * line["face"]["fps"]))


@pytest.mark.parametrize(
    ("scheme", "size"), [("light", (1280, 800)), ("dark", (1280, 800)), ("light", (390, 844)), ("dark", (320, 568))]
)
def test_it_fits_and_can_be_read_on_every_screen(page_file, opened, scheme, size):
    page = opened(page_file[0], color_scheme=scheme, viewport={"width": size[0], "height": size[1]})
    page.wait_for_selector(".alive")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator("#play").bounding_box()
    assert box["height"] >= 44
    assert box["y"] + box["height"] <= size[1]
    contrasts = page.evaluate(
        """() => {
          const rgb = (text) => text.match(/[\\d.]+/g).slice(0, 3).map((v) => {
            const x = v / 255;
            return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
          });
          const light = (text) => rgb(text).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
          const ground = (node) => {
            const colour = getComputedStyle(node).backgroundColor;
            return colour === "rgba(0, 0, 0, 0)" ? ground(node.parentElement) : colour;
          };
          return ["h1", ".is", "#caption", "#lines button", "summary", "footer", "#play"].map((where) => {
            const node = document.querySelector(where);
            const pair = [light(getComputedStyle(node).color), light(ground(node))].sort((a, b) => b - a);
            return [where, (pair[0] + 0.05) / (pair[1] + 0.05)];
          });
        }"""
    )
    assert {where: ratio for where, ratio in contrasts if ratio < 4.5} == {}


def test_what_is_wrong_is_told_before_anything_is_written(teapot, tmp_path, left_in):
    page = tmp_path / "page.html"
    for arguments, said in (
        ([tmp_path, "--html"], "no avatar at"),
        ([teapot.folder], "--html"),
        ([teapot.folder, "--html", "--text", " \u202e "], "nothing to say"),
        ([teapot.folder, "--html", "--text", "a" * 1001], "1001 characters"),
        ([teapot.folder, "--html", *["--text", "Yes."] * 25], "25 lines"),
        ([teapot.folder, "--html", "--text", "?!"], "nothing to say"),
    ):
        told = run("export", *arguments, "--out", page)
        assert told.exit_code == 2, told.output
        assert said in told.stderr
    assert left_in(tmp_path) == []


def test_a_page_that_is_there_stays_unless_forced(teapot, tmp_path, left_in):
    page = tmp_path / "page.html"
    page.write_text("mine")
    refused = run("export", teapot.folder, "--html", "--out", page)
    assert refused.exit_code == 2
    assert "--force" in refused.stderr
    assert page.read_text() == "mine"
    assert run("export", teapot.folder, "--html", "--out", page, "--force").exit_code == 0
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert left_in(tmp_path) == ["page.html"]


def test_a_face_without_landmarks_and_a_page_without_words_are_refused(teapot):
    blind = replace(teapot, portrait=replace(teapot.portrait, landmarks=None, depth=None))
    with pytest.raises(PersonifyError):
        page_html(blind, [speech_of()])
    with pytest.raises(BadInput, match="greeting"):
        page_html(teapot, [])


def test_what_a_browser_cant_do_as_the_avatar_was_made_is_told(teapot):
    other = replace(teapot, record=teapot.record.model_copy(update={"head": "glow"}))
    assert "'glow'" in spoken_lines(other, [])[1][0]


def joined_from(files, entry="a.js"):
    return joined(entry, lambda name: files[name])


def test_scripts_are_joined_in_the_order_in_which_they_need_one_another():
    files = {
        "a.js": 'import { one, two as other } from "./b.js";\nimport {\n  Three,\n} from "./c.js";\nf(one, other);\n',
        "b.js": '// what it is\nimport { Three } from "./c.js";\nexport const one = 1;\nexport async function two() {}',
        "c.js": "/** Told\n * over lines. */\nexport class Three {}\nconst own = 3;\nexport function* many() {}\n",
    }
    text = joined_from(files)
    assert text.index("$c = ") < text.index("$b = ") < text.index("$a = ")
    assert text.count("class Three") == 1
    assert "const { one, two: other } = $b;" in text
    assert "return { Three, many };" in text
    assert "import" not in text
    assert "export" not in text
    assert "what it is" not in text
    assert "over lines" not in text


@pytest.mark.parametrize(
    "line",
    [
        'import all from "./b.js";',
        'import * as all from "./b.js";',
        'import { a } from "https://elsewhere/b.js";',
        'const b = await import("./b.js");',
        "export default 3;",
        "export { a };",
        "const here = import.meta.url;",
    ],
)
def test_scripts_that_cant_be_joined_are_refused(line):
    with pytest.raises(PersonifyError, match=r"^a\.js: this is not understood"):
        joined_from({"a.js": f"const a = 1;\n{line}\n", "b.js": "export const b = 1;\n"})


def test_scripts_that_need_one_another_are_refused():
    with pytest.raises(PersonifyError, match=r"a\.js -> b\.js -> a\.js"):
        joined_from({"a.js": 'import { b } from "./b.js";\n', "b.js": 'import { a } from "./a.js";\n'})


def test_the_pages_own_files_are_small():
    """What the export adds to the app's scripts, and the page without its character."""
    own = sum(len(live_file(name).encode()) for name in ("page.js", "page.css", "page.html"))
    assert own <= 10_000
    assert len(joined("page.js").encode()) <= 70_000


def test_a_script_without_its_comments_is_the_same_script(browser):
    """Every script of ui/live is a module with the same exports either way."""
    text = '// one\nconst a = "// two"; // three\n  /** four\n   * five */\nconst b = `\n/* six`;\n'
    assert bare(text) == 'const a = "// two"; // three\nconst b = `\n/* six`;\n'
    with serving() as pages, blank_page(browser, pages) as page:
        names = [
            path.name for path in LIVE.glob("*.js") if re.search(r"^export ", path.read_text("utf-8"), re.MULTILINE)
        ]
        for name in names:
            pages.put(f"/bare/{name}", bare(live_file(name)))
        seen = page.evaluate(
            """async (names) => {
              const exports = (folder, name) => import(`${folder}${name}`).then((module) => Object.keys(module));
              const told = {};
              for (const name of names) {
                told[name] = [await exports("/personify/live/", name), await exports("/bare/", name)];
              }
              return told;
            }""",
            names,
        )
    assert len(names) > 10
    assert {name: both for name, both in seen.items() if both[0] != both[1] or not both[0]} == {}
