"""English sentences from the fragments that a persona is kept in, and persons turned about: mine, yours, theirs."""

import re

from personify.pipelines.builtin.grammar import capital, first_person, mine

_STOP = ".!?…"
_ARTICLES = {"a", "an", "the", "my", "his", "her", "its", "their", "some", "any", "every", "one", "two", "three"}
_OCCASIONS = {
    "morning", "afternoon", "evening", "breakfast", "lunch", "dinner", "supper", "tea", "coffee", "nap", "bedtime",
    "early", "late", "quiet", "midday", "noon", "night", "time",
}  # fmt: skip
"""How a moment of a routine begins that names an occasion rather than telling what is done."""
_BE_FIRST = {"be": "am", "being": "am"}
_NOT_VERBS = {"always", "less", "perhaps", "sometimes", "besides", "across", "towards", "thus", "yes", "plus"}
_IRREGULAR = {"is": "are", "has": "have", "does": "do", "was": "were", "goes": "go", "am": "are"}
_IRREGULAR |= {"doesn't": "don't", "isn't": "aren't", "hasn't": "haven't", "wasn't": "weren't"}

_FLIPS = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "we": "you", "our": "your",
    "us": "you", "your": "my", "yours": "mine", "yourself": "myself", "you": "I",
}  # fmt: skip
_THIRD = {"i": "they", "me": "them", "my": "their", "mine": "theirs", "myself": "themselves", "am": "are"}
_SECOND = {"they": "you", "them": "you", "their": "your", "theirs": "yours", "themselves": "yourself"}


def bare(fragment: str) -> str:
    """A fragment without its stop, on one line."""
    return " ".join(fragment.split()).rstrip(_STOP + ",;: ")


def is_sentence(fragment: str) -> bool:
    """Whether a fragment says something of its speaker by itself, such as "I live in a lighthouse.", rather than naming
    a thing."""
    return bool(
        re.match(r"(?:I|I'(?:m|ve|d|ll)|My|We|It|It's|There|This|That)\s", fragment)
        or re.search(r"[.!?…]\s+\S", fragment)
        or (re.search(r"\b(?:I|I'm|I've|I'd|I'll)\b", fragment) and fragment.rstrip().endswith(tuple(_STOP)))
    )  # fmt: skip


def sentence(fragment: str) -> str:
    """A fragment as a sentence: a capital first and one mark at the end."""
    text = capital(" ".join(fragment.split()))
    return text if text.rstrip("\"”’')").endswith(tuple(_STOP)) else text.rstrip(",;: ") + "."


def thing(fragment: str) -> str:
    """A fragment that names something, as it stands within a sentence: "Astronomy." -> "astronomy"."""
    text = bare(fragment)
    first, _, rest = text.partition(" ")
    if first.lower() == "to" and rest:
        verb, _, after = rest.partition(" ")
        return f"{_gerund(verb)} {after}".strip()
    if first[1:] == first[1:].lower() and first.lower() in _ARTICLES | {"being", "when", "people", "anything"}:
        return text[:1].lower() + text[1:]
    if first[:1].isupper() and first[1:].islower() and rest and not rest[:1].isupper() and not _proper(first):
        return text[:1].lower() + text[1:]
    return text


def _gerund(verb: str) -> str:
    """ "be" -> "being", "make" -> "making", "sit" -> "sitting"."""
    if re.search(r"[^eoy]e$", verb) and verb != "be":
        return verb[:-1] + "ing"
    if re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", verb):
        return verb + verb[-1] + "ing"
    return verb + "ing"


def _proper(word: str) -> bool:
    return word in {
        "Saturn", "Mars", "Venus", "Sunday", "Sundays", "Monday", "Mondays", "Tuesday", "Tuesdays", "Wednesday",
        "Thursday", "Friday", "Fridays", "Saturday", "Saturdays", "Christmas", "English", "French", "German", "Italian",
        "I", "Paris", "London", "Mozart", "Bach", "Beethoven", "January", "May", "June", "July",
    }  # fmt: skip


def listable(fragments: tuple[str, ...]) -> tuple[str, ...]:
    """Those that can stand in a list with others: short, and without a comma of their own."""
    return tuple(text for text in fragments if "," not in text and len(text) < 60)


