"""`personify tones`: the voices that a character can have, hearing one, and fetching the models behind them."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from personify.ui.commands import Force, Json, Strict, group
from personify.ui.terminal import batch_progress, byte_progress, print_json, print_line, print_table

if TYPE_CHECKING:
    from personify.pipelines.voice_models import VoiceCard
    from personify.voices.tones import Tone

tones = group("The voices that a character can have.")


@tones.command("list")
def list_tones(
    ready: Annotated[bool, typer.Option("--ready", help="Only those that can speak now.")] = False,
    as_json: Json = False,
) -> None:
    """List the tones: what they are like, their model and its licence, and the way to those that aren't ready."""
    from personify.pipelines import Studio

    studio = Studio()
    cards = {card.name: card for card in studio.voice_models()}
    found = [(tone, cards[tone.model]) for tone in studio.tones() if tone.model in cards]
    if ready:
        found = [(tone, card) for tone, card in found if card.ready]
    if as_json:
        print_json([_told(tone, card) for tone, card in found])
        return
    rows = [
        (tone.name, tone.description, card.name, _languages(tone, card), "ready" if card.ready else f"get {card.name}")
        for tone, card in found
    ]
    if rows:
        print_table(rows, columns=("tone", "what it is like", "model", "languages", ""))
    print_table(
        [(card.name, card.title, _licence(card), card.tones, _state(card)) for card in cards.values()],
        columns=("model", "what it is", "licence", "tones", ""),
    )


@tones.command("play")
def play_tone(
    name: Annotated[str, typer.Argument(help="A tone by name.")],
    text: Annotated[str, typer.Argument(help="What it says.")] = "Hello. This is how I sound when I speak.",
    *,
    out: Annotated[Path | None, typer.Option(help="The sound file; NAME.wav here if left out.")] = None,
    language: Annotated[str, typer.Option(help="The language of the text, such as es.")] = "en",
    force: Force = False,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Speak a text in one tone, into a WAV file that any player opens."""
    from personify.pipelines import Studio

    tried = Studio().try_tone(name, text, out=out, language=language, force=force, strict=strict)
    seconds = round(tried.speech.duration_s, 3)
    if as_json:
        print_json({"tone": tried.tone, "sound": str(tried.path), "seconds": seconds, "note": tried.note})
    else:
        rows: list[tuple[str, object]] = [("tone", tried.tone), ("sound", tried.path), ("length", f"{seconds:.2f} s")]
        print_table(rows + ([("note", tried.note)] if tried.note else []))


@tones.command("pull")
def pull_voices(
    name: Annotated[str, typer.Argument(help="A voice model by name, such as vctk; see: personify tones list.")],
    *,
    agree: Annotated[
        bool,
        typer.Option("--agree", help="Agree to the model's licence, for scripts; otherwise it is shown and asked."),
    ] = False,
    measure: Annotated[
        bool | None, typer.Option(help="Measure its tones afterwards; if left out, where that takes minutes at most.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fetch a voice model; a pull that was stopped goes on where it left off."""
    from personify.pipelines import Studio

    studio = Studio()
    card = next((card for card in studio.voice_models() if card.name == name), None)
    if card and not (card.ready or card.agreed or agree or as_json):
        agree = _asked(card)
    with byte_progress(name, shown=not as_json) as on_bytes, batch_progress(shown=not as_json) as on_batch:
        pulled = studio.pull_voices(
            name, agreed=agree, measure=measure, on_bytes=on_bytes,
            on_measured=lambda done, of: on_batch("tones measured", done, of),
        )  # fmt: skip
    if as_json:
        print_json({**asdict(pulled), "ready": True})
        return
    print_line(f"{name} is here, {pulled.measured} of its tones measured; hear one: personify tones play TONE")
    for tone, why in pulled.failed.items():
        print_line(f"{tone} could not be measured: {why}")


def _asked(card: "VoiceCard") -> bool:
    """Shows the terms and asks; where nobody answers it is no agreement."""
    print_line(f"{card.title}: {card.licence}.")
    print_line(card.terms)
    try:
        return typer.confirm("Do you agree?")
    except typer.Abort:
        return False


def _told(tone: "Tone", card: "VoiceCard") -> dict[str, Any]:
    """All that is known of a tone and the model behind it."""
    return tone.model_dump(mode="json") | {
        "languages": _tags(tone, card),
        "pitch_hz": round(tone.pitch_hz, 1),
        "pace_wpm": round(tone.pace_wpm, 1),
        "engine": card.engine,
        "licence": card.licence,
        "commercial": card.commercial,
        "download_mb": card.download_mb,
        "ready": card.ready,
        "lacks": card.lacks,
    }


def _tags(tone: "Tone", card: "VoiceCard") -> tuple[str, ...] | str:
    """A tone speaks no more than its model."""
    return card.languages if tone.languages == "any" else tone.languages


def _languages(tone: "Tone", card: "VoiceCard") -> str:
    tags = _tags(tone, card)
    return tags if isinstance(tags, str) else ", ".join(tags)


def _licence(card: "VoiceCard") -> str:
    return card.licence if card.commercial else f"{card.licence} (not for sale)"


def _state(card: "VoiceCard") -> str:
    return "ready" if card.ready else card.lacks
