"""Figures in ordinary spelling: ordinals, stops, dates, scores, counted nouns and measures are read as people do."""

import pytest

from personify.voices.text.preparing import prepare
from personify.voices.text.sentences import SentenceStream, sentences

READINGS = {
    "de": {
        "Im 19. Jahrhundert war es so.": "Im neunzehnten Jahrhundert war es so.",
        "Der 2. Weltkrieg endete.": "Der zweite Weltkrieg endete.",
        "Er wohnt im 3. Stock.": "Er wohnt im dritten Stock.",
        "Sie kam zum 2. Mal.": "Sie kam zum zweiten Mal.",
        "Offen vom 3. bis 5. Mai.": "Offen vom dritten bis fünften Mai.",
        "Zu Beginn der 1. Halbzeit": "Zu Beginn der erste Halbzeit",  # a genitive can't be told from the words around
        "Tor in der 90. Minute": "Tor in der neunzigsten Minute",
        "Das ist ihr 3. Sohn und mein 2. Buch.": "Das ist ihr dritter Sohn und mein zweites Buch.",
        "Am 1. und 2. Mai": "Am ersten und zweiten Mai",
        "Er kam am 3. Das war schön.": "Er kam am dritten. Das war schön.",
        "Ich komme am 3.": "Ich komme am dritten.",
        "Ich zähle die 3.": "Ich zähle die drei.",
        "Ich komme am 3. Oktober. Dann gehen wir.": "Ich komme am dritten Oktober. Dann gehen wir.",
        "Am 3. Okt. 2024 fuhr er.": "Am dritten Oktober zweitausendvierundzwanzig fuhr er.",
        "Am 24.12. ist Weihnachten.": "Am vierundzwanzigsten Dezember ist Weihnachten.",
        "Heute ist der 1.5.": "Heute ist der erste Mai.",
        "am 3. 5. 2024": "Am dritten Mai zweitausendvierundzwanzig",
        "Wir essen um 8.30 Uhr.": "Wir essen um acht Uhr dreißig.",
        "von 8.30 bis 9.15 Uhr": "von acht Uhr dreißig bis neun Uhr fünfzehn",
        "Version 3.5 und 3.5 Meter": "Version drei Komma fünf und drei Komma fünf Meter",
        "Das kostet 10 000 Euro.": "Das kostet zehntausend Euro.",
        "Bayern gewann 3:2.": "Bayern gewann drei zu zwei.",
        "Die 90er Jahre und die 1920er": "Die neunziger Jahre und die neunzehnhundertzwanziger",
        "1 Frau, 1 Mann, 1 Million Euro": "Eine Frau, ein Mann, eine Million Euro",
    },
    "en": {
        "We met on 5 March. Then we left.": "We met on the fifth of March. Then we left.",
        "We left in March. 5 people came.": "We left in March. Five people came.",
        "We met on 5 Mar. 2026.": "We met on the fifth of March twenty twenty-six.",
        "On 5 Mar. we left.": "On the fifth of March we left.",
        "Meet me at 5 p.m. Tomorrow is fine.": "Meet me at five P M. Tomorrow is fine.",
        "Come at 3:30 p.m. He left.": "Come at three thirty P M. He left.",
        "Come at 5 p.m. on Monday.": "Come at five P M on Monday.",
        "Come at 3 p.m. Tuesday.": "Come at three P M Tuesday.",
        "Come at 3 p.m. EST.": "Come at three P M EST.",
        "Come at 3 p.m.": "Come at three P M.",
        "A 16:9 screen, a 2:1 lead": "A sixteen to nine screen, a two to one lead",
        "A 5 km race over 5 km of road": "A five kilometer race over five kilometers of road",
        "The 5 km to town": "The five kilometers to town",
        "I have 3 bar stools.": "I have three bar stools.",
        "It was 3 bar.": "It was three bars.",
        "5 - 3 = 2": "Five minus three equals two",
        "Read 3 - 5.": "Read three to five.",
        "It is .5 inches.": "It is zero point five inches.",
        "It costs $5-10, or $5–$10 million.": "It costs five to ten dollars, or five to ten million dollars.",
        "It costs 5-10 €.": "It costs five to ten euros.",
        "She writes C#.": "She writes C sharp.",
    },
    "es": {
        "Vino el 3 de mayo. Luego comimos.": "Vino el tres de mayo. Luego comimos.",
        "Son 1 000 000.": "Son un millón.",
        "Llama al 612 345 678.": "Llama al seis uno dos, tres cuatro cinco, seis siete ocho.",
        "21 mujeres": "Veintiuna mujeres",
        "500 personas y 200 libros": "Quinientas personas y doscientos libros",
    },
    "fr": {
        "Il vient le 3 mai. Puis il part.": "Il vient le trois mai. Puis il part.",
        "Le 3 mai.": "Le trois mai.",
        "1 heure": "Une heure",
        "1 personne": "Une personne",
        "1 chat": "Un chat",
    },
    "pt": {"1 pessoa, 2 mulheres, 200 casas": "Uma pessoa, duas mulheres, duzentas casas"},
    "it": {"1 persona, 21 donne": "Una persona, ventuna donne"},
}


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [(language, written, said) for language, table in READINGS.items() for written, said in table.items()],
)
def test_figures_are_said(language, written, said):
    assert prepare(written, language).text == said
    assert prepare(said, language).text == said, "words stay words"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Im 19. Jahrhundert war es so. Dann nicht.", 2),
        ("Der 2. Weltkrieg endete. Alle lachten.", 2),
        ("Er wohnt im 3. Stock. Sie auch.", 2),
        ("Vom 3. bis 5. Mai.", 1),
        ("Er kam am 3. Das war schön.", 2),
    ],
)
def test_a_german_ordinal_ends_no_sentence(text, parts):
    whole = sentences(text, "de")
    assert len(whole) == parts and " ".join(whole) == text
    stream = SentenceStream("de")
    assert [done for letter in text for done in stream.feed(letter)] + stream.end() == whole
