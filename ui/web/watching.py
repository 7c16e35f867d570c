"""Watches an avatar being made, and shows each thing as soon as it is there.

The persona as it is written, the voice, the sketch, the portrait, and then the live face, which says hello before its
film is made.
"""

import logging
import threading
import time
from typing import Any

import numpy as np

from personify.avatar.portrait import Portrait
from personify.pipelines import Stage
from personify.pipelines.bundle import ToneRecord
from personify.pipelines.persona import Persona
from personify.pipelines.stages import Drawing, PersonaSoFar, Sketched, Tried
from personify.ui.web.living import landmark_points, live_face, show_picture, spoken
from personify.ui.web.scenes import draft_card, persona_card, portrait_card, tone_card
from personify.ui.web.showing import Job, Page
from personify.ui.web.wire import Sound
from personify.voices.errors import PersonifyError
from personify.voices.speech import Speech
from personify.voices.stopping import Stopped

_LOG = logging.getLogger(__name__)
_TELLS_EVERY_S = 0.2
"""The share of a stage that is done is told that often at most."""
_SHOWS_EVERY_S = 0.2
"""A picture that is being drawn is looked at that often at most: each look takes some of the time to draw it."""
_LOOKS_EVERY_S = 0.1
"""How often who waits looks whether it is still wanted."""


class Watcher:
    """An `on_stage` callback, for the thread that does the work.

    `persona` is of whom, where that is known before; `log` says whether the greeting begins the conversation.
    """

    def __init__(
        self, page: Page, job: Job, *, seed: int, sound: Sound, persona: Persona | None = None, log: bool = True
    ) -> None:
        self._page, self._job, self._seed, self._sound = page, job, seed, sound
        self._files, self._persona, self._log = page.session.files, persona, log
        self._sketch_url: str | None = None
        self._told_s = self._shown_s = 0.0
        self._rig: threading.Thread | None = None

    def __call__(self, stage: Stage) -> None:
        """Shows how far the work is, and what there is to see of it. Raises `Stopped` where nobody wants it."""
        self._job.stop.check()
        made = stage.made
        if isinstance(made, Drawing) and time.monotonic() - self._shown_s < _SHOWS_EVERY_S:
            made = None
        if made is None and 0 < stage.share < 1 and time.monotonic() - self._told_s < _TELLS_EVERY_S:
            return
        self._told_s = time.monotonic()
        if stage.name == "clip":
            self.settle()  # both want the whole machine, and the greeting waits for the face
        self._tell(stage=stage.name, share=round(stage.share, 3), **self._shown(made))

    def wait(self, before: int | None) -> None:
        """How many are before in the queue; None once the turn has come."""
        self._tell(waiting=None if before is None else max(1, before))

    def settle(self) -> None:
        """Waits for what is made beside the stages. Raises `Stopped` where nobody wants it any more."""
        while self._rig is not None and self._rig.is_alive():
            self._rig.join(_LOOKS_EVERY_S)
            self._job.stop.check()

    def _tell(self, **changes: Any) -> None:
        self._page.change(self._job, seconds=round(time.monotonic() - self._job.began, 2), **changes)

    def _shown(self, made: object | None) -> dict[str, Any]:
        """What the page shows of it."""
        told: dict[str, Any] = {}
        if isinstance(made, PersonaSoFar):
            told = {"persona": draft_card(made)}
        elif isinstance(made, Persona):
            self._persona = self._page.session.persona = made
            told = {"persona": persona_card(made)}
        elif isinstance(made, ToneRecord):
            told = {"tone": tone_card(made, self._page.titles)}
        elif isinstance(made, (Sketched, Tried)):
            told = {"portrait": self._try(made.image, made.landmarks, sketch=isinstance(made, Sketched))}
        elif isinstance(made, Drawing):
            told = {"portrait": self._try(made.look(), None)}
        elif isinstance(made, Portrait):
            self._rig = threading.Thread(target=self._make_rig, args=(made,), name="web-rig", daemon=True)
            self._rig.start()
            url = show_picture(made.image, self._files, "portrait")
            told = {"portrait": portrait_card(made, url, self._sketch_url, self._page.titles)}
        elif isinstance(made, Speech):
            told = {"greeting": self._greeting(made)}
        return told

    def _try(self, image: np.ndarray, landmarks: np.ndarray | None, *, sketch: bool = False) -> dict[str, Any]:
        """A picture that isn't the portrait yet."""
        url = None
        if sketch:
            self._sketch_url = show_picture(image, self._files, "sketch")
        else:
            url = show_picture(image, self._files, "attempt")
        self._shown_s = time.monotonic()
        height, width = image.shape[:2]
        points = landmark_points(landmarks)
        told = {"url": url, "sketch_url": self._sketch_url, "landmarks": points, "width": width, "height": height}
        return told | {"whole": False}

    def _make_rig(self, portrait: Portrait) -> None:
        """Beside the stages that follow, so that the greeting is heard before its film is done."""
        try:
            live = live_face(portrait, self._files, seed=self._seed, expression=self._expression)
            self._tell(live=live)
        except Stopped:
            pass
        except PersonifyError as error:  # the picture and the voice are there all the same
            _LOG.info("no live face: %s", error)
        except OSError as error:
            _LOG.info("the page was left while its face was made: %s", error)

    def _greeting(self, speech: Speech) -> dict[str, Any]:
        sentence = speech.text if self._persona is None else self._persona.speaking.greeting
        told = spoken(speech, sentence, seed=self._seed, expression=self._expression, sound=self._sound)
        return told | {"log": self._log}

    @property
    def _expression(self) -> str:
        return "neutral" if self._persona is None else self._persona.appearance.expression
