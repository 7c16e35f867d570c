"""What the lexicon of the persona writer knows of a character's kind, trade and loves beyond what its persona holds."""

from personify.pipelines.builtin.cleaning import fold
from personify.pipelines.builtin.lexicon import lexicon
from personify.pipelines.persona import Persona

_MOST = 8


def tales(persona: Persona) -> tuple[str, ...]:
    """First-person sentences, without their full stop, that are true of the thing it is, its trade and what it loves.

    Only for a persona of the built-in writer: what a model made up knows nothing of the lexicon, and may contradict it.
    """
    if persona.writer != "builtin":
        return ()
    lex = lexicon()
    concept = lex.concepts.get(persona.appearance.concept) or lex.concepts.get(fold(persona.social.nature))
    role = lex.roles.get(fold(persona.social.occupation or ""))
    loved = {fold(like) for like in persona.personal.likes}
    found: list[str] = []
    for interest in lex.interests.values():
        if loved & {fold(word) for word in (interest.word, *interest.aliases)}:
            found += interest.facts
    traits = set(persona.personal.traits)
    for temper in lex.temperaments.values():
        if set(temper.traits) <= traits:
            found += temper.reasons
    if role:
        found += role.facts
    if concept and persona.social.category != "people":
        found += concept.facts
    return tuple(dict.fromkeys(found))[:_MOST]
