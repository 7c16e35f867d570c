"""The stages of training, each a few steps that read and write one folder of the workshop."""

import dataclasses
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from personify.avatar.diffusion.device import usable_cores
from personify.avatar.embedded import codec, nets, runs
from personify.avatar.embedded.beginning import begin
from personify.avatar.embedded.runs import Budget, Run
from personify.avatar.embedded.shards import Library, make_shards
from personify.voices.errors import BadInput, PersonifyError

Tables = dict[str, dict[str, Any]]
_MACHINES = "machines.txt"


@dataclass(frozen=True)
class Workshop:
    """Where and how stages run: the `work` folder, one sub-folder a stage; `minutes` or `steps` to train; `workers`
    processes that draw and load and `threads` that train, 0 for what suits the device; the tables of `recipe` and
    `nets`; where `export` writes its `weights`, None for the package."""

    work: Path
    device: str
    minutes: float
    recipe: Tables
    nets: Tables
    styles: tuple[str, ...]
    steps: int | None = None
    seed: int = 0
    count: int = 20_000
    workers: int = 0
    threads: int = 0
    weights: Path | None = None

    def with_minutes(self, minutes: float) -> "Workshop":
        """The same with another budget."""
        return dataclasses.replace(self, minutes=minutes)

    @property
    def budget(self) -> Budget:
        """What a training stage may take."""
        return Budget(self.minutes, self.steps)

    def ready(self) -> None:
        """Sets torch up for training; a device that isn't there is `BadInput`."""
        import torch

        if self.device == "cuda" and not torch.cuda.is_available():
            raise BadInput("--device cuda was asked for, and torch sees no CUDA device; use --device cpu")
        if self.threads:
            torch.set_num_threads(self.threads)
        self._note_machine()
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.manual_seed(self.seed)

    @property
    def machines(self) -> list[str]:
        """What the stages so far ran on."""
        kept = self.work / _MACHINES
        return kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []

    def _note_machine(self) -> None:
        import torch

        name = f"one {torch.cuda.get_device_name()}" if self.device == "cuda" else f"{usable_cores()} CPU cores"
        if name not in self.machines:
            self.work.mkdir(parents=True, exist_ok=True)
            with (self.work / _MACHINES).open("a", encoding="utf-8") as file:
                file.write(f"{name}\n")

    def loaded(self, batches: Any, first: int) -> Iterator[Any]:
        """Batches from step `first` on, made by worker processes where a GPU must not wait for them."""
        if self.device == "cpu":
            return (batches[step] for step in _from(first))
        from torch.utils.data import DataLoader

        return iter(DataLoader(
            batches, batch_size=None, sampler=_from(first), num_workers=self.workers or usable_cores(),
            pin_memory=True, prefetch_factor=4,
        ))  # fmt: skip

    def model(self, stage: str) -> Path:
        """A finished model's folder; one that isn't there yet is an error that names its stage."""
        folder = self.work / stage / "model"
        if not folder.exists():
            raise PersonifyError(f"{folder} isn't there yet; run `--stage {stage.partition('-')[0]}` first")
        return folder


def settings(override: Path | None, device: str) -> tuple[Tables, Tables]:
    """The tables of recipe.toml, as they hold on the device, and of nets.toml, both with a file's values over them."""
    packaged = tomllib.loads(files(__package__).joinpath("recipe.toml").read_text(encoding="utf-8"))
    own: Tables = tomllib.loads(override.read_text(encoding="utf-8")) if override else {}
    tables = {"recipe": packaged, "nets": dict(nets.tables())}
    for name, values in own.items():
        if name not in tables:
            raise BadInput(f"{override}: tables begin with 'recipe.' or 'nets.', not {name!r}")
        for table, entries in values.items():
            tables[name][table] = tables[name].get(table, {}) | entries
    recipe = {name: table | table.get("cuda", {}) if device == "cuda" else table for name, table in packaged.items()}
    return recipe, tables["nets"]


def data(shop: Workshop) -> None:
    """Draws shards until there are enough or the time is up."""
    made = make_shards(
        shop.work / "shards", count=shop.count, deadline=time.monotonic() + shop.minutes * 60,
        workers=shop.workers or usable_cores(),
    )  # fmt: skip
    print(f"{made} shards in {shop.work / 'shards'}")  # noqa: T201 - progress of a command


def vae(shop: Workshop) -> None:
    """Trains the autoencoder."""
    shop.ready()
    library, shown = Library(shop.work / "shards"), Library.to_show(shop.work / "shards")
    recipe, folder = shop.recipe["vae"], shop.work / "vae"
    net = codec.fresh(nets.build_vae(shop.nets))
    if not (folder / "state.pt").exists():
        begin(net, codec.as_input(codec.Crops(library, recipe, shop.seed).of_side(128, 64), "cpu"), shop.seed)
    net.to(shop.device)
    run = Run(folder, {"vae": net}, recipe, shop.budget, shop.seed, shop.device)

    def loss(step: int, batch: Any) -> dict[str, Any]:
        return codec.codec_loss(net, codec.as_input(batch, shop.device), recipe, run.generator(step))

    def keep(at: Run) -> None:
        codec.write_png(codec.reconstructions(net, shown, shop.device), folder / f"sheet-{at.step:06d}.png")
        runs.save_model(codec.finished(net, library, shop.device), folder / "model")

    run.train(loss, shop.loaded(codec.Crops(library, recipe, shop.seed), run.step), after_save=keep)


def tokens(shop: Workshop) -> None:
    """Learns the words of the captions, of as many drawings as `count` says, drawn or not."""
    from personify.avatar.embedded.tokens import captions_of, learn_tokens, save_tokens

    words = shop.nets["text"]
    found = learn_tokens(
        captions_of(shop.count), vocabulary=words["vocab_size"], length=words["max_position_embeddings"]
    )
    save_tokens(found, shop.work / "tokens" / "model")


def latents(shop: Workshop) -> None:
    """Encodes the drawings that aren't yet."""
    import torch
    from diffusers import AutoencoderKL

    from personify.avatar.embedded.latents import encode_library

    shop.ready()
    weights = shop.model("vae")
    net = AutoencoderKL.from_pretrained(weights).eval().to(shop.device, memory_format=torch.channels_last)
    batch = 32 if shop.device == "cuda" else 2
    encode_library(net, weights, Library(shop.work / "shards"), shop.work / "latents", shop.device, batch)


def _from(first: int) -> Iterator[int]:
    import itertools

    return itertools.count(first)
