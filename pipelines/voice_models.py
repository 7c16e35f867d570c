"""Voice models for users: what there is, under which licence, whether it can speak, and fetching and measuring one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from personify.voices.errors import PersonifyError

if TYPE_CHECKING:
    from personify.voices.tones import Tone

OnBytes = Callable[[int, int], None]
OnMeasured = Callable[[int, int], None]
"""Hears how many tones are measured, and how many there are."""


@dataclass(frozen=True)
class VoiceCard:
    """A voice model to be shown. `languages` is "any" or tags; `lacks` is the way to it where it isn't `ready`.

    `terms` is what has to be agreed to before it is fetched, empty where there is nothing, and `agreed` whether it was.
    """

    name: str
    title: str
    engine: str
    languages: tuple[str, ...] | str
    licence: str
    commercial: bool
    download_mb: float
    tones: int
    ready: bool
    lacks: str
    terms: str
    agreed: bool


@dataclass(frozen=True)
class Pulled:
    """A model that is here now: how many of its tones were measured, and why the others could not be."""

    model: str
    measured: int = 0
    failed: dict[str, str] = field(default_factory=dict)


def voice_cards(tones: "Mapping[str, Tone]") -> list[VoiceCard]:
    """Every voice model, the built-in one first; loads none and asks no network."""
    from personify.voices.licences import agreed
    from personify.voices.models import load_models, ready_models

    status = ready_models()
    return [
        VoiceCard(
            name, model.title, model.engine, model.languages, model.licence, model.commercial, model.download_mb,
            sum(tone.model == name for tone in tones.values()), status[name].ready, status[name].lacks, model.terms,
            agreed(model),
        )
        for name, model in load_models().items()
    ]  # fmt: skip


def pull_model(
    name: str,
    tones: "Mapping[str, Tone]",
    *,
    agreed: bool,
    measure: bool | None,
    on_bytes: OnBytes,
    on_measured: OnMeasured,
) -> Pulled:
    """Fetches the model of that name and measures its tones; see `Studio.pull_voices`."""
    from personify.voices.engines import get_engine
    from personify.voices.licences import agree, check_agreed
    from personify.voices.models import model_of

    model = model_of(name)
    engine = get_engine(model.engine)
    if agreed:
        agree(model)
    was_here = engine.status(model).ready
    if not was_here:
        check_agreed(model)
        engine.pull(model, on_bytes)
        status = engine.status(model)
        if not status.ready:
            raise PersonifyError(f"{name} can't speak yet: {status.lacks}")
    if not (model.quick and not was_here if measure is None else measure):
        return Pulled(name)
    return _measured(name, [tone for tone in tones.values() if tone.model == name], on_measured)


def _measured(name: str, tones: "list[Tone]", on_measured: OnMeasured) -> Pulled:
    """Measures the tones and keeps what was heard; one that fails stops no other."""
    from personify.voices.measured import measure_tone, remember

    heard, failed = {}, {}
    for count, tone in enumerate(tones, start=1):
        try:
            heard[tone.name] = measure_tone(tone)
        except PersonifyError as error:
            failed[tone.name] = str(error)
        except ValueError:  # figures that no voice has
            failed[tone.name] = "what it spoke is no sound that can be measured"
        on_measured(count, len(tones))
    if heard:
        remember(name, heard)
    return Pulled(name, len(heard), failed)
