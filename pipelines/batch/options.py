"""What decides what comes out of a batch, kept beside it as `batch.json`: a batch that goes on goes on alike."""

import secrets
from importlib.metadata import version
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from personify.pipelines.batch.ledger import FAILURES, MANIFEST
from personify.pipelines.batch.outcomes import FOLDER
from personify.pipelines.batch.rows import LARGEST_SEED
from personify.pipelines.batch.store import Store
from personify.pipelines.bundle import now
from personify.pipelines.model_settings import address_of
from personify.voices.errors import BadInput

BATCH = "batch.json"

_OURS = (MANIFEST, FAILURES, "index.html", "diversity.json")


class Options(BaseModel):
    """`batch.json`. `file` is the name of the file that it was begun with; `llm` the language model, also where
    settings named it, None for whichever they name now."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    software: str
    created: str
    file: str
    seed: int = Field(ge=0, le=LARGEST_SEED)
    llm: str | None = None
    head: str
    quotas: tuple[str, ...] = ()
    distinct: bool = True


def settle_options(
    store: Store,
    *,
    file: str,
    seed: int | None,
    llm: str | None,
    head: str,
    quotas: tuple[str, ...],
    distinct: bool,
    resume: bool,
) -> Options:
    """Those of the batch that the store holds, or new ones with a seed that is drawn if it is None; writes nothing.

    Raises `BadInput` where something else was begun there: with another seed or other options, or no batch at all; and
    without `resume` where there is one.
    """
    data = store.read(BATCH)
    if data is None:
        _check_free(store)
        drawn = secrets.randbelow(LARGEST_SEED + 1) if seed is None else seed
        if not 0 <= drawn <= LARGEST_SEED:
            raise BadInput(f"the seed is {seed}; it must be between 0 and {LARGEST_SEED}")
        software = f"personify {version('personify')}"
        return Options(
            software=software,
            created=now(),
            file=file,
            seed=drawn,
            llm=address_of(llm),
            head=head,
            quotas=quotas,
            distinct=distinct,
        )
    if not resume:
        raise BadInput(f"{store.url} holds a batch; choose another --out, or go on with it without --no-resume")
    kept = _read(store, data)
    _check_same(kept, seed=seed, llm=llm, head=head, quotas=quotas, distinct=distinct)
    return kept


def keep_options(store: Store, options: Options) -> None:
    """Writes them where they aren't yet. Raises `BadInput` where another batch has begun there meanwhile."""
    data = store.read(BATCH)
    if data is not None and _read(store, data) != options:
        raise BadInput(f"another batch has just begun in {store.url}; choose another --out")
    if data is None:
        store.write(BATCH, options.model_dump_json(indent=2).encode() + b"\n")


def _read(store: Store, data: bytes) -> Options:
    try:
        return Options.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the whole file"
        raise BadInput(
            f"{BATCH} in {store.url} is not of this version of Personify: {where}: {first['msg']}; choose another --out"
        ) from error


def _check_same(
    kept: Options, *, seed: int | None, llm: str | None, head: str, quotas: tuple[str, ...], distinct: bool
) -> None:
    """What is given must be what was begun with; what has its default was perhaps not given."""
    said = (
        ("seed", seed, kept.seed, None),
        ("llm", llm, kept.llm, None),
        ("head", head, kept.head, "builtin"),
        ("quota", quotas, kept.quotas, ()),
        ("distinct", distinct, kept.distinct, True),
    )
    for name, given, begun, default in said:
        if given not in (default, begun):
            shown = " ".join(begun) if isinstance(begun, tuple) else begun
            raise BadInput(
                f"this batch was begun with --{name} {shown or 'left out'}, so it goes on like that; leave --{name} "
                "out, or choose another --out"
            )


def _check_free(store: Store) -> None:
    """Raises `BadInput` where a new batch would write over what isn't a batch's."""
    there = next((name for name in _OURS if store.read(name) is not None), None)
    if there:
        raise BadInput(
            f"{store.url} holds {there} and no {BATCH}, so it isn't a batch that can go on; choose another --out"
        )
    if store.ids():
        raise BadInput(f"{store.url} holds {FOLDER} that aren't of a batch; choose another --out")
