"""What tests of batches stand on: planned rows by the built-in writer, and a head that makes quick clips or trouble."""

import os
from pathlib import Path

import poisoned_head

from personify.pipelines.batch.values import Planned, Row
from personify.pipelines.batch.work import WorkSettings
from personify.pipelines.services import Services

THINGS = ("teapot", "owl", "robot", "lamp", "cactus", "apple", "ghost", "clock", "cat", "dragon", "kettle", "mushroom")


def planned(number: int = 1, description: str | None = None, *, expert: str | None = "sketch", **wanted) -> Planned:
    """A row as the planner hands it on, drawn by the sketch, which is quick. Without a description it says no more than
    "Hi."."""
    services = Services("builtin")
    text = description or f"a friendly {THINGS[number % len(THINGS)]}"
    row = Row(number, wanted.pop("id", f"row-{number}"), text, wanted.pop("seed", number), expert=expert, **wanted)
    persona = services.write(row.description, seed=row.seed)
    if description is None:
        persona = persona.model_copy(update={"speaking": persona.speaking.model_copy(update={"greeting": "Hi."})})
    return Planned(
        row=row, seed=row.seed, persona=persona,
        tone=services.choose(persona.voice, name=row.tone, about=row.description),
        expert=services.pick(persona.appearance, name=row.expert),
        seconds={"persona": 0.01, "tone": 0.02},
    )  # fmt: skip


def settings(out, *, head: str = poisoned_head.NAME, batch: int = 4) -> WorkSettings:
    return WorkSettings(str(out), head=head, batch=batch)


def install_head(tmp_path, monkeypatch) -> None:
    """Makes the poisoned head one that can be asked for, in this process and in those that it starts."""
    site = tmp_path / "site"
    poisoned_head.install(site)
    monkeypatch.syspath_prepend(site)
    paths = [str(site), str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
