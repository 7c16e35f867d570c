"""Writing an expert's prompt from the brief; text only, knows no encoder beyond being told what fits."""

from collections.abc import Callable

from personify.avatar.brief import AppearanceBrief
from personify.avatar.catalogue import SLOT

_UNREMARKABLE = "neutral"


def write_prompt(template: str, brief: AppearanceBrief, fits: Callable[[str], bool]) -> str:
    """The template with the user's own words in its slot, unchanged, then as many details as `fits` allows.

    The details are what the brief knows beyond the words: colour and material, accessories, features, expression, in
    this order; one that would make the prompt too long is left out, and so is one that the words already say.
    """
    words = said(brief)
    chosen: list[str] = []
    for detail in _details(brief, words):
        if fits(fill(template, words, [*chosen, detail])):
            chosen.append(detail)
    return fill(template, words, chosen)


def said(brief: AppearanceBrief) -> str:
    """The user's own words where the brief has them, else the concept."""
    return brief.words if brief.words.strip() else brief.concept


def fill(template: str, words: str, details: list[str]) -> str:
    """The template with words and details in its slot; braces in the words stay braces."""
    before, _, after = template.partition(SLOT)
    filling = ", ".join([words, *details])
    return before + filling + ("," if details and after.startswith(" ") else "") + after


def _details(brief: AppearanceBrief, words: str) -> list[str]:
    known = words.casefold()
    # A text encoder reads names of colours; a hex code is noise to it.
    colour = next((name for name in brief.colours[:1] if not name.startswith("#")), "")
    material = brief.materials[0] if brief.materials else ""
    surface = " ".join(word for word in (colour, material) if word and word.casefold() not in known)
    details = [surface] if surface else []
    details += [f"wearing {worn}" for worn in brief.accessories if worn.casefold() not in known]
    details += [feature for feature in brief.features if feature.casefold() not in known]
    if brief.expression != _UNREMARKABLE and brief.expression not in known:
        details.append(f"{brief.expression} expression")
    return details
