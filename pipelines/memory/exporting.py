"""Everything that is remembered, for the user to read, keep or take elsewhere."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select

from personify.pipelines.memory.schema import memories, pairs
from personify.pipelines.memory.store import MemoryStore
from personify.pipelines.memory.users import avatar_key, user_name
from personify.pipelines.memory.when import ago, iso, now_ms

VERSION = 1


def export(store: MemoryStore, user: str | None = None, avatar: str | None = None) -> dict[str, Any]:
    """All that is kept of a user, with one avatar or with all: for each the facts and the events, oldest first, with
    their times (ISO 8601, UTC), in how many sessions they came up, and in which last."""
    name = user_name(user)
    wanted = select(pairs).where(pairs.c.user_name == name).order_by(pairs.c.avatar)
    if avatar is not None:
        wanted = wanted.where(pairs.c.avatar == avatar_key(avatar))
    with store.reading() as connection:
        found = []
        for pair in connection.execute(wanted).all():
            theirs = select(memories).where(memories.c.pair_id == pair.id).order_by(memories.c.first_ms, memories.c.id)
            rows = connection.execute(theirs).all()
            facts = [_fact(row) for row in rows if row.kind == "fact"]
            events = [_event(row) for row in rows if row.kind == "event"]
            found.append({"avatar": pair.avatar, "name": pair.avatar_name, "facts": facts, "events": events})
    return {"version": VERSION, "exported": iso(now_ms()), "user": name, "avatars": found}


def write_export(content: dict[str, Any], path: Path, *, force: bool = False) -> None:
    """Writes an export as JSON, whole or not at all, readable by the user alone. Errors: see `draft_file`."""
    from personify.pipelines.draft import draft_file

    with draft_file(path, force=force) as work:
        work.touch(mode=0o600)
        work.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def told(content: dict[str, Any], language: str = "en") -> list[str]:
    """The lines of an export: of each avatar the facts, then the events, the newest first, each with when."""
    return [line for avatar in content["avatars"] for line in _told(avatar, language)]


def _told(avatar: dict[str, Any], language: str) -> Iterator[str]:
    from datetime import datetime

    moment = now_ms()
    for kind in ("facts", "events"):
        for entry in sorted(avatar[kind], key=lambda entry: entry["last"], reverse=True):
            since = moment - round(datetime.fromisoformat(entry["last"]).timestamp() * 1000)
            yield f"{ago(since, language)}: {entry['text']}"


def _fact(row: Any) -> dict[str, Any]:
    return {"about": row.about, "key": row.key, **_common(row)}


def _event(row: Any) -> dict[str, Any]:
    times = {"started": iso(row.started_ms), "ended": iso(row.ended_ms), "turns": row.turns}
    return {**times, **_common(row)}


def _common(row: Any) -> dict[str, Any]:
    times = {"first": iso(row.first_ms), "last": iso(row.last_ms)}
    return {"text": row.text, **times, "seen": row.seen, "session": row.session}
