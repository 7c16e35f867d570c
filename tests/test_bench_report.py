"""The benchmark's report: one page that tells everything, whatever the descriptions hold, and the same in Markdown."""

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from personify.avatar.experts import shared_detector
from personify.avatar.sketch.draw import draw
from personify.eval.detection.gallery import failures, size_for, successes, thumbnails, with_landmarks
from personify.eval.detection.plots import draw_plots
from personify.eval.detection.report import command, write_report
from personify.eval.detection.rows import PROTOCOL, Row, write_rows
from personify.eval.detection.statistics import Measured
from personify.eval.detection.summary import Pair, summarise, write_summary
from personify.eval.detection.tables import chance, overall, paired, points, reasons, told
from personify.eval.gallery import appearance_of
from personify.voices.errors import PersonifyError

HOSTILE = (
    "<script>alert('teapot')</script>",
    "\"><img src=x onerror=alert(1)> & 'quotes' | `ticks` | [a](javascript:b) $\\frac$ {{ 7*7 }}",
    "قوري شاي غاضب يحب علم الفلك \u202e backwards",
    "a 🫖 who loves 🔭 \x07",
    "teapot" * 150,
)
SETTINGS = {
    "experts": ["mixture"], "guidances": ["none", "both"], "prompts": None, "per_category": 2, "seeds": 1,
    "first_seed": 7, "attempts": 2, "sweep": True, "second": ["haar"], "judge": True, "clip": None,
    "default_strength": 0.6, "default_control_scale": 1.0,
}  # fmt: skip


def row(category="office", prompt="a wise old book", guidance="none", attempt=0, reasons="", **more):
    plausible = not reasons
    found = reasons != "no face was found"
    given = {
        "protocol": PROTOCOL, "versions": "personify 0.1.0", "seed": 7, "asked": "mixture", "expert": "embedded-clay",
        "strength": None, "control_scale": None, "found": found, "plausible": plausible, "error": 0.06,
        "agreed": "haar" if plausible else "", "missed": "" if plausible else "haar", "archetype": "book",
        "told": "book" if plausible else "lamp", "clip": None, "sharp_eyes": 3.5 if found else None,
        "sharp_lips": 2.5 if found else None, "seconds": 0.5, "picture": "pictures/book.jpg",
    }  # fmt: skip
    given |= more
    return Row(
        category=category, prompt=prompt, guidance=guidance, attempt=attempt, reasons=reasons, **given
    )  # fmt: skip


def table_rows():
    """Two categories, two guidances; without guidance one portrait fails twice and the sketch stands in."""
    rows = []
    for category in ("office", "plants"):
        for prompt in ("a wise old book", "a nervous pencil"):
            if (category, prompt) == ("office", "a nervous pencil"):
                rows.append(row(category, prompt, reasons="no face was found", picture="pictures/noise.jpg"))
                wrong = (
                    "there is no nose where one was found (contrast 1.2 < 2.2); the mouth is 2.10 eye distances wide"
                )
                rows.append(row(category, prompt, attempt=1, reasons=wrong))
                rows.append(row(category, prompt, attempt=2, expert="sketch"))
            else:
                rows.append(row(category, prompt))
            rows.append(row(category, prompt, "both"))
    return rows


