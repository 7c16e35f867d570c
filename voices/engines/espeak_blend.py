"""A voice between two of espeak-ng's variants: their files interpolated line by line, in a data folder of our own.

A variant is a short text: pitches, formants, and how much breath, echo, roughness and so on there is. Numbers are
interpolated, pitches and formants as ratios; what one file leaves out has espeak-ng's own default there. What can't lie
between two (a table of intonation, a set of syllable lengths) goes with the nearer speaker. Knows nothing of the
library that reads the result.
"""

import atexit
import hashlib
import re
import shutil
import tempfile
import threading
from bisect import bisect_right
from pathlib import Path

from personify.voices.errors import BadInput, PersonifyError, unknown_name

Lines = dict[str, list[float]]
"""A variant's numbers by keyword; a formant's keyword has its number in it."""

# espeak-ng's own defaults, in a variant's units: `VoiceReset` in its `voices.c` (1.52), `stress_amps2` in its
# `tr_languages.c`.
_FORMANT_HEIGHTS = (101.6, 100, 93.8, 90.6, 78.1, 78.1, 100, 100, 100)
_FORMANT_WIDTHS = (114.8, 100, 100, 125, 133.6, 133.6, 100, 100, 100)
_DEFAULTS: Lines = {
    "pitch": [80, 117],
    "flutter": [2],
    "roughness": [2],
    "voicing": [100],
    "consonants": [100, 100],
    "breath": [0] * 8,
    "breathw": [200, 200, 400, 400, 400, 600, 600, 600],
    "stressAdd": [0] * 8,
    "stressAmp": [18, 18, 20, 20, 20, 22, 22, 20],
    "tone": [600, 170, 1200, 135, 2000, 110, 3000, 110],
    **{f"formant {n}": [100, _FORMANT_HEIGHTS[n], _FORMANT_WIDTHS[n], 0] for n in range(9)},
}
_OF_THE_NEARER = ("intonation", "stressLength", "speed")
_TONE_POINTS = 5
"""As many as the library reads."""
_FULL_ECHO = 100.0
"""Louder repeats are no louder to the library."""
_NUMBER = re.compile(r"-?\d+")

_lock = threading.Lock()
_held: tempfile.TemporaryDirectory[str] | None = None


def blended_variant(first: str, second: str, share: float, data: Path) -> tuple[str, Path]:
    """The name of the variant that lies `share` of the way from `first` to `second`, and the data folder that has it.

    `data` is espeak-ng's own folder; an empty name is its voice without a variant. Raises `BadInput` for a speaker that
    isn't there, and for a Klatt voice, which is made in another way and has no formants to share.
    """
    name = "blend-" + hashlib.sha256(f"{first}|{second}|{share}".encode()).hexdigest()[:16]
    with _lock:
        # A folder for each: the library lists all that it finds, 350 voices at most.
        folder = _own_folder() / name
        if not folder.exists():
            _fill(folder, data, as_text(name, blend(_variant(first, data), _variant(second, data), share)))
    return name, folder


def blend(first: Lines, second: Lines, share: float) -> Lines:
    """The numbers that lie `share` of the way from the first variant to the second."""
    found: Lines = {}
    for keyword in sorted({*first, *second} & set(_DEFAULTS)):
        ours, theirs = _full(keyword, first.get(keyword)), _full(keyword, second.get(keyword))
        if keyword == "pitch":
            found[keyword] = [_ratio(a, b, share) for a, b in zip(ours, theirs, strict=True)]
        elif keyword == "tone":
            found[keyword] = _between_curves(ours, theirs, share)
        elif keyword.startswith("formant"):
            rest = [_line(a, b, share) for a, b in zip(ours[1:], theirs[1:], strict=True)]
            found[keyword] = [_ratio(ours[0] or theirs[0], theirs[0] or ours[0], share), *rest]
        else:
            found[keyword] = [_line(a, b, share) for a, b in zip(ours, theirs, strict=True)]
    if "echo" in first or "echo" in second:
        found["echo"] = _between_echoes(first.get("echo", [0, 0]), second.get("echo", [0, 0]), share)
    nearer = second if share >= 0.5 else first
    found |= {keyword: nearer[keyword] for keyword in _OF_THE_NEARER if keyword in nearer}
    if ("stressLength" in first) != ("stressLength" in second):  # what is added belongs to what it is added to
        found["stressAdd"] = nearer.get("stressAdd", _DEFAULTS["stressAdd"])
    return found


