"""What goes to a browser: JSON pieces whose sound has exactly the length and the content that it should have."""

import base64
import io
import json
import wave

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personify.pipelines.chat.engine import Usage
from personify.pipelines.chat.pieces import FacePiece, Said, SpeechPiece, TextPiece, Trouble
from personify.ui.web.wire import OPUS_HZ, audio, opus, told
from personify.voices.speech import Speech, TimedPhoneme


def chirp(seconds, rate_hz=22050):
    """A tone that rises, so that a shift in time shows."""
    at = np.arange(round(seconds * rate_hz)) / rate_hz
    return Speech("ah", (0.5 * np.sin(2 * np.pi * (200 + 300 * at) * at)).astype(np.float32), rate_hz, ())


def decoded(data):
    """The samples of a sound file as float32 (n,), and their rate."""
    with av.open(io.BytesIO(data)) as file:
        frames = [frame.to_ndarray() for frame in file.decode(audio=0)]
        return np.concatenate(frames, axis=-1)[0], file.streams.audio[0].rate


@settings(max_examples=25)
@given(samples=st.integers(1, 60_000), rate_hz=st.sampled_from([16_000, 22_050, 24_000, 44_100, 48_000]))
def test_opus_is_as_long_as_the_speech_to_the_sample(samples, rate_hz):
    speech = Speech("a", np.full(samples, 0.1, np.float32), rate_hz, ())
    found, rate = decoded(opus(speech))
    assert rate == OPUS_HZ and len(found) == max(1, round(samples / rate_hz * OPUS_HZ))


@pytest.mark.parametrize("rate_hz", [22_050, 48_000])
def test_opus_sounds_like_the_speech_and_starts_with_it(rate_hz):
    speech = chirp(1.5, rate_hz)
    found, _ = decoded(opus(speech))
    at = np.arange(len(found)) / OPUS_HZ
    wanted = 0.5 * np.sin(2 * np.pi * (200 + 300 * at) * at)
    lags = [
        np.corrcoef(found[1000 + lag : -1000 + lag or None], wanted[1000:-1000])[0, 1] for lag in range(-900, 900, 3)
    ]
    assert max(lags) > 0.98
    assert abs(range(-900, 900, 3)[int(np.argmax(lags))]) <= 15  # a third of a millisecond


def test_opus_is_much_smaller_than_wav():
    speech = chirp(3.0)
    assert 6 * len(audio(speech, "opus")["data"]) < len(audio(speech, "wav")["data"])


def test_a_chromium_decodes_opus_to_its_exact_length(browser):
    speech = chirp(1.2345)
    page = browser.new_page()
    try:
        found = page.evaluate(
            """async (data) => {
              const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
              const sound = await new OfflineAudioContext(1, 48000, 48000).decodeAudioData(bytes.buffer);
              return [sound.length, sound.sampleRate];
            }""",
            audio(speech, "opus")["data"],
        )
    finally:
        page.close()
    assert found == [round(speech.duration_s * OPUS_HZ), OPUS_HZ]


def test_wav_is_16_bit_mono():
    speech = chirp(0.25)
    sound = audio(speech, "wav")
    assert sound["type"] == "audio/wav"
    with wave.open(io.BytesIO(base64.b64decode(sound["data"]))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 22_050)
        assert file.getnframes() == len(speech.samples)


@pytest.mark.parametrize("sound", ["opus", "wav"])
def test_a_speech_piece_carries_its_sound_and_all_else(sound):
    speech = Speech("ah", chirp(0.5).samples, 22_050, (TimedPhoneme("a", 0.0, 0.5, 0),))
    piece = SpeechPiece(speech, "Ah.", 2, 1.25)
    found = told(piece, sound)
    assert set(found["audio"]) == {"type", "data"} and "wav" not in found
    assert {name: found[name] for name in found if name != "audio"} == piece.to_json(sound=False)
    assert len(decoded(base64.b64decode(found["audio"]["data"]))[0])


def test_every_piece_is_json_on_one_line():
    pieces = [
        TextPiece("<b>\n\u2028"),
        FacePiece(25.0, 0, ("jaw",), np.zeros((2, 1), np.float32)),
        Trouble("no"),
        Said("x", False, Usage(), 0.1),
        SpeechPiece(chirp(0.1), "Ah", 0, 0.0),
    ]
    for piece in pieces:
        line = json.dumps(told(piece, "opus"))
        assert "\n" not in line and json.loads(line)["piece"] == told(piece, "opus")["piece"]
