"""The work that pages ask for: making a character, meeting one again, changing one thing of it, taking things along.

Each function gives the work for `Page.begin`, which runs it; none of them knows of Gradio.
"""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from personify.pipelines import Avatar, Stage
from personify.ui.web.asked import Named, Revised, Wished
from personify.ui.web.living import greeting_speech, live_face, show_picture, spoken
from personify.ui.web.scenes import notes_of, persona_card, portrait_card, tone_card
from personify.ui.web.showing import Job, Page
from personify.ui.web.watching import Watcher
from personify.ui.web.wire import Sound
from personify.voices.errors import BadInput, PersonifyError

Work = Callable[[Page, Job], None]

_NOBODY = "there is nobody here; make a character or open one"


def make(wished: Wished, picture: Path | None) -> Work:
    """Makes the character that was wished for, with the user's own `picture` or none; it goes onto the shelf."""

    def work(page: Page, job: Job) -> None:
        seed = secrets.randbelow(2**32) if wished.seed is None else wished.seed
        watcher = Watcher(page, job, seed=seed, sound=wished.sound)
        page.session.studio = page.context.studio if wished.llm is None else page.context.studio.asking(wished.llm)
        try:
            with page.context.turns.gate(job.stop, watcher.wait) as gate:
                avatar = page.session.studio.create(
                    wished.description, seed=seed, tone=wished.tone, expert=wished.expert, guidance=wished.guidance,
                    depth=wished.depth, image=picture, out=page.session.folder / "making", force=True, stop=job.stop,
                    on_stage=_both(gate, watcher),
                )  # fmt: skip
        finally:
            if picture is not None:
                picture.unlink(missing_ok=True)
        watcher.settle()
        _meet(page, job, page.context.shelf(page.session).keep(avatar))

    return work


def meet_again(named: Named) -> Work:
    """Opens a character from the shelf; after a reload it doesn't greet anew."""

    def work(page: Page, job: Job) -> None:
        avatar = page.context.shelf(page.session).open(named.key, page.session.folder)
        _come_in(page, job, avatar, greets=not named.back, sound=named.sound)

    return work


def read_file(path: Path, sound: Sound) -> Work:
    """Opens a character from a file, which goes onto the shelf: a packed bundle as it is, one of a card is made; the
    file is removed."""

    def work(page: Page, job: Job) -> None:
        from personify.pipelines.travel.zips import is_bundle, unpack

        largest = int(page.context.settings.limits.bundle_mb * 2**20)
        try:
            if not is_bundle(path):
                _make_of_card(page, job, path, sound)
                return
            avatar = unpack(path, page.session.folder / f"read-{secrets.token_hex(4)}", largest_bytes=largest)
        finally:
            path.unlink(missing_ok=True)
        kept = page.context.shelf(page.session).keep(avatar)
        _come_in(page, job, kept, greets=True, sound=sound)

    return work


def _make_of_card(page: Page, job: Job, path: Path, sound: Sound) -> None:
    """Makes the character of a card, as one that was described is made. Raises `BadInput` where the file is none."""
    from personify.pipelines.travel.cards import read_card
    from personify.pipelines.travel.importing import requested

    asked = requested(read_card(path))
    watcher = Watcher(page, job, seed=asked.seed, sound=sound)
    page.session.studio = page.context.studio
    page.change(job, step="making", description=asked.description)
    with page.context.turns.gate(job.stop, watcher.wait) as gate:
        avatar = page.session.studio.import_file(
            path, out=page.session.folder / "making", force=True, stop=job.stop,
            on_stage=_both(gate, watcher),
        )  # fmt: skip
    watcher.settle()
    _meet(page, job, page.context.shelf(page.session).keep(avatar))


