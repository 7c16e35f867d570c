"""Hostile files through import: `python -m personify.eval.travel_fuzz --count 10000` makes and imports that many.

Each is a real card, bundle or record that was damaged at random, or rubbish that looks like one. What must come of it
is an error of Personify's or a valid avatar, soon, with nothing written but that. Cards stop before they are drawn:
their persona is whole by then, and what is drawn from it is as for any other.
"""

import argparse
import base64
import io
import json
import random
import shutil
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from personify.pipelines.bundle import CARD, CLIP, GREETING, LANDMARKS, MASK, PICTURE, RECORD, Avatar, open_avatar
from personify.pipelines.services import Services
from personify.pipelines.travel.arrival import Arrival
from personify.pipelines.travel.cards import read_card
from personify.pipelines.travel.exporting import card_of_avatar
from personify.pipelines.travel.importing import import_file, requested, written
from personify.pipelines.travel.png_text import with_texts
from personify.pipelines.travel.zips import is_bundle
from personify.voices.errors import PersonifyError

SLOW_S = 2.0
_SIDE_PX = 64
"""Of the corpus's pictures: small ones, so that the damage is done to what is read."""

_WORDS = (
    "", " ", "\0", "\ud800", "\u202e", "../../../etc/passwd", "{{char}}", "{{random:a,b}}", "<script>alert(1)</script>",
    "*waves*", '"Hi," she said.', "[X: a; y: b]", "[character(\"A\"){Mind(\"b\" + \"c\")}]", "a" * 5000, "（" * 300,
    "<START>\n{{user}}: a\n{{char}}: b", "((((" * 200, "[[[[" * 200, "{{" * 500, "*" * 999, '"' * 999, "__" * 500,
    "![](" * 300, "Name: b\n" * 300, "\n" * 5000, "a\u0301" * 500, "🫖" * 200, "https://a.b/c", "-" * 4000, "a." * 3000,
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, 10**30, -(2**63), [], {}, [[]], {"": ""}, [None], [1, "a", {}], *_WORDS,
)  # fmt: skip
_NAMES = (
    "../evil.json", "/etc/evil", "..\\..\\evil", "a/b/c/avatar.json", "avatar.json/", "C:\\avatar.json", "AVATAR.JSON",
    "a/../avatar.json", "./avatar.json", "x" * 300 + "/avatar.json", "card.json", "avatar.json\0.png", "nul",
    "inner.zip",
)  # fmt: skip


@dataclass
class Corpus:
    """What is damaged: the files of a bundle by name, and the JSON of cards and their picture."""

    bundle: dict[str, bytes]
    cards: list[dict[str, Any]]
    picture: bytes


