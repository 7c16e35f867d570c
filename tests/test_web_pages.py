"""What pages may ask for, what they are told, and the work that is done for them, without a browser."""

import gc
import json
import threading
import time
import weakref
from importlib.resources import files
from types import SimpleNamespace

import own_loop
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personify.pipelines.bundle import RunnerUpRecord, ToneRecord
from personify.pipelines.chat.engine import Turn
from personify.pipelines.stages import PersonaSoFar
from personify.ui.web.app import examples
from personify.ui.web.asked import Edited, Named, Revised, Sent, Wished, read, uploaded
from personify.ui.web.scenes import Scene, draft_card, flat, persona_card, tone_card
from personify.ui.web.showing import FAILED, Page
from personify.ui.web.theme import look
from personify.voices.errors import BadInput

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.sampled_from((Wished, Revised, Named, Sent)), ANYTHING)
def test_whatever_a_page_sends_is_read_or_refused_in_one_line(model, told):
    try:
        assert isinstance(read(model, told), model)
    except BadInput as error:
        assert "\n" not in str(error).strip()


@given(st.text() | st.sampled_from(["/etc/passwd", "..", "/", "a\0b", "x" * 5000]))
def test_a_path_that_is_no_upload_is_refused(tmp_path_factory, told):
    with pytest.raises(BadInput, match="isn't here any more"):
        uploaded(told, tmp_path_factory.getbasetemp(), 1)


def test_only_what_lies_where_uploads_do_is_taken(tmp_path):
    folder = tmp_path / ("0a" * 32)
    folder.mkdir()
    (folder / "face.png").write_bytes(b"picture")
    assert uploaded(str(folder / "face.png"), tmp_path, 1) == folder / "face.png"
    (folder / "link.png").symlink_to("/etc/passwd")
    (tmp_path / "loose.png").write_bytes(b"picture")
    for path in (folder / "link.png", tmp_path / "loose.png", folder, folder / ".." / "loose.png"):
        with pytest.raises(BadInput):
            uploaded(str(path), tmp_path, 1)


def test_what_is_too_large_is_refused_and_removed(tmp_path):
    folder = tmp_path / ("0a" * 32)
    folder.mkdir()
    large = folder / "large.png"
    with large.open("wb") as file:
        file.truncate(3 * 2**20)
    with pytest.raises(BadInput, match="up to 2 MB"):
        uploaded(str(large), tmp_path, 2)
    assert not large.exists()


def test_an_edited_name_is_used_in_all_texts(teapot):
    persona = teapot.persona
    edited = Edited(name="Zuzana", traits=("bold", "loud", "kind")).applied(persona)
    assert edited["social"]["name"] == "Zuzana"
    assert edited["personal"]["traits"] == ("bold", "loud", "kind")
    assert persona.name not in json.dumps(edited["speaking"])
    assert Edited().applied(persona) == persona.model_dump()


def test_a_scene_is_plain_values_and_goes_on_counting(teapot):
    tone = ToneRecord(name="kettle", reason="It fits.", runners_up=(RunnerUpRecord(name="x", score=0.5, reason="y"),))
    first = Scene("token")
    full = first.but(step="meet", persona=persona_card(teapot.persona), tone=tone_card(tone, {"kettle": "Kettle"}))
    empty = full.empty(trouble="no")
    assert [first.serial, full.serial, empty.serial] == [0, 1, 2]
    told = json.loads(json.dumps(full.told()))
    assert (told["tone"]["title"], told["tone"]["runners_up"][0]["title"]) == ("Kettle", "x")
    assert told["persona"]["greeting"] == teapot.persona.speaking.greeting
    assert (empty.step, empty.persona, empty.trouble) == ("describe", None, "no")


def test_a_draft_shows_what_is_there_and_no_more():
    card = draft_card(PersonaSoFar(name="Ida", traits=("dry", "x" * 5000)))
    assert (card["name"], card["whole"], set(card)) == ("Ida", False, {"name", "whole", "traits"})
    assert len(card["traits"][1]) == 600


def test_examples_are_short_and_differ():
    assert 8 <= len(examples()) <= 10
    assert len(set(examples())) == len(examples())
    assert max(map(len, examples())) < 60


def test_the_look_asks_nothing_of_other_hosts():
    told = look()
    styles = (files("personify.ui") / "live" / "style.css").read_text()
    for text in (told["head"], told["css"], styles):
        assert "http://" not in text.replace("http://www.w3.org/", "")
        assert "https://" not in text
    assert told["theme"].to_dict()["theme"]["body_background_fill_dark"] == "#1a1512"


class _Shelf:
    trouble = None

    def list(self):
        if self.trouble:
            raise BadInput(self.trouble)
        return []


@pytest.fixture
def page(tmp_path):
    hearing = SimpleNamespace(available=False, how="type instead")
    context = SimpleNamespace(hearing=hearing, shelf=lambda session: _Shelf())
    session = SimpleNamespace(token="token", stop=None, avatar=None, leave=lambda: None, folder=tmp_path, files=None)
    return Page(context, session, {})


def scenes_of(page, job):
    async def all_of_them():
        return [scene async for scene in page.follow(job)]

    return own_loop.run(all_of_them(), 20)


