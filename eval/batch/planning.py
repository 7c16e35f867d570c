"""How quickly a batch is planned, and how varied it comes out: `python -m personify.eval.batch.planning`.

Rows are planned by rules, as `personify batch` does; nothing is drawn. Prints rows a second of one core's time and the
diversity report's figures, for rows that all say the same, for mixed ones, and for those with quotas.
"""

import argparse
import hashlib
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.resources import files

import numpy as np

from personify.pipelines.batch.likeness import TOO_ALIKE, likeness, read_fingerprint
from personify.pipelines.batch.plan import Planner
from personify.pipelines.batch.quotas import Quotas, read_quotas
from personify.pipelines.batch.values import Planned, Row
from personify.pipelines.services import Services

QUOTAS = ("archetype=even,gender=female:50+male:40+neutral:10,age=even",)
PROMPTS = ("animals", "bags", "cartoon", "clothes", "fruits", "office", "people", "plants")


def mixed(count: int) -> list[str]:
    """Descriptions from the benchmarks' prompts, in turn."""
    folder = files("personify.eval").joinpath("prompts")
    texts = [folder.joinpath(f"{name}.txt").read_text("utf-8") for name in PROMPTS]
    told = [line.strip() for text in texts for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [told[place * 7 % len(told)] for place in range(count)]


def rows_of(descriptions: Sequence[str], seed: int) -> Iterator[Row]:
    """A row for each description, with a seed drawn from the batch's."""
    for number, text in enumerate(descriptions, 1):
        drawn = hashlib.sha256(f"{seed}\n{number}".encode()).digest()[:4]
        yield Row(number=number, id=f"row-{number}", description=text, seed=int.from_bytes(drawn, "big"))


def measure(services: Services, descriptions: Sequence[str], quotas: Quotas, *, distinct: bool, seed: int) -> list[str]:
    """The cells of one line of the table."""
    planner = Planner(services, seed=seed, quotas=quotas, distinct=distinct)
    begun = time.process_time()
    planned = [one for one in planner.plan(rows_of(descriptions, seed)) if isinstance(one, Planned)]
    seconds = time.process_time() - begun
    personas = [one.persona for one in planned]
    hashes = np.stack([hashed for one in planned if (hashed := read_fingerprint(one.fingerprint)) is not None])
    nearest = _nearest(hashes)
    return [
        f"{len(planned) / seconds:.0f}",
        f"{len({persona.name for persona in personas})}",
        f"{len({persona.speaking.greeting for persona in personas})}",
        f"{len({persona.personal.traits for persona in personas})}",
        f"{len({persona.social.home for persona in personas})}",
        f"{len({one.tone.name for one in planned})}",
        f"{np.median(nearest):.2f}",
        f"{nearest.max():.2f}",
        f"{int((nearest >= TOO_ALIKE).sum())}",
        f"{max(_off(quotas, planned), default=0):.1f}" if quotas else "",
    ]


def _nearest(hashes: np.ndarray) -> np.ndarray:
    """Of each the likeness to the one most like it, by comparison with all."""
    nearest = np.zeros(len(hashes))
    for place, mine in enumerate(hashes):
        alike = likeness(mine, hashes)
        alike[place] = 0
        nearest[place] = alike.max()
    return nearest


def _off(quotas: Quotas, planned: Sequence[Planned]) -> Iterator[float]:
    """How many rows each value of each quota is off."""
    for name, shares in quotas.shares.items():
        counts = Counter(getattr(one.persona.appearance, name) for one in planned)
        yield from (abs(counts[value] - share * len(planned)) for value, share in shares.items())


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m personify.eval.batch.planning", description=__doc__)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args(arguments)
    services = Services()
    list(Planner(services, seed=0).plan(rows_of(["a warm-up"], 0)))
    head = [
        "batch", "rows/s", "names", "greetings", "traits", "homes", "tones", "median likeness", "highest",
        f">= {TOO_ALIKE}", "quota off by",
    ]  # fmt: skip
    lines = [head, ["---"] * len(head)]
    villagers, many = ["a villager"] * told.rows, mixed(told.rows)
    for name, texts, quotas, distinct in (
        ("one description, as `create` makes it", villagers, (), False),
        ("one description", villagers, (), True),
        ("one description, quotas", villagers, QUOTAS, True),
        (f"{len(set(many))} descriptions", many, (), True),
    ):
        lines.append([name, *measure(services, texts, read_quotas(quotas), distinct=distinct, seed=told.seed)])
    sys.stdout.write("\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n")


if __name__ == "__main__":
    main()
