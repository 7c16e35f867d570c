"""German ordinals in figures: where "3." is "dritte" and no end of a sentence, and which ending the word takes.

The word before decides, because the case of what follows can't be seen. Reading and cutting into sentences ask the
same question here, so that they agree.
"""

import re

_WEAK = "die das eine keine meine deine seine ihre unsere eure diese dieser dieses jede jeder jedes welche"
_OBLIQUE = (
    "den dem des im am zum zur vom beim ins ans aufs einem einen eines einer keinem keinen meinem meinen meiner deinem "
    "deinen seinem seinen seiner ihrem ihren ihrer unserem unseren diesem diesen jedem jeden"
)
_STRONG = "ein kein mein dein sein ihr unser euer"
_BEFORE_DER = "in an auf mit nach bei von zu vor seit aus unter über neben hinter während wegen trotz ab innerhalb"
"""With these, "der" is a feminine dative or genitive."""
_NEUTER = "Mal Jahr Kind Buch Spiel Tor Auto Haus Leben Semester Kapitel Album Lied Bild Stockwerk Jahrhundert Quartal"
_ALONE = "den dem im am zum vom beim"
"""After these the noun may be missing: "Ich komme am 3."."""
_OPENERS = (
    "Das Der Die Den Dem Er Sie Es Wir Ich Ihr Du Man Dann Da Danach Dort Hier Heute Morgen Gestern Und Aber Oder Doch "
    "Denn Also So Wenn Als Weil Ob Was Wer Wie Wo Wann Warum Ein Eine Kein Keine Mein Meine Sein Seine Ihre Unser "
    "Dieser Diese Dieses Jetzt Nun Bis Am Im In Auf Mit Nach Vor Zu Zum Zur Bei Von Vom Für Ja Nein Nicht Auch Nur "
    "Danke Bitte Leider Jeder Jede Alle Alles Später Seitdem Damals"
)
"""Words that are written large only where a sentence begins."""
_WORD = r"[^\W\d_]+"
_LEADS = "|".join(f"{_WEAK} der {_OBLIQUE} {_STRONG}".split())
LEAD = rf"\b(?:(?P<case>(?i:{'|'.join(_BEFORE_DER.split())})\s)?(?P<lead>(?i:{_LEADS}))\s)"
WRITTEN = rf"{LEAD}(?P<n>\d{{1,3}})(?P<stop>\.)(?=(?:\s+(?P<next>{_WORD})|[\s\"'”“»«)]*$))"
"""A figure with its stop, after what makes it an ordinal."""
_OPEN = re.compile(rf"{LEAD}\d{{1,3}}\.$")


def ending(case: str | None, lead: str, following: str) -> str:
    """What goes behind "dritte" after these words and before that one."""
    word = lead.lower()
    if word in _STRONG.split():
        return "s" if following in _NEUTER.split() else "r"
    if word == "der":
        return "n" if case else ""
    return "" if word in _WEAK.split() else "n"


def stands_alone(lead: str) -> bool:
    """Whether an ordinal after this word needs no noun."""
    return lead.lower() in _ALONE.split()


def is_open(text: str) -> bool:
    """Whether `text` ends with an ordinal in figures, so that its stop is no end unless a sentence opens after it."""
    return bool(_OPEN.search(text[-60:]))


def opens(word: str) -> bool:
    """Whether `word` shows that a sentence begins with it."""
    return re.sub(r"\W", "", word) in _OPENERS.split()
