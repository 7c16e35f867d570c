"""Who is interviewed: personas of the project's own descriptions, over all its categories, by the built-in writer."""

from itertools import zip_longest

from personify.eval.detection.prompts import read_prompts
from personify.pipelines.persona import Persona
from personify.pipelines.writers import persona_writer
from personify.voices.errors import BadInput

LEAST, MOST = 4, 400


def cast_of(count: int, seed: int) -> list[Persona]:
    """So many personas in English, one from each category in turn, with no name twice.

    Raises `BadInput` for fewer than 4, which can't be told from one another, and for more than there are descriptions.
    """
    if not LEAST <= count <= MOST:
        raise BadInput(f"{count} personas can't be compared; take {LEAST} to {MOST}")
    by_category: dict[str, list[str]] = {}
    for prompt in read_prompts():
        by_category.setdefault(prompt.category, []).append(prompt.text)
    rounds = zip_longest(*by_category.values())
    descriptions = [text for texts in rounds for text in texts if text is not None]
    writer, found, names = persona_writer(), [], set()
    for at, description in enumerate(descriptions):
        persona = writer.write(description, seed=seed + at)
        if persona.language == "en" and persona.name not in names:
            names.add(persona.name)
            found.append(persona)
        if len(found) == count:
            return found
    raise BadInput(f"there are only {len(found)} personas with names of their own; take {len(found)} at most")