def sweep_rows():
    return [
        row("office", f"book {number}", "both", strength=strength, control_scale=scale, picture="",
            reasons="no face was found" if number < 4 * strength - scale else "")
        for strength in (0.3, 0.6, 0.9) for scale in (0.0, 1.0) for number in range(4)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def pictures():
    """A sketch in which a face is found, and noise in which none is, as JPEG."""
    face = draw(appearance_of("a wise old book", 7), seed=7, size=256).image
    noise = np.random.default_rng(1).integers(0, 255, face.shape, np.uint8)
    found = {}
    for name, image in (("book", face), ("noise", noise)):
        file = io.BytesIO()
        Image.fromarray(image).save(file, "JPEG", quality=90)
        found[name] = file.getvalue()
    return found


def report_of(folder, pictures, rows, sweep=(), settings=SETTINGS):
    """Makes `folder` a finished run with these rows, and reports it."""
    (folder / "pictures").mkdir()
    for name, data in pictures.items():
        (folder / "pictures" / f"{name}.jpg").write_bytes(data)
    write_rows(rows, folder / "results.csv")
    if sweep:
        write_rows(sweep, folder / "sweep.csv")
    write_summary(summarise(rows, sweep, settings), folder / "summary.json")
    write_report(folder)
    return folder


@pytest.fixture
def a_run(tmp_path, pictures):
    return lambda *args, **more: report_of(tmp_path, pictures, *args, **more)


@pytest.fixture(scope="module")
def full_run(tmp_path_factory, pictures):
    """With both guidances, failures and a sweep; tests read it and write nothing else into it."""
    return report_of(tmp_path_factory.mktemp("run"), pictures, table_rows(), sweep_rows())


class Page(HTMLParser):
    """What a browser would make of the page: tags with their attributes, and texts with the tags they stand in."""

    VOID = frozenset({"meta", "img", "source", "br", "link", "input", "hr"})

    def __init__(self, path):
        super().__init__()
        self.tags, self.texts, self.open = [], [], []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip() and "style" not in self.open:
            self.texts.append((tuple(self.open), " ".join(data.split())))

    @property
    def text(self):
        return " ".join(text for _, text in self.texts)

    def images(self):
        """Every picture of the page, decoded."""
        uris = [uri for _, attrs in self.tags for key in ("src", "srcset") if (uri := attrs.get(key))]
        assert all(uri.startswith("data:image/") for uri in uris)
        found = [Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) for uri in uris]
        for image in found:
            image.load()
        return found

    def cards(self):
        return [attrs for tag, attrs in self.tags if tag == "li" and attrs.get("class") == "card"]


def test_the_page_tells_everything_in_one_file(full_run, left_in):
    folder = full_run
    page = Page(folder / "report.html")
    for said in (
        "8 portraits of 4 descriptions in 2 categories, 10 pictures in all, and 24 more for the trade-off",
        "For 1 of them no attempt", "30.1 to 95.4", "57.0 %", "92.5 %", "both against none", "no face was found",
        "there is no nose where one was found", "By category", "haar agrees", "personify bench detection",
    ):  # fmt: skip
        assert said in page.text, said
    assert len(page.cards()) == 7 + 2, "seven plausible first attempts and two failures"
    images = page.images()
    assert {image.format for image in images} == {"PNG", "JPEG"}
    assert sum(image.format == "PNG" for image in images) == 8, "four plots, each for light and for dark pages"
    assert max(image.width for image in images if image.format == "JPEG") == 192
    assert not [tag for tag, _ in page.tags if tag in ("script", "link", "iframe")]
    assert (folder / "report.html").stat().st_size < 2_000_000
    assert not [name for name in left_in(folder) + left_in(folder / "plots") if name.endswith(".part")]


def test_plots_lie_beside_the_markdown_that_names_them(full_run):
    folder = full_run
    text = (folder / "report.md").read_text(encoding="utf-8")
    named = set(re.findall(r"plots/[a-z-]+\.png", text))
    assert named == {f"plots/{path.name}" for path in (folder / "plots").iterdir()}
    for path in (folder / "plots").iterdir():
        with Image.open(path) as image:
            image.load()
            assert image.width > 1000 and path.stat().st_size < 150_000
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if line.startswith("|:--"):
            columns = line.count("|")
            assert lines[at - 1].count("|") == columns and lines[at + 1].count("|") == columns
    assert "| none | 75.0 % (30.1 to 95.4) | 75.0 % (30.1 to 95.4) |" in text


def test_the_same_run_gives_the_same_report(full_run):
    folder = full_run
    names = ["report.html", "report.md", *(f"plots/{path.name}" for path in (folder / "plots").iterdir())]
    before = [(folder / name).read_bytes() for name in names]
    write_report(folder)
    assert [(folder / name).read_bytes() for name in names] == before