def test_work_that_begins_while_the_page_still_leaves_somebody_is_what_it_shows(page):
    """Leaving sums up a talk, which takes a moment; somebody else is opened meanwhile."""
    leaving, left, order = threading.Event(), threading.Event(), []

    def leave():
        leaving.set()
        left.wait(10)
        order.append("left")

    page.session.leave = leave
    going = threading.Thread(target=page.home)
    going.start()
    assert leaving.wait(10)
    done = threading.Event()

    def work(page, job):
        order.append("met")
        page.change(job, step="meet")
        done.wait(10)

    job = page.begin(work, step="making")
    left.set()
    going.join(10)
    assert page.scene.step != "describe"
    done.set()
    assert scenes_of(page, job)[-1]["step"] == "meet"
    assert order == ["left", "met"]


def test_a_page_is_told_each_change_and_the_last_one(page):
    def work(page, job):
        for share in (0.2, 0.6, 1.0):
            page.change(job, share=share)
            time.sleep(0.12)

    job = page.begin(work, step="making", description="a lamp")
    told = scenes_of(page, job)
    assert [scene["share"] for scene in told][-3:] == [0.2, 0.6, 1.0]
    assert told[-1]["step"] == "making"
    assert (job.over, page.session.stop) == (True, None)


def test_what_goes_wrong_is_told_in_one_line_and_the_description_stays(page, caplog):
    def own(page, job):
        raise BadInput("there is no such tone")

    def other(page, job):
        raise ZeroDivisionError

    for work, trouble in ((own, "there is no such tone"), (other, FAILED)):
        told = scenes_of(page, page.begin(work, step="making", description="a lamp"))[-1]
        assert (told["step"], told["trouble"], told["description"]) == ("describe", trouble, "a lamp")
    assert "ZeroDivisionError" in caplog.text


def test_a_shelf_out_of_reach_is_told_and_keeps_nobody_from_the_page(page, monkeypatch):
    monkeypatch.setattr(_Shelf, "trouble", "the shelf can't be reached")
    scene = page.home()
    assert (scene.step, scene.shelf, scene.trouble) == ("describe", (), "the shelf can't be reached")


def test_what_was_stopped_changes_nothing_any_more(page):
    goes_on, changed = threading.Event(), []

    def slow(page, job):
        goes_on.wait(10)
        changed.append(1)
        page.change(job, trouble="too late")
        changed.append(2)

    job = page.begin(slow, step="making", description="a lamp")
    scene = page.stop()
    goes_on.set()
    scenes_of(page, job)
    while not job.over:
        time.sleep(0.01)
    assert (scene.step, page.scene.trouble, job.stop.asked) == ("describe", None, True)
    assert changed == [1]


def test_what_was_to_be_another_and_is_not_leaves_all_as_it_stands(page):
    page.change(step="meet", tone={"name": "kettle"}, portrait={"url": "old"}, live={"rig_url": "old"})
    page.session.avatar = object()

    def redo(page, job):
        page.redo(job, "face")
        page.change(job, portrait={"url": "attempt"}, live={"rig_url": "new"})
        if waits.wait(10):
            raise BadInput("no face was found")

    for fails in (False, True):
        waits = threading.Event()
        job = page.begin(redo)
        while page.scene.live != {"rig_url": "new"}:
            time.sleep(0.01)
        if not fails:
            page.stop()
        waits.set()
        scenes_of(page, job)
        scene = page.scene
        assert (scene.portrait, scene.live, scene.redoing) == ({"url": "old"}, {"rig_url": "old"}, None)
        assert scene.trouble == ("no face was found" if fails else None)


def test_a_page_goes_with_its_session(page, tmp_path):
    from personify.ui.web.sessions import Sessions
    from personify.ui.web.settings import read_settings

    sessions = Sessions(read_settings(), None, tmp_path)
    session = sessions.open("hash", "owner")
    session.page = Page(page.context, session, {})
    gone = weakref.ref(session.page)
    sessions.close_all()
    del session
    gc.collect()
    assert gone() is None


def test_gradio_gets_nothing_that_it_would_go_through():
    scene = Scene("token", live={"idle": {"values": [[0.5] * 3] * 2}}, greeting=None).told()
    told = flat(scene)
    assert {type(value) for value in told.values()} == {str}
    assert {name: json.loads(value) for name, value in told.items()} == scene


def test_later_work_stops_what_was_going_on(page):
    first = page.begin(lambda page, job: job.stop._asked.wait(10), step="making")
    second = page.begin(lambda page, job: page.change(job, trouble="the second"), step="making")
    assert scenes_of(page, second)[-1]["trouble"] == "the second"
    assert first.stop.asked


def test_who_stops_reading_stops_the_work(page):
    job = page.begin(lambda page, job: job.stop._asked.wait(10), step="making")

    async def read_one():
        scenes = page.follow(job)
        await anext(scenes)
        await scenes.aclose()

    own_loop.run(read_one(), 20)
    assert job.stop.asked


def test_another_model_shares_what_is_warm(studio, server):
    other = studio.asking(f"{server.url}#tiny")
    assert other._services.tones() is studio._services.tones()
    assert other._services.experts() is studio._services.experts()
    assert (other._services.model.model, studio._services.model) == ("tiny", None)
    with pytest.raises(BadInput, match="nonsense"):
        studio.asking("nonsense")


def test_a_chat_goes_on_where_another_stopped(studio, teapot):
    before = (Turn("user", "I am called Ada."), Turn("character", "So you are."))
    with studio.chat(teapot, memory=False, before=before) as chat:
        chat.reply("Hello!")
        assert chat.history[:2] == before
        assert len(chat.history) == 4
