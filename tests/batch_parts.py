"""What tests of batches stand on: planned rows by the built-in writer, and the processes that work on them."""

from personify.pipelines.batch.values import Planned, Row
from personify.pipelines.batch.work import WorkSettings
from personify.pipelines.services import Services

THINGS = ("teapot", "owl", "robot", "lamp", "cactus", "apple", "ghost", "clock", "cat", "dragon", "kettle", "mushroom")
_services = Services("builtin")


def planned(number: int = 1, description: str | None = None, *, expert: str | None = "sketch", **wanted) -> Planned:
    """A row as the planner hands it on; without a description one that speaks briefly. Drawn by the sketch, which is
    quick."""
    text = (
        description or f"a friendly {THINGS[number % len(THINGS)]} called {'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[number % 26]}im"
    )
    row = Row(number, wanted.pop("id", f"row-{number}"), text, wanted.pop("seed", number), expert=expert, **wanted)
    persona = _services.write(row.description, seed=row.seed)
    return Planned(
        row=row, seed=row.seed, persona=persona,
        tone=_services.choose(persona.voice, name=row.tone, about=row.description),
        expert=_services.pick(persona.appearance, name=row.expert),
        seconds={"persona": 0.01, "tone": 0.01},
    )  # fmt: skip


def settings(out, **given) -> WorkSettings:
    return WorkSettings(str(out), **given)
