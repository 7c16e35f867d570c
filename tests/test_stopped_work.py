"""Work that is stopped ends soon, wherever it is, with nothing left behind; what others are doing goes on."""

import socket
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest
import tiny_models as tiny

from personify.avatar.diffusion.expert import DiffusionExpert
from personify.avatar.diffusion.pool import ModelPool
from personify.pipelines import STAGES, Studio
from personify.pipelines.language_model import LanguageModel
from personify.voices.engines import get_engine
from personify.voices.stopping import Stop, Stopped, check_stop, current_stop, heed_between_parts, holding, stoppable

TEAPOT = "a grumpy teapot who loves astronomy"
SOON_S = 5.0
"""What hangs in these tests would hang for a minute; a busy machine gets this long to notice."""


@contextmanager
def stopped_soon(stop: Stop, when: threading.Event):
    """Asks to stop once `when` is set, and checks that the block ends with `Stopped` soon after."""
    asked: list[float] = []

    def ask():
        assert when.wait(60)
        asked.append(time.monotonic())
        stop.ask()

    asking = threading.Thread(target=ask)
    asking.start()
    with pytest.raises(Stopped, match="nothing was kept"):
        yield
    ended = time.monotonic()
    asking.join()
    assert ended - asked[0] < SOON_S


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("share", [0, 1])
def test_a_run_stopped_in_any_stage_leaves_nothing_and_runs_no_further(studio, tmp_path, left_in, name, share):
    stop, heard = Stop(), []

    def hear(stage):
        heard.append((stage.name, stage.share))
        if stage.name == name and stage.share >= share:
            stop.ask()

    with pytest.raises(Stopped):
        studio.create("a pear", seed=1, out=tmp_path / "out", expert="sketch", stop=stop, on_stage=hear)
    assert heard[-1] == (name, share) and left_in(tmp_path) == []
    assert current_stop() is None


def test_a_film_ends_in_the_middle(studio, tmp_path, left_in):
    stop, heard = Stop(), []

    def hear(stage):
        heard.append(stage)
        if stage.name == "clip" and stage.share > 0.2:
            stop.ask()

    with pytest.raises(Stopped):
        studio.create(TEAPOT, seed=1, out=tmp_path / "out", expert="sketch", stop=stop, on_stage=hear)
    assert 0.2 < heard[-1].share < 0.3 and left_in(tmp_path) == []


def test_what_was_stopped_before_it_began_is_not_begun(studio, tmp_path, left_in):
    stop, heard = Stop(), []
    stop.ask()
    with pytest.raises(Stopped):
        studio.create("a pear", out=tmp_path / "out", stop=stop, on_stage=heard.append)
    assert heard == [] and left_in(tmp_path) == []


def test_one_stopped_run_stops_no_other(studio, tmp_path):
    """Two threads share a studio; one is stopped while both are at work."""
    stop, both = Stop(), threading.Barrier(2)
    made = {}

    def meet(stage):
        if (stage.name, stage.share) == ("tone", 0):
            both.wait(60)
            stop.ask()

    def other():
        made["pear"] = studio.create("a pear", seed=1, out=tmp_path, expert="sketch", on_stage=meet)

    thread = threading.Thread(target=other)
    thread.start()
    with pytest.raises(Stopped):
        studio.create("an owl", seed=1, out=tmp_path, expert="sketch", stop=stop, on_stage=meet)
    thread.join()
    assert made["pear"].clip.exists()


@pytest.fixture(scope="module")
def expert(tmp_path_factory, one_thread):
    entry = tiny.entry(tiny.save_sd(tmp_path_factory.mktemp("stopped") / "sd"), steps=50)
    return DiffusionExpert(entry, tiny.catalogue(entry), ModelPool("cpu"))


class TestDiffusion:
    def test_it_ends_between_steps_and_the_models_draw_on_as_before(self, expert):
        from personify.avatar.steps import hearing

        steer, order = expert.schedule("none", 1)[0], tiny.order(3, guided=False)
        before = expert.draw([order], steer)[0].image
        stop, shares = Stop(), []

        def hear(share, look):
            shares.append(share)
            if len(shares) == 3:
                stop.ask()

        with stoppable(stop), hearing(hear), pytest.raises(Stopped):
            expert.draw([order], steer)
        assert shares == pytest.approx([0.02, 0.04, 0.06])
        assert np.array_equal(expert.draw([order], steer)[0].image, before)

    def test_it_ends_within_a_step_too(self, expert):
        """A part of the model that is running when stop is asked is the last one that runs."""
        steer, order = expert.schedule("none", 1)[0], tiny.order(3, guided=False)
        expert.draw([order], steer)
        stop, ran = Stop(), []
        parts = expert._pool.run(expert.recipe(False), lambda pipe, frugal: [*pipe.unet.down_blocks])

        def ask(block, given, made):
            ran.append(block)
            stop.ask()

        hooks = [block.register_forward_hook(ask) for block in parts]
        with stoppable(stop), pytest.raises(Stopped):
            expert.draw([order], steer)
        for hook in hooks:
            hook.remove()
        assert len(ran) == 1 and len(parts) == 2

    def test_who_waits_for_the_models_ends_while_another_draws(self, expert):
        taken, let_go = threading.Event(), threading.Event()

        def keep(pipe, frugal):
            taken.set()
            let_go.wait(60)

        thread = threading.Thread(target=expert._pool.run, args=(expert.recipe(False), keep))
        thread.start()
        stop = Stop()
        with stopped_soon(stop, taken), stoppable(stop):
            assert taken.wait(60)
            expert.draw([tiny.order(3, guided=False)], expert.schedule("none", 1)[0])
        let_go.set()
        thread.join()


