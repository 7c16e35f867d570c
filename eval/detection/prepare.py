"""Prepare: everything that can be refused or settled before a run draws its first picture."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from personify.avatar.catalogue import Catalogue, ExpertEntry
from personify.avatar.experts import SKETCH, Experts
from personify.eval.detection.plan import MIXTURE, Batch, Plan, Settings, Skill, plan
from personify.eval.detection.prompts import Prompt, digest, read_prompts
from personify.eval.detection.rows import PROTOCOL
from personify.eval.detection.second import second_detectors
from personify.voices.errors import PersonifyError

_LIBRARIES = (
    "personify", "numpy", "scipy", "opencv-contrib-python", "mediapipe", "pillow", "torch", "diffusers", "transformers",
    "peft", "scikit-learn",
)  # fmt: skip
"""What draws, looks and judges; those that are here."""
_MODULES = {"opencv-contrib-python": "cv2", "pillow": "PIL", "scikit-learn": "sklearn"}
_HEAD_BYTES = 2**20


@dataclass(frozen=True)
class Prepared:
    """A run that can begin: its settings with all that is known before it, and its plan."""

    settings: Settings
    plan: Plan

    @property
    def batches(self) -> tuple[Batch, ...]:
        """The plan's, by number."""
        return self.plan.batches


def prepare(settings: Settings) -> Prepared:
    """The run that these settings ask for, here and now.

    Raises `BadInput` by name for descriptions, experts, guidances and detectors that can't be, and `PersonifyError` for
    weights that aren't here.
    """
    store = Experts(settings=settings.config)
    prompts = read_prompts(settings.prompts, settings.per_category)
    second_detectors(settings.second)
    for name in settings.experts:
        if name != MIXTURE:
            store.get(name)

    def skill_of(name: str) -> Skill:
        if name == SKETCH:
            return Skill(store.get(SKETCH).guidances)
        entry = store.catalogue.expert(name)
        return Skill(entry.guidances, entry.strength, entry.control_scale if entry.controlnet else None)

    planned = plan(settings, prompts, lambda prompt, seed: _choose(store, prompt, seed), skill_of)
    controlled: dict[str, bool] = {}
    for batch in planned.batches:
        if batch.expert != SKETCH:
            controlled[batch.expert] = controlled.get(batch.expert, False) or batch.guidance in ("control", "both")
    filled = {
        "protocol": PROTOCOL,
        "versions": versions(),
        "device": f"{store.pool.device.name}, {store.pool.device.dtype}" if controlled else "",
        "default_strength": planned.default_strength,
        "default_control_scale": planned.default_control_scale,
        "weights_sha256": {
            name: fingerprint(store.catalogue.expert(name), store.catalogue, control=control)
            for name, control in sorted(controlled.items())
        },
        "prompts_sha256": digest(prompts),
        "plan_sha256": planned.sha256,
    }
    return Prepared(settings.model_copy(update=filled), planned)


def versions() -> str:
    """Of Personify and the libraries that draw, look and judge, such as "personify 0.1.0, torch 2.13.0"."""
    here = [name for name in _LIBRARIES if find_spec(_MODULES.get(name, name))]
    return ", ".join(f"{name} {version(name)}" for name in here)


def fingerprint(entry: ExpertEntry, catalogue: Catalogue, *, control: bool = True) -> str:
    """SHA-256, in hexadecimal, of an expert's settings and of its weights wherever they lie.

    Of weights' files the size and the first mebibyte count, so that gigabytes need not be read; of others the whole.
    `control`: whether the ControlNet is drawn with, and must be here. Raises `PersonifyError` for what isn't here.
    """
    from personify.avatar.weights import place

    whole = hashlib.sha256(
        entry.model_dump_json(exclude={"weights": {"folder"}, "loras": {"__all__": {"folder"}}}).encode()
    )
    for part in catalogue.parts(entry):
        if part.kind == "ControlNet" and not control:
            continue
        at = place(part.weights, expert=entry.name)
        whole.update(f"\n{part.kind} {getattr(part.weights, 'draw', '')}".encode())
        for name, file in _files(at):
            whole.update(f"\n{name} {file.stat().st_size}\n".encode())
            with file.open("rb") as content:
                whole.update(content.read(_HEAD_BYTES if file.suffix == ".safetensors" else -1))
    return whole.hexdigest()


def _files(at: Path) -> Iterator[tuple[str, Path]]:
    """Names and places of what is loaded: a LoRA's file, or a folder's weights, configurations and vocabularies."""
    if at.is_file():
        yield at.name, at
        return
    for file in sorted(at.rglob("*")):
        if file.suffix in (".safetensors", ".json", ".txt") and file.is_file():
            yield file.relative_to(at).as_posix(), file


def _choose(store: Experts, prompt: Prompt, seed: int) -> str:
    from personify.eval.gallery import appearance_of

    choice = store.choose(appearance_of(prompt.text, seed))
    if choice.name == SKETCH:
        raise PersonifyError(
            f"the mixture has no expert to choose: {choice.reason} Fetch one with `personify experts pull NAME`, or"
            f" name {SKETCH!r} as the expert to measure the sketch itself"
        )
    return choice.name
