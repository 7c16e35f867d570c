"""A studio with a language model: it chooses the voice, and an address that can't be one is refused at once."""

import json

import pytest
from llm_server import LlmServer

from personify.pipelines import Studio
from personify.voices.errors import BadInput


@pytest.fixture
def server():
    llm = LlmServer()
    yield llm
    llm.close()


def test_the_model_chooses_the_tone_of_an_avatar(server, tmp_path):
    server.behave(reply=lambda body: json.dumps({"letters": ["B"], "reason": "It sounds like tin."}))
    made = Studio(llm=f"{server.url}#tiny").create("a shy robot", seed=3, expert="sketch", out=tmp_path)
    assert made.record.tone.reason == "It sounds like tin." and made.record.tone.note is None
    assert "a shy robot" in json.dumps(server.asked[0]) and server.asked[0]["model"] == "tiny"
    assert made.persona.writer == "builtin"


def test_a_model_that_is_not_there_leaves_the_choice_to_the_traits(tmp_path):
    made = Studio(llm="http://127.0.0.1:9/v1#tiny").create("a shy robot", seed=3, expert="sketch", out=tmp_path)
    alone = Studio().create("a shy robot", seed=3, expert="sketch", out=tmp_path / "alone")
    assert made.tone == alone.tone and "127.0.0.1:9" in made.record.tone.note


@pytest.mark.parametrize("where", ["gpt-9", "", "ftp://127.0.0.1/v1#tiny"])
def test_what_is_no_server_is_refused_before_anything_is_begun(where):
    with pytest.raises(BadInput):
        Studio(llm=where)
