"""An expert's weights: whether they are here, where, and how to get them.

Looking needs neither the network nor a model library; what the files themselves must be is in `checkpoints.py`, the
cache and the way to the hub in `hub.py`.
"""

import shutil
from functools import partial
from pathlib import Path
from typing import Literal

from personify.avatar import hub
from personify.avatar.catalogue import Catalogue, Control, ExpertEntry, SharedVae, Weights
from personify.avatar.checkpoints import (
    INDEX,
    PICKLES,
    Needs,
    check_control_fits,
    check_lora_fits,
    check_safetensors,
    control_base,
    index_of,
    lora_base,
    names_in,
    needs,
    read_json,
    refuse_pickles,
)
from personify.avatar.hub import Listing, OnBytes
from personify.voices.errors import BadInput, PersonifyError

__all__ = [
    "Whereabouts",
    "check_control_fits",
    "check_lora_fits",
    "check_safetensors",
    "control_base",
    "lora_base",
    "place",
    "pull",
    "refuse_pickles",
    "whereabouts",
    "whereabouts_of",
]

Whereabouts = Literal["here", "partly", "absent"]
SPARE_BYTES = 200_000_000
"""What a download leaves free on the disk."""


def whereabouts(entry: ExpertEntry, catalogue: Catalogue) -> Whereabouts:
    """Whether all that the expert is made of is on this machine. Never raises for what is missing or damaged."""
    found = {whereabouts_of(part.weights) for part in catalogue.parts(entry)}
    return found.pop() if len(found) == 1 else "partly"


def whereabouts_of(weights: Weights) -> Whereabouts:
    """Whether one checkpoint, LoRA, ControlNet or autoencoder is here: every file of it, not what is in them."""
    root = _root(weights)
    if root is None:  # a branch in the cache points nowhere before its first fetch is complete
        return "partly" if hub.is_started(str(weights.repo)) else "absent"
    if not root.is_dir():
        return "absent"
    try:
        found = _needs(weights, root)
    except PersonifyError:
        return "partly"
    if not found.missing:
        return "here"
    if INDEX in found.missing:
        return "partly" if names_in(root) else "absent"
    return "partly" if any((root / name).is_file() for name in found.files) else "absent"


def place(weights: Weights, *, expert: str = "NAME") -> Path:
    """The local folder of a model, or the file of a LoRA, looked through and safe to load.

    `expert` is named in the way out. Raises `BadInput` for a folder that holds no diffusers model or only pickles,
    and `PersonifyError` for what is not here, incomplete or damaged.
    """
    root = _root(weights)
    if root is None or not root.is_dir():
        raise _not_here(weights, expert)
    if weights.file is None:
        refuse_pickles(root)
    found = _needs(weights, root)
    if INDEX in found.missing:
        held = ", ".join(sorted(path.name for path in root.iterdir())[:6]) or "nothing"
        raise BadInput(f"{root} is not a diffusers model: it has no {INDEX}; it holds {held}")
    if found.missing:
        raise _not_here(weights, expert, found.missing)
    for name in found.files:
        if name.endswith((".safetensors", ".safetensors.index.json")):
            check_safetensors(root / name)
    return root / weights.file if weights.file else root


def pull(entry: ExpertEntry, catalogue: Catalogue, on_bytes: OnBytes) -> None:
    """Fetches what the expert needs and is not here, or damaged: safetensors, configurations and tokenizers alone.

    `on_bytes` hears of the bytes here and the bytes of all that is to come; it may raise to stop. What came is kept, so
    a second call goes on where the first one stopped; what is whole already is not asked for again. Raises
    `PersonifyError` in one line for a lost network, an unknown repository, a full disk, or weights that the hub has as
    pickles alone.
    """
    planned = [
        _plan(part.weights, hub.list_files(part.weights.repo, part.weights.revision))
        for part in catalogue.parts(entry)
        if part.weights.repo is not None and not _is_sound(part.weights)
    ]
    sizes = [sum(file.size for file in listing.files if file.path in names) for listing, names in planned]
    _check_room(planned, entry)
    for number, (listing, names) in enumerate(planned):
        hub.fetch(listing, names, partial(_tell, on_bytes, sum(sizes[:number]), sum(sizes)))
        hub.settle(listing)
    for part in catalogue.parts(entry):
        place(part.weights, expert=entry.name)


