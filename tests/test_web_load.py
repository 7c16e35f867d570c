"""What the benchmarks of the web app rest on: its own process, visitors over HTTP, a browser that hears and sees."""

import json

import pytest

from personify.eval.web import load, sizes
from personify.eval.web.bench import PARTS, main
from personify.eval.web.visiting import read_reply
from personify.ui.web.serving import Running
from personify.ui.web.settings import read_settings

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def busy(teapot):
    return load.measure(sessions=3, seconds=3.0, bundle=teapot.folder)


def test_visitors_are_answered_and_leave_nothing(busy):
    assert busy.errors == () and busy.left == ()
    assert busy.sessions == 3 and busy.replies >= 3
    assert 0 < busy.median_s <= busy.p95_s <= busy.worst_s
    assert busy.peak_mb > 100


def test_what_is_missed_is_told(busy):
    told = {figure.what.partition(": ")[2]: figure for figure in load.figures(busy)}
    assert told["errors"].met and told["temporary files left"].met
    bad = load.Load(3, 4.0, 0, 9.0, 9.0, 9.0, 200.0, 51.0, ("a.wav",), ("visitor 1: TimeoutError: ",))
    assert not any(figure.met for figure in load.figures(bad))


def test_an_app_that_does_not_answer_is_an_error():
    talked = load.visit("http://127.0.0.1:9", ["nobody"], 2, 1.0)
    assert len(talked.errors) == 2 and talked.replies == 0


def test_what_goes_over_the_wire_is_counted(teapot, studio):
    shelf = str(teapot.folder.parent)
    with Running(read_settings(port=0, shelf=shelf, memory=False, warm=False), studio=studio) as app:
        own = sizes.own_files(app.url)
        streamed, filmed = sizes.speech_bytes(app.url, teapot, questions=1)
    assert {"main.js", "style.css", "avatar.js", "mic.js"} <= set(own) and min(own.values()) > 0
    assert not {"page.js", "page.css"} & set(own)  # those are of the exported page
    assert 1000 < streamed < filmed


def told_of(*, late_s: float) -> dict:
    """What the probe would tell of a sound of a second that begins at 5 s of its clock with 0.1 s of silence, heard at
    2100 ms, while a face at 50 frames a second shows what is heard so much later."""
    frames = [
        {"ms": ms, "heard_s": heard, "lips": [0.4 if heard else 0.0], "audible_s": 3.0 + ms / 1000}
        for ms in range(1980, 3000, 20)
        for heard in [None if ms < 2000 else ms / 1000 + 0.02 - 2.0 - late_s]
    ]
    return {
        "sent_ms": 1500.0,
        "onsets": [{"ms": 900.0, "at_s": 3.9}, {"ms": 2100.0, "at_s": 5.1}][1:],
        "starts": [{"at_s": 5.0, "lead_s": 0.1, "seconds": 1.0}],
        "frames": frames,
    }


@pytest.mark.parametrize("late_s", [0.0, 0.05, -0.08])
def test_how_far_lips_and_sound_are_apart_is_measured(late_s):
    reply = read_reply(told_of(late_s=late_s))
    assert reply.sound_s == pytest.approx(0.6) and reply.lips_s == pytest.approx(0.52)
    assert reply.fps == pytest.approx(50) and reply.early_ms == pytest.approx(0, abs=1e-6)
    assert reply.lag_ms == pytest.approx([1000 * late_s] * len(reply.lag_ms)) and len(reply.lag_ms) > 40


def test_a_face_that_was_not_drawn_is_an_error():
    from personify.voices.errors import PersonifyError

    with pytest.raises(PersonifyError, match="drawn 0 times"):
        read_reply(told_of(late_s=0.0) | {"frames": []})


def test_the_command_tells_figures_and_targets(monkeypatch, capsys):
    from personify.eval.speed import Figure

    monkeypatch.setitem(PARTS, "bytes", lambda: [Figure("own script and style", 151.0, "kB", 150.0)])
    main(["--part", "bytes", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["figures"][0]["met"] is False and told["all_met"] is False
    with pytest.raises(SystemExit) as ended:
        main(["--part", "bytes", "--check"])
    assert ended.value.code == 1 and "MISSED" in capsys.readouterr().out
