"""The live avatar with a real face and a real voice, in a real browser: its lips against its sound, and its manners."""

import base64
import json

import numpy as np
import pytest
from browser import FLAGS, program
from head_parts import portrait_of
from live_pages import blank_page, serving

from personify.avatar.animation import SHAPE_CHANNELS
from personify.avatar.rig_export import export_rig
from personify.avatar.visemes import CHANNELS
from personify.pipelines.chat.faces import FaceStream
from personify.pipelines.chat.pieces import SpeechPiece
from personify.ui.tracks import FPS, face_of, idle_loop
from personify.ui.web.wire import told
from personify.voices import load_tones, speak

SENTENCES = (
    "The stars are late tonight, and nobody has apologised to me.",
    "Papa boiled a pot of black tea by the bay.",
)

LOAD = """
async ({ rig, idle, pieces, prefer }) => {
  const { LiveAvatar } = await import("/personify/live/avatar.js");
  document.body.innerHTML = '<canvas id="face"></canvas>';
  const canvas = document.getElementById("face");
  window.told = [];
  window.pieces = pieces;
  window.avatar = await LiveAvatar.load(canvas, { rig, idle, expression: "grumpy", seed: 7, prefer });
  for (const name of ["state", "sentence", "quiet", "trouble", "blocked"]) {
    avatar.addEventListener(name, ({ detail }) => told.push([name, Object.values(detail)[0] ?? null]));
  }
}
"""
SAY = "() => { for (const piece of pieces) avatar.piece(piece); avatar.end(); }"
QUIET = "() => told.some(([name]) => name === 'quiet')"


@pytest.fixture(scope="module")
def idle():
    return idle_loop(seed=7, expression="grumpy")


@pytest.fixture(scope="module")
def rig():
    return export_rig(portrait_of("teapot", 256)).model_dump(mode="json")


@pytest.fixture(scope="module")
def speeches():
    tone = load_tones()["narrator"]
    return [speak(sentence, tone) for sentence in SENTENCES]


def reply(speeches, sound="opus"):
    """The pieces of a reply as the server sends them, one after the other."""
    stream, pieces, starts_s = FaceStream(7, "grumpy"), [], 0.0
    for index, speech in enumerate(speeches):
        pieces += [told(SpeechPiece(speech, speech.text, index, starts_s), sound), stream.push(speech).to_json()]
        starts_s += speech.duration_s
    return [*pieces, stream.end().to_json()]


def best_shift_s(loud, jaw_at, times_s):
    """By how much later than the loudness the jaw must be taken to be most like it."""
    shifts = np.arange(-0.3, 0.3001, 0.005)
    likeness = [np.corrcoef(loud, jaw_at(times_s + shift))[0, 1] for shift in shifts]
    return float(shifts[int(np.argmax(likeness))])


@pytest.mark.parametrize(("sound", "first"), [("opus", 0), ("wav", 1)])
def test_the_lips_are_within_60_ms_of_the_sound(browser, rig, idle, speeches, sound, first):
    """What an analyser hears, against the jaw that is drawn then; how the jaw goes with the voice when both are played
    exactly together is known from the track itself."""
    speeches = speeches[first:]
    pieces = reply(speeches, sound)
    with serving() as pages, blank_page(browser, pages) as page:
        page.evaluate(LOAD, {"rig": rig, "idle": idle, "pieces": pieces})
        page.evaluate(SAY)
        page.wait_for_function(QUIET)
        stats, drawn = page.evaluate("[avatar.stats, avatar.drawn]")
        sentences = page.evaluate("told.filter(([name]) => name === 'sentence').map(([_, what]) => what)")
        assert page.faults == []
    assert sentences == list(SENTENCES[first:])
    assert abs(stats["lag_ms"]) <= 60

    jaw = [row[SHAPE_CHANNELS.index("jaw")] for piece in pieces if piece["piece"] == "face" for row in piece["values"]]
    middles_s = (np.arange(len(jaw)) + 0.5) / FPS
    frames = np.array([[frame["drawn_s"], frame["loud"], frame["jaw"]] for frame in drawn])
    assert len(frames) > 50
    # the jaw that was drawn is that of the track
    meant = np.interp(frames[:, 0], middles_s, jaw)
    assert np.abs(frames[:, 2] - meant)[5:-5].max() < 0.12
    # and against what was heard it is no more than 60 ms from where the track has it against its sound
    rate_hz = speeches[0].sample_rate_hz
    samples = np.concatenate([*(speech.samples for speech in speeches), np.zeros(rate_hz)])
    ends = np.round(frames[:, 0] * rate_hz).astype(int)
    window = round(1024 / 44100 * rate_hz)
    exact = np.array([np.sqrt(np.mean(samples[max(0, end - window) : max(1, end)] ** 2)) for end in ends])
    together = best_shift_s(exact, lambda at: np.interp(at, middles_s, jaw), frames[:, 0])
    seen = best_shift_s(frames[:, 1], lambda at: np.interp(at, frames[:, 0], frames[:, 2]), frames[:, 0])
    assert abs(seen - together) <= 0.06


