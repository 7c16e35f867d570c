"""How varied a batch came out: what there is of each attribute, and how near the nearest neighbours are.

Counts are over all lines. Neighbours are looked for among a sample drawn with the seed, which bounds time and memory
for a batch of any size; the report says how many were looked at.
"""

import hashlib
import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Generic, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from personify.pipelines.batch.likeness import TOO_ALIKE, likeness, read_fingerprint
from personify.pipelines.batch.quotas import ATTRIBUTES, Quotas, values_of
from personify.pipelines.batch.values import Made
from personify.voices.errors import PersonifyError

POPULATION, PROBES, FACES = 20_000, 1_000, 1_000
"""Of so many lines neighbours are looked for, for so many of them; and of so many portraits."""
FACE_SIZE = 16
SAME_FACE = 6.0
"""Two portraits nearer than this (see `face_distances`) look the same at a glance."""
_MOST_BYTES = 50_000_000

Share = Annotated[float, Field(ge=0, le=1)]
Kept = TypeVar("Kept")


class _Report(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Coverage(_Report):
    """What there is of one attribute. `evenness` is the entropy of the counts (Shannon 1948) over the highest that
    there could be, of `possible` values: 1 where all are as frequent, 0 where there is one alone."""

    counts: dict[str, int] = Field(description="by value, the most frequent first")
    distinct: int
    possible: int
    evenness: Share
    wanted: dict[str, Share] = Field({}, description="the quota's shares")
    missed: int = Field(0, description="so many would have to be otherwise for the quota to be met")
    furthest: Share = Field(0.0, description="how far the share that is off most is from the quota's")


class Distinct(_Report):
    """How many of the rows have one that no other has had before them."""

    distinct: int
    most_frequent: int = Field(description="how often the most frequent one comes up")


class Spread(_Report):
    """Distances to the nearest neighbour, of `probes` rows among `among`."""

    probes: int
    among: int
    least: float
    p1: float
    p5: float
    median: float
    threshold: float = Field(description="nearer than this are near-duplicates")
    under: int = Field(description="so many of the probes are")


class Diversity(_Report):
    """The report on a batch. Distances of personas are 1 - likeness (`likeness.py`), of faces as `face_distances`."""

    rows: int
    seed: int
    attributes: dict[str, Coverage]
    tones: Coverage
    experts: Coverage
    languages: Coverage
    names: Distinct
    greetings: Distinct
    openings: Distinct = Field(description="first sentences of the greetings")
    personas: Spread | None = Field(description="None where there are not two to compare")
    faces: Spread | None
    unreadable_faces: int = 0

    def told(self) -> list[tuple[str, str]]:
        """The few figures that everybody understands, as (what, how much)."""
        told = [("names of their own", f"{self.names.distinct:,} of {self.rows:,}")]
        told.append(("tones of voice", f"{self.tones.distinct:,}"))
        for name, coverage in self.attributes.items():
            if coverage.wanted:
                met = "met" if not coverage.missed else f"{coverage.missed:,} off, {100 * coverage.furthest:.1f} points"
                told.append((f"quota of {name}", met))
            else:
                told.append((_MANY.get(name, name), _listed(coverage)))
        for what, spread in (("personas", self.personas), ("faces", self.faces)):
            if spread is not None:
                told.append((f"{what} much like another", f"{spread.under:,} of {spread.probes:,}"))
        return told


_MANY = {"archetype": "kinds of being", "category": "categories", "gender": "genders", "age": "ages"}


def report(
    lines: Iterable[Made],
    pictures: Callable[[str], bytes] | None,
    *,
    quotas: Quotas | None = None,
    seed: int = 0,
) -> Diversity:
    """How varied the bundles of these lines are. `pictures` gives the PNG of a portrait by its id; without it faces
    aren't compared. `seed` draws the sample."""
    shares = (quotas or Quotas({})).shares
    counts: dict[str, Counter[str]] = {name: Counter() for name in (*ATTRIBUTES, "tone", "expert", "language")}
    texts: dict[str, Counter[bytes]] = {name: Counter() for name in ("name", "greeting", "opening")}
    chosen: _Sample[tuple[str, str]] = _Sample(POPULATION, random.Random(seed))
    rows = 0
    for line in lines:
        rows += 1
        for name, counter in counts.items():
            counter[getattr(line, name)] += 1
        opening = line.greeting.replace("!", ".").replace("?", ".").partition(".")[0]
        for name, text in (("name", line.name), ("greeting", line.greeting), ("opening", opening)):
            texts[name][_short(text)] += 1
        chosen.offer((line.id, line.fingerprint))
    chosen.shuffle()
    faces, unreadable = _faces(chosen.kept, pictures)
    return Diversity(
        rows=rows,
        seed=seed,
        attributes={name: _coverage(counts[name], len(values_of(name)), shares.get(name)) for name in ATTRIBUTES},
        tones=_coverage(counts["tone"]),
        experts=_coverage(counts["expert"]),
        languages=_coverage(counts["language"]),
        names=_distinct(texts["name"]),
        greetings=_distinct(texts["greeting"]),
        openings=_distinct(texts["opening"]),
        personas=_personas([told for _, told in chosen.kept]),
        faces=faces,
        unreadable_faces=unreadable,
    )


def describe_face(png: bytes) -> np.ndarray:
    """A portrait in small: CIELAB of 16 x 16 areas, float32 (256, 3).

    Raises `PersonifyError` for what is no picture.
    """
    import cv2

    if not png or len(png) > _MOST_BYTES:
        raise PersonifyError(f"a portrait of {len(png)} bytes can't be compared")
    try:
        image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_REDUCED_COLOR_4)
    except cv2.error as error:  # more pixels than it takes, say
        raise PersonifyError(f"the portrait can't be read ({error.err})") from error
    if image is None:
        raise PersonifyError("the portrait is no picture that can be read")
    small = cv2.resize(image, (FACE_SIZE, FACE_SIZE), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_BGR2LAB).reshape(-1, 3)


