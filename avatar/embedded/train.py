"""Training the embedded experts: `python -m personify.avatar.embedded.train --stage STAGE --work DIR`.

The stages in their order: `data` draws pictures, `tokens` learns the words, `vae` the autoencoder, `latents` encodes
the drawings once, `base` learns to denoise, `control` the landmark mesh, `lora` one style each, `decoder` makes the
best of what those draw, `export` writes the package's weights. Every stage can be stopped (Ctrl-C, SIGTERM) and started
again; `--minutes` counts all its sittings.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from personify.avatar.embedded import learners, stages
from personify.avatar.embedded.decoder import decoder
from personify.avatar.embedded.export import export
from personify.avatar.embedded.stages import Workshop
from personify.voices.errors import BadInput, PersonifyError

STAGES: dict[str, Callable[[Workshop], None]] = {
    "data": stages.data,
    "tokens": stages.tokens,
    "vae": stages.vae,
    "latents": stages.latents,
    "base": learners.base,
    "control": learners.control,
    "lora": learners.lora,
    "decoder": decoder,
    "export": export,
}


def main(arguments: list[str] | None = None) -> int:
    """The command; returns the exit code."""
    asked = _parser().parse_args(arguments)
    started = time.monotonic()
    try:
        shop = _workshop(asked)
        if asked.stage == "all":
            _train_all(shop)
        else:
            STAGES[asked.stage](shop)
    except PersonifyError as error:
        print(error)  # noqa: T201 - an entry point
        return error.exit_code
    print(f"{asked.stage}: {time.monotonic() - started:.0f} s")  # noqa: T201 - an entry point
    return 0


def _train_all(shop: Workshop) -> None:
    """Every stage with its share of the minutes; all four styles."""
    shares = shop.recipe["all"]
    for name, stage in STAGES.items():
        stage(shop.with_minutes(shop.minutes * shares.get(name, 1.0)))


def _workshop(asked: argparse.Namespace) -> Workshop:
    from personify.avatar.embedded.drawings import STYLES

    if asked.minutes <= 0:
        raise BadInput(f"--minutes {asked.minutes} leaves no time; give a number above 0")
    styles = tuple(STYLES) if asked.style is None else (asked.style,)
    recipe, nets = stages.settings(asked.override, asked.device)
    return Workshop(
        work=asked.work, device=asked.device, minutes=asked.minutes, steps=asked.steps, seed=asked.seed,
        count=asked.count, workers=asked.workers, threads=asked.threads, styles=styles, recipe=recipe, nets=nets,
        weights=asked.weights,
    )  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m personify.avatar.embedded.train", description=__doc__)
    parser.add_argument("--stage", choices=[*STAGES, "all"], required=True)
    parser.add_argument("--work", type=Path, required=True, help="the folder for drawings, states, curves and sheets")
    parser.add_argument("--minutes", type=float, default=10.0, help="training time of the stage in all (default 10)")
    parser.add_argument("--steps", type=int, help="how many steps a training stage takes, instead of --minutes")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--count", type=int, default=20_000, help="how many drawings `data` makes at most")
    parser.add_argument("--workers", type=int, default=0, help="processes that draw and load; 0: what suits the device")
    parser.add_argument("--threads", type=int, default=0, help="threads that train; 0: all cores")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--style", choices=["clay", "storybook", "comic", "photo"], help="`lora`: only this style")
    parser.add_argument("--override", type=Path, help="a TOML file whose values replace nets.toml's and recipe.toml's")
    parser.add_argument("--weights", type=Path, help="where `export` writes (default: the package's own folder)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
