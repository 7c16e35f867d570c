"""Which questions are of fact: by their form and what they are about, in four languages, the same every time."""

import pytest
from chat_parts import persona
from hypothesis import given
from hypothesis import strategies as st

from personify.pipelines.chat.engine import Context, Fact, Turn
from personify.pipelines.chat.routing import is_of_fact
from personify.pipelines.chat.survival import invented, lost, names, numbers

OF_FACT = """
What is the capital of Australia?
how high is mount everest
Can you tell me when the Second World War ended?
Do you know how far the moon is from the earth?
Who wrote Faust?
Explain photosynthesis.
Tell me about black holes.
Is a tomato a fruit?
Why is the sky blue?
How many legs does a spider have?
In what year did the Titanic sink?
Hey, what's the boiling point of water?
How long should green tea steep?
Nice to meet you. What is the speed of light?
I was wondering who invented the telescope.
What's 17 times 23?
Is Pluto a planet?
Translate cat into French.
How do planes fly?
What does photosynthesis mean?
Wie hoch ist der Eiffelturm?
Was ist die Hauptstadt von Kanada?
Kannst du mir sagen, wann Goethe geboren wurde?
Weißt du, wer Faust geschrieben hat?
Erkläre mir die Photosynthese.
Warum ist der Himmel blau?
Quelle est la capitale de l'Italie ?
Pourquoi le ciel est-il bleu ?
Peux-tu me dire qui a écrit Les Misérables ?
Combien de planètes y a-t-il ?
¿Cuál es la capital de Perú?
¿Quién escribió el Quijote?
¿Sabes cuántos huesos tiene el cuerpo humano?
Dime cuándo terminó la guerra.
What do you know about whales?
Explain to me how engines work.
Explícame la fotosíntesis.
Parle-moi des volcans.
Erzähl mir etwas über Vulkane.
Explain black holes to me.
With what metal are coins made?
Bei wie viel Grad siedet Wasser?
Auf welchem Kontinent liegt Peru?
""".strip().splitlines()

NOT_OF_FACT = """
Who are you?
What do you like?
How are you?
What's your favourite planet?
What is my name?
Do you remember my dog?
What should I cook tonight?
Tell me a story.
Tell me about yourself.
What do you think of Mars?
What's up?
Why?
Really?
What is it?
What is the best tea?
I love stars.
Do you like the moon?
Can you help me?
How do I get over a breakup?
What's the meaning of life?
Shall we play a game?
What is love to you?
Is Felix your real name?
Who is Felix Spoutworth?
Where did the winter argument happen to you?
The sky is blue.
Good night!
Are you a robot?
Where do you live?
What happened then?
Tell me a joke
Sing me a song
Do you know what I mean?
Wer bist du?
Wie geht's?
Was magst du?
Was ist deine Lieblingsfarbe?
Wie heiße ich?
Erzähl mir eine Geschichte.
Qui es-tu ?
Comment ça va ?
Qu'est-ce que tu aimes ?
Raconte-moi une histoire.
¿Quién eres?
¿Qué te gusta?
¿Cómo estás?
¿Dónde vives?
Cuéntame una historia.
What's the weather like today?
What do people say about teapots like you?
Tell me about love letters you wrote.
Parle-moi de toi.
Erzähl mir von dir.
Háblame de ti.
Explain yourself!
Is it cold in here?
Is it windy outside?
What is it like to be a teapot?
How about some tea?
Is that true?
Ist es kalt hier?
Wie ist es, eine Teekanne zu sein?
Wie wäre es mit Tee?
Stimmt das?
C'est vrai ?
Est-ce possible ?
¿Es verdad?
¿Cómo es ser una tetera?
""".strip().splitlines()


def routed(said, **context):
    return is_of_fact(said, Context(persona(), **context))


@pytest.mark.parametrize("said", OF_FACT)
def test_questions_about_the_world_are_of_fact(said):
    assert routed(said) and routed(f"Thank you. {said}") and routed(said.upper())


@pytest.mark.parametrize("said", NOT_OF_FACT)
def test_questions_about_who_talks_tastes_and_small_talk_are_not(said):
    assert not routed(said)


def test_names_of_the_characters_life_are_its_own():
    who = persona()
    assert routed("Who is Isaac Newton?") and not routed(f"Who is {who.name}?")
    life = who.life.model_copy(update={"backstory": "I was bought by old Isaac Newton, who never washed me."})
    assert not is_of_fact("Who is Isaac Newton?", Context(who.model_copy(update={"life": life})))


