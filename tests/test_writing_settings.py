"""Which language model is asked: an option before the environment before the file, and none where none is named."""

import pytest
from llm_server import LlmServer

from personify.pipelines.model_settings import find_model
from personify.voices.errors import BadInput

pytest.importorskip("openai")

FILE = """
[llm]
url = "http://127.0.0.1:7000/v1"
model = "filed"
key_env = "MY_KEY"
timeout_s = 7.5
price_in = 2.0
price_out = 10.0
"""


@pytest.fixture
def filed(tmp_path, monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk-secret-0123456789")
    path = tmp_path / "personify.toml"
    path.write_text(FILE)
    monkeypatch.setenv("PERSONIFY_CONFIG", str(path))
    return path


def test_nothing_named_is_no_model():
    assert find_model() is None and find_model("builtin") is None


def test_the_file_says_all(filed):
    model = find_model()
    server = model.server
    assert (server.url, model.model, server.key_env, server.timeout_s) == (
        "http://127.0.0.1:7000/v1", "filed", "MY_KEY", 7.5,
    )  # fmt: skip
    assert server.cost(1_000_000, 500_000) == 7.0


def test_the_environment_comes_before_the_file_and_the_option_before_both(filed, monkeypatch):
    monkeypatch.setenv("PERSONIFY_LLM", "http://127.0.0.1:8000/v1#named")
    by_name = find_model()
    assert by_name.model == "named" and by_name.server.key_env is None and by_name.server.cost(1, 1) is None
    assert by_name.server.timeout_s == 7.5
    assert find_model("http://127.0.0.1:9000#told").server.url == "http://127.0.0.1:9000/v1"
    assert find_model("builtin") is None
    monkeypatch.setenv("PERSONIFY_LLM", "builtin")
    assert find_model() is None


def test_the_key_of_the_file_is_for_its_server_alone(filed):
    assert find_model("http://127.0.0.1:7000/v1#other").server.key_env == "MY_KEY"
    assert find_model("http://127.0.0.1:7000/v1#other").server.cost(1, 1) is None
    assert find_model("http://127.0.0.1:7001/v1#filed").server.key_env is None


@pytest.mark.parametrize(
    ("told", "said"),
    [("gpt-9", "--llm: 'gpt-9' is no language model"), ("", "--llm"), ("ftp://x#y", "--llm: it is no address")],
)
def test_nonsense_is_refused_by_name(told, said):
    with pytest.raises(BadInput, match=said):
        find_model(told)


def test_nonsense_in_the_file_and_the_environment_is_too(filed, monkeypatch):
    filed.write_text('[llm]\nurl = "http://127.0.0.1/v1"\nprice_in = -1\n')
    with pytest.raises(BadInput, match=r"personify.toml.*price_in"):
        find_model()
    filed.write_text('[llm]\nurl = "http://127.0.0.1/v1"\nmodle = "x"\n')
    with pytest.raises(BadInput, match=r"personify.toml.*modle"):
        find_model()
    monkeypatch.setenv("PERSONIFY_LLM", "nonsense")
    with pytest.raises(BadInput, match="PERSONIFY_LLM: 'nonsense'"):
        find_model()


def test_a_missing_key_is_told_at_once_and_a_key_never(filed, monkeypatch):
    assert "sk-secret" not in repr(find_model()) and "sk-secret" not in repr(find_model().server)
    monkeypatch.delenv("MY_KEY")
    with pytest.raises(BadInput, match="MY_KEY, or do without a model: --llm builtin"):
        find_model()


def test_limits_overrule_and_what_is_found_answers():
    server = LlmServer()
    try:
        assert find_model(f"{server.url}#tiny", timeout_s=3.0).ask("", "hi").text == "You said: hi"
    finally:
        server.close()


def test_the_doctor_offers_what_is_up_and_uses_nothing(monkeypatch):
    from personify.ui.doctor import local_models

    server = LlmServer()
    try:
        port = server.server.server_port
        offers = local_models({"Ollama": port, "LM Studio": 9})
        assert offers == [f"Ollama is up (2 models); use it with: --llm '{server.url}#tiny'"]
        server.behave(models=["a b; rm -rf ~"])
        assert local_models({"Ollama": port}) == [f"Ollama is up; use it with: --llm '{server.url}#a b; rm -rf ~'"]
        server.behave(models=[])
        assert local_models({"Ollama": port}) == [f"Ollama is up at {server.url}, but has no model yet"]
        assert server.asked == [], "nothing was asked of a model"
    finally:
        server.close()
    assert local_models({"Ollama": 9}) == []


def test_the_doctor_minds_neither_a_web_server_nor_one_that_hangs():
    import socket
    import threading
    import time

    from personify.ui.doctor import local_models

    with socket.create_server(("127.0.0.1", 0)) as mute, socket.create_server(("127.0.0.1", 0)) as web:

        def page():
            connection, _ = web.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/html\r\n\r\n<h1>!")

        threading.Thread(target=lambda: [page(), page()], daemon=True).start()
        began = time.monotonic()
        assert local_models({"llama.cpp": mute.getsockname()[1], "vLLM": web.getsockname()[1]}) == []
        assert time.monotonic() - began < 4
