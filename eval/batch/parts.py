"""What the benchmarks of batches share: who is made, and how figures are told, with the machine they are of."""

import json
import platform
from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import islice
from typing import Any

from personify.avatar.diffusion.device import usable_cores
from personify.eval.rates import Rate, as_json, report
from personify.pipelines.batch.values import Planned, Row
from personify.pipelines.services import Services

_LISTS = ("animals", "bags", "cartoon", "clothes", "fruits", "office", "people", "plants")
_LOVES = ("astronomy", "old maps", "tea", "chess", "rainy days", "marching bands", "riddles", "gardening", "trains")


def descriptions() -> Iterator[str]:
    """Hundreds of descriptions of every kind of thing, no two the same."""
    lists = [
        [line for line in _read(f"{name}.txt").splitlines() if line and not line.startswith("#")] for name in _LISTS
    ]
    for love in _LOVES:
        for described in zip(*lists, strict=False):
            for text in described:
                yield f"{text} who loves {love}"


def planned(count: int, *, name: str, each: int = 1, expert: str | None = None) -> Iterator[Planned]:
    """So many descriptions as rules plan them, `each` of them so often; `name` tells their ids from those of others."""
    services = Services("builtin")
    for number, text in enumerate(islice(descriptions(), count), 1):
        persona = services.write(text, seed=number)
        for copy in range(each):
            yield Planned(
                row=Row(number, f"{name}-{number}-{copy}", text, number, copy=copy, expert=expert), seed=number,
                persona=persona, tone=services.choose(persona.voice, about=text),
                expert=services.pick(persona.appearance, name=expert),
            )  # fmt: skip


def machine() -> dict[str, Any]:
    """Where it was measured."""
    import psutil

    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": usable_cores(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "load": [round(load, 1) for load in psutil.getloadavg()],
    }


def tell(rates: Sequence[Rate], details: dict[str, Any], *, as_json_too: bool) -> None:
    """Prints the figures, the end of a benchmark's command; exit code 1 where a target is missed."""
    from personify.pipelines.bundle import library_versions, now

    if as_json_too:
        told = {"measured": now(), "machine": machine(), "versions": library_versions(), "figures": as_json(rates)}
        print(json.dumps(told | details, indent=2))  # noqa: T201 - an entry point
    else:
        report(rates)
    if not all(rate.met for rate in rates):
        raise SystemExit(1)


def _read(name: str) -> str:
    return (files("personify.eval") / "prompts" / name).read_text(encoding="utf-8")


def _processor() -> str:
    from pathlib import Path

    try:
        _, _, rest = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("model name")
    except OSError:
        rest = ""
    return rest.partition(":")[2].partition("\n")[0].strip() or platform.processor()
