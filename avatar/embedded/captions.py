"""Captions: says in varied words what a plan draws, as somebody would who asks for it; lower-case English."""

import re
from functools import lru_cache

import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.embedded.plans import Plan, tables, words_of
from personify.avatar.sketch import colours

LEAST_WORDS, MOST_WORDS = 3, 30
_STYLED = 0.85
"""The share of captions that name the style."""
_STRANGE_SAID = 0.5
"""The share of faces that a detector can't use whose captions say so."""
_HUMAN_SAID = 0.3
"""The share of usable faces whose captions ask for a face."""


def caption(plan: Plan) -> str:
    """The plan's caption, 3 to 30 words; the same plan gives the same words."""
    rng = np.random.default_rng([plan.seed, 103])
    told = tables("captions")
    styled = rng.random() < _STYLED
    slots = _slots(plan, rng)
    known = [t for t in told["templates"]["styled" if styled else "plain"] if _fits(t, slots)]
    text = str(rng.choice(known)).format(**slots)
    said = _HUMAN_SAID if plan.kind == "face" else _STRANGE_SAID
    if rng.random() < said:
        phrase = str(rng.choice(told["faces"]["human" if plan.kind == "face" else plan.kind]))
        text = f"{text}, {phrase}"
    words = " ".join(text.lower().split()).split(" ")[:MOST_WORDS]
    if len(words) < LEAST_WORDS:
        words = ["a", "picture", "of", *words]
    return " ".join(words).strip(",")


def describe(brief: AppearanceBrief) -> str:
    """The brief's looks in the words of captions, the first of each kind: who it is, what it wears, and where. The
    same brief gives the same words; a concept that captions don't know is called by its archetype."""
    told, people = tables("captions"), brief.category == "people"
    words = [] if brief.expression == "neutral" else [told["expressions"][brief.expression][0]]
    words += told["ages"][brief.age][:1]
    if not people:  # what a person is made of goes without saying
        words += [colour_name(colour) for colour in brief.colours[:1]]
        words += [told["materials"][name] for name in brief.materials[:1] if name in told["materials"]]
    words.append(brief.concept if _is_known(brief) else brief.archetype.replace("_", " "))
    text = _with_article(" ".join(words))
    if brief.accessories:
        text += " wearing " + " and ".join(_with_article(name) for name in brief.accessories)
    if brief.setting in told["settings"]:
        text += f" {told['settings'][brief.setting][0]}"
    return text


def _is_known(brief: AppearanceBrief) -> bool:
    """Whether captions call the brief's archetype by its concept."""
    if brief.concept in tables("concepts")["roles"]:
        return brief.category == "people"
    words = words_of(brief.archetype)
    return brief.concept in words or any(brief.concept in entry.get("also", ()) for entry in words.values())


def _fits(template: str, slots: dict[str, str]) -> bool:
    return all(slots[name] for name in re.findall(r"\{(\w+)\}", template))


def _slots(plan: Plan, rng: np.random.Generator) -> dict[str, str]:
    told, brief = tables("captions"), plan.brief
    faced = plan.kind in {"face", "turned", "tiny"}
    looks = told["looks"].get(brief.expression, ()) if faced else ()
    worn = [*brief.accessories] if rng.random() < 0.8 else []
    wear = ""
    if worn:
        verb = str(rng.choice(["wearing", "with", "in"] if "hat" in worn[0] else ["wearing", "with"]))
        wear = f"{verb} " + " and ".join(_with_article(name) for name in worn)
    if plan.donor and rng.random() < 0.9:
        ears = told["donors"][plan.donor]
        wear = f"{wear} and {ears}" if wear else f"with {ears}"
    elif not wear and faced and rng.random() < 0.6:
        wear = next((told["features"][f] for f in brief.features if f in told["features"]), "")
    return {
        "who": _with_article(_who(plan, rng, faced)),
        "look": str(rng.choice(looks)) if looks else "",
        "wear": wear,
        "where": str(rng.choice(told["settings"][plan.scene])),
        "light": str(rng.choice(told["lights"][plan.rig])),
        "style": str(rng.choice(told["styles"][plan.style])),
    }


def _who(plan: Plan, rng: np.random.Generator, faced: bool) -> str:
    """Adjectives and the thing: temper, age, colour, material, each with some chance."""
    told, brief = tables("captions"), plan.brief
    words: list[str] = []
    if faced and rng.random() < 0.55:
        words.append(str(rng.choice(told["expressions"][brief.expression])))
    ages = told["ages"][brief.age]
    if ages and rng.random() < 0.6:
        words.append(str(rng.choice(ages)))
    if brief.colours and rng.random() < 0.6:
        name = colour_name(brief.colours[0])
        second = colour_name(brief.colours[1]) if len(brief.colours) > 1 and rng.random() < 0.25 else name
        words.append(name if second == name else f"{name} and {second}")
    if brief.materials and rng.random() < 0.35 and brief.materials[0] in told["materials"]:
        words.append(told["materials"][brief.materials[0]])
    words.append(plan.word)
    return " ".join(words)


def colour_name(colour: str) -> str:
    """The word for a CSS colour name or #rrggbb: the nearest in CIE Lab of those in captions.toml."""
    names, places = _named_colours()
    return names[int(((places - _lab(colours.parse(colour)[None])) ** 2).sum(1).argmin())]


@lru_cache(maxsize=1)
def _named_colours() -> tuple[tuple[str, ...], np.ndarray]:
    pairs = [(name, shade) for name, shades in tables("captions")["colours"].items() for shade in shades]
    return tuple(name for name, _ in pairs), _lab(np.array([colours.parse(shade) for _, shade in pairs]))


def _lab(rgb: np.ndarray) -> np.ndarray:
    """CIE Lab (n, 3) of sRGB (n, 3) in [0, 1]."""
    import cv2

    return cv2.cvtColor(rgb.astype(np.float32)[None], cv2.COLOR_RGB2LAB)[0]


def _with_article(noun: str) -> str:
    if noun.startswith(("a ", "an ", "the ")) or (noun.endswith("s") and not noun.endswith(("ss", "us", "is"))):
        return noun
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
