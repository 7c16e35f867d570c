"""The sketch held to its promises: found in every style, faceless without features, told apart with the face covered.

`python -m personify.eval.sketch [--per-category N] [--seeds N] [--draws N] [--json]` measures and prints the table.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.resources import files

import numpy as np

from personify.avatar.brief import EXPRESSIONS, AppearanceBrief
from personify.avatar.experts import shared_detector
from personify.avatar.landmarks import CONTOURS, OVAL
from personify.avatar.plausibility import judge
from personify.avatar.portrait import Verdict
from personify.avatar.sketch.draw import Drawing, draw
from personify.avatar.sketch.registry import archetypes
from personify.avatar.sketch.styles import STYLES
from personify.eval.gallery import appearance_of
from personify.eval.likeness import shape_features
from personify.eval.rates import Rate, report

CATEGORIES = ("people", "animals", "fruits", "plants", "office", "bags", "clothes", "cartoon")


def prompts(category: str, most: int | None = None) -> list[str]:
    """The project's descriptions of one category; lines that begin with # are comments."""
    text = files("personify.eval").joinpath(f"prompts/{category}.txt").read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")][:most]


def found_in_styles(per_category: int | None = None, seed: int = 11) -> list[Rate]:
    """The share of descriptions whose sketch is found plausibly and the mean landmark error: in the style that each
    brief chooses, then in every style."""
    briefs = [(text, appearance_of(text, seed)) for kind in CATEGORIES for text in prompts(kind, per_category)]
    rates = []
    for style in (None, *STYLES):
        verdicts = [(text, _verdict(draw(brief, seed=seed, style=style))) for text, brief in briefs]
        missed = [f"{text}: {'; '.join(verdict.reasons)}" for text, verdict in verdicts if not verdict.plausible]
        errors = [verdict.error for _, verdict in verdicts if verdict.error is not None]
        name, cases = style or "as chosen", len(verdicts)
        rates.append(Rate(f"{name}: found plausibly", 1 - len(missed) / cases, cases, tuple(missed[:20])))
        rates.append(Rate(f"{name}: landmark error, eye distances", float(np.mean(errors)), len(errors)))
    return rates


def found_without_features(per_category: int | None = None, seed: int = 11) -> Rate:
    """The share of the same drawings in which a face is found although its features were left out."""
    found, cases = [], 0
    for name in CATEGORIES:
        for text in prompts(name, per_category):
            image = draw(appearance_of(text, seed), seed=seed, face=False).image
            cases += 1
            if shared_detector().find(image) is not None:
                found.append(text)
    return Rate("found with the features left out", len(found) / cases, cases, tuple(found[:20]))


def told_apart(seeds: int = 16, size: int = 128) -> Rate:
    """The share of drawings whose archetype a linear classifier names with the face covered.

    Trained on half of the seeds and asked about the other half: HOG (Dalal and Triggs 2005) for shape and a coarse
    colour histogram, then a ridge classifier.
    """
    from sklearn.linear_model import RidgeClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    names = list(archetypes())
    rows = {
        seed: [shape_features(_covered(draw(_plain(name, seed), seed=seed, size=size))) for name in names]
        for seed in range(seeds)
    }
    half = seeds // 2
    model = make_pipeline(StandardScaler(), RidgeClassifier(alpha=300.0))
    model.fit(np.concatenate([rows[s] for s in range(half)]), names * half)
    said = model.predict(np.concatenate([rows[s] for s in range(half, seeds)]))
    asked = names * (seeds - half)
    wrong = [f"{truth} taken for {guess}" for truth, guess in zip(asked, said, strict=True) if truth != guess]
    return Rate("archetype told with the face covered", 1 - len(wrong) / len(asked), len(asked), tuple(wrong[:20]))


def random_draws(draws: int = 10_000, size: int = 96, seed: int = 0) -> Rate:
    """The share of random briefs that are drawn without a fault: see `faults_of`."""
    rng = np.random.default_rng(seed)
    names = list(archetypes())
    faulty = []
    for at in range(draws):
        brief = _random_brief(rng, names)
        faults = list(faults_of(draw(brief, seed=int(rng.integers(2**31)), size=size)))
        faulty += [f"draw {at}, {brief.archetype}: {faults[0]}"] if faults else []
    return Rate("random draws without a fault", 1 - len(faulty) / draws, draws, tuple(faulty[:20]))


