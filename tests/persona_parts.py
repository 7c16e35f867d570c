"""What the tests of the persona benchmark stand on: an engine that plays its persona, or ignores it."""

from personify.pipelines.chat.engine import Context, Noted

KEYS = {
    "name": ("name", "called", "address"),
    "home": ("live", "home", "visit"),
    "dislikes": ("don't you like", "hate", "can't you stand"),
    "likes": ("do you like", "favourite", "enjoy"),
    "age": ("how old", "young or old", "your age"),
    "job": ("for a living", "job", "work"),
    "routine": ("all day", "routine", "spend your day"),
    "nature": ("what are you", "kind of being"),
}
AGES = {"child": "I'm still young.", "adult": "I'm grown up.", "elderly": "I'm very old."}


class Knowing:
    """Answers from the record, in a voice that depends on the persona's temper. `ignores`: as always the same one."""

    name, is_language_model = "knowing", False

    def __init__(self, ignores=None) -> None:
        self.ignores = ignores
        self.contexts: list[Context] = []

    def reply(self, said, context, usage):
        self.contexts.append(context)
        usage.requests += 1
        persona = self.ignores or context.persona
        asked = said.casefold()
        fact = next((fact for fact, keys in KEYS.items() if any(key in asked for key in keys)), None)
        personal, at = persona.personal, len(context.turns) // 2
        told = {
            "name": persona.name,
            "home": f"I live here: {persona.social.home}.",
            "likes": f"I like {personal.likes[at % len(personal.likes)]}.",
            "dislikes": f"Not {personal.dislikes[at % len(personal.dislikes)]}!",
            "age": AGES.get(persona.social.age, "I'm grown up."),
            "job": f"I'm a {persona.social.occupation}.",
            "routine": persona.life.routine[0].activity,
            "nature": f"A {persona.social.nature}.",
        }
        text = (
            told[fact] if fact else f"{personal.traits[at % 3]}, and {personal.likes[at % 2]}. {persona.name} says so."
        )
        curt = personal.big_five.agreeableness < 0.5
        yield text[: len(text) // 2]
        yield text[len(text) // 2 :] + (" So there..." if curt else " Oh, I really do think so, my dear, I always do!")

    def note(self, turns, context, usage):
        return Noted("")