def revise(revised: Revised) -> Work:
    """Makes one thing of the character anew, and what depends on it."""

    def work(page: Page, job: Job) -> None:
        avatar = page.session.avatar
        if avatar is None:
            raise BadInput(_NOBODY)
        page.redo(job, revised.what)
        wanted: dict[str, Any] = {}
        if revised.face:
            wanted = {"seed": secrets.randbelow(2**32), "expert": revised.expert}
        elif revised.tone is not None:
            wanted = {"tone": revised.tone}
        elif revised.persona is not None:
            wanted = {"persona": revised.persona.applied(avatar.persona)}
        watcher = Watcher(page, job, seed=avatar.seed, sound=revised.sound, persona=avatar.persona, log=False)
        with page.context.turns.gate(job.stop, watcher.wait) as gate:
            new = page.session.studio.revise(avatar, **wanted, stop=job.stop, on_stage=_both(gate, watcher))
        watcher.settle()
        new = page.context.shelf(page.session).replace(new)
        _meet(page, job, new, persona=persona_card(new.persona), tone=tone_card(new.record.tone, page.titles))

    return work


def film(page: Page) -> dict[str, str]:
    """A clip of the last reply, to take along. Raises `BadInput` where there is none yet."""
    chat = page.session.chat
    if chat is None:
        raise BadInput(_NOBODY)
    name = f"{chat.avatar.folder.name}-reply.mp4"
    path = page.session.folder / name
    chat.film(path, force=True)
    return _offered("The last reply as a clip (MP4)", page.session.files.put(path), name)


def export(page: Page) -> dict[str, str]:
    """The character as one page that speaks by itself, to take along. Raises `BadInput` where there is none."""
    from personify.ui.page import page_html

    avatar = page.session.avatar
    if avatar is None:
        raise BadInput(_NOBODY)
    name = f"{avatar.folder.name}.html"
    page_text = page_html(avatar, [greeting_speech(avatar)])
    url = page.session.files.put_bytes(page_text.encode(), name, "text/html; charset=utf-8")
    return _offered("A page of its own (HTML)", url, name)


def _come_in(page: Page, job: Job, avatar: Avatar, *, greets: bool, sound: Sound) -> None:
    """A character that was made before is there: first its picture, then its face and its greeting."""
    files, persona = page.session.files, avatar.persona
    seed, expression = avatar.seed, persona.appearance.expression
    picture = portrait_card(avatar.portrait, show_picture(avatar.portrait.image, files, "portrait"), None, page.titles)
    tone = tone_card(avatar.record.tone, page.titles)
    _meet(
        page, job, avatar, persona=persona_card(persona), tone=tone, portrait=picture, live=None, greeting=None,
        trouble=None,
    )  # fmt: skip
    changes: dict[str, Any] = {}
    if greets:
        told = spoken(greeting_speech(avatar), persona.speaking.greeting, seed=seed, expression=expression, sound=sound)
        changes["greeting"] = told | {"log": True}
    try:
        changes["live"] = live_face(avatar.portrait, files, seed=seed, expression=expression)
    except PersonifyError as error:
        changes["trouble"] = str(error)
    page.change(job, **changes)


def _meet(page: Page, job: Job, avatar: Avatar, **changes: Any) -> None:
    """The character stands, and can be talked to."""
    job.stop.check()
    chat = page.session.meet(avatar)
    engine = {"name": chat.engine.name, "is_language_model": chat.engine.is_language_model}
    page.change(
        job, step="meet", stage=None, waiting=None, redoing=None, key=avatar.folder.name, engine=engine,
        downloads=_downloads(page, avatar), notes=notes_of(avatar.record), description="", **changes,
    )  # fmt: skip


def _downloads(page: Page, avatar: Avatar) -> tuple[dict[str, str], ...]:
    """What can be taken along at once; the rest is made when it is asked for."""
    from personify.pipelines.travel.zips import pack

    files, name = page.session.files, avatar.folder.name
    packed = pack(avatar, page.session.folder / f"{name}.zip")
    return (
        {"label": "The greeting as a clip (MP4)", "url": files.put(avatar.clip, f"{name}.mp4"), "name": f"{name}.mp4"},
        {"label": "All of it, to open here again (ZIP)", "url": files.put(packed), "name": f"{name}.zip"},
    )


def _offered(label: str, url: str, name: str) -> dict[str, str]:
    """A file that the page hands out as soon as it hears of it, once for each `asked`."""
    return {"label": label, "url": url, "name": name, "asked": secrets.token_hex(4)}


def _both(gate: Callable[[Stage], None], watcher: Watcher) -> Callable[[Stage], None]:
    def on_stage(stage: Stage) -> None:
        gate(stage)
        watcher(stage)

    return on_stage
