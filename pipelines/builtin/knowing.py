"""What a character knows well, and how hard its words are: from its life, its loves, its temper and its age."""

from personify.pipelines.builtin.grammar import article, plural
from personify.pipelines.builtin.lexicon import lexicon
from personify.pipelines.builtin.prose import Cast
from personify.pipelines.persona import ReadingLevel

_MOST = 8


def write_knows(cast: Cast, nature: str, occupation: str | None, likes: tuple[str, ...]) -> tuple[str, ...]:
    """What it may be asked about, the surest first: what it loves, its trade, its own kind, what it likes."""
    reading = cast.reading
    english = reading.language == "en"
    known = [*reading.loves, *(interest.word for interest in reading.interests if english)]
    if occupation:
        known.append(f"the work of {article(occupation)}" if english else occupation)
    if reading.category != "people":
        known.append(plural(cast.noun) if english else nature)
    return tuple(dict.fromkeys([*known, *likes[:2]]))[:_MOST]


def choose_level(cast: Cast) -> ReadingLevel:
    """Simple for children, learned for learned trades and for the wise and the grand, plain for all others."""
    if cast.age == "child":
        return "child"
    learned = lexicon().words["reading_level"]
    role = cast.reading.role
    if role and role.word in learned["learned_roles"]:
        return "learned"
    suits = cast.age != "young" and role is None and cast.temperaments[0].group in learned["learned_groups"]
    return "learned" if suits else "plain"