def read_variant(text: str) -> Lines:
    """The numbers of a variant's file; a keyword that comes twice counts as it was said last."""
    lines: Lines = {}
    for line in text.lstrip("\ufeff").splitlines():
        keyword, _, rest = line.split("//")[0].strip().replace("\t", " ").partition(" ")
        numbers = [float(number) for number in _NUMBER.findall(rest)]
        if keyword == "formant" and len(numbers) > 1:
            lines[f"formant {numbers[0]:.0f}"] = numbers[1:]
        elif keyword and numbers and keyword != "name":
            lines[keyword] = numbers
    return lines


def as_text(name: str, lines: Lines) -> str:
    """A variant's file."""
    return "\n".join(
        [
            "language variant",
            f"name {name}",
            *(f"{key} " + " ".join(f"{n:.0f}" for n in of) for key, of in lines.items()),
        ]
    )


def _variant(speaker: str, data: Path) -> Lines:
    folder = data / "voices" / "!v"
    if not speaker:
        return {}
    names = sorted(path.name for path in folder.iterdir())
    if speaker not in names:
        raise unknown_name("espeak-ng speaker", speaker, names)
    lines = _read(folder / speaker)
    if "klatt" in lines:
        able = [name for name in names if "klatt" not in _read(folder / name)]
        raise BadInput(f"the Klatt voice {speaker!r} can't be blended with another; choose one of: {', '.join(able)}")
    return lines


def _read(path: Path) -> Lines:
    return read_variant(path.read_text("utf-8", errors="replace"))


def _own_folder() -> Path:
    """Where the blends lie until the process ends; made again where someone tidied it away."""
    global _held  # noqa: PLW0603 - the one folder of this process
    if _held is None or not Path(_held.name).exists():
        _held = tempfile.TemporaryDirectory(prefix="personify-")
        atexit.register(_held.cleanup)
    return Path(_held.name)


def _fill(folder: Path, data: Path, variant: str) -> None:
    """Links to all of `data` but its variants, and the one variant that carries the folder's name."""
    work = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(work, ignore_errors=True)
    try:
        (work / "voices" / "!v").mkdir(parents=True)
        for entry in data.iterdir():
            if entry.name != "voices":
                _link(entry, work / entry.name)
        (work / "voices" / "!v" / folder.name).write_text(variant, "utf-8")
        work.rename(folder)
    except OSError as error:
        raise PersonifyError(f"a blended voice needs a temporary folder, and {folder.parent} fails: {error}") from error


def _link(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source.resolve(), target_is_directory=source.is_dir())
    except OSError:  # Windows asks for a privilege to make links
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)


def _full(keyword: str, numbers: list[float] | None) -> list[float]:
    """A line's numbers with espeak-ng's defaults where it has none; a formant that is given is 100 % in the rest."""
    default = _DEFAULTS[keyword]
    if numbers is None:
        return default
    if keyword == "tone":
        return numbers[: 2 * _TONE_POINTS]
    if keyword.startswith("formant"):
        default = [100, 100, 100, 0]
    elif keyword in {"breath", "breathw"}:
        default = [0] * len(default)
    return [*numbers, *default[len(numbers) :]][: len(default)]


def _line(a: float, b: float, share: float) -> float:
    return a + (b - a) * share


def _ratio(a: float, b: float, share: float) -> float:
    """Between two frequencies, as they are heard."""
    return a ** (1 - share) * b**share if a > 0 and b > 0 else _line(a, b, share)


def _between_echoes(ours: list[float], theirs: list[float], share: float) -> list[float]:
    """The delay in ms of who has one, and a loudness between them."""
    (delay, loud), (other_delay, other_loud) = ours, theirs
    loudness = _line(min(loud, _FULL_ECHO), min(other_loud, _FULL_ECHO), share)
    return [_line(delay if loud else other_delay, other_delay if other_loud else delay, share), loudness]


def _between_curves(ours: list[float], theirs: list[float], share: float) -> list[float]:
    """Two curves of (Hz, level) points as one, of the points that it can't do without."""
    hz = sorted({*ours[::2], *theirs[::2]})
    points = [(at, _line(_level(ours, at), _level(theirs, at), share)) for at in hz]
    while len(points) > _TONE_POINTS:
        # The first and last bear the curve's ends; of the others the one goes that is most on its neighbours' line.
        straight = [
            abs(b[1] - _line(a[1], c[1], (b[0] - a[0]) / (c[0] - a[0])))
            for a, b, c in zip(points, points[1:], points[2:], strict=False)
        ]
        del points[1 + straight.index(min(straight))]
    return [number for point in points for number in point]


def _level(curve: list[float], hz: float) -> float:
    """The curve's level at a frequency: straight between its points, even beyond them."""
    at, levels = curve[::2], curve[1::2]
    i = bisect_right(at, hz)
    if i in (0, len(at)):
        return levels[0 if i == 0 else -1]
    return _line(levels[i - 1], levels[i], (hz - at[i - 1]) / (at[i] - at[i - 1]))