def test_lips_and_head_of_a_real_reply_are_drawn_as_the_track_says(browser, idle, speeches):
    """The face alone, with no sound: what it does is what Personify's own clip would show."""
    pieces = [piece for piece in reply(speeches) if piece["piece"] == "face"]
    moments = [round(0.4 + 0.11 * i, 3) for i in range(40)]
    with serving() as pages, blank_page(browser, pages) as page:
        seen = page.evaluate(
            """async ({ idle, pieces, moments }) => {
              const { Face } = await import("/personify/live/face.js");
              const face = new Face({ idle, seed: 7 });
              face.speak();
              pieces.forEach((piece) => face.push(piece));
              const values = [];
              for (let t = 0, i = 0; i < moments.length; t += 1 / 60) {
                const now = face.at(t, t);
                if (t >= moments[i]) { values.push([t, { ...now }]); i++; }
              }
              return values;
            }""",
            {"idle": idle, "pieces": pieces, "moments": moments},
        )
    rows = np.array([row for piece in pieces for row in piece["values"]])
    middles_s = (np.arange(len(rows)) + 0.5) / FPS
    for at_s, values in seen:
        for name in (*CHANNELS, "smile", "lift"):
            meant = np.interp(at_s, middles_s, rows[:, SHAPE_CHANNELS.index(name)])
            assert abs(values[name] - meant) < 1e-3, (name, at_s)
        for name in ("yaw", "pitch", "roll"):  # rounded off by 40 ms
            meant = np.interp([at_s - 0.12, at_s], middles_s, rows[:, SHAPE_CHANNELS.index(name)])
            assert min(meant) - 1 < values[name] < max(meant) + 1, (name, at_s)


def test_ten_minutes_of_states_keep_within_what_a_face_can_do(browser, idle):
    """Every channel stays in its range and goes on without a leap, whatever comes when; blinks are whole."""
    with serving() as pages, blank_page(browser, pages) as page:
        seen = page.evaluate(
            """async (idle) => {
              const { Face } = await import("/personify/live/face.js");
              const face = new Face({ idle, seed: 11 });
              const most = {}, leap = {}, last = {};
              let peak = 0, half = 0, blinks = 0;
              for (let i = 0; i < 36000; i++) {
                if (i % 97 === 0) [() => face.listen(), () => face.think(), () => face.rest()][(i / 97) % 3]();
                const values = face.at(i / 60, null);
                for (const [name, value] of Object.entries(values)) {
                  most[name] = Math.max(most[name] ?? 0, Math.abs(value));
                  leap[name] = Math.max(leap[name] ?? 0, Math.abs(value - (last[name] ?? value)));
                  last[name] = value;
                }
                peak = Math.max(peak, values.blink);
                if (values.blink === 0 && peak > 0) {
                  if (peak > 0.05) blinks++;
                  if (peak > 0.05 && peak < 0.9) half++;
                  peak = 0;
                }
              }
              return { most, leap, half, blinks };
            }""",
            idle,
        )
    most, leap = seen["most"], seen["leap"]
    assert set(most) == set(SHAPE_CHANNELS)
    assert seen["half"] == 0
    assert 80 <= seen["blinks"] <= 250  # in ten minutes
    assert all(most[name] <= 15 and leap[name] <= 45 / 60 for name in ("yaw", "pitch", "roll"))
    assert all(most[name] <= 25 for name in ("gaze_x", "gaze_y"))
    assert all(most[name] <= 1 and leap[name] <= 0.1 for name in ("lift", "inner", "smile", "squint"))
    assert all(most[name] == 0 for name in CHANNELS)


@pytest.fixture
def strict(browser):
    """A browser that plays nothing before a click, as people's browsers do."""
    flags = [flag for flag in FLAGS if not flag.startswith("--autoplay-policy")]
    own = browser.browser_type.launch(executable_path=program(), headless=False, args=flags)
    yield own
    own.close()


