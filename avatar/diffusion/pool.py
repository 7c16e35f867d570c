"""The pool of models that diffusion experts draw with: loaded once, shared by content, let go by a budget.

Whoever draws says which parts it needs and is handed a pipeline of diffusers' own while nobody else uses one.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

from personify.avatar.catalogue import Scheduler
from personify.avatar.diffusion import loading
from personify.avatar.diffusion.adapters import Wardrobe
from personify.avatar.diffusion.device import (
    Device,
    choose_device,
    default_budget,
    free_bytes,
    give_back_large_blocks,
    is_out_of_memory,
    release,
)
from personify.avatar.diffusion.layout import Layout, Part
from personify.avatar.diffusion.shelf import Held, Shelf
from personify.voices.errors import PersonifyError
from personify.voices.stopping import check_stop, holding

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")
_SHARE_TO_FILL = 0.9
"""Models that would fill more of a GPU's free memory than this are kept in main memory and lent one at a time."""


@dataclass(frozen=True)
class Recipe:
    """What one expert draws with, as places on disk: its checkpoint, and what replaces or joins its parts."""

    name: str
    layout: Layout
    variant: str | None = None
    vae: Part | None = None
    control: Part | None = None
    loras: tuple[tuple[Path, float], ...] = ()
    scheduler: Scheduler | None = None
    safety_checker: bool = True


