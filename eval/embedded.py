"""The embedded experts held to their promises: found, like the thing, unlike each other, small and quick.

`personify bench embedded` measures them all; `write_sheets` shows what they draw. Both need the experts' weights.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import cast

import numpy as np
from PIL import Image

from personify.avatar.brief import AppearanceBrief
from personify.avatar.experts import Experts
from personify.avatar.portrait import Guidance, Portrait
from personify.avatar.portraits import Sitting, draw_portraits
from personify.eval.detection.judge import judge as trained_judge
from personify.eval.gallery import appearance_of, contact_sheet, descriptions
from personify.eval.likeness import FIRST_SEED, Likeness, drawings
from personify.eval.memory import peak_bytes
from personify.eval.rates import Rate
from personify.eval.sketch import CATEGORIES, prompts
from personify.voices.errors import PersonifyError

SEED = 11
_BATCH = 8
_SMALL = "bfloat16"
"""Half the size of float32."""
_CELL_PX = 208
"""A sheet of eight columns fills a page on a fine screen and stays below a megabyte."""


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
    verdicts = [d.portrait.verdict for d in drawn if d.portrait.stand_in is None]
    errors = [verdict.error for verdict in verdicts if verdict.error is not None]
    return [
        Rate("plausible on the first attempt", 1 - len(first) / len(drawn), len(drawn), _named(first), least=0.97),
        Rate("plausible after the schedule", 1 - len(never) / len(drawn), len(drawn), _named(never), least=0.995),
        Rate("landmark error, eye distances", float(np.mean(errors)) if errors else 1.0, len(errors), most=0.10),
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
        Rate("portraits of rich drawings", own / max(float(right), 1e-6), len(drawn), least=0.95),
        Rate("style told on rich drawings", float(style), len(images)),
    ]


def unlike_each_other(drawn: Sequence[Drawn], judge: Likeness, styles: dict[str, str]) -> Rate:
    """How often the style of an expert's portrait is told right; `styles`: each expert's own."""
    said = judge.styles([d.portrait.image for d in drawn])
    wrong = [
        f"{d.text} by {d.expert}: taken for {s}" for d, s in zip(drawn, said, strict=True) if s != styles[d.expert]
    ]
    return Rate("style told on portraits", 1 - len(wrong) / len(drawn), len(drawn), tuple(wrong[:20]), least=0.95)


@dataclass(frozen=True)
class _Cost:
    """What one fresh process needed: `precision`, the numbers that it drew in; `figures`, seconds and megabytes."""

    precision: str
    figures: dict[str, float]


def cost(
    name: str, guidance: Guidance = "both", draws: int = 6, *, processes: int = 3, precision: str | None = None
) -> list[Rate]:
    """Seconds and memory of the expert of that name in fresh processes: medians of seconds, the most of memory.

    It draws in the numbers of `precision`, or in those that are the quickest on the best device here.
    """
    asked = () if precision is None else (precision,)
    told = [_cost_in_a_fresh_process(name, guidance, draws, *asked) for _ in range(processes)]
    seconds = {key: float(np.median([each.figures[key] for each in told])) for key in told[0].figures}
    most = {key: max(each.figures[key] for each in told) for key in seconds}
    drawn_in, others = told[0].precision, []
    if drawn_in != _SMALL:  # as on machines that are quick in it, and many times slower than there
        slow = _cost_in_a_fresh_process(name, guidance, 2, _SMALL)
        others = [Rate(f"the same in {slow.precision}", slow.figures["added_mb"], 1, most=600)]
    return [
        Rate(f"seconds of a warm 512 px portrait, {guidance}", seconds["warm_s"], processes * (draws - 1), most=2.5),
        Rate("seconds to load", seconds["load_s"], processes, most=1.5),
        Rate("seconds to import the libraries before that", seconds["import_s"], processes),
        Rate(f"megabytes added at most, libraries included, {drawn_in}", most["added_mb"], processes, most=600),
        *others,
        Rate("megabytes of them by the libraries", most["libraries_mb"], processes),
    ]


def _cost_in_a_fresh_process(name: str, guidance: Guidance, draws: int, *precision: str) -> _Cost:
    command = [sys.executable, "-m", "personify.eval.embedded", "--cost", name, guidance, str(draws), *precision]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PersonifyError(f"the expert {name!r} can't be measured: {done.stderr.strip()[-300:]}")
    return _Cost(**json.loads(done.stdout.splitlines()[-1]))


def _cost_here(name: str, guidance: Guidance, draws: int, precision: str | None = None) -> _Cost:
    """The same, measured in this process, which should be fresh."""
    brief = appearance_of("a grumpy teapot", SEED)
    draw_portraits([Sitting(brief, SEED)])  # the sketch and the detector are warm
    before, started = peak_bytes(), time.perf_counter()
    import diffusers  # noqa: F401 - to see what the libraries cost by themselves
    import peft  # noqa: F401
    import torch  # noqa: F401
    from diffusers import StableDiffusionControlNetImg2ImgPipeline  # noqa: F401 - its modules load when it is named
    from transformers import CLIPTextModel  # noqa: F401

    imported, libraries = time.perf_counter() - started, peak_bytes() - before
    experts = Experts(precision=precision)
    expert = experts.get(name)
    times = []
    for seed in range(draws):
        started = time.perf_counter()
        draw_portraits([Sitting(brief, seed)], expert=expert, guidance=guidance, attempts=1)
        times.append(time.perf_counter() - started)
    warm = float(np.median(times[1:]))
    added = peak_bytes() - before
    figures = {
        "import_s": imported, "libraries_mb": libraries / 1e6, "warm_s": warm, "load_s": times[0] - warm,
        "added_mb": added / 1e6,
    }  # fmt: skip
    return _Cost(str(experts.pool.device.dtype).removeprefix("torch."), figures)


def weights_size() -> Rate:
    """Mebibytes of everything that is installed for the experts."""
    folder = Path(str(files("personify.avatar"))) / "embedded" / "weights"
    held = [file for file in folder.rglob("*") if file.is_file()]
    return Rate("mebibytes of weights", sum(file.stat().st_size for file in held) / 2**20, len(held), most=48)


def write_sheets(out: Path) -> None:
    """The README's contact sheets into `out`: `embedded.jpg`, the gallery's 64 portraits, each by the expert that fits;
    and `embedded-styles.jpg`, one description of each category (a column) by every expert (a row)."""
    experts = Experts()
    texts = descriptions()
    fitting = [(text, None) for some in texts.values() for text in some]
    styles = [(some[0], name) for name in embedded_names(experts) for some in texts.values()]
    out.mkdir(parents=True, exist_ok=True)
    for name, wanted in (("embedded", fitting), ("embedded-styles", styles)):
        portraits = [_portrait(experts, text, expert) for text, expert in wanted]
        draft = out / f".{name}.jpg"
        sheet = Image.fromarray(contact_sheet((p.image for p in portraits), 8, _CELL_PX))
        sheet.save(draft, "JPEG", quality=90, optimize=True, progressive=True)
        draft.replace(out / f"{name}.jpg")


def _portrait(experts: Experts, text: str, name: str | None) -> Portrait:
    brief = appearance_of(text, SEED)
    chosen = name or experts.choose(brief).name
    return draw_portraits([Sitting(brief, SEED)], expert=experts.get(chosen))[0]


def measure(per_category: int | None = None, seeds: int = 12, on_stage: Callable[[str], None] = print) -> list[Rate]:
    """Everything beside its target, with guidance `both`; `on_stage` hears what is measured next."""
    experts = Experts()
    names = embedded_names(experts)
    if not names:
        raise PersonifyError("no embedded expert has its weights here; train them, or install Personify again")
    on_stage("seconds and memory")
    rates = [weights_size(), *cost(names[0])]
    on_stage("portraits of every description")
    drawn = draw_all(experts, "both", per_category=per_category)
    rates += found(drawn)
    on_stage("judges, from drawings that the experts have not seen")
    judge = trained_judge(seeds=seeds)
    rates += like_the_thing(drawn, judge)
    on_stage("the same descriptions in every style")
    few = draw_all(experts, "both", per_category=min(per_category or 5, 5), names=names)
    styles = {name: experts.catalogue.experts[name].styles[0] for name in names}
    return [*rates, unlike_each_other(few, judge, styles)]


def _named(missed: Sequence[Drawn]) -> tuple[str, ...]:
    return tuple(f"{d.text} ({d.expert}): {'; '.join(d.portrait.attempts[0].verdict.reasons)}" for d in missed[:20])


if __name__ == "__main__":
    _, _, asked, way, count, *rest = sys.argv
    print(json.dumps(asdict(_cost_here(asked, cast(Guidance, way), int(count), *rest))))  # noqa: T201 - an entry point