def test_where_the_browser_wants_a_click_first_nothing_is_lost(strict, rig, idle, speeches):
    """The page does it all by itself: whatever Playwright runs in it counts as something that the user did."""
    pieces = reply(speeches[1:])
    with serving() as pages, blank_page(strict, pages) as page:
        pages.put("/all.json", json.dumps({"rig": rig, "idle": idle, "pieces": pieces}))
        script = f"""
          const load = {LOAD};
          await load(await (await fetch("/all.json")).json());
          const say = {SAY};
          avatar.addEventListener("sentence", () => {{
            avatar.interrupt();
            avatar.addEventListener("sentence", () => console.log("captioned twice"), {{ once: true }});
            say();
          }}, {{ once: true }});
          say();
        """
        url = pages.put("/alone.html", f"<!doctype html><body><script type='module'>{script}</script>")
        with page.expect_console_message(lambda message: message.text == "captioned twice"):
            page.goto(url)
        before = page.evaluate("({ told: [...told], heard: avatar.drawn.length, blocked: avatar.blocked })")
        assert before["blocked"]
        waits = [["blocked", True], ["sentence", SENTENCES[1]]]
        assert before["told"] == [*waits, ["blocked", False], ["state", "listening"], *waits]
        assert before["heard"] == 0
        page.mouse.click(5, 5)
        page.wait_for_function(QUIET)
        after, drawn = page.evaluate("[told, avatar.drawn]")
    after = after[len(before["told"]) :]
    assert after[:2] == [["blocked", False], ["state", "speaking"]]
    assert [name for name, _ in after] == ["blocked", "state", "state", "quiet"]  # its caption stands already
    assert drawn[0]["drawn_s"] < 0.3  # from the beginning
    assert drawn[-1]["drawn_s"] > speeches[1].duration_s - 0.3


LATE = """
async () => {
  const { resume } = AudioContext.prototype;
  AudioContext.prototype.resume = async () => {};
  for (const piece of pieces) avatar.piece(piece);
  avatar.end();
  const context = avatar._sound._context;
  await context.suspend();
  window.plays = () => {
    Object.defineProperty(context, "state", { get: () => "suspended", configurable: true });
    context.addEventListener("statechange", (event) => event.stopImmediatePropagation(), { capture: true, once: true });
    return resume.call(context);
  };
  window.tells = () => {
    delete context.state;
    context.dispatchEvent(new Event("statechange"));
  };
}
"""


def test_a_browser_that_tells_late_that_it_plays_is_not_heard_before(browser, rig, idle, speeches):
    """The sound's clock may go on before the page is told so; here for some frames."""
    pieces = reply(speeches[1:])
    with serving() as pages, blank_page(browser, pages) as page:
        page.evaluate(LOAD, {"rig": rig, "idle": idle, "pieces": pieces})
        page.evaluate(LATE)
        page.wait_for_function("() => avatar.blocked")
        page.evaluate("plays()")
        page.wait_for_function("() => avatar._sound.heard_s > 0.3")
        before = page.evaluate("[...told]")
        page.evaluate("tells()")
        page.wait_for_function(QUIET)
        after = page.evaluate("told")[len(before) :]
    assert before == [["blocked", True], ["sentence", SENTENCES[1]]]
    assert after[:2] == [["blocked", False], ["state", "speaking"]]


def test_who_prefers_little_motion_gets_it_also_from_now_on(browser, rig, idle):
    turned = {}
    with serving() as pages, blank_page(browser, pages) as page:
        page.evaluate(LOAD, {"rig": rig, "idle": idle, "pieces": []})
        for motion in ("no-preference", "reduce"):
            page.emulate_media(reduced_motion=motion)
            page.wait_for_function("calm => avatar._face.calm === calm", arg=motion == "reduce")
            turned[motion] = page.evaluate(
                """() => {
                  window.from = (window.from ?? 1e6) + 100;  // a clock that goes on, far ahead of the page's
                  let most = 0;
                  for (let t = from; t < from + 16; t += 0.1) most = Math.max(most, Math.abs(avatar._face.at(t).yaw));
                  return most;
                }"""
            )
    assert 0 < turned["reduce"] < 0.5 * turned["no-preference"]


def test_a_rig_that_is_served_is_loaded_from_there_with_its_pictures(browser, rig, idle):
    with serving() as pages, blank_page(browser, pages) as page:
        names = {}
        for name, source in rig["pictures"].items():
            names[name] = f"{name}.png"
            pages.put(f"/files/a/{name}.png", base64.b64decode(source.partition(",")[2]))
        url = pages.put("/files/a/rig.json", json.dumps(rig | {"pictures": names}))
        page.evaluate(LOAD, {"rig": url, "idle": idle, "pieces": []})
        page.wait_for_function("() => avatar.stats.fps > 0")
        assert page.faults == []


def test_the_face_of_a_whole_speech_is_that_of_its_pieces(speeches):
    """A greeting or an exported line is told in one, a reply as it comes; both move alike."""
    whole = face_of(speeches[0], seed=7, expression="grumpy")
    stream = FaceStream(7, "grumpy")
    pieces = [stream.push(speeches[0]).to_json(), stream.end().to_json()]
    assert whole["channels"] == pieces[0]["channels"]
    assert np.allclose(whole["values"], [row for piece in pieces for row in piece["values"]], atol=1e-3)
