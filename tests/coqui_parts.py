"""What the tests of the Coqui engine share: tiny models on disk, and tones that speak with them."""

from pathlib import Path

from personify.voices.tones import Tone

HELLO = "Hello there, big world. How are you?"


def tone(model: str = "tiny", **fields) -> Tone:
    told = {
        "name": "mine", "title": "Mine", "description": "A voice of random numbers.", "gender": "neutral",
        "age": "adult", "timbre": ("plain", "clear"), "model": model,
    }  # fmt: skip
    return Tone.model_validate(told | fields)


def own_models(path: Path, **folders: Path) -> Path:
    """A `personify.toml` with one Coqui model for each folder, by the names of the arguments."""
    tables = [
        f'[[voice_model]]\nname = "{name}"\nengine = "coqui"\ntitle = "Random"\nlicence = "MIT"\nfolder = "{folder}"\n'
        for name, folder in folders.items()
    ]
    path.write_text("\n".join(tables), encoding="utf-8")
    return path