@pytest.fixture
def asked_event(server):
    """Set once the language model's server is asked."""
    event = threading.Event()

    def refuse(body):
        event.set()

    server.behave(refuse=refuse)
    return event


@pytest.mark.parametrize("listening", [True, False])
def test_a_language_model_that_thinks_is_hung_up_on(server, asked_event, tmp_path, left_in, listening):
    """Streamed where somebody listens, whole where nobody does; both hang in the middle."""
    pytest.importorskip("openai")
    server.behave(hang_s=60.0)
    stop = Stop()
    with stopped_soon(stop, asked_event):
        Studio(llm=f"{server.url}#tiny").create(
            TEAPOT, out=tmp_path / "out", stop=stop, on_stage=(lambda stage: None) if listening else None
        )
    assert len(server.asked) == 1 and left_in(tmp_path) == []


def test_who_pauses_before_asking_again_ends_too(server, asked_event):
    pytest.importorskip("openai")
    server.behave(drops=9, reply=lambda body: "x" * 100)
    model = LanguageModel.connect(f"{server.url}#tiny", backoff_s=60.0, timeout_s=600.0)
    stop = Stop()
    with stopped_soon(stop, asked_event), stoppable(stop):
        model.ask("", "hello")
    assert len(server.asked) == 1


def test_a_stopped_model_answers_the_next_who_asks(server, asked_event):
    pytest.importorskip("openai")
    server.behave(hang_s=60.0)
    model = LanguageModel.connect(f"{server.url}#tiny")
    stop = Stop()
    with stopped_soon(stop, asked_event), stoppable(stop):
        model.ask("", "hello")
    server.behave(hang_s=0.0)
    assert model.ask("", "hello").text == "You said: hello"
    with stoppable(Stop()):
        assert model.ask("", "again").text == "You said: again"


def test_a_speech_server_that_hangs_is_hung_up_on(tmp_path, monkeypatch):
    pytest.importorskip("openai")
    from personify.voices import load_tones, speak

    asked = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def take():
            line, _ = listener.accept()
            line.recv(1)
            asked.set()
            while line.recv(4096):
                pass
            line.close()

        hanging = threading.Thread(target=take, daemon=True)
        hanging.start()
        monkeypatch.setenv("PERSONIFY_SPEECH_URL", f"http://127.0.0.1:{listener.getsockname()[1]}/v1#kokoro")
        tone = next(tone for tone in load_tones().values() if tone.model == "kokoro")
        stop = Stop()
        with stopped_soon(stop, asked), stoppable(stop):
            speak("Hello there.", tone)
        hanging.join(10)
        assert not hanging.is_alive(), "the server was hung up on"


def test_a_neural_voice_ends_while_it_speaks(tmp_path, monkeypatch, one_thread):
    pytest.importorskip("TTS", reason="coqui-tts is not installed")
    import tiny_vits
    from coqui_parts import HELLO, own_models, tone

    folder = tiny_vits.save_vits(tmp_path / "tiny")
    monkeypatch.setenv("PERSONIFY_CONFIG", str(own_models(tmp_path / "personify.toml", tiny=folder)))
    engine = get_engine("coqui")
    said = engine.speak(HELLO, tone(speaker="p225"), language="en", accent=None)
    stop = Stop()
    voice = next(voice for model, voice in engine._voices.items() if model.name == "tiny")
    hook = voice._model.text_encoder.register_forward_hook(lambda *_: stop.ask())
    with stoppable(stop), pytest.raises(Stopped):
        engine.speak(HELLO, tone(speaker="p225"), language="en", accent=None)
    hook.remove()
    again = engine.speak(HELLO, tone(speaker="p225"), language="en", accent=None)
    assert np.array_equal(said.samples, again.samples)


def test_what_is_to_be_called_is_called_once_and_only_while_it_is_wanted():
    stop, called = Stop(), []
    with stop.calling(lambda: called.append("before")):
        pass
    with stop.calling(lambda: called.append("within")):
        stop.ask()
        stop.ask()
    assert called.count("before") == 0 and called[0] == "within"
    with stop.calling(lambda: called.append("late")):
        assert called[-1] == "late", "what comes too late is called at once"


def test_who_waits_for_a_lock_heeds_a_stop_and_leaves_the_lock_to_others():
    lock, stop = threading.Lock(), Stop()
    taken = threading.Event()
    with lock, stopped_soon(stop, taken), stoppable(stop):
        taken.set()
        with holding(lock):
            pass
    with stoppable(Stop()), holding(lock):
        assert lock.locked()
    with holding(lock):
        assert lock.locked()
    assert not lock.locked()


def test_another_thread_s_work_is_not_stopped():
    stop = Stop()
    stop.ask()
    checked = []

    def free():
        check_stop()
        checked.append(current_stop())

    with stoppable(stop):
        thread = threading.Thread(target=free)
        thread.start()
        thread.join()
        with pytest.raises(Stopped):
            check_stop()
    assert checked == [None]


def test_looking_between_parts_changes_nothing_of_what_comes_out():
    import torch

    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Tanh()), torch.nn.Linear(4, 2))
    given = torch.ones(1, 4)
    before = model(given)
    heed_between_parts(model)
    assert torch.equal(model(given), before)
    stop = Stop()
    stop.ask()
    with stoppable(stop), pytest.raises(Stopped):
        model(given)
