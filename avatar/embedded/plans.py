"""Plans: what a seed decides to draw before a line is drawn: the character, its style, face, pose, light and scene."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, get_args

import numpy as np

from personify.avatar.brief import EXPRESSIONS, AppearanceBrief
from personify.avatar.embedded.poses import Pose, random_pose
from personify.avatar.sketch.backdrops import STUDIO, choose_scene
from personify.avatar.sketch.registry import archetypes, find_archetype
from personify.voices.errors import unknown_name

STYLES = ("clay", "storybook", "comic", "photo")
Kind = Literal["face", "none", "dots", "beak", "turned", "tiny"]
KINDS: tuple[str, ...] = get_args(Kind)
_KIND_SHARES = (0.70, 0.07, 0.08, 0.06, 0.05, 0.04)
_MIXED = 0.08
_NIGHT = ("night_sky",)
_SUN = ("sunset", "beach", "meadow", "orchard")
RIGS = ("studio", "window", "sun", "moon", "overcast", "stage")
"""The light set-ups by name, see `lights.py`."""


@dataclass(frozen=True)
class Plan:
    """What is drawn. `word` is what the caption calls it; `donor` the archetype whose ears or leaves it wears."""

    seed: int
    brief: AppearanceBrief
    word: str
    style: str
    plain_style: str
    kind: str
    pose: Pose
    rig: str
    scene: str
    donor: str | None = None


def make_plan(seed: int, style: str | None, kind: str | None, brief: AppearanceBrief | None) -> Plan:
    """The seed's plan; what is given stands. Unknown names are `BadInput`."""
    for what, name, known in (("style", style, STYLES), ("kind of face", kind, KINDS)):
        if name is not None and name not in known:
            raise unknown_name(what, name, list(known))
    rng = np.random.default_rng([seed, 101])
    any_style, plain_style = (str(rng.choice(STYLES)) for _ in range(2))
    any_kind = str(rng.choice(KINDS, p=_KIND_SHARES))
    word, own = random_brief(np.random.default_rng([seed, 102]))
    if brief is not None:
        word, own = brief.concept, brief
    kind, style = kind or any_kind, style or any_style
    scene = choose_scene(own, rng)
    mixed = brief is None and rng.random() < _MIXED and own.category != "people"
    donor = str(rng.choice(list(tables("captions")["donors"]))) if mixed else None
    pose = random_pose(rng)
    return Plan(
        seed, own, word, style, plain_style, kind, pose if kind == "face" else _other_pose(kind, pose, rng),
        _rig(scene, rng), scene, donor if donor != own.archetype else None,
    )  # fmt: skip


def random_brief(rng: np.random.Generator) -> tuple[str, AppearanceBrief]:
    """A word and a brief for it: every archetype as often as every other, one of its words, and what it wears."""
    archetype = str(rng.choice(sorted(archetypes())))
    if rng.random() < 0.1:
        archetype = str(rng.choice(["man", "woman", "child"]))
    words = words_of(archetype)
    word = str(rng.choice(list(words))) if words else archetype.replace("_", " ")
    entry = words.get(word, {})
    called = str(rng.choice([word, *entry.get("also", ())])) if rng.random() < 0.3 else word
    people = find_archetype(archetype).category == "people"
    role = str(rng.choice(list(tables("concepts")["roles"]))) if rng.random() < (0.4 if people else 0.12) else None
    worn = tables("concepts")["roles"][role] if role else {}
    accessories = tuple(worn.get("accessories", ()))[: int(rng.integers(1, 3))]
    if not accessories and rng.random() < 0.22:
        accessories = (str(rng.choice(_accessories())),)
    gender = {"man": "masculine", "woman": "feminine"}.get(archetype) or str(
        rng.choice(["feminine", "masculine", "neutral"])
    )
    age = "child" if archetype == "child" else str(rng.choice(["child", "young", "adult", "elderly"], p=_AGES))
    if archetype in {"man", "woman"} and age == "child":
        age = "adult"
    brief = AppearanceBrief(
        concept=word, category=find_archetype(archetype).category, archetype=archetype, gender=gender, age=age,
        colours=_colours(entry, people, rng), materials=tuple(entry.get("materials", ())) if not people else (),
        features=_features(age, gender, people, rng), expression=str(rng.choice(EXPRESSIONS)),
        accessories=accessories, setting=worn.get("setting") if rng.random() < 0.6 else None,
    )  # fmt: skip
    if role and people:
        return role, brief
    return (f"{called} {role}" if role else called), brief


_AGES = (0.12, 0.15, 0.53, 0.2)


def _colours(entry: dict[str, Any], people: bool, rng: np.random.Generator) -> tuple[str, ...]:
    """One of the word's own colourings, or for one thing in three any colours at all, or the archetype's."""
    roll = rng.random()
    if people:
        return ()
    if roll < 0.3:
        pool = [shade for name, shades in sorted(tables("captions")["colours"].items()) for shade in shades if name]
        return tuple(rng.choice(pool, 2, replace=False).tolist())
    if roll < 0.85 and entry.get("colours"):
        return tuple(str(rng.choice(entry["colours"])).split("/"))
    return ()


def _features(age: str, gender: str, people: bool, rng: np.random.Generator) -> tuple[str, ...]:
    if age == "elderly" and rng.random() < 0.8:
        return ("wrinkles", "beard") if gender == "masculine" and rng.random() < 0.3 else ("wrinkles",)
    if rng.random() < 0.15:
        return ("freckles",)
    if gender == "masculine" and age == "adult" and rng.random() < (0.3 if people else 0.12):
        return (str(rng.choice(["moustache", "beard"])),)
    return ()


def _other_pose(kind: str, pose: Pose, rng: np.random.Generator) -> Pose:
    """Faces turned away lie on their side by 50 to 110 degrees for half of the seeds; the figure turns them else."""
    if kind == "turned" and rng.random() < 0.5:
        return Pose(float(rng.uniform(50, 110) * rng.choice([-1, 1])), 0.0, 0.0, float(rng.uniform(0.7, 0.85)))
    return pose


def _rig(scene: str, rng: np.random.Generator) -> str:
    """A light set-up that suits the scene."""
    if rng.random() < 0.15:
        return str(rng.choice(RIGS))
    if scene in _NIGHT:
        return "moon"
    if scene in {"stage", "lights"}:
        return str(rng.choice(["stage", "studio"]))
    if scene in _SUN:
        return str(rng.choice(["sun", "sun", "overcast"]))
    if scene == STUDIO:
        return str(rng.choice(["studio", "studio", "window", "stage"]))
    outdoors = scene in {"forest", "garden", "sky", "sea", "snow", "city"}
    return str(rng.choice(["overcast", "sun", "window"] if outdoors else ["window", "studio", "window"]))


@lru_cache(maxsize=4)
def tables(name: str) -> dict[str, Any]:
    """The tables of `captions.toml` or `concepts.toml`; leave them as they are."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=512)
def words_of(archetype: str) -> dict[str, dict[str, Any]]:
    """The words that an archetype draws, with their entries in concepts.toml."""
    return {word: entry for word, entry in tables("concepts")["concepts"].items() if entry["archetype"] == archetype}


@lru_cache(maxsize=1)
def _accessories() -> tuple[str, ...]:
    from personify.avatar.sketch.accessories import ACCESSORIES

    return ACCESSORIES
