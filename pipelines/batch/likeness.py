"""How alike two characters are: a short fingerprint of each, and an index that finds the most similar one quickly.

A fingerprint is a MinHash (Broder 1997, "On the resemblance and containment of documents") of what a persona says and
is, of each hash only the low bits (Li & König 2010, "b-Bit Minwise Hashing"): the share of hashes that agree is about
the share of what two personas have in common, with a standard error of 0.06 at most. The index finds candidates by
bands of hashes (Leskovec, Rajaraman & Ullman, "Mining of Massive Datasets", 3.4).
"""

import base64
import binascii
import re
import zlib
from collections.abc import Iterable, Iterator

import numpy as np

from personify.pipelines.persona import Persona

HASHES = 64
BANDS, ROWS = 32, 4
"""Each hash is in two bands. Of two that share 0.6 some band is the same 99 times of 100, of two that share 0.5 87
times, of two that share 0.2 5 times."""
TOO_ALIKE = 0.6
"""From here on two characters are near-duplicates: most of what they say is the same."""
_AT_ONCE = 4096
"""So many are chained together: sorting them takes a few megabytes."""
_CHAIN = 256
"""So many of one bucket are looked at, the latest first."""
_WORD = re.compile(r"\w+")
_VERSION = "1"
_LENGTH = len(_VERSION) + len(base64.b64encode(bytes(2 * HASHES)).rstrip(b"="))


def fingerprint(persona: Persona) -> str:
    """The fingerprint of a persona: ASCII, 172 characters. The name counts for little, and not where it is said."""
    found = np.fromiter({zlib.crc32(item.encode("utf-8", "replace")) for item in _items(persona)}, np.uint64)
    hashed = (found[:, None] * _FACTORS + _OFFSETS) >> np.uint64(32)
    least = hashed.min(axis=0).astype(np.uint16)
    return _VERSION + base64.b64encode(least.tobytes()).decode("ascii").rstrip("=")


def _constants() -> tuple[np.ndarray, np.ndarray]:
    """The a and b of 64 hash functions (a x + b) mod 2**64 div 2**32 of 32-bit x (Dietzfelbinger 1996)."""
    rng = np.random.default_rng(20260311)
    return rng.integers(0, 2**64, HASHES, np.uint64) | np.uint64(1), rng.integers(0, 2**64, HASHES, np.uint64)


_FACTORS, _OFFSETS = _constants()
_ORDER = np.concatenate([np.arange(HASHES), np.arange(HASHES).reshape(ROWS, -1).T.ravel()])
"""The hashes of all bands, four each: neighbours first, then those that are 16 apart."""


