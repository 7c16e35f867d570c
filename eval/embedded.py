"""The embedded experts held to their promises: found, like the thing, unlike each other, and quick.

`measure` gives the figures and `write_sheet` shows what was drawn; both need the experts' weights.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.experts import Experts
from personify.avatar.portrait import Guidance, Portrait
from personify.avatar.portraits import Sitting, draw_portraits
from personify.eval.gallery import appearance_of
from personify.eval.likeness import FIRST_SEED, Likeness, drawings, train_likeness
from personify.eval.sketch import CATEGORIES, Rate, prompts

SEED = 11
_BATCH = 8


@dataclass(frozen=True)
class Drawn:
    """One description, what was drawn of it, and by whom."""

    text: str
    brief: AppearanceBrief
    expert: str
    portrait: Portrait


def embedded_names(experts: Experts) -> list[str]:
    """The embedded experts that are here."""
    small = {name for name, entry in experts.catalogue.experts.items() if entry.base == "embedded"}
    return [card.name for card in experts.cards() if card.name in small and card.here]


def draw_all(
    experts: Experts,
    guidance: Guidance,
    *,
    per_category: int | None = None,
    names: Sequence[str] | None = None,
    attempts: int = 3,
) -> list[Drawn]:
    """The project's descriptions, drawn in batches; by the expert that fits each, or by all of `names`."""
    asked = [(text, appearance_of(text, SEED)) for kind in CATEGORIES for text in prompts(kind, per_category)]
    by_expert: dict[str, list[tuple[str, AppearanceBrief]]] = {}
    for text, brief in asked:
        for name in names or [experts.choose(brief).name]:
            by_expert.setdefault(name, []).append((text, brief))
    drawn = []
    for name, sitters in by_expert.items():
        for at in range(0, len(sitters), _BATCH):
            batch = sitters[at : at + _BATCH]
            portraits = draw_portraits(
                [Sitting(brief, SEED + at + k) for k, (_, brief) in enumerate(batch)],
                expert=experts.get(name), guidance=guidance, attempts=attempts,
            )  # fmt: skip
            drawn += [Drawn(text, brief, name, p) for (text, brief), p in zip(batch, portraits, strict=True)]
    return drawn


def found(drawn: Sequence[Drawn]) -> list[Rate]:
    """How many were plausible at once and after the schedule, and how far landmarks lie from the guide's."""
    first = [d for d in drawn if not d.portrait.attempts[0].verdict.plausible]
    never = [d for d in drawn if d.portrait.stand_in is not None]
    errors = [d.portrait.verdict.error for d in drawn if d.portrait.verdict.error is not None and d not in never]
    return [
        Rate("plausible on the first attempt", 1 - len(first) / len(drawn), len(drawn), _named(first)),
        Rate("plausible after the schedule", 1 - len(never) / len(drawn), len(drawn), _named(never)),
        Rate("landmark error, eye distances", float(np.mean(errors)) if errors else 1.0, len(errors)),
    ]


def like_the_thing(drawn: Sequence[Drawn], judge: Likeness, *, seeds: int = 4) -> list[Rate]:
    """How often the archetype is told right on portraits, and on rich drawings that the judge has not seen."""
    said = judge.archetypes([d.portrait.image for d in drawn])
    wrong = [f"{d.text}: taken for {name}" for d, name in zip(drawn, said, strict=True) if name != d.brief.archetype]
    images, names, styles = drawings(seeds, first=FIRST_SEED + 900_000)
    right = np.mean([a == b for a, b in zip(judge.archetypes(images), names, strict=True)])
    style = np.mean([a == b for a, b in zip(judge.styles(images), styles, strict=True)])
    own = 1 - len(wrong) / len(drawn)
    return [
        Rate("archetype told on portraits", own, len(drawn), tuple(wrong[:20])),
        Rate("archetype told on rich drawings", float(right), len(images)),
        Rate("portraits of rich drawings", own / max(float(right), 1e-6), len(drawn)),
        Rate("style told on rich drawings", float(style), len(images)),
    ]


def unlike_each_other(drawn: Sequence[Drawn], judge: Likeness, styles: dict[str, str]) -> Rate:
    """How often the style of an expert's portrait is told right; `styles`: each expert's own."""
    said = judge.styles([d.portrait.image for d in drawn])
    wrong = [
        f"{d.text} by {d.expert}: taken for {s}" for d, s in zip(drawn, said, strict=True) if s != styles[d.expert]
    ]
    return Rate("style told on portraits", 1 - len(wrong) / len(drawn), len(drawn), tuple(wrong[:20]))


def seconds_and_memory(experts: Experts, name: str, guidance: Guidance = "both") -> list[Rate]:
    """Seconds to load an expert, seconds of a warm 512 px portrait, and megabytes added, in this process."""
    import psutil

    process = psutil.Process()
    brief = appearance_of("a grumpy teapot", SEED)
    draw_portraits([Sitting(brief, SEED)])  # the sketch and the detector are warm
    before = process.memory_info().rss
    times = []
    for seed in range(6):
        started = time.perf_counter()
        draw_portraits([Sitting(brief, seed)], expert=experts.get(name), guidance=guidance, attempts=1)
        times.append(time.perf_counter() - started)
    warm = float(np.median(times[1:]))
    return [
        Rate("seconds of a warm portrait", warm, 5),
        Rate("seconds to load, the libraries too", times[0] - warm, 1),
        Rate("megabytes added", (process.memory_info().rss - before) / 1e6, 1),
    ]


def write_sheet(path: Path, drawn: Sequence[Drawn], columns: int = 8, cell: int = 256) -> None:
    """A contact sheet of portraits."""
    from PIL import Image

    from personify.eval.gallery import contact_sheet

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(contact_sheet((d.portrait.image for d in drawn), columns, cell)).save(path)


def measure(per_category: int | None = None, seeds: int = 12) -> list[Rate]:
    """Everything, with guidance `both` where experts have it."""
    experts = Experts()
    names = embedded_names(experts)
    drawn = draw_all(experts, "both", per_category=per_category)
    judge = train_likeness(seeds)
    few = draw_all(experts, "both", per_category=min(per_category or 5, 5), names=names)
    styles = {name: experts.catalogue.experts[name].styles[0] for name in names}
    return [
        *seconds_and_memory(experts, names[0]),
        *found(drawn),
        *like_the_thing(drawn, judge),
        unlike_each_other(few, judge, styles),
    ]


def _named(missed: Sequence[Drawn]) -> tuple[str, ...]:
    return tuple(f"{d.text} ({d.expert}): {'; '.join(d.portrait.attempts[0].verdict.reasons)}" for d in missed[:20])