def doing(activity: str) -> str:
    """A moment of a routine as a verb phrase after "to": "Warm my belly" -> "warm my belly"; "" where it is none."""
    text = bare(activity)
    first, _, rest = text.partition(" ")
    word = first.lower()
    if word in _ARTICLES or word in _OCCASIONS or not rest:
        return ""
    if word.endswith("ing") and len(word) > 5:
        return f"be {word} {rest}"
    if first in ("I", "I'm", "I've", "I'll"):
        if first != "I":
            return ""
        return rest
    if re.search(r"[^s]s$", word) and word not in _NOT_VERBS and len(word) > 2:
        return first_person(text[:1].lower() + text[1:]).removeprefix("I ").strip()
    return word + " " + rest


def i_do(activity: str) -> str:
    """A verb phrase said of oneself: "be searched for keys" -> "I'm searched for keys"."""
    first, _, rest = activity.partition(" ")
    return f"I'm {rest}" if first in _BE_FIRST else f"I {activity}"


def trait(text: str) -> str:
    """A trait as a predicate of "I": "a wonderful listener" -> "I'm a wonderful listener"; "hides its smiles" ->
    "I hide my smiles"."""
    said = bare(text)
    if is_sentence(text):
        return said
    said = re.sub(r"\bthan (?:it|he|she|they) (\w+?)s\b", r"than I \1", thing(said))
    first = said.split()[0].split("-")[-1].lower()
    said = said[:1].lower() + said[1:]
    if first in _IRREGULAR or (re.search(r"[^su]s$", first) and first not in _NOT_VERBS and len(first) > 3):
        return first_person(said)
    return "I'm " + mine(said)


def of_oneself(text: str, name: str) -> str:
    """A sentence about `name` told by it: "Lumen was forged" -> "I was forged"; as it is where it has pronouns."""
    if name not in text or re.search(r"\b(?:he|she|they|it|his|her|their|its|him|them|I|my)\b", text, re.IGNORECASE):
        return text
    said = re.sub(rf"\b{re.escape(name)}['’]s\b", "my", text)

    def spoken(match: re.Match[str]) -> str:
        verb = match[1]
        return first_person(verb) if verb in _IRREGULAR or re.search(r"[^s]s$", verb) else f"I {verb}"

    said = re.sub(rf"\b{re.escape(name)} (\w+)", spoken, said)
    return re.sub(rf"\b{re.escape(name)}\b", "me", said)


def flipped(text: str) -> str:
    """The user's words from where the character stands: "my dog" -> "your dog"."""
    words = [_FLIPS.get(word.lower(), word) for word in text.split()]
    if len(words) > 1 and words[-1] == "I":
        words[-1] = "me"
    return " ".join(words)


def third(text: str) -> str:
    """What the user says of themselves, told of them: "my exam is on Friday" -> "their exam is on Friday"."""
    return _turned(text, _THIRD)


def second(fact: str, partner: str | None = None) -> str:
    """A fact about the user told to them: "The user likes tea." -> "you like tea"; "" where its subject is another."""
    text = bare(fact)
    names = "|".join(re.escape(name) for name in ("The user", "User", partner or "") if name)
    job = re.match(rf"(?:{names})(?:'s|’s) job: (.+)", text, re.IGNORECASE)
    if job:
        verb = (
            "you are"
            if re.match(r"(?:an?|the)\s", job[1])
            else "you"
            if re.match(r"(?:study|teach|work)\b", job[1])
            else ""
        )
        verb = "you work" if not verb and re.match(r"(?:in|at|for|with|on|as)\s", job[1]) else verb
        return _turned(f"{verb or 'your job is'} {job[1]}", _SECOND)
    own = re.match(rf"(?:{names})(?:'s|’s)\s+", text, re.IGNORECASE)
    if own:
        return _turned("your " + text[own.end() :], _SECOND)
    subject = re.match(rf"(?:{names}|They|He|She)\s+([\w']+)\s*", text, re.IGNORECASE)
    if not subject:
        return ""
    verb = subject[1].lower()
    rest = text[subject.end() :]
    if verb in _IRREGULAR:
        verb = _IRREGULAR[verb]
    elif verb.endswith("ies") and len(verb) > 4:
        verb = verb[:-3] + "y"
    elif re.search(r"(?:ss|x|ch|sh)es$", verb):
        verb = verb[:-2]
    elif re.search(r"[^su]s$", verb):
        verb = verb[:-1]
    return _turned(f"you {verb} {rest}".strip(), _SECOND)


def _turned(text: str, table: dict[str, str]) -> str:
    said = " ".join(_swap(word, table) for word in text.split())
    return re.sub(r"\bthey (?:is|am)\b", "they are", said)


def _swap(word: str, table: dict[str, str]) -> str:
    match = re.match(r"^(\W*)(\w+)(.*)$", word)
    if not match:
        return word
    return match[1] + table.get(match[2].lower(), match[2]) + match[3]
