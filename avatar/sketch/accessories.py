"""Accessories: chooses from a brief what can be worn together and fits it to a face and a figure."""

from personify.avatar.brief import AppearanceBrief
from personify.avatar.sketch import hats as _hats
from personify.avatar.sketch import trinkets as _trinkets
from personify.avatar.sketch.face import Face
from personify.avatar.sketch.figure import Figure, Look, Part
from personify.avatar.sketch.hairwork import facial_hair
from personify.avatar.sketch.wardrobe import TABLE, Accessory, Fit

_ENTERED = (_hats, _trinkets)
"""The modules that enter their accessories in the table when they are imported."""

ACCESSORIES: tuple[str, ...] = tuple(sorted({entry.name for entry in TABLE.values()}))
"""The name of every accessory that can be drawn, without synonyms."""

_ORDER = ("neckwear", "trinket", "eyewear", "hat")
"""Back to front: a hat lies over what is worn in the hair."""


def drawable(name: str) -> bool:
    """Whether an accessory of that name can be drawn; case and spacing don't matter, synonyms count."""
    return _find(name) is not None


def chosen(names: tuple[str, ...]) -> tuple[Accessory, ...]:
    """What is worn of the names, back to front: the first of each kind, every trinket; unknown names are left out."""
    worn: dict[str, Accessory] = {}
    for name in names:
        entry = _find(name)
        if entry is not None:
            worn.setdefault(entry.name if entry.kind == "trinket" else entry.kind, entry)
    return tuple(sorted(worn.values(), key=lambda entry: _ORDER.index(entry.kind)))


def wear(brief: AppearanceBrief, figure: Figure, face: Face, look: Look) -> tuple[Part, ...]:
    """The parts of the brief's beard and of every accessory in it that can be drawn, back to front."""
    worn = chosen(brief.accessories)
    parts = facial_hair(brief, face, look)
    if not worn:
        return parts
    fit = Fit(figure, face, look, look.rng.spawn(1)[0])  # a branch of its own: a hat changes nothing but the head
    return parts + tuple(part for entry in worn for part in entry.make(fit))


def _find(name: str) -> Accessory | None:
    words = " ".join(name.lower().replace("-", " ").replace("_", " ").split())
    return (
        TABLE.get(words)
        or TABLE.get(words.removeprefix("a ").removeprefix("an "))
        or TABLE.get(words.removesuffix("s"))
    )
