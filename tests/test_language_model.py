"""A language model: asked in the server's own way, streamed, and told in one sentence when it fails."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from llm_server import LlmServer, error

from personify.pipelines.language_model import LanguageModel
from personify.voices.errors import BadInput, PersonifyError

pytest.importorskip("openai")

KEY = "sk-secret-0123456789"
SCHEMA = {
    "type": "object",
    "properties": {"tone": {"type": "string"}},
    "required": ["tone"],
    "additionalProperties": False,
}


@pytest.fixture
def server(monkeypatch):
    for name in ("OPENAI_API_KEY", "PERSONIFY_LLM_KEY", "PERSONIFY_LLM"):
        monkeypatch.delenv(name, raising=False)
    made = LlmServer()
    yield made
    made.close()


@pytest.fixture
def model(server):
    return LanguageModel.connect(f"{server.url}#tiny", backoff_s=0.01)


class TestAsks:
    def test_and_counts(self, server, model):
        answer = model.ask("Be brief.", "Who are you?", max_tokens=20, temperature=0.5, seed=7)
        assert (answer.text, answer.model, answer.complete) == ("You said: Who are you?", "tiny", True)
        assert (answer.tokens_in, answer.tokens_out) == (11, 5)
        assert 0 < answer.seconds < 60
        assert server.asked == [
            {
                "model": "tiny",
                "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Who are you?"}],
                "max_tokens": 20,
                "temperature": 0.5,
                "seed": 7,
            }
        ]

    def test_after_what_was_said_before(self, server, model):
        said = [("user", "I am Ada."), ("assistant", "Hello, Ada.")]
        model.ask("Be brief.", "Who am I?", history=said)
        list(model.stream("Be brief.", "Who am I?", history=said))
        for body in server.asked:
            assert [(m["role"], m["content"]) for m in body["messages"]] == [
                ("system", "Be brief."), *said, ("user", "Who am I?"),
            ]  # fmt: skip

    def test_whom_the_environment_names(self, server, monkeypatch):
        monkeypatch.setenv("PERSONIFY_LLM", f"{server.url}/chat/completions#large")
        assert LanguageModel.connect().ask("", "x").model == "large"
        monkeypatch.delenv("PERSONIFY_LLM")
        with pytest.raises(BadInput, match="PERSONIFY_LLM"):
            LanguageModel.connect()

    def test_the_only_model_there_is(self, server):
        server.behave(models=["one"])
        assert LanguageModel.connect(server.url).ask("", "x").model == "one"
        server.behave(models=["a", "b"])
        with pytest.raises(BadInput, match=r"has a, b; name one as URL#model"):
            LanguageModel.connect(server.url).ask("", "x")

    @pytest.mark.parametrize("where", ["teapot", "ftp://x#y", "http://me:sesame@x#y"])
    def test_no_nonsense(self, where):
        with pytest.raises(BadInput, match="PERSONIFY_LLM: url") as caught:
            LanguageModel.connect(where)
        assert "sesame" not in str(caught.value)

    def test_leaves_thoughts_out(self, server, model):
        server.behave(reply=lambda _: "<think>Hm.\nA teapot?</think>\n\nI am a teapot.")
        assert model.ask("", "x").text == "I am a teapot."
        assert "".join(model.stream("", "x")) == "I am a teapot."

    def test_tells_what_is_cut(self, server, model):
        server.behave(finish="length")
        assert not model.ask("", "x").complete

    @pytest.mark.parametrize("usage", [[1], "much", {"prompt_tokens": "many", "completion_tokens": 1e999}])
    def test_counts_that_are_none(self, server, model, usage):
        answer = {"choices": [{"message": {"content": "I am a teapot."}}], "usage": usage}
        server.behave(raw=json.dumps(answer).encode())
        answer = model.ask("", "x")
        assert (answer.text, answer.tokens_in, answer.tokens_out) == ("I am a teapot.", 0, 0)

    def test_text_in_parts(self, server, model):
        server.behave(message={"content": [{"type": "text", "text": "I am "}, {"type": "text", "text": "it."}]})
        assert model.ask("", "x").text == "I am it."

    def test_eight_threads_at_once(self, model):
        words = [f"word {n}" for n in range(24)]
        with ThreadPoolExecutor(8) as pool:
            answers = pool.map(lambda word: model.ask("", word).text, words)
            assert list(answers) == [f"You said: {word}" for word in words]


class TestSchema:
    def test_goes_along(self, server, model):
        model.ask("Choose.", "x", schema=SCHEMA)
        told = server.asked[0]["response_format"]
        assert told == {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True}}

    @pytest.mark.parametrize("takes", ["json_object", "text"])
    def test_falls_back_once_and_remembers(self, server, model, takes):
        def refuse(body):
            form = body.get("response_format", {"type": "text"})["type"]
            return (400, error(f"'response_format.type' is {form}")) if form not in (takes, "text") else None

        server.behave(refuse=refuse, reply=lambda _: '{"tone": "elder"}')
        for _ in range(2):
            assert json.loads(model.ask("Choose.", "x", schema=SCHEMA).text) == {"tone": "elder"}
        forms = [body.get("response_format", {"type": "text"})["type"] for body in server.asked]
        assert (
            forms
            == {
                "json_object": ["json_schema", "json_object", "json_object"],
                "text": ["json_schema", "json_object", "text", "text"],
            }[takes]
        )
        assert '"additionalProperties": false' in server.asked[-1]["messages"][0]["content"]
        model.ask("Choose.", "x")
        assert server.asked[-1]["messages"][0]["content"] == "Choose."

    def test_of_which_nothing_is_wrong(self, server, model):
        server.behave(refuse=lambda _: (400, error("the prompt is too long")))
        with pytest.raises(PersonifyError, match=r"can't do what it was asked \(400: the prompt is too long\)"):
            model.ask("", "x", schema=SCHEMA)
        assert len(server.asked) == 1

    def test_other_habits_of_servers(self, server, model):
        def refuse(body):
            if "max_tokens" in body:
                return 400, error("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
            if "temperature" in body:
                return 400, error("'temperature' does not support 0.0 with this model.")
            return (
                (422, {"detail": [{"loc": ["body", "seed"], "msg": "seed is forbidden"}]}) if "seed" in body else None
            )

        server.behave(refuse=refuse)
        assert model.ask("", "x", seed=3, max_tokens=9).text
        assert len(server.asked) == 4
        model.ask("", "x", seed=3, max_tokens=9)
        assert len(server.asked) == 5
        assert server.asked[-1].keys() == {"model", "messages", "max_completion_tokens"}


class TestStreams:
    def test_pieces(self, server, model):
        pieces = list(model.stream("Be brief.", "Who are you?"))
        assert "".join(pieces) == "You said: Who are you?"
        assert len(pieces) > 3
        assert server.asked[0]["stream"] is True

    def test_until_it_is_closed(self, server, model):
        server.behave(reply=lambda _: "word " * 5000, hang_s=0.001)
        stream = model.stream("", "x")
        next(stream)
        stream.close()
        assert server.hung_up.wait(20)

    def test_and_tells_that_it_broke_off(self, server, model):
        server.behave(drops=1)
        stream = model.stream("", "x")
        assert next(stream)
        with pytest.raises(PersonifyError, match="broke off in the middle"):
            list(stream)

    def test_and_tells_that_it_stands_still(self, server):
        model = LanguageModel.connect(f"{server.url}#tiny", timeout_s=0.3)
        server.behave(hang_s=20)
        with pytest.raises(PersonifyError, match=r"did not finish within 0\.3 s"):
            list(model.stream("", "x"))

    def test_and_tells_what_else_comes(self, server, model):
        server.behave(raw=b"data: {not json\n\n")
        with pytest.raises(PersonifyError, match="streams something else than a chat"):
            list(model.stream("", "x"))
        for raw in (
            b"data: " + b"[" * 200_000,
            b'data: {"choices": [5]}',
            b'data: {"choices": {"a": 1}}',
            b"data: [1]",
        ):
            server.behave(raw=raw + b"\n\n")
            with pytest.raises(PersonifyError, match="streams something else than a chat"):
                list(model.stream("", "x"))
        server.behave(raw=b'data: {"error": {"message": "out of memory"}}\n\n')
        with pytest.raises(PersonifyError, match="out of memory"):
            list(model.stream("", "x"))

    def test_nothing(self, server, model):
        server.behave(reply=lambda _: "")
        with pytest.raises(PersonifyError, match="said nothing"):
            list(model.stream("", "x"))


class TestTells:
    def test_that_nobody_is_there(self, server):
        server.close()
        model = LanguageModel.connect(f"{server.url}#tiny", retries=0)
        with pytest.raises(PersonifyError, match=r"at http://127\.0\.0\.1:\d+/v1 can't be reached.*PERSONIFY_LLM"):
            model.ask("", "x")

    def test_which_models_there_are(self, server):
        model = LanguageModel.connect(f"{server.url}#huge")
        server.behave(refuse=lambda body: (404, error(f"model {body['model']!r} not found")))
        with pytest.raises(BadInput, match=r"no model 'huge', it has tiny, large"):
            model.ask("", "x")

    def test_that_it_hangs(self, server):
        model = LanguageModel.connect(f"{server.url}#tiny", timeout_s=0.3)
        server.behave(hang_s=20)
        with pytest.raises(PersonifyError, match=r"did not finish within 0\.3 s"):
            model.ask("", "x")

    def test_nothing_of_what_passes(self, server, model):
        left = [429, 500, 503]
        server.behave(refuse=lambda _: (left.pop(), error("busy")) if len(left) > 1 else None, drops=0)
        assert model.ask("", "x").text
        assert len(server.asked) == 3
        server.behave(drops=2)
        assert model.ask("", "x").text
        assert len(server.asked) == 6

    @pytest.mark.parametrize(
        ("raw", "told"),
        [
            (b"<html>Welcome</html>", "no JSON but '<html>Welcome</html>'"),
            (b'{"hello": 1}', "something else than a chat"),
            (b"[]", "something else than a chat"),
            (b'{"choices": []}', "something else than a chat"),
            (b'{"choices": [{"message": {"content": null, "refusal": "I may not"}}]}', r"said nothing \(I may not\)"),
            (b'{"choices": [{"message": {"content": " "}, "finish_reason": "length"}]}', "ran out of tokens"),
            (b'{"choices": [{"message": "hi"}]}', "something else than a chat"),
            (b"[" * 200_000, "no JSON but"),
            (b" " * 5_000_000, "more than 4,000,000 bytes"),
        ],
    )
    def test_what_came_instead_of_an_answer(self, server, model, raw, told):
        server.behave(raw=raw)
        with pytest.raises(PersonifyError, match=told):
            model.ask("", "x")

    def test_never_the_key(self, server, monkeypatch, caplog):
        caplog.set_level(logging.DEBUG)
        monkeypatch.setenv("OPENAI_API_KEY", "for-openai-alone")
        monkeypatch.setenv("MY_KEY", KEY)
        model = LanguageModel.connect(f"{server.url}#tiny", key_env="MY_KEY", backoff_s=0.01)
        model.ask("", "x")
        told = [repr(model), repr(model.server)]
        for status in (400, 401, 404, 500):
            server.behave(refuse=lambda _, status=status: (status, error(f"bad key {KEY}")))
            for call in (lambda: model.ask("", "x"), lambda: list(model.stream("", "x"))):
                with pytest.raises(PersonifyError) as caught:
                    call()
                told.append(str(caught.getrepr()))
        assert set(server.keys) == {f"Bearer {KEY}"}
        assert not [text for text in [*told, caplog.text] if KEY in text]
        monkeypatch.delenv("MY_KEY")
        with pytest.raises(PersonifyError, match="environment variable MY_KEY"):
            model.ask("", "x")
        LanguageModel.connect(f"{server.url}#tiny")
        server.behave(refuse=lambda _: None)
        LanguageModel.connect(f"{server.url}#tiny").ask("", "x")
        assert server.keys[-1] is None


class TestCountsAStream:
    def test_where_the_server_does(self, server, model):
        ends = []
        text = "".join(model.stream("", "x", on_end=ends.append))
        assert server.asked[0]["stream_options"] == {"include_usage": True}
        assert [(end.text, end.tokens_in, end.tokens_out, end.complete) for end in ends] == [(text, 11, 3, True)]

    def test_and_asks_no_more_where_that_is_refused(self, server, model):
        server.behave(
            refuse=lambda body: (400, error("unknown field stream_options")) if "stream_options" in body else None
        )
        for _ in range(2):
            assert "".join(model.stream("", "x")) == "You said: x"
        assert ["stream_options" in body for body in server.asked] == [True, False, False]

    def test_that_is_hung_up(self, server, model):
        ends = []
        pieces = model.stream("", "a longer question", on_end=ends.append)
        first = next(pieces)
        pieces.close()
        assert [(end.text, end.complete) for end in ends] == [(first, False)]
