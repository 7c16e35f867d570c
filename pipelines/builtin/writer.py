"""The built-in persona writer: reads the description, casts the character and fills every field by rules."""

import hashlib
import random
from collections.abc import Container

from personify.pipelines.builtin import prose, tongues
from personify.pipelines.builtin.briefs import write_appearance
from personify.pipelines.builtin.gender import choose_age, choose_gender
from personify.pipelines.builtin.knowing import choose_level, write_knows
from personify.pipelines.builtin.lexicon import Temperament, lexicon
from personify.pipelines.builtin.names import choose_name
from personify.pipelines.builtin.prose import Cast
from personify.pipelines.builtin.reading import Reading, read_description
from personify.pipelines.builtin.voicing import write_voice
from personify.pipelines.builtin.wanting import with_wanted
from personify.pipelines.persona import BigFive, LifeContext, Persona, PersonalIdentity, SocialIdentity, SpeakingStyle
from personify.pipelines.wanted import NOTHING, Wanted

_SUITS_ANYONE = (
    "cheerful",
    "curious",
    "kind",
    "wise",
    "dreamy",
    "mischievous",
    "calm",
    "clumsy",
    "polite",
    "sarcastic",
    "proud",
)
_FACTORS = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")


class BuiltinWriter:
    """Writes a persona from the lexicon, without a language model; same description and seed, same persona."""

    name = "builtin"

    def write(self, description: str, *, seed: int, wanted: Wanted = NOTHING) -> Persona:
        """The persona of a description. Raises `BadInput` where it is empty, has no words or is too long."""
        # 1. What the description says, what is wanted where it says nothing, and a source of chance of its own.
        reading = with_wanted(read_description(description), wanted)
        rng = random.Random(hashlib.sha256(f"{seed}\n{description}".encode("utf-8", "replace")).digest())
        # 2. Who plays it.
        cast = _cast(reading, rng, wanted.taken)
        # 3. What it sounds and looks like.
        voice = write_voice(reading, cast.temperaments, cast.gender, cast.age, rng)
        appearance = write_appearance(reading, cast.temperaments, cast.gender, cast.age, rng)
        # 4. What it says of itself, in the language of the description.
        texts = _english(cast) if reading.language == "en" else tongues.write_texts(cast)
        return Persona(
            description=reading.text,
            language=reading.language,
            social=SocialIdentity(
                name=cast.name, nature=texts.nature, category=reading.category, gender=cast.gender, age=cast.age,
                occupation=texts.occupation, home=texts.home,
            ),
            personal=PersonalIdentity(
                big_five=_big_five(cast), traits=texts.traits, values=texts.values, likes=texts.likes,
                dislikes=texts.dislikes, knows=write_knows(cast, texts.nature, texts.occupation, texts.likes),
            ),
            life=LifeContext(backstory=texts.backstory, routine=texts.routine),
            speaking=SpeakingStyle(
                manner=texts.manner, sample_lines=texts.samples, reading_level=choose_level(cast),
                greeting=texts.greeting,
            ),
            voice=voice,
            appearance=appearance,
            writer=self.name,
            not_understood=reading.not_understood,
        )  # fmt: skip


def _cast(reading: Reading, rng: random.Random, taken: Container[str]) -> Cast:
    """Temper, gender, age and name; a temper that the description leaves open is one that suits the life."""
    table = lexicon().temperaments
    suiting = reading.role.tempers if reading.role and reading.role.tempers else _SUITS_ANYONE
    drawn = table[rng.choice(suiting)]
    temperaments: tuple[Temperament, ...] = reading.temperaments or (drawn,)
    gender = choose_gender(reading, rng)
    age = choose_age(reading)
    name = choose_name(reading, temperaments, gender, age, rng, taken)
    return Cast(reading, temperaments, name, gender, age, rng)


def _english(cast: Cast) -> tongues.Texts:
    reading = cast.reading
    likes, dislikes = prose.write_likes(cast)
    sources = [source for source in (*cast.temperaments, reading.role) if source]
    return tongues.Texts(
        nature=reading.nature,
        occupation=cast.role_word or None,
        home=prose.write_home(cast),
        traits=tuple(dict.fromkeys(trait for temper in cast.temperaments for trait in temper.traits)),
        values=tuple(dict.fromkeys(value for source in sources for value in source.values)),
        likes=likes,
        dislikes=dislikes,
        backstory=prose.write_backstory(cast),
        routine=prose.write_routine(cast),
        manner=prose.write_manner(cast),
        samples=prose.write_samples(cast),
        greeting=prose.write_greeting(cast),
    )


def _big_five(cast: Cast) -> BigFive:
    """0.5 on every factor, shifted by temper and life, with a little chance; kept within 0.03 and 0.97."""
    shifts = [temperament.big_five for temperament in cast.temperaments]
    if cast.reading.role:
        shifts.append(cast.reading.role.big_five)
    levels = [0.5 + sum(shift[index] for shift in shifts) + cast.rng.uniform(-0.06, 0.06) for index in range(5)]
    return BigFive(
        **{factor: round(min(0.97, max(0.03, level)), 3) for factor, level in zip(_FACTORS, levels, strict=True)}
    )
