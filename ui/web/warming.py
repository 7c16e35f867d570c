"""Warming up: what the first visitor would wait for is loaded before anybody comes."""

import logging
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from personify.voices.errors import PersonifyError
from personify.voices.stopping import current_stop

if TYPE_CHECKING:
    from personify.pipelines import Studio

_LOG = logging.getLogger(__name__)
_NOBODY = "a friendly lamp"
"""Whoever is made to warm up is thrown away."""


def warm(studio: "Studio", folder: Path | None = None) -> float:
    """Makes a character by rules, from the first step to a chat, so that expert, detector, tones and head are loaded;
    returns the seconds that took. Until then it lies in `folder`, or with other temporary files. For a thread of its
    own: what goes wrong is told in the log, nowhere else; being stopped is nothing wrong."""
    began = time.monotonic()
    try:
        from personify.ui.web.living import greeting_speech, live_face_json

        by_rules = studio.asking("builtin")
        with tempfile.TemporaryDirectory(prefix="personify-warm-", dir=folder) as own:
            avatar = by_rules.create(_NOBODY, seed=1, out=Path(own))
            live_face_json(avatar.portrait)
            greeting_speech(avatar)
            with by_rules.chat(avatar, memory=False) as chat:
                chat.warm()
    except (PersonifyError, OSError) as error:
        stop = current_stop()
        if stop is None or not stop.asked:  # else its folder may be gone already
            _LOG.warning("warming up failed, so the first character takes longer: %s", error)
    return time.monotonic() - began
