"""Runs: what every training stage shares: the clock, the learning rate, saving and resuming, curves and early stops.

A run's randomness follows from its seed and the number of the step, so a resumed run goes on as if it had never
stopped. Knows nothing of what is trained.
"""

import contextlib
import csv
import math
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import nn

SAVE_EVERY_S, SHOW_EVERY_S = 180.0, 1200.0
LOG_EVERY = 25
_CLIP = 1.0


@dataclass(frozen=True)
class Budget:
    """How long a stage trains in all, earlier sittings included: for `minutes`, or for `steps` where they are given."""

    minutes: float
    steps: int | None = None

    def progress(self, step: int, seconds: float) -> float:
        """From 0 at the start to 1 at the end."""
        done = step / max(self.steps, 1) if self.steps is not None else seconds / max(self.minutes * 60, 1e-9)
        return min(done, 1.0)


@dataclass
class Run:
    """One stage on its way.

    `folder` takes `state.pt`, `curve.csv` and the sample sheets; `modules` are what is trained and kept, by name;
    `settings` the stage's table of recipe.toml.
    """

    folder: Path
    modules: "Mapping[str, nn.Module]"
    settings: dict[str, Any]
    budget: Budget
    seed: int
    device: str
    step: int = 0
    seconds: float = 0.0
    optimiser: Any = field(init=False)
    averages: "dict[str, dict[str, torch.Tensor]]" = field(init=False)

    def __post_init__(self) -> None:
        import torch

        self.folder.mkdir(parents=True, exist_ok=True)
        self.optimiser = torch.optim.AdamW(
            self._trained(), lr=self.settings["lr"], weight_decay=self.settings["weight_decay"], betas=(0.9, 0.99),
            fused=True,
        )  # fmt: skip
        self.averages = {name: _numbers(module) for name, module in self.modules.items()}
        if (self.folder / "state.pt").exists():
            self._load()

    def train(
        self,
        loss_of: "Callable[[int, Any], dict[str, torch.Tensor]]",
        batches: Iterator[Any],
        *,
        after_save: "Callable[[Run], None] | None" = None,
    ) -> None:
        """Steps until the budget is spent or the process is asked to stop, saving every few minutes and at the end.

        `loss_of(step, batch)` names its parts and their sum, `"loss"`. `after_save` runs less often and at the end,
        with the averaged weights in place, for models and sample sheets.
        """
        with _asked_to_stop() as stop:
            saved = shown = time.monotonic()
            sums: dict[str, Any] = {}
            for batch in batches:
                if stop() or self.progress >= 1:
                    break
                started = time.monotonic()
                for name, value in self._one(loss_of, batch).items():
                    sums[name] = sums.get(name, 0.0) + value
                self.seconds += time.monotonic() - started
                if self.step % LOG_EVERY == 0:
                    self._log({name: value / LOG_EVERY for name, value in sums.items()})
                    sums = {}
                now = time.monotonic()
                if now - saved > SAVE_EVERY_S:
                    show = now - shown > SHOW_EVERY_S
                    self.save(after_save if show else None)
                    saved = time.monotonic()
                    shown = saved if show else shown
            self.save(after_save)

    @property
    def progress(self) -> float:
        """From 0 at the start to 1 at the end of the budget."""
        return self.budget.progress(self.step, self.seconds)

    def generator(self, step: int) -> "torch.Generator":
        """The step's randomness, on the run's device."""
        import torch

        return torch.Generator(self.device).manual_seed(self.seed * 1_000_003 + step)

    def save(self, after_save: "Callable[[Run], None] | None" = None) -> None:
        """Writes the state under a temporary name and renames it."""
        import torch

        draft = self.folder / f".state-{os.getpid()}.pt"
        state = {
            "step": self.step,
            "seconds": self.seconds,
            "modules": {name: module.state_dict() for name, module in self.modules.items()},
            "averages": self.averages,
            "optimiser": self.optimiser.state_dict(),
        }
        torch.save(state, draft)
        draft.replace(self.folder / "state.pt")
        if after_save is not None:
            with self.averaged():
                after_save(self)

    @contextlib.contextmanager
    def averaged(self) -> Iterator[None]:
        """The modules with their averaged weights (EMA), for as long as the block lasts."""
        import torch

        kept = {name: _numbers(module) for name, module in self.modules.items()}
        training = {name: module.training for name, module in self.modules.items()}
        try:
            self._put(self.averages)
            for module in self.modules.values():
                module.eval()
            with torch.no_grad():
                yield
        finally:
            self._put(kept)
            for name, module in self.modules.items():
                module.train(training[name])

    def _one(self, loss_of: "Callable[[int, Any], dict[str, torch.Tensor]]", batch: Any) -> dict[str, Any]:
        """One step of the optimiser; the parts of its loss."""
        import torch

        rate = self._rate()
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        parts = loss_of(self.step, batch)
        self.optimiser.zero_grad(set_to_none=True)
        parts["loss"].backward()
        torch.nn.utils.clip_grad_norm_(self._trained(), _CLIP)
        self.optimiser.step()
        self.step += 1
        self._average()
        return {name: value.detach() for name, value in parts.items()} | {"lr": rate}

    def _rate(self) -> float:
        """Warm-up over the first steps, then a cosine that ends with the budget."""
        warm = min(1.0, (self.step + 1) / max(self.settings["warmup_steps"], 1))
        return float(self.settings["lr"] * warm * (0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * self.progress))))

    def _average(self) -> None:
        """Moves the averages towards the weights; faster in the beginning."""
        import torch

        keep = min(self.settings["ema"], (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, module in self.modules.items():
                average = self.averages[name]
                pairs = [(average[key], value) for key, value in module.named_parameters() if value.requires_grad]
                torch._foreach_lerp_([a for a, _ in pairs], [v.detach() for _, v in pairs], 1 - keep)

    def _trained(self) -> "list[nn.Parameter]":
        return [p for module in self.modules.values() for p in module.parameters() if p.requires_grad]

    def _put(self, weights: "dict[str, dict[str, torch.Tensor]]") -> None:
        import torch

        with torch.no_grad():
            for name, module in self.modules.items():
                for key, value in module.named_parameters():
                    value.copy_(weights[name][key])

    def _load(self) -> None:
        import torch

        state = torch.load(self.folder / "state.pt", map_location=self.device, weights_only=True)
        for name, module in self.modules.items():
            module.load_state_dict(state["modules"][name])
        self.averages = state["averages"]
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.seconds = state["step"], state["seconds"]

    def _log(self, values: dict[str, Any]) -> None:
        """One line of the curve; begins the file where there is none."""
        path = self.folder / "curve.csv"
        fresh = not path.exists()
        row = {"step": self.step, "seconds": round(self.seconds, 1)} | {k: f"{float(v):.6g}" for k, v in values.items()}
        with path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(row))
            if fresh:
                writer.writeheader()
            writer.writerow(row)


def save_model(model: Any, folder: Path) -> None:
    """A model in its library's own format (`save_pretrained`), whole or not at all."""
    draft = folder.with_name(f".{folder.name}-{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    model.save_pretrained(draft)
    replace_folder(draft, folder)


def replace_folder(draft: Path, folder: Path) -> None:
    """Puts a finished draft in the place of a folder."""
    old = folder.with_name(f".{folder.name}-old-{os.getpid()}")
    if folder.exists():
        folder.replace(old)
    draft.replace(folder)
    shutil.rmtree(old, ignore_errors=True)


def _numbers(module: "nn.Module") -> "dict[str, torch.Tensor]":
    return {key: value.detach().clone() for key, value in module.named_parameters()}


@contextlib.contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Turns Ctrl-C and SIGTERM into a question that the loop asks, so that a step always ends."""
    asked: list[int] = []
    before = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(ValueError):  # signals belong to the main thread; elsewhere nothing is caught
            before[number] = signal.signal(number, lambda seen, _frame: asked.append(seen))
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
