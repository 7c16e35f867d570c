"""Voice in, whole: Chromium's microphone hears a recording, and what the app's transcriber gets of it is what was said.

The recordings are espeak-ng's; the browser's own processing (echo, noise, gain) is on, as for users.
"""

from pathlib import Path

import numpy as np
import pytest
from browser import FLAGS, faults_of, program
from speech_server import encoded
from transcribing_server import TranscribingServer

from personify.voices import load_tones, speak
from personify.voices.transcribing.hearing import resampled

pytest.importorskip("gradio")
pytest.importorskip("openai")

RATE_HZ = 48_000
LEAD_S = 1.0
TEXTS = ("What can you see up there tonight?", "Tell me a story, please.")


@pytest.fixture(scope="module")
def recording(tmp_path_factory) -> Path:
    """Two sentences with a room around them, in which each pause is long enough to end what is said."""
    quiet = np.random.default_rng(1).normal(0, 0.001, round(60 * RATE_HZ)).astype(np.float32)
    at = round(LEAD_S * RATE_HZ)
    for text in TEXTS:
        speech = speak(text, load_tones()["neighbour"])
        samples = resampled(speech.samples, speech.sample_rate_hz, RATE_HZ)
        quiet[at : at + len(samples)] += samples
        at += len(samples) + round(1.6 * RATE_HZ)
    path = tmp_path_factory.mktemp("microphone") / "speech.wav"
    path.write_bytes(encoded(quiet, RATE_HZ, "wav"))
    return path


@pytest.fixture(scope="module")
def listening(browser, recording):
    """A Chromium whose microphone hears the recording from its beginning whenever it is opened."""
    flags = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={recording}%noloop",
        "--host-resolver-rules=MAP elsewhere.test 127.0.0.1",
    )
    # of the shared one's Playwright: there can be only one in a thread
    found = browser.browser_type.launch(executable_path=program(), headless=False, args=[*FLAGS, *flags])
    yield found
    found.close()


@pytest.fixture(scope="module")
def transcriber():
    made = TranscribingServer()
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(transcriber, tmp_path_factory):
    from personify.ui.web.serving import Running
    from personify.ui.web.settings import WebSettings

    settings = WebSettings(
        port=0,
        asr=f"{transcriber.url}#tiny",
        shelf=str(tmp_path_factory.mktemp("shelf")),
        allow_host=("elsewhere.test",),
    )
    with Running(settings) as running:
        yield running


@pytest.fixture
def page(listening, app, transcriber):
    """A page of the app with `window.mic` and what it tells; the session is a real one."""
    transcriber.asked.clear()
    context = listening.new_context(permissions=["microphone"])
    page = context.new_page()
    page.faults = faults_of(page)
    page.goto(f"{app.url}/health")
    session = app.context.sessions.open("a-page", "somebody", "somebody")
    start(page, session.token)
    yield page
    page.evaluate("() => mic.close()")
    context.close()
    app.context.sessions.close(session.token)


def start(page, token: str) -> None:
    page.evaluate(
        """async (token) => {
          const { Microphone } = await import("/personify/live/mic.js");
          const { Server } = await import("/personify/live/server.js");
          window.told = { states: [], texts: [], troubles: [], speech: [], most: 0 };
          window.mic = new Microphone({
            server: new Server(token),
            onstate: (state) => told.states.push(state),
            ontext: (heard) => told.texts.push(heard),
            ontrouble: (line) => told.troubles.push(line),
            onspeech: () => told.speech.push(performance.now() / 1000),
            onlevel: (level) => (told.most = Math.max(told.most, level)),
          });
        }""",
        token,
    )


def until(page, what: str) -> None:
    page.wait_for_function(f"() => {what}", timeout=20_000)