def face_distances(one: np.ndarray, many: np.ndarray) -> np.ndarray:
    """How far a face (256, 3) is from each of many (n, 256, 3): the colour difference (CIE 1976 Delta E, where 2.3 can
    just be seen) of an area, on average; (n,)."""
    return np.asarray(np.sqrt(((many - one) ** 2).sum(axis=2)).mean(axis=1))


class _Sample(Generic[Kept]):
    """So many of those offered, each as likely as the others (reservoir sampling: Vitter 1985, algorithm R)."""

    def __init__(self, most: int, chance: random.Random) -> None:
        self.kept: list[Kept] = []
        self._most, self._chance, self._seen = most, chance, 0

    def offer(self, one: Kept) -> None:
        self._seen += 1
        if len(self.kept) < self._most:
            self.kept.append(one)
        elif (place := self._chance.randrange(self._seen)) < self._most:
            self.kept[place] = one

    def shuffle(self) -> None:
        """Until then they stand about in the order in which they came, and the first ones are no sample of all."""
        self._chance.shuffle(self.kept)


def _personas(told: Sequence[str]) -> Spread | None:
    known = [hashes for text in told if (hashes := read_fingerprint(text)) is not None]
    if not known:
        return None
    return _spread(np.stack(known), lambda one, many: 1 - likeness(one, many), PROBES, 1 - TOO_ALIKE, at_most=True)


def _faces(chosen: Sequence[tuple[str, str]], pictures: Callable[[str], bytes] | None) -> tuple[Spread | None, int]:
    """(how far portraits are apart, how many could not be read)."""
    seen: list[np.ndarray] = []
    unreadable = 0
    for id, _ in chosen[:FACES] if pictures is not None else ():
        try:
            seen.append(describe_face(pictures(id)))  # type: ignore[misc]  # there is nothing to loop over without it
        except (PersonifyError, OSError):
            unreadable += 1
    return (_spread(np.stack(seen), face_distances, FACES, SAME_FACE) if seen else None), unreadable


def _spread(
    those: np.ndarray,
    distances: Callable[[np.ndarray, np.ndarray], np.ndarray],
    probes: int,
    threshold: float,
    *,
    at_most: bool = False,
) -> Spread | None:
    """Of the first `probes` of those the distance to the nearest of all others. `at_most`: the threshold counts too."""
    if len(those) < 2:
        return None
    nearest = np.zeros(min(probes, len(those)))
    for place in range(len(nearest)):
        away = distances(those[place], those)
        away[place] = np.inf
        nearest[place] = away.min()
    least, p1, p5, median = (round(float(np.percentile(nearest, share)), 3) for share in (0, 1, 5, 50))
    under = nearest <= threshold + 1e-9 if at_most else nearest < threshold
    return Spread(
        probes=len(nearest), among=len(those), least=least, p1=p1, p5=p5, median=median, threshold=round(threshold, 3),
        under=int(under.sum()),
    )  # fmt: skip


def _coverage(counts: Counter[str], possible: int | None = None, wanted: Mapping[str, float] | None = None) -> Coverage:
    total, possible = counts.total(), max(possible or 0, len(counts))
    entropy = -sum(count / total * math.log(count / total) for count in counts.values())
    off = {
        value: counts[value] / max(total, 1) - (wanted or {}).get(value, 0.0) for value in {*counts, *(wanted or {})}
    }
    return Coverage(
        counts=dict(counts.most_common()),
        distinct=len(counts),
        possible=possible,
        evenness=round(min(1.0, max(0.0, entropy / math.log(possible))), 4) if possible > 1 else 0.0,
        wanted=dict(wanted or {}),
        missed=math.floor(total * sum(max(share, 0.0) for share in off.values()) + 1e-6) if wanted else 0,
        furthest=round(max((abs(share) for share in off.values()), default=0.0), 4) if wanted else 0.0,
    )


def _distinct(counts: Counter[bytes]) -> Distinct:
    return Distinct(distinct=len(counts), most_frequent=max(counts.values(), default=0))


def _listed(coverage: Coverage) -> str:
    if coverage.distinct > 4 or not coverage.counts:
        return f"{coverage.distinct:,}"
    total = sum(coverage.counts.values())
    return ", ".join(f"{100 * count / total:.0f} % {value}" for value, count in coverage.counts.items())


def _short(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