def read_fingerprint(text: str) -> np.ndarray | None:
    """The hashes, uint16 (64,), or None for what is no fingerprint of this kind."""
    if len(text) != _LENGTH or not text.startswith(_VERSION):
        return None
    try:
        held = base64.b64decode(text[len(_VERSION) :] + "=" * (-(len(text) - len(_VERSION)) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return np.frombuffer(held, np.uint16) if len(held) == 2 * HASHES else None


def likeness(one: np.ndarray, many: np.ndarray) -> np.ndarray:
    """How alike one is to each of many, from 0 to 1: (64,) and (n, 64) uint16 give (n,) float64.

    Hashes of strangers agree once in 65536 times, which needs no correction.
    """
    return (many == one).mean(axis=1)


def _items(persona: Persona) -> Iterator[str]:
    """What is compared: whole phrases of the lists, and stretches of three words of the texts, names left out."""
    social, personal = persona.social, persona.personal
    own = {word for word in _WORD.findall(persona.name.lower()) if len(word) > 1}
    yield f"name {persona.name.lower()}"
    for kind in ("nature", "category", "gender", "age", "occupation", "home"):
        yield f"{kind} {getattr(social, kind)}"
    for kind in ("traits", "values", "likes", "dislikes", "knows"):
        yield from (f"{kind} {item.lower()}" for item in getattr(personal, kind))
    yield f"manner {persona.speaking.manner.lower()}"
    yield from (f"day {moment.activity.lower()}" for moment in persona.life.routine)
    for text in (persona.life.backstory, persona.speaking.greeting, *persona.speaking.sample_lines):
        words = ["*" if word in own else word for word in _words(text)]
        yield from (" ".join(words[at : at + 3]) for at in range(max(1, len(words) - 2)))


def _words(text: str) -> list[str]:
    """Words, of a text without spaces signs."""
    words = _WORD.findall(text.lower())
    return [part for word in words for part in (word if word[:1] >= "\u2e80" else [word])]


class Index:
    """Finds the most similar of those added: grows by one at a time, by 256 bytes each.

    Buckets of each band are chains through `_before`, the latest first; a bucket may hold others too, which the
    comparison of whole fingerprints sorts out. What was added is chained many at once, when somebody asks.
    """

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._hashes = np.zeros((1024, HASHES), np.uint16)
        self._before = np.full((1024, BANDS), -1, np.int32)
        self._heads = np.full((BANDS, 1 << 14), -1, np.int32)
        self._chained = 0

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, id: str, fingerprint: str) -> None:
        """One more; what is no fingerprint is left out."""
        hashes = read_fingerprint(fingerprint)
        if hashes is None:
            return
        place = len(self._ids)
        if place == len(self._hashes):
            self._hashes = np.concatenate([self._hashes, np.zeros_like(self._hashes)])
            self._before = np.concatenate([self._before, np.full_like(self._before, -1)])
        self._ids.append(id)
        self._hashes[place] = hashes

    def add_all(self, those: Iterable[tuple[str, str]]) -> None:
        """Many, as (id, fingerprint)."""
        for id, told in those:
            self.add(id, told)

    def nearest(self, fingerprint: str) -> tuple[str, float] | None:
        """(id, likeness) of the most similar one that any band found; None where none did."""
        hashes = read_fingerprint(fingerprint)
        if hashes is None or not self._ids:
            return None
        self._chain()
        places = self._candidates(hashes)
        if not len(places):
            return None
        alike = likeness(hashes, self._hashes[places])
        best = int(alike.argmax())
        return self._ids[int(places[best])], round(float(alike[best]), 3)

    def _candidates(self, hashes: np.ndarray) -> np.ndarray:
        bands = np.arange(BANDS)
        at = self._heads[bands, self._buckets(hashes)]
        found: list[np.ndarray] = []
        for _ in range(_CHAIN):
            live = at >= 0
            if not live.any():
                break
            bands, at = bands[live], at[live]
            found.append(at)
            at = self._before[at, bands]
        return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int32)

    def _buckets(self, hashes: np.ndarray) -> np.ndarray:
        """The bucket of each band: a hash of its four hashes; (..., 64) uint16 give (..., 32) int64 below the number of
        buckets."""
        keys = np.ascontiguousarray(hashes[..., _ORDER]).view(np.uint64)
        mixed = keys * np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing; the high bits are well mixed
        return (mixed >> np.uint64(64 - int(self._heads.shape[1]).bit_length() + 1)).astype(np.int64)

    def _chain(self) -> None:
        """Chains what isn't yet; all of it anew, in four times the buckets, where those have become few."""
        buckets = self._heads.shape[1]
        while len(self._ids) - 1 > buckets:
            buckets *= 4
        if buckets > self._heads.shape[1]:
            self._heads, self._chained = np.full((BANDS, buckets), -1, np.int32), 0
        while self._chained < len(self._ids):
            end = min(self._chained + _AT_ONCE, len(self._ids))
            self._chain_some(self._chained, end)
            self._chained = end

    def _chain_some(self, start: int, end: int) -> None:
        """Chains those from one place to before another: sorted by bucket, each comes after the one before it, the
        first of a bucket after the bucket's head, and the last is its head from then on."""
        heads = self._heads.reshape(-1)
        own = self._buckets(self._hashes[start:end]) + np.arange(BANDS) * self._heads.shape[1]
        order = np.argsort(own, axis=None, kind="stable")  # among those of one bucket by their place
        buckets, places = own.ravel()[order], start + order // BANDS
        others = buckets[1:] != buckets[:-1]
        first, last = np.concatenate([[True], others]), np.concatenate([others, [True]])
        before = np.concatenate([[-1], places[:-1]])
        before[first] = heads[buckets[first]]
        self._before[start:end].reshape(-1)[order] = before
        heads[buckets[last]] = places[last]
