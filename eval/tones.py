"""What the catalogue's tones sound like: each that can speak now says a fixed text and is measured.

`python -m personify.eval.tones [--write] [--json]` prints the figures; `--write` makes `voices/measured.toml` of those
that come with Personify.
"""

import argparse
import json
from collections.abc import Mapping

from personify.voices import Tone, load_tones
from personify.voices.measured import PACKAGED, TEXTS, Traits, as_toml, measure_tone
from personify.voices.tones import BUILT_IN, CATALOGUE, ready_tones

_HEADER = f"""\
# What was measured of each tone's sound while it said "{TEXTS["en"]}"
# Made by `python -m personify.eval.tones --write`, nothing is written by hand. `measured.py` says what the keys are.
"""


def measure_tones(tones: Mapping[str, Tone]) -> dict[str, Traits]:
    """The traits of each tone by name, in the catalogue's order."""
    return {name: measure_tone(tone) for name, tone in tones.items()}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write voices/measured.toml")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    tones = ready_tones(load_tones(CATALOGUE, measured=False))
    traits = measure_tones(tones)
    if options.write:
        packaged = {name: of for name, of in traits.items() if tones[name].model == BUILT_IN}
        PACKAGED.write_text(f"{_HEADER}\n{as_toml(packaged)}", "utf-8")
    if options.json:
        print(json.dumps({name: of.model_dump() for name, of in traits.items()}))  # noqa: T201 - an entry point
        return
    for name, of in traits.items():
        pitch = f"{of.pitch_hz:5.0f} Hz" if of.pitch_hz else "whisper "
        spread = of.pitch_spread or 0.0
        print(  # noqa: T201 - an entry point
            f"{name:20} {pitch}  +-{spread / 2:4.1f} st  {of.pace_wpm:4.0f} wpm  "
            f"{of.brightness_hz:5.0f} Hz  {of.loudness_lufs:6.1f} LUFS"
        )


if __name__ == "__main__":
    main()
