"""The flows: persona and its writers, create, the avatar bundle."""