class ModelPool:
    """Keeps models on one device within a budget, and lends them as pipelines, one borrower at a time.

    `device`: torch's name of it; None chooses the best. `precision`: "float32", "bfloat16" or "float16"; None takes
    what the device is quick in. `budget_bytes`: how much may be kept; None takes four fifths of an accelerator's free
    memory, half of a CPU's. One expert that is larger is drawn with alone. `safety_checker` False leaves out every
    checkpoint's own.
    """

    def __init__(
        self,
        device: str | None = None,
        budget_bytes: int | None = None,
        *,
        precision: str | None = None,
        safety_checker: bool = True,
    ) -> None:
        self.device: Device = choose_device(device, precision)
        self.budget_bytes = default_budget(self.device) if budget_bytes is None else budget_bytes
        self.safety_checker = safety_checker
        if self.device.kind == "cpu":
            give_back_large_blocks()
        self.offloads = False
        """Whether models wait in main memory and visit the GPU one at a time."""
        self._lowered = False
        self._lock = RLock()
        self._shelf = Shelf()
        self._wardrobe = Wardrobe()
        self._tables: dict[str, loading.Tables] = {}
        self._pipes: dict[tuple[Any, ...], Any] = {}

    def contents(self) -> dict[str, int]:
        """What is loaded with its bytes, the models used longest ago first."""
        with self._lock:
            return self._shelf.contents()

    @property
    def used_bytes(self) -> int:
        """What all loaded models take, as measured."""
        with self._lock:
            return self._shelf.used_bytes

    def clear(self) -> None:
        """Lets everything go."""
        with self._lock:
            self._evict_but(())
            self._tables.clear()
            release(self.device)

    def run(
        self, recipe: Recipe, use: Callable[[Any, bool], _Result], *, control: bool = False, pixel: bool = False
    ) -> _Result:
        """What `use(pipeline, frugal)` returns for the pipeline of this recipe and guidance.

        Where memory runs out, everything else is let go, the budget is lowered (once), and `use` is called once more
        with `frugal` true: it should then draw one picture at a time. Raises `PersonifyError` if that fails too, or
        where a model can't be loaded. The pool can be used again after any error.
        """
        with holding(self._lock):
            try:
                return self._lend(recipe, control, pixel, use, frugal=False)
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
                _log.warning("memory ran out while %s drew; trying again with less: %s", recipe.name, error)
            # Outside of the except clause, whose traceback keeps the failed call's tensors alive.
            self._economise(recipe, control)
            try:
                return self._lend(recipe, control, pixel, use, frugal=True)
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
            self.clear()
            raise PersonifyError(
                f"the memory of {self.device.name} is too small for the expert {recipe.name!r}, even alone and one"
                " picture at a time; choose a smaller expert, close other programs, or draw on another device"
            )

    def _lend(
        self, recipe: Recipe, control: bool, pixel: bool, use: Callable[[Any, bool], _Result], *, frugal: bool
    ) -> _Result:
        check_stop()
        pipe = self._pipeline(recipe, control, pixel)
        check_stop()
        if not self.offloads:
            return use(pipe, frugal)
        pipe.enable_model_cpu_offload(device=self.device.name)
        try:
            return use(pipe, frugal)
        finally:  # models are shared, and hooks of one pipeline would move them under another
            pipe.remove_all_hooks()
            pipe.to("cpu", silence_dtype_warnings=True)

    def _pipeline(self, recipe: Recipe, control: bool, pixel: bool) -> Any:
        parts = self._parts(recipe, control)
        keys = _keys(parts)
        held = self._load(recipe, parts, keys)
        serials = {name: each.serial for name, each in held.items()}
        tables = self._tables[str(recipe.layout.folder)]
        at = (*sorted(serials.items()), str(recipe.layout.folder), recipe.scheduler and repr(recipe.scheduler), pixel)
        if at not in self._pipes:
            models = {name: each.model for name, each in held.items()}
            self._pipes[at] = loading.assemble(recipe.layout.kind, tables, models, recipe.scheduler, pixel=pixel)
            if self.device.kind == "cuda":
                loading.use_xformers(self._pipes[at])
        pipe = self._pipes[at]
        if self._wardrobe.wear(pipe, serials, recipe.loras):
            self._shelf.measure()
        self._fit(keys.values())
        return pipe

    def _parts(self, recipe: Recipe, control: bool) -> dict[str, Part]:
        parts = dict(recipe.layout.parts)
        if recipe.vae is not None:
            parts["vae"] = recipe.vae
        if not (recipe.safety_checker and self.safety_checker):
            parts.pop("safety_checker", None)
        if control:
            assert recipe.control is not None, "an expert offers control only with a ControlNet"
            parts["controlnet"] = recipe.control
        return parts

    def _load(self, recipe: Recipe, parts: dict[str, Part], keys: dict[str, str]) -> dict[str, Held]:
        """Every part from the shelf, after those that it lacks are loaded."""
        missing = [name for name in parts if keys[name] not in self._shelf]
        needed = sum(parts[name].file_bytes for name in missing)
        self._fit(keys.values(), ahead=needed)
        if self.device.kind == "cuda" and not self.offloads and needed > free_bytes(self.device) * _SHARE_TO_FILL:
            _log.warning("%s needs more memory than %s has free: models take turns on it", recipe.name, self.device)
            self.offloads = True
        there = {name: self._shelf.take(keys[name]).model for name in parts if name not in missing}
        folder = str(recipe.layout.folder)
        if missing or folder not in self._tables:
            place = "cpu" if self.offloads else self.device.name
            loaded, tables = loading.load(
                recipe.layout, parts, there, self._tables.get(folder), dtype=self.device.dtype, device=place,
                variant=recipe.variant,
            )  # fmt: skip
            self._tables[folder] = tables
            for name, model in loaded.items():
                self._shelf.put(keys[name], f"{recipe.name}/{name}", model)
        return {name: self._shelf.take(key) for name, key in keys.items()}

    def _fit(self, keep: Iterable[str], ahead: int = 0) -> None:
        """Lets go of what was used longest ago until the budget holds, `ahead` more bytes included."""
        kept = set(keep)
        while len(self._shelf) and self._shelf.used_bytes + ahead > self.budget_bytes:
            oldest = self._shelf.oldest(kept)
            if oldest is None:
                return
            self._evict(oldest)
            release(self.device)

    def _economise(self, recipe: Recipe, control: bool) -> None:
        """Everything else goes, the budget shrinks to half the first time, and a GPU's models take turns."""
        self._evict_but(_keys(self._parts(recipe, control)).values())
        if not self._lowered:
            self._lowered = True
            self.budget_bytes //= 2
        self.offloads = self.offloads or self.device.kind == "cuda"
        release(self.device)

    def _evict_but(self, keep: Iterable[str]) -> None:
        kept = set(keep)
        while (oldest := self._shelf.oldest(kept)) is not None:
            self._evict(oldest)

    def _evict(self, key: str) -> None:
        held = self._shelf.drop(key)
        self._wardrobe.forget(held.model)
        self._pipes = {
            at: pipe for at, pipe in self._pipes.items() if all(part is not held.model for part in _models(pipe))
        }
        _log.debug("let go of %s", held.label)


def _keys(parts: dict[str, Part]) -> dict[str, str]:
    """What the shelf knows parts by: the same for the same bytes in the same place of a pipeline."""
    return {name: f"{name}:{part.fingerprint()}" for name, part in parts.items()}


def _models(pipe: Any) -> list[Any]:
    return list(pipe.components.values())
