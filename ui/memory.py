"""`personify memory`: what characters remember of a user: reading it, taking it elsewhere, and having it forgotten."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from personify.ui.commands import Force, Json, group
from personify.ui.terminal import plain, print_json, print_line, print_table

if TYPE_CHECKING:
    from personify.pipelines.memory import MemoryStore

memory = group("What characters remember of you.")

AvatarGiven = Annotated[
    str | None, typer.Argument(metavar="[AVATAR]", help="The folder of an avatar, or the key that show lists.")
]
User = Annotated[
    str | None, typer.Option("--user", help="Whose memories; PERSONIFY_USER, else me, if left out.", show_default=False)
]
All = Annotated[bool, typer.Option("--all", help="With all avatars.")]

_KEY = re.compile(r"[0-9a-f]{16}")


class _Which(NamedTuple):
    """An avatar's key and what it is called; no key for all."""

    key: str | None
    called: str


@memory.command("show")
def show(avatar: AvatarGiven = None, *, user: User = None, everything: All = False, as_json: Json = False) -> None:
    """Show what an avatar remembers, or, without one, which avatars remember something."""
    from personify.pipelines.memory import open_memory, user_name
    from personify.pipelines.memory.exporting import export

    which = _which(avatar, everything, may_be_none=True)
    with open_memory() as store:
        if avatar is None and not everything:
            _overview(store, user_name(user), as_json=as_json)
            return
        content = export(store, user, which.key)
    if as_json:
        print_json(content)
    elif not content["avatars"]:
        print_line(f"nothing is remembered of {content['user']!r} with {which.called}")
    for known in [] if as_json else content["avatars"]:
        print_table(_rows(known), columns=("of", "what", "last", "times"), title=known["name"] or known["avatar"])


@memory.command("forget")
def forget(
    avatar: AvatarGiven = None,
    *,
    user: User = None,
    everything: All = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    as_json: Json = False,
) -> None:
    """Forget a user with an avatar, or with all, completely; nothing stays in the memory's file."""
    from personify.pipelines.memory import open_memory, user_name
    from personify.voices.errors import BadInput

    which, name = _which(avatar, everything), user_name(user)
    if as_json and not yes:
        raise BadInput("with --json nothing can be asked; add --yes to forget")
    with open_memory() as store:
        known = [pair for pair in store.pairs(name) if which.key in (None, pair.avatar)]
        facts, events = sum(pair.facts for pair in known), sum(pair.events for pair in known)
        if known and not yes:
            asked = f"Forget {_count(facts, 'fact')} and {_count(events, 'session')} of {name!r} with {which.called}?"
            if not typer.confirm(plain(f"{asked} This can't be undone.")):
                print_line("nothing was forgotten")
                raise typer.Exit(1)
        gone = store.forget(name, which.key)  # also where nothing is known: an earlier one may have been cut short
    if as_json:
        print_json({"user": name, "avatars": gone.pairs, "facts": gone.facts, "events": gone.events})
    elif gone.pairs:
        said = f"{_count(gone.facts, 'fact')} and {_count(gone.events, 'session')}"
        print_line(f"forgot {said} of {name!r} with {which.called}")
    else:
        print_line(f"nothing was remembered of {name!r} with {which.called}")


@memory.command("export")
def export_memory(
    avatar: AvatarGiven = None,
    *,
    user: User = None,
    everything: All = False,
    out: Annotated[Path | None, typer.Option(help="The JSON file; printed if left out.", show_default=False)] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Export all that is remembered of a user, with an avatar or with all, as JSON."""
    from personify.pipelines.draft import full_path
    from personify.pipelines.memory import open_memory
    from personify.pipelines.memory.exporting import export, write_export

    which = _which(avatar, everything)
    with open_memory() as store:
        content = export(store, user, which.key)
    if out is None:
        print_json(content)
        return
    path = full_path(out)
    write_export(content, path, force=force)
    facts = sum(len(known["facts"]) for known in content["avatars"])
    events = sum(len(known["events"]) for known in content["avatars"])
    if as_json:
        print_json({"file": str(path), "user": content["user"], "facts": facts, "events": events})
    else:
        print_line(f"{_count(facts, 'fact')} and {_count(events, 'session')} of {content['user']!r} are in {path}")


def _which(avatar: str | None, everything: bool, *, may_be_none: bool = False) -> _Which:
    """The avatar that is named, by its folder or, where that is gone, by its key."""
    from personify.pipelines.bundle import open_avatar
    from personify.voices.errors import BadInput

    if avatar is not None and everything:
        raise BadInput(f"name {avatar!r} or --all, not both")
    if avatar is None:
        if not everything and not may_be_none:
            raise BadInput("name an avatar's folder, or all of them with --all; see: personify memory show")
        return _Which(None, "all avatars")
    if _KEY.fullmatch(avatar) and not Path(avatar).exists():
        return _Which(avatar, avatar)
    found = open_avatar(avatar)
    return _Which(found.key, found.name)


def _overview(store: "MemoryStore", user: str, *, as_json: bool) -> None:
    from personify.pipelines.memory.when import iso

    known = store.pairs(user)
    if as_json:
        pairs = [
            {"avatar": pair.avatar, "name": pair.name, "facts": pair.facts, "events": pair.events,
             "first": iso(pair.first_ms), "last": iso(pair.last_ms)}
            for pair in known
        ]  # fmt: skip
        print_json({"memory": store.where, "user": user, "avatars": pairs})
        return
    if not known:
        print_line(f"nothing is remembered of {user!r} in {store.where}")
        return
    rows = [(pair.name, pair.avatar, pair.facts, pair.events, _day(iso(pair.last_ms))) for pair in known]
    columns = ("avatar", "key", "facts", "sessions", "last")
    print_table(rows, columns=columns, title=f"what is remembered of {user!r} in {store.where}")


def _rows(known: dict[str, Any]) -> list[tuple[object, ...]]:
    """Facts, then sessions, the newest first."""
    facts = [(fact["about"], fact) for fact in known["facts"]]
    events = [(f"session, {_count(event['turns'] or 0, 'turn')}", event) for event in known["events"]]
    newest = [sorted(kind, key=lambda row: row[1]["last"], reverse=True) for kind in (facts, events)]
    return [(label, what["text"], _day(what["last"]), what["seen"]) for kind in newest for label, what in kind]


def _day(moment: str | None) -> str:
    """To the minute, by the user's clock."""
    from datetime import datetime

    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}" if moment else ""


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