def faults_of(drawing: Drawing) -> Iterator[str]:
    """What is wrong with a drawing: an empty picture, a face outside body or frame, features that overlap."""
    size = drawing.image.shape[0]
    if drawing.image.std() < 4 or not 0.08 < (drawing.mask > 127).mean() < 0.98:
        yield "the picture is empty or has no character"
    place = dict(zip(drawing.numbers.tolist(), drawing.points, strict=True))
    features = {name: np.array([place[n] for n in CONTOURS[name]]) for name in CONTOURS if name != "oval"}
    every = np.concatenate(list(features.values()))
    if (every < 0).any() or (every > size - 1).any():
        yield "a feature lies outside the picture"
        return
    x, y = np.round(every).astype(int).T
    if (drawing.mask[y, x] < 100).any():
        yield "a feature lies off the body"
    for side in ("right", "left"):
        brow, upper, lower = (features[f"{side}_{part}"] for part in ("brow_lower", "eye_upper", "eye_lower"))
        if brow[:, 1].max() > upper[:, 1].min() + 0.02 * size and brow[2, 1] > upper[4, 1]:
            yield f"the {side} brow lies on the eye"
        if lower[:, 1].max() > features["nose_base"][:, 1].min():
            yield f"the {side} eye reaches the nose's base"
    if features["nose_base"][:, 1].max() > features["lips_outer_upper"][:, 1].min():
        yield "the nose lies on the lips"
    if features["right_eye_upper"][:, 0].max() > features["left_eye_upper"][:, 0].min():
        yield "the eyes overlap"


def drawing_time(size: int, seeds: int = 2) -> Rate:
    """The median time of one drawing over every archetype, in milliseconds, warm."""
    seconds = []
    for seed in range(seeds):
        for name in archetypes():
            started = time.perf_counter()
            draw(_plain(name, seed), seed=seed, size=size)
            seconds.append(time.perf_counter() - started)
    return Rate(f"milliseconds a drawing, {size} px", 1000 * float(np.median(seconds)), len(seconds))


def _verdict(drawing: Drawing) -> Verdict:
    return judge(shared_detector().find(drawing.image), drawing.image, (drawing.numbers, drawing.points))


def _plain(name: str, seed: int) -> AppearanceBrief:
    return AppearanceBrief(
        concept=name,
        category=archetypes()[name].category,
        archetype=name,
        expression=EXPRESSIONS[seed % len(EXPRESSIONS)],
    )


def _random_brief(rng: np.random.Generator, names: list[str]) -> AppearanceBrief:
    colour = f"#{rng.integers(1 << 24):06x}"
    return AppearanceBrief(
        concept="thing", category="any", archetype=str(rng.choice(names)), expression=str(rng.choice(EXPRESSIONS)),
        gender=str(rng.choice(["feminine", "masculine", "neutral"])),
        age=str(rng.choice(["child", "young", "adult", "elderly"])),
        colours=(colour,) if rng.random() < 0.5 else (),
    )  # fmt: skip


def _covered(drawing: Drawing) -> np.ndarray:
    """The picture with its face under a grey patch."""
    import cv2

    place = dict(zip(drawing.numbers.tolist(), drawing.points, strict=True))
    image = drawing.image.copy()
    oval = np.array([place[n] for n in OVAL])
    cv2.fillPoly(image, [np.round(oval).astype(np.int32)], (128, 128, 128))
    return image


_PARTS = ("time", "found", "bare", "apart", "draws")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-category", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=16)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=_PARTS, nargs="+", default=_PARTS, help="leave the other parts out")
    options = parser.parse_args()
    if min(options.per_category, options.seeds, options.draws) < 1:
        parser.error("counts begin at 1; use --only to leave a part out")
    parts: dict[str, Callable[[], list[Rate]]] = {
        "time": lambda: [drawing_time(512), drawing_time(256)],
        "found": lambda: found_in_styles(options.per_category),
        "bare": lambda: [found_without_features(options.per_category)],
        "apart": lambda: [told_apart(options.seeds)],
        "draws": lambda: [random_draws(options.draws)],
    }
    rates = [rate for part in _PARTS if part in options.only for rate in parts[part]()]
    if options.json:
        print(json.dumps([asdict(rate) for rate in rates], indent=2))  # noqa: T201 - an entry point
    else:
        report(rates)


if __name__ == "__main__":
    main()