@pytest.mark.filterwarnings("error")
def test_hostile_descriptions_are_shown_and_do_nothing(a_run):
    rows = [row(f"cat|<b>{number}$", text) for number, text in enumerate(HOSTILE)]
    rows += [row(f"cat|<b>{number}$", text, "both", reasons="no face was found") for number, text in enumerate(HOSTILE)]
    folder = a_run(rows, settings=SETTINGS | {"prompts": "</code><script>x</script>/my `$(prompts)`.txt"})
    page = Page(folder / "report.html")
    assert "script" not in {tag for tag, _ in page.tags}
    assert not any("onerror" in attrs for _, attrs in page.tags)
    prompts = [text for where, text in page.texts if where[-1] == "p"]
    for text in (HOSTILE[0], HOSTILE[1], HOSTILE[4], "a 🫖 who loves 🔭 \N{REPLACEMENT CHARACTER}"):
        assert text in prompts
    assert all(attrs["dir"] == "auto" for tag, attrs in page.tags if attrs.get("class") == "prompt")
    assert any("</code><script>x</script>/my `$(prompts)`.txt" in text for where, text in page.texts if "code" in where)
    page.images()
    markdown = (folder / "report.md").read_text(encoding="utf-8")
    assert "<script" not in markdown.partition("```")[0] and "cat\\|&lt;b&gt;0\\$" in markdown


def test_without_a_sweep_there_is_no_trade_off(a_run):
    folder = a_run(table_rows())
    assert "trade-off" not in Page(folder / "report.html").text
    assert not (folder / "plots" / "tradeoff.png").exists()


def test_without_failures_the_page_says_so(a_run):
    folder = a_run([row(prompt=f"book {number}", guidance=way) for number in range(3) for way in ("none", "both")])
    page = Page(folder / "report.html")
    assert "None failed." in page.text and "The sketch never had to stand in." in page.text
    assert "Why attempts failed" not in page.text and len(page.cards()) == 6


def test_with_failures_alone_every_one_is_shown(a_run):
    rows = [row(prompt=f"book {number}", reasons="no face was found", told="", agreed="", missed="",
                picture="pictures/noise.jpg") for number in range(30)]  # fmt: skip
    page = Page(a_run(rows) / "report.html")
    assert "No first attempt had a plausible face." in page.text and len(page.cards()) == 30
    assert not [attrs for tag, attrs in page.tags if tag == "details" and "open" in attrs], "thirty are folded up"
    assert "30 failed attempts" in page.text


def test_a_run_that_is_not_finished_is_refused(tmp_path):
    with pytest.raises(PersonifyError, match=r"holds no finished run: results\.csv is missing; run `personify bench"):
        write_report(tmp_path)


def test_pictures_that_are_gone_or_elsewhere(a_run, tmp_path):
    folder = a_run([row(picture="pictures/gone.jpg"), row(guidance="both", picture="")])
    assert "The picture is no longer there." in Page(folder / "report.html").text
    (tmp_path.parent / "secret.jpg").write_bytes((folder / "pictures" / "book.jpg").read_bytes())
    with pytest.raises(PersonifyError, match="outside the run's folder"):
        list(thumbnails(folder, [row(picture="../secret.jpg")], 96, 60))
    (folder / "pictures" / "half.jpg").write_bytes(b"no picture")
    with pytest.raises(PersonifyError, match=r"half\.jpg can't be read"):
        list(thumbnails(folder, [row(picture="pictures/half.jpg")], 96, 60))


# ---- the parts


def test_landmarks_are_drawn_where_the_face_is(pictures):
    image = np.asarray(Image.open(io.BytesIO(pictures["book"])))
    found = shared_detector().find(image)
    drawn = with_landmarks(image, found)
    assert drawn.shape == (576, 576, 3) and drawn.dtype == np.uint8
    plain = np.asarray(Image.fromarray(image).resize((576, 576), Image.Resampling.BICUBIC))
    changed = np.abs(drawn.astype(int) - plain).max(axis=2) > 60
    low, high = found[:, :2].min(0) * 2.25, found[:, :2].max(0) * 2.25
    y, x = np.nonzero(changed)
    assert changed.sum() > 3000
    assert x.min() > low[0] - 8 and x.max() < high[0] + 8 and y.min() > low[1] - 8 and y.max() < high[1] + 8