def voiced_s(samples: np.ndarray, rate_hz: int) -> float:
    """How long a voice is in it: frames of 20 ms within 25 dB of the loudest."""
    n = len(samples) // (rate_hz // 50)
    loud = samples[: n * (rate_hz // 50)].reshape(n, -1).std(axis=1)
    return 0.02 * int((loud > loud.max() * 10 ** (-25 / 20)).sum())


def spoken_s(text: str) -> float:
    speech = speak(text, load_tones()["neighbour"])
    return voiced_s(speech.samples, speech.sample_rate_hz)


def test_what_is_said_while_the_button_is_held_reaches_the_transcriber(page, transcriber):
    page.evaluate("() => mic.press()")
    until(page, "told.most > 0.3 && mic.voice.voice")  # somebody speaks
    until(page, "!mic.voice.voice")  # and has spoken
    page.evaluate("() => mic.release()")
    until(page, "told.texts.length")
    assert page.evaluate("told.texts") == [{"text": "The stars are late tonight.", "language": None}]
    (asked,) = transcriber.asked
    assert asked.rate_hz == 16_000
    assert asked.seconds > 2
    assert voiced_s(asked.samples, asked.rate_hz) == pytest.approx(spoken_s(TEXTS[0]), rel=0.35)
    assert 0.02 < np.abs(asked.samples).max() <= 1
    until(page, "mic.state === 'off'")
    assert page.evaluate("[told.troubles, told.states, mic.on]") == [
        [],
        ["opening", "hearing", "sending", "off"],
        False,
    ]
    assert page.faults == []


def test_hands_free_sends_each_sentence_by_itself(page, transcriber):
    page.evaluate("() => mic.handsFree(true)")
    until(page, "told.texts.length === 2")
    assert page.evaluate("told.speech.length") == 2
    for asked, text in zip(transcriber.asked, TEXTS, strict=True):
        assert voiced_s(asked.samples, asked.rate_hz) == pytest.approx(spoken_s(text), rel=0.35)
        assert asked.seconds < spoken_s(text) + 1.6  # little of the room around it
    assert page.evaluate("[mic.on, mic.state, told.troubles]") == [True, "listening", []]
    page.evaluate("() => mic.handsFree(false)")
    assert page.evaluate("[mic.on, mic.state]") == [False, "off"]
    assert page.faults == []


def test_what_goes_wrong_on_the_way_is_told(page, transcriber):
    transcriber.statuses = [400]
    page.evaluate("() => mic.handsFree(true)")
    until(page, "told.troubles.length")
    assert "the transcription server at" in page.evaluate("told.troubles[0]")
    assert page.evaluate("mic.on")


def test_a_page_from_elsewhere_without_https_has_no_microphone(listening, app):
    context = listening.new_context()
    page = context.new_page()
    page.goto(f"http://elsewhere.test:{app.url.rsplit(':', 1)[1]}/health")
    start(page, "none")
    assert page.evaluate("[mic.available, isSecureContext]") == [False, False]
    page.evaluate("() => mic.press()")
    assert page.evaluate("told.troubles") == ["Browsers lend the microphone only to pages from https or this machine."]
    assert page.evaluate("told.states") == []
    context.close()


def test_a_browser_without_a_microphone_says_so(browser, app):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{app.url}/health")
    start(page, "none")
    page.evaluate("() => mic.press()")
    until(page, "told.troubles.length")
    assert any(way in page.evaluate("told.troubles[0]") for way in ("There is no microphone", "allow it for this page"))
    assert page.evaluate("[mic.available, mic.state, mic.on]") == [True, "off", False]
    context.close()


def test_voices_are_noticed_soon_and_rooms_are_no_voice(browser):
    """Real speech against noise, a few of the cases that `personify.eval.web.hearing` measures many of."""
    from personify.eval.web.hearing import cases, listen, rates

    few = [case for case in cases(tones=2, snrs_db=(20, 5)) if not case.name.endswith("alone")]
    noticed = list(listen(browser, iter(few)))
    found = {rate.what: rate for rate in rates(noticed)}
    missed = [rate for what, rate in found.items() if what.startswith("share of voices missed")]
    assert len(missed) == 3  # at 20 dB, at 5 dB, while the avatar speaks
    assert [rate.misses for rate in missed] == [(), (), ()]
    for what, rate in found.items():
        assert rate.met, f"{what}: {rate.value} {rate.misses}"
    assert found["share of avatars that interrupt themselves"].cases == 4