def _is_sound(weights: Weights) -> bool:
    try:
        place(weights)
    except PersonifyError:
        return False
    return True


def _tell(on_bytes: OnBytes, before: int, total: int, here: int, _: int) -> None:
    on_bytes(before + here, total)


def _root(weights: Weights) -> Path | None:
    """The folder of the model itself, in which its configuration lies; None where nothing was fetched."""
    if weights.folder is not None:
        return weights.folder / weights.subfolder
    found = hub.snapshot(str(weights.repo), weights.revision)
    return found / weights.subfolder if found else None


def _needs(weights: Weights, root: Path) -> Needs:
    """What is needed of the files in `root`."""
    if weights.file is not None:
        return Needs((weights.file,), () if (root / weights.file).is_file() else (weights.file,))
    if isinstance(weights, Control | SharedVae):
        return needs(None, names_in(root), weights.variant)
    index = index_of(root)
    if index is None:
        return Needs((), (INDEX,))
    found = needs(index, names_in(root), weights.variant)
    return Needs(found.files, found.missing + _missing_by_index(root, found))


def _missing_by_index(root: Path, found: Needs) -> tuple[str, ...]:
    """Shards that an index names and that are not beside it."""
    return tuple(
        f"{Path(name).parent.as_posix()}/{shard}"
        for name in found.files
        if name.endswith(".json") and ".safetensors.index" in name
        for shard in sorted({str(value) for value in read_json(root / name).get("weight_map", {}).values()})
        if not (root / name).with_name(Path(shard).name).is_file()
    )


def _not_here(weights: Weights, expert: str, missing: tuple[str, ...] = ()) -> PersonifyError:
    lacking = f" is incomplete: {', '.join(missing[:3])}{' and more' if len(missing) > 3 else ''} is not there"
    if weights.folder is not None:
        what = lacking if missing else " is not there"
        return PersonifyError(f"the folder {weights.title}{what}; correct or complete it, or name another one")
    what = lacking if missing else " is not on this machine"
    return PersonifyError(
        f"{weights.title}{what}: fetch it with `personify experts pull {expert}` (needs the network), or give a local"
        " folder of it in personify.toml"
    )


def _plan(weights: Weights, listing: Listing) -> tuple[Listing, frozenset[str]]:
    """The files of a repository that are needed, by their paths in it."""
    prefix = f"{weights.subfolder}/" if weights.subfolder else ""
    own = {file.path.removeprefix(prefix) for file in listing.files if file.path.startswith(prefix)}
    if weights.file is not None:
        found = Needs((weights.file,), () if weights.file in own else (weights.file,))
    elif isinstance(weights, Control | SharedVae):
        found = needs(None, own, weights.variant)
    elif INDEX not in own:
        found = Needs((), (INDEX,))
    else:
        root = hub.fetch(listing, {prefix + INDEX}, lambda *_: None) / weights.subfolder
        found = needs(read_json(root / INDEX), own, weights.variant)
    if found.missing:
        pickles = sorted(name for name in own if name.endswith(PICKLES))
        why = f"; it has {pickles[0]}, a pickle, which can run any code when it is loaded" if pickles else ""
        raise PersonifyError(f"the hub's {weights.title} has no {found.missing[0]}{why}; choose another expert")
    return listing, frozenset(prefix + name for name in found.files)


def _check_room(planned: list[tuple[Listing, frozenset[str]]], entry: ExpertEntry) -> None:
    """Before the first byte: the disk has room for what is still to come."""
    to_come = sum(
        file.size
        for listing, names in planned
        for file in listing.files
        if file.path in names and not (hub.storage(listing.repo) / "snapshots" / listing.commit / file.path).is_file()
    )
    folder = hub.hub_cache()
    while not folder.is_dir():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if to_come + SPARE_BYTES > free:
        raise PersonifyError(
            f"{entry.name} needs {to_come / 1e9:.1f} GB more and {folder} has {free / 1e9:.1f} GB left; make room, or"
            " set HF_HOME to a folder on a larger disk"
        )
