"""Cards as they are found in the wild, in each of the usual forms, and the files that hold them."""

import base64
import io
import json
import zipfile

from PIL import Image

from personify.pipelines.travel.png_text import with_texts

FAIRY = {
    "spec": "chara_card_v2",
    "spec_version": "2.0",
    "data": {
        "name": "Ondine",
        "description": "[Ondine's Personality= \"caring\", \"protective\", \"gentle\", \"healing\"]\n"
        "[Ondine's body= \"pink hair\", \"long hair\", \"amber eyes\", \"sundress\"]\n<START>\n"
        "{{user}}: \"What do you do?\"\n{{char}}: *Her smile widens.* \"I am the guardian of this glade, little one.\"",
        "personality": "",
        "scenario": "{{user}} wakes up in {{char}}'s glade.",
        "first_mes": "*You wake with a start.* \"Ah, you're awake at last. I was so worried.\" *She takes your hands.*"
        " \"How do you feel, {{user}}?\"",
        "mes_example": "",
        "creator_notes": "Be nice to her.",
        "system_prompt": "",
        "post_history_instructions": "",
        "alternate_greetings": ["Hello again, {{user}}. Mind the brook."],
        "tags": ["fantasy", "fairy"],
        "creator": "somebody",
        "character_version": "main",
        "extensions": {"talkativeness": "0.5", "depth_prompt": {"prompt": "hm", "depth": 4}},
        "character_book": {
            "name": "Glade",
            "extensions": {},
            "entries": [
                {
                    "keys": ["brook"], "content": "The brook sings at night.", "extensions": {"x": 1}, "enabled": True,
                    "insertion_order": 1,
                }
            ],
        },
        "own_field": [1, 2, {"three": None}],
    },
}  # fmt: skip

DETECTIVE = {
    "name": "Rex Marlow",
    "description": "Rex is a 45-year-old detective in New York. He is grumpy, cynical and clever. His coat has seen"
    " better days, and so has he.",
    "personality": "grumpy, cynical, clever, loyal to the end",
    "scenario": "",
    "first_mes": 'Rex looks up. "You\'re late, {{user}}," he says. "Sit down. Mind the cat."',
    "mes_example": '<START>\n{{user}}: Who did it?\n{{char}}: *He shrugs.* "The butler. It\'s always the butler."\n'
    "<START>\n{{user}}: Sure?\n{{char}}: I'm never *really* sure, kid.\n{{char}}: Ask me tomorrow.",
}

ELF = DETECTIVE | {
    "name": "Lyra | Elf (v2)",
    "description": "[character(\"Lyra\")\n{\nSpecies(\"Elf\")\nGender(\"Female\")\nAge(\"240\" + \"looks 24\")\n"
    "Occupation(\"Librarian\")\nMind(\"shy\" + \"kind\" + \"bookish\")\nHair(\"silver\" + \"long\")\n"
    "Likes(\"tea\" + \"rain\" + \"old maps\")\nDislikes(\"noise\" + \"greed\")\n}]",
    "personality": "",
    "first_mes": "Oh! H-hello, {{user}}... *hides behind a book* I didn't see you there.",
    "mes_example": "",
}  # fmt: skip

ROBOT = DETECTIVE | {
    "name": "Unit-7",
    "description": "- **Species**: Robot\n- **Role**: Chef\n- **Personality**: cheerful; precise; proud\n"
    "- **Likes**: butter; timers\n- **Home**: Mars\n\n{{char}} runs the smallest kitchen on Mars.",
    "personality": "",
    "first_mes": "Welcome to Mars. Today's special is soup.",
    "mes_example": "",
}


def picture(side_px: int = 96) -> bytes:
    """A plain PNG without a face."""
    held = io.BytesIO()
    Image.linear_gradient("L").resize((side_px, side_px)).convert("RGB").save(held, "PNG")
    return held.getvalue()


def png_card(card: dict, picture_png: bytes | None = None, key: str = "chara") -> bytes:
    """The card in a PNG."""
    return with_texts(picture_png or picture(), {key: base64.b64encode(json.dumps(card).encode())})


def charx(card: dict, icon: bytes) -> bytes:
    """The card as V3 in a zip with its picture."""
    data = dict(
        card["data"], assets=[{"type": "icon", "uri": "embeded://assets/main.png", "name": "main", "ext": "png"}]
    )
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        packed.writestr("card.json", json.dumps({"spec": "chara_card_v3", "spec_version": "3.0", "data": data}))
        packed.writestr("assets/main.png", icon)
        packed.writestr("../../evil.txt", "never unpacked")
    return held.getvalue()