def test_successes_are_spread_over_categories_and_guidances():
    rows = [
        row(category, f"{category} {number}", way)
        for category in ("office", "plants", "bags") for way in ("none", "both") for number in range(20)
    ]  # fmt: skip
    shown = successes(rows, most=12)
    assert [r.category for r in shown] == ["office"] * 4 + ["plants"] * 4 + ["bags"] * 4
    assert [sum(r.guidance == way for r in shown) for way in ("none", "both")] == [6, 6]
    assert len({r.prompt for r in shown}) == 12
    assert len(successes(rows[:3])) == 3 and successes([]) == []


def test_every_failed_attempt_is_a_failure():
    assert [(r.prompt, r.attempt) for r in failures(table_rows())] == [("a nervous pencil", 0), ("a nervous pencil", 1)]


@given(st.integers(0, 5000))
def test_more_failures_make_smaller_pictures(failed):
    assert 96 <= size_for(failed + 1)[0] <= size_for(failed)[0] <= 192


@pytest.mark.parametrize(
    ("measure", "found", "value", "interval"),
    [
        ("found_first", Measured(0.5704, 0.5, 0.6, 400), "57.0 %", "50.0 to 60.0"),
        ("agreement:haar", Measured(1.0, 0.99, 1.0, 400), "100.0 %", "99.0 to 100.0"),
        ("error", Measured(0.0614, 0.058, 0.065, 400), "0.061", "0.058 to 0.065"),
        ("seconds", Measured(1.234, 1.2, 1.3, 400), "1.23", "1.20 to 1.30"),
        ("like", None, "–", ""),
    ],
)
def test_figures_in_words(measure, found, value, interval):
    cell = told(measure, found)
    assert (cell.value, cell.interval) == (value, interval)


def test_differences_carry_their_sign():
    pair = Pair("mixture", "both", "none", "like", 400, 9, 11, 0.8238, Measured(-0.005, -0.028, 0.018, 400))
    assert (points(pair).value, points(pair).interval) == ("−0.5", "−2.8 to +1.8")
    assert [chance(p) for p in (1.0, 0.34, 0.049, 0.0012, 1e-19)] == ["1.00", "0.34", "0.049", "0.0012", "< 0.0001"]


def test_the_published_figures_stand_under_found_alone():
    table = overall(summarise(table_rows(), [], SETTINGS))[0]
    aside = [line for line in table.lines if line.aside]
    assert [[cell.value for cell in line.cells if cell.value] for line in aside] == [["57.0 %"], ["92.5 %"]]
    assert table.columns[[cell.value for cell in aside[0].cells].index("57.0 %")] == "found"
    assert all(len(line.cells) == len(table.columns) for line in table.lines)


def test_several_experts_are_told_apart():
    rows = [replace(one, asked=name) for name in ("embedded-clay", "embedded-ink") for one in table_rows()]
    summary = summarise(rows, [], SETTINGS)
    table = overall(summary)[0]
    assert table.heads == ("expert", "guidance") and table.lines[2].heads == ("embedded-ink", "none")
    assert paired(summary).lines[0].heads[0] == "embedded-clay"
    assert {"rates", "categories", "spread"} == set(draw_plots(summary, rows))


def test_the_same_fault_counts_as_one():
    rows = [row(prompt=str(n), reasons=f"the face is too small: {n} px between the eyes") for n in (4, 9)]
    rows += [row(prompt="x", reasons="there is no nose where one was found (contrast 1.0 < 2.2)")]
    table = reasons(rows)
    assert [(line.heads[0], line.cells[0].value) for line in table.lines] == [
        ("the face is too small", "2"),
        ("there is no nose where one was found", "1"),
        ("of first attempts in all", "3"),
    ]  # fmt: skip
    assert reasons([row()]) is None


def test_the_command_draws_the_same_run_again():
    said = command(SETTINGS | {"prompts": "my prompts.txt", "judge": False})
    assert said == (
        "personify bench detection --out bench-detection --experts mixture --guidance none,both"
        " --prompts 'my prompts.txt' --per-category 2 --seeds 1 --first-seed 7 --attempts 2 --second haar --sweep"
        " --no-judge"
    )


def test_plots_leave_no_setting_behind():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    draw_plots(summarise(table_rows(), sweep_rows(), SETTINGS), table_rows())
    assert dict(mpl.rcParams) == before