@dataclass
class Report:
    """What came of the cases: how often each outcome, and the slowest cases."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: list[tuple[float, float, int, str]] = field(default_factory=list)
    """(wall seconds, seconds of this process, number, form)"""
    faults: list[str] = field(default_factory=list)

    def add(self, number: int, form: str, outcome: str, wall_s: float, own_s: float) -> None:
        """Counts one case."""
        self.outcomes[f"{form}: {outcome}"] += 1
        self.slowest = sorted([*self.slowest, (wall_s, own_s, number, form)], reverse=True)[:5]


def corpus(avatar: Avatar) -> Corpus:
    """Of an avatar, made small."""
    from PIL import Image

    files = {path.name: path.read_bytes() for path in avatar.files.values()}
    share = _SIDE_PX / avatar.portrait.image.shape[0]
    for name in {PICTURE, MASK} & files.keys():
        small = io.BytesIO()
        with Image.open(io.BytesIO(files[name])) as picture:
            picture.resize((_SIDE_PX, _SIDE_PX)).save(small, "PNG")
        files[name] = small.getvalue()
    points = json.loads(files[LANDMARKS])
    points |= {"width": _SIDE_PX, "height": _SIDE_PX, "points": [[x * share, y * share] for x, y in points["points"]]}
    files |= {LANDMARKS: json.dumps(points).encode(), GREETING: files[GREETING][:400], CLIP: files[CLIP][:400]}
    v2, v3 = card_of_avatar(avatar)
    foreign = json.loads(json.dumps(v2))
    foreign["data"]["extensions"] = {"depth_prompt": {"prompt": "", "depth": 4}}
    foreign["data"]["character_book"] = {"entries": [{"keys": ["tea"], "content": "Tea is hot.", "enabled": True}]}
    flat = {key: foreign["data"][key] for key in ("name", "description", "personality", "first_mes", "mes_example")}
    listed = flat | {"description": '[character("Ly") { Species("Elf") Age("24") Mind("kind" + "shy") }]'}
    return Corpus(files, [v2, v3, foreign, flat, listed], files[PICTURE])


def damaged(seed: int, stuff: Corpus) -> tuple[str, bytes]:
    """(form, content) of the case of that number, always the same."""
    rng = random.Random(seed)
    form: Callable[[random.Random, Corpus], bytes] = rng.choice(_FORMS)
    data = form(rng, stuff)
    for _ in range(rng.choice((0, 0, 0, 0, 1, 3))):
        data = _bytes_damaged(rng, data)
    return form.__name__.strip("_"), data


def run_case(number: int, stuff: Corpus, home: Path, services: Services, report: Report) -> None:
    """Makes a case, imports it in a folder of its own below `home`, and looks at what came of it."""
    form, data = damaged(number, stuff)
    sand = home / f"case-{number}" / "a" / "b" / "c"
    (sand / "out").mkdir(parents=True)
    if form == "record":
        path = sand / "bundle" / RECORD
        path.parent.mkdir()
        for name, content in stuff.bundle.items():
            (path.parent / name).write_bytes(content)
    else:
        path = sand / "file"
    path.write_bytes(data)
    before = _listed(home)
    wall, own = time.perf_counter(), time.process_time()
    try:
        outcome = _arrive(path, sand / "out", services)
    except PersonifyError as error:
        outcome = "refused"
        if not str(error) or str(sand) in str(error).replace(str(path), "").replace(str(path.parent), ""):
            report.faults.append(f"case {number} ({form}): says {str(error)[:200]!r}")
        if list((sand / "out").iterdir()):
            report.faults.append(f"case {number} ({form}): was refused, and left something")
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        outcome = f"{type(error).__name__}"
        report.faults.append(f"case {number} ({form}): {type(error).__name__}: {str(error)[:200]}")
    wall, own = time.perf_counter() - wall, time.process_time() - own
    if own > SLOW_S:
        report.faults.append(f"case {number} ({form}): took {own:.1f} s")
    outside = {path for path in _listed(home) - before if not path.is_relative_to(sand / "out")}
    if outside:
        report.faults.append(f"case {number} ({form}): wrote {sorted(map(str, outside))[:3]}")
    report.add(number, form, outcome, wall, own)
    shutil.rmtree(home / f"case-{number}")


def _arrive(path: Path, out: Path, services: Services) -> str:
    """What becomes of the file; of a card all but the drawing."""
    if path.name == RECORD or is_bundle(path):
        avatar = import_file(path, Arrival(out), services)
        return "bundle" if open_avatar(avatar.folder).record == avatar.record else "another bundle"
    asked = requested(read_card(path))
    persona = written(asked, services)
    type(persona).model_validate_json(persona.model_dump_json())
    return "card of ours" if asked.record is not None else "card"


def _listed(home: Path) -> set[Path]:
    return set(home.rglob("*")) | set(home.parent.iterdir())


# --- The forms that a case can have ---------------------------------------------------------------------------------


def _json_card(rng: random.Random, stuff: Corpus) -> bytes:
    return _text(rng, _damaged_value(rng, rng.choice(stuff.cards)))


def _png_card(rng: random.Random, stuff: Corpus) -> bytes:
    card = base64.b64encode(_text(rng, _damaged_value(rng, rng.choice(stuff.cards))))
    return with_texts(stuff.picture, {rng.choice(("chara", "ccv3")): card})


def _charx(rng: random.Random, stuff: Corpus) -> bytes:
    return _zipped(rng, {CARD: _json_card(rng, stuff), "assets/icon/image/main.png": stuff.picture})


def _bundle(rng: random.Random, stuff: Corpus) -> bytes:
    files = dict(stuff.bundle)
    hit = rng.choice(sorted(files))
    if rng.random() < 0.4:
        files[hit] = _text(rng, _damaged_value(rng, json.loads(files[hit]))) if hit.endswith("json") else files[hit]
    elif rng.random() < 0.5:
        files[hit] = _bytes_damaged(rng, files[hit])
    return _zipped(rng, {f"{rng.choice(('who/', ''))}{name}": content for name, content in files.items()})


def _record(rng: random.Random, stuff: Corpus) -> bytes:
    return _text(rng, _damaged_value(rng, json.loads(stuff.bundle[RECORD])))


def _rubbish(rng: random.Random, stuff: Corpus) -> bytes:
    start = rng.choice(
        (b"", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"{", b'{"data":', b"\xff\xd8\xff", b"\xef\xbb\xbf{}")
    )
    kind = rng.randrange(4)
    if kind == 0:
        return start + rng.randbytes(rng.randrange(2000))
    if kind == 1:
        return b"[" * rng.randrange(1, 200_000)
    if kind == 2:
        return b'{"a":' * rng.randrange(1, 20_000)
    return b'{"name": ' + b"9" * rng.randrange(1, 6000) + b"}"


_FORMS = (_json_card, _png_card, _charx, _bundle, _record, _rubbish)


def _text(rng: random.Random, value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=rng.random() < 0.5)
    if rng.random() < 0.05:
        text = text.replace(":", rng.choice((': NaN, "x":', ': 1e999, "x":', "::", ":")), 1)
    return text.encode("utf-8", "surrogatepass" if rng.random() < 0.1 else "replace")


def _zipped(rng: random.Random, files: dict[str, bytes]) -> bytes:
    """A zip of the files, with tricks."""
    held = io.BytesIO()
    names = [(name, content) for name, content in files.items() if rng.random() > 0.03]
    if rng.random() < 0.3:
        names.append((rng.choice(_NAMES), rng.choice((b"x", b"{}", _bomb(rng)))))
    if rng.random() < 0.1 and names:
        names.append(rng.choice(names))
    with zipfile.ZipFile(held, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as packed:
        for name, content in names:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED))
            if rng.random() < 0.05:
                entry.compress_type = rng.choice((zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
            if rng.random() < 0.05:
                entry.external_attr = 0o120777 << 16  # a link
            with _quiet():
                packed.writestr(entry, content)
    return held.getvalue()


def _bomb(rng: random.Random) -> bytes:
    """What is packed to next to nothing."""
    return b"\0" * rng.choice((1, 1 << 20, 3 << 20))


class _quiet:
    """A zip that holds a name twice says so aloud."""

    def __enter__(self) -> None:
        import warnings

        self._held = warnings.catch_warnings()
        self._held.__enter__()
        warnings.simplefilter("ignore")

    def __exit__(self, *told: object) -> None:
        self._held.__exit__(None, None, None)


def _damaged_value(rng: random.Random, value: Any) -> Any:
    """The JSON value with a few of its places changed."""
    value = json.loads(json.dumps(value))
    for _ in range(rng.choice((0, 1, 1, 1, 2, 6))):
        holder, key = _place(rng, value)
        if holder is None:
            return rng.choice(_VALUES)
        kind = rng.randrange(6)
        if kind == 0 and isinstance(holder, dict):
            del holder[key]
        elif kind == 1 and isinstance(holder, dict):
            holder[rng.choice((*_WORDS[:6], "name", "data", "spec", "extensions"))] = holder.pop(key)
        elif kind == 2:
            for _ in range(rng.choice((3, 62, 70))):
                holder[key] = [holder[key]] if rng.random() < 0.5 else {"data": holder[key]}
        elif kind == 3 and isinstance(holder[key], str):
            holder[key] = "".join(rng.sample((*_WORDS, holder[key], holder[key]), 5))
        elif kind == 4 and isinstance(holder[key], list):
            holder[key] = holder[key] * rng.choice((0, 2, 400))
        else:
            holder[key] = rng.choice(_VALUES)
    return value


def _place(rng: random.Random, value: Any) -> tuple[Any, Any]:
    holder: Any = None
    key: Any = None
    while isinstance(value, dict | list) and value and (holder is None or rng.random() < 0.75):
        holder = value
        key = rng.choice(list(value)) if isinstance(value, dict) else rng.randrange(len(value))
        value = holder[key]
    return holder, key


def _bytes_damaged(rng: random.Random, data: bytes) -> bytes:
    """Bytes flipped, cut, repeated, put in, or replaced by numbers at the edge."""
    if not data:
        return rng.randbytes(20)
    at, other, length = rng.randrange(len(data)), rng.randrange(len(data)), rng.choice((1, 4, 60))
    before, here, after = data[:at], data[at : at + length], data[at + length :]
    edge = rng.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\1\0\0"))
    return rng.choice(
        (
            before + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :],
            before,
            before + here * rng.choice((2, 50)) + after,
            before + rng.randbytes(length) + data[at:],
            before + edge + data[at + len(edge) :],
            before + data[other : other + length] + after,
        )
    )


def main() -> None:
    """Reads the arguments, runs the cases and prints what came of them."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=1000)
    asked.add_argument("--start", type=int, default=0, help="the number of the first case")
    asked.add_argument("--bundle", type=Path, help="an avatar to damage; one is made without it")
    told = asked.parse_args()
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        if told.bundle is None:
            from personify.pipelines import Studio

            avatar = Studio(llm="builtin").create("a shy sheep who loves tea", seed=1, expert="sketch", out=folder)
        else:
            avatar = open_avatar(told.bundle)
        stuff, services = corpus(avatar), Services()
        began = time.perf_counter()
        for number in range(told.start, told.start + told.count):
            run_case(number, stuff, home, services, report)
    lines = [f"{told.count:,} cases in {time.perf_counter() - began:.0f} s"]
    lines += [f"{count:7,}  {outcome}" for outcome, count in sorted(report.outcomes.items())]
    lines += [f"slowest: {wall:.2f} s ({own:.2f} s of CPU), case {n}, {form}" for wall, own, n, form in report.slowest]
    lines += [f"FAULT {fault}" for fault in report.faults]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.exit(1 if report.faults else 0)


if __name__ == "__main__":
    main()
