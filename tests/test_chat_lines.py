"""A line that is cut: the server is hung up on at once, also while it hasn't said a word, and nobody sees an error."""

import threading
import time

import pytest

from personify.pipelines.language_model import LanguageModel
from personify.voices.errors import PersonifyError
from personify.voices.lines import Line


def _read(model, line, into):
    for piece in model.stream("Be brief.", "Hello?", line=line):
        into.append(piece)


def _cut_once(model, come):
    """What was read once `come(said)` holds, and how long the reader went on after the line was cut."""
    line, said = Line(), []
    reader = threading.Thread(target=_read, args=(model, line, said))
    reader.start()
    until = time.monotonic() + 20
    while not come(said) and time.monotonic() < until:
        time.sleep(0.01)
    began = time.monotonic()
    line.cut()
    reader.join(5)
    assert not reader.is_alive()
    return said, time.monotonic() - began


def test_cutting_the_line_ends_a_stream_that_is_waiting_for_more(server):
    server.behave(reply=lambda body: "One two three four five six.", hang_s=30)
    said, seconds = _cut_once(LanguageModel.connect(f"{server.url}#tiny"), lambda said: said)
    assert said == ["One "] and seconds < 0.2


def test_cutting_the_line_ends_a_request_that_nobody_has_answered_yet(server):
    answered = threading.Event()
    server.behave(reply=lambda body: str(answered.wait(30)))
    said, seconds = _cut_once(LanguageModel.connect(f"{server.url}#tiny"), lambda said: server.asked)
    answered.set()
    assert said == [] and seconds < 0.2


def test_a_line_that_was_cut_before_asks_nothing_more(server):
    line = Line()
    line.cut()
    assert list(LanguageModel.connect(f"{server.url}#tiny").stream("Be brief.", "Hello?", line=line)) == []


def test_a_server_that_breaks_off_is_an_error_as_long_as_the_line_holds(server):
    server.behave(reply=lambda body: "One two three four five six.", drops=9)
    with pytest.raises(PersonifyError):
        list(LanguageModel.connect(f"{server.url}#tiny", backoff_s=0.01).stream("a", "b", line=Line()))
