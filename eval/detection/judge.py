"""Judges of whether a picture is still the thing that was asked for: the archetype classifier, kept once trained, and
CLIP where a checkpoint is given."""

import hashlib
import logging
import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from personify.eval.likeness import Likeness, OnDrawn, train_likeness
from personify.eval.style import StyleJudge
from personify.voices.errors import BadInput, MissingExtra, PersonifyError

log = logging.getLogger(__name__)
_FORMAT = "3"
"""Of the file; part of its key."""
_DRAWN_BY = ("avatar/sketch", "avatar/embedded", "eval/likeness.py", "eval/style.py")
"""What draws the judges' lessons and describes pictures, in `personify`: whoever changes these changes the judges."""
_SOURCES = (".py", ".toml", ".json")
_WEIGHTS = "weights"
"""A folder that says nothing of how lessons are drawn."""
_SHAPE, _STYLE = "shape/", "style/"
_BATCH = 8


@dataclass(frozen=True)
class Linear:
    """What scikit-learn's scaler and its linear classifier have learnt, as arrays.

    `classes` (k,) names; `means`, `scales` (n,) of the features; `coefficients` (k, n) and `intercept` (k,), or one row
    for two classes.
    """

    classes: np.ndarray
    means: np.ndarray
    scales: np.ndarray
    coefficients: np.ndarray
    intercept: np.ndarray

    def predict(self, features: np.ndarray) -> np.ndarray:
        """The class of each row of features (m, n), as the pipeline they come from would say."""
        scaled = (features - self.means.astype(features.dtype)) / self.scales.astype(features.dtype)
        scores = scaled @ self.coefficients.T + self.intercept
        best = (scores[:, 0] > 0).astype(int) if len(self.classes) == 2 else scores.argmax(axis=1)
        found: np.ndarray = self.classes[best]
        return found


def judge(
    cache: Path | None = None,
    seeds: int = 12,
    *,
    among: Sequence[str] | None = None,
    on_drawn: OnDrawn | None = None,
) -> Likeness:
    """The judges that `train_likeness` trains, from the cache where they have been trained before.

    Training takes minutes. `cache`: the folder of judges, by default in the user's own cache; `seeds`: drawings of each
    archetype; `among`: these archetypes only; `on_drawn` hears of the progress of training, and nothing if there is
    none. Trained anew when any source that draws or describes changes. Several processes may ask at once, but each then
    trains; ask in one first. Raises `MissingExtra` where it must train without scikit-learn, `BadInput` for too few
    seeds or an unknown archetype, and `PersonifyError` for a folder that can't be written.
    """
    if seeds < 1:
        raise BadInput(f"{seeds} drawings of each archetype teach nothing; choose 1 or more")
    chosen = None if among is None else _known(among)
    folder = cache or _user_folder()
    file = folder / f"{judge_key(seeds, among=chosen)}.npz"
    if file.is_file():
        try:
            return _load(file)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            log.warning("the judge in %s is damaged (%s) and is trained again", file, error)
    _need_folder(folder)
    trained = train_likeness(seeds, among=chosen, on_drawn=on_drawn)
    kept = Likeness(_linear(trained.by_shape), trained.by_style)
    _save(kept, file)
    return kept


def judge_key(seeds: int, *, among: Sequence[str] | None = None) -> str:
    """What tells trained judges apart: hexadecimal digits of a hash over what they are taught with."""
    import cv2

    whole = hashlib.sha256(repr((_FORMAT, seeds, among, cv2.__version__, np.__version__)).encode())
    for name, content in _sources():
        whole.update(f"\n{name} {len(content)}\n".encode())
        whole.update(content)
    return whole.hexdigest()[:32]


def _sources() -> Iterator[tuple[str, bytes]]:
    for place in _DRAWN_BY:
        package, _, rest = place.partition("/")
        at = Path(str(files(f"personify.{package}").joinpath(rest)))
        for file in [at] if at.is_file() else sorted(at.rglob("*")):
            if file.suffix in _SOURCES and file.is_file() and _WEIGHTS not in file.parts:
                name = file.relative_to(at).as_posix() if at.is_dir() else ""
                yield f"{place}/{name}", file.read_bytes()


def _known(among: Sequence[str]) -> list[str]:
    """The archetypes in the order of the alphabet; at least two."""
    from personify.avatar.sketch.registry import find_archetype

    names = sorted(set(among))
    for name in names:
        find_archetype(name)
    if len(names) < 2:
        raise BadInput(f"a judge tells archetypes apart and was given {len(names)}; name two or more")
    return names


def _user_folder() -> Path:
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("personify", appauthor=False)) / "judges"