def test_what_the_user_told_of_is_not_looked_up():
    assert routed("How old is Rex?")
    assert not routed("How old is Rex?", facts=(Fact("user", "The user has a dog called Rex.", "pet"),))
    assert not routed(
        "How old is Rex?", turns=(Turn("user", "I have a dog, his name is Rex."), Turn("character", "A dog."))
    )


def test_a_short_question_goes_on_with_the_last_one():
    before = (Turn("user", "What is the capital of France?"), Turn("character", "Paris, they say."))
    assert routed("And of Spain?", turns=before)
    assert routed("What about Spain?", turns=before) and routed("How about Spain?", turns=before)
    assert not routed("And you?", turns=before) and not routed("And then?", turns=before)
    assert not routed("And of Spain?") and not routed("And of Spain?", turns=(Turn("user", "Who are you?"), before[1]))


def test_a_language_without_words_for_it_is_never_routed():
    assert not routed("フランスの首都はどこですか？") and not routed("Mikä on Ranskan pääkaupunki?")


@given(st.text(max_size=300))
def test_any_text_is_decided_and_the_same_way_twice(said):
    assert routed(said) is routed(said)


@pytest.mark.parametrize(
    ("answer", "voiced", "missing"),
    [
        ("It has 8 legs.", "Eight legs, the poor thing.", []),
        ("It has eight legs.", "8 legs, the poor thing.", []),
        ("It has eight legs.", "A few legs.", ["8"]),
        ("It is 8,849 m high.", "A mere 8849 m.", []),
        ("It is 8.849 m high.", "A mere 8 849 m.", []),
        ("Light goes 299,792.458 km/s.", "Some 300,000 km/s.", ["299,792.458".replace(",", "")]),
        ("Johann Wolfgang von Goethe wrote it.", "Old Goethe, of course.", []),
        ("It was written by Jane Austen in 1813.", "In 1813, by a woman.", ["Jane Austen"]),
        ("The Eiffel Tower is in Paris.", "It is in a town.", ["Eiffel Tower", "Paris"]),
        ("I'm not sure.", "Nobody knows, and I'm tired.", []),
        ("Nobody knows.", "Hm.", []),
        ("It is in Niger.", "It is in Nigeria.", ["Niger"]),
        ("It was built by the Romans.", "A Roman built it.", []),
        ("It took two hundred men.", "It took two men.", ["200"]),
    ],
)
def test_what_is_lost_is_told(answer, voiced, missing):
    assert lost(answer, voiced, "", "en") == missing


def test_what_was_asked_with_needs_no_repeating():
    assert lost("Paris is the capital of France.", "It is Paris.", "What is the capital of France?", "en") == []
    assert lost("Everest has 8,849 m.", "It has 8849.", "Tell me about Everest.", "en") == []


@pytest.mark.parametrize(
    ("language", "answer", "voiced"),
    [
        ("de", "Es sind acht Planeten.", "8 Planeten."),
        ("fr", "Il y en a vingt.", "Il y en a 20."),
        ("es", "Hay tres.", "Son 3."),
        ("ja", "8個です。", "8個だよ。"),
        ("xx", "8 of them.", "All 8 of them."),
        ("en", "It was in 1969.", "In nineteen sixty-nine."),
        ("en", "It ended on 2 September.", "It ended on the second of September."),
        ("en", "Since the 20th century.", "Since the twentieth century."),
        ("en", "At 212 degrees.", "At two hundred and twelve degrees."),
        ("en", "At two hundred degrees.", "At 200 degrees."),
        ("en", "About 100 years.", "A hundred years, or so."),
        ("de", "Bei 100 Grad.", "Bei hundert Grad."),
        ("de", "Am 20. Juli 1969.", "Am zwanzigsten Juli neunzehnhundertneunundsechzig."),
        ("de", "Er ist 12 Metern nah.", "Keine zwölf Meter."),
    ],
)
def test_numbers_are_known_in_words_and_digits(language, answer, voiced):
    assert numbers(answer, language) and lost(answer, voiced, "", language) == []


def test_figures_from_nowhere_are_told():
    assert invented("It has 9 legs and 2 wings.", "It has 2 wings.") == ["9"]
    assert invented("It has wings.", "It has 2 wings.") == []


def test_names_are_capitals_within_a_sentence():
    assert names("Nobody but Ada Lovelace, or so. Perhaps Bob? The end.") == [("Ada", "Lovelace"), ("Bob",)]


@given(st.text(max_size=200), st.text(max_size=200))
def test_nothing_is_lost_of_an_answer_that_is_said_as_it_is(answer, more):
    assert lost(answer, answer, more, "en") == [] and invented(answer, f"{more} {answer}") == []