def _need_folder(folder: Path) -> None:
    """Before minutes of training."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PersonifyError(
            f"the judge can't be kept in {folder}: {error}; free the place or make it yours"
        ) from error
    if not os.access(folder, os.W_OK):
        raise PersonifyError(f"the judge can't be kept in {folder}, which may not be written to; make it yours")


def _linear(pipeline: Any) -> Linear:
    scaler, classifier = (step for _, step in pipeline.steps)
    return Linear(
        classes=np.asarray(classifier.classes_, np.str_),
        means=scaler.mean_,
        scales=scaler.scale_,
        coefficients=np.atleast_2d(classifier.coef_),
        intercept=np.atleast_1d(classifier.intercept_),
    )


def _save(likeness: Likeness, file: Path) -> None:
    """Plain arrays, whole or not at all."""
    arrays = {f"{_SHAPE}{each.name}": getattr(likeness.by_shape, each.name) for each in fields(Linear)}
    arrays |= {f"{_STYLE}{name}": value for name, value in likeness.by_style.weights.items()}
    draft = file.with_name(f".{file.stem}.{os.getpid()}.part.npz")
    try:
        np.savez(draft, **arrays, styles=likeness.by_style.classes)
        draft.replace(file)
    except OSError as error:
        raise PersonifyError(f"the judge can't be kept in {file}: {error}") from error
    finally:
        draft.unlink(missing_ok=True)


def _load(file: Path) -> Likeness:
    with np.load(file, allow_pickle=False) as kept:
        shape = Linear(*(kept[f"{_SHAPE}{each.name}"] for each in fields(Linear)))
        weights = {name.removeprefix(_STYLE): kept[name] for name in kept.files if name.startswith(_STYLE)}
        return Likeness(shape, StyleJudge(kept["styles"], weights))


class ClipScore:
    """How well pictures and words fit by CLIP (Radford et al. 2021): the cosine of their embeddings, without the factor
    and the cut at 0 of CLIPScore (Hessel et al. 2021).

    `where`: a checkpoint's folder, or its name on the hub if it has been fetched; nothing is downloaded. Runs on the
    best device there is, in float32. Raises `BadInput` where there is no CLIP, and `MissingExtra` without transformers.
    """

    def __init__(self, where: str) -> None:
        from personify.avatar.diffusion.device import choose_device

        self._device = choose_device().name
        try:
            from transformers import AutoTokenizer, CLIPModel
            from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
        except ImportError as error:
            raise MissingExtra(f"CLIP needs transformers 5 ({error}): pip install -U transformers") from error
        try:
            _need_clip(where)
            model = CLIPModel.from_pretrained(where, local_files_only=True)
            self._tokens = AutoTokenizer.from_pretrained(where, local_files_only=True)
            self._pixels = CLIPImageProcessorPil.from_pretrained(where, local_files_only=True)
        except (OSError, ValueError, KeyError) as error:
            said = str(error).strip().splitlines()
            raise BadInput(
                f"{where!r} is no CLIP checkpoint that is here ({said[0] if said else 'no reason given'}); name a"
                " folder with its config.json, weights, tokenizer and preprocessor_config.json, or fetch one:"
                " hf download openai/clip-vit-base-patch32"
            ) from error
        self._longest = int(model.config.text_config.max_position_embeddings)
        self._model = model.float().eval().to(self._device)

    def score(self, images: Sequence[np.ndarray], texts: Sequence[str]) -> list[float]:
        """The cosine, -1 to 1, of each picture (uint8 RGB (H, W, 3), any size) and its text, cut at CLIP's length."""
        if len(images) != len(texts):
            raise BadInput(f"{len(images)} pictures can't be held against {len(texts)} texts; give one for each")
        scores: list[float] = []
        for at in range(0, len(images), _BATCH):
            scores += self._batch(images[at : at + _BATCH], texts[at : at + _BATCH])
        return scores

    def _batch(self, images: Sequence[np.ndarray], texts: Sequence[str]) -> list[float]:
        import torch
        from PIL import Image

        pixels = self._pixels(images=[Image.fromarray(image) for image in images], return_tensors="pt")
        tokens = self._tokens(list(texts), padding=True, truncation=True, max_length=self._longest, return_tensors="pt")
        with torch.inference_mode():
            seen = self._model.get_image_features(pixel_values=pixels["pixel_values"].to(self._device)).pooler_output
            read = self._model.get_text_features(
                input_ids=tokens["input_ids"].to(self._device),
                attention_mask=tokens["attention_mask"].to(self._device),
            ).pooler_output
            return [float(value) for value in torch.nn.functional.cosine_similarity(seen, read).cpu()]


def _need_clip(where: str) -> None:
    """`ValueError` for another kind of model, which transformers would load as a CLIP of random weights."""
    from transformers import AutoConfig

    kind = AutoConfig.from_pretrained(where, local_files_only=True).model_type
    if kind != "clip":
        raise ValueError(f"it is a model of type {kind!r}")
