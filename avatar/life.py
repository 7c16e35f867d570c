"""Life: one face's blinks, gaze, gestures, breath and feelings on one time line, act by act in order.

Knows nothing of speech but its cues. What happens by a moment depends only on the cues and the seed up to it.
"""

import heapq
from collections.abc import Iterable

import numpy as np

from personify.avatar.blinks import Blinks
from personify.avatar.cues import Cue
from personify.avatar.easing import Curves, Wander, min_jerk
from personify.avatar.gaze import Gaze
from personify.avatar.gestures import Breath, Gestures
from personify.avatar.moods import FEATURES, Mood, face_of

_CURVES = (
    "blink", "look_x", "look_y", "follow_yaw", "follow_pitch", "yaw", "pitch", "roll", "nod", "nod_y", "ask_roll",
    "shift_x", "shift_y", "lift", "breath", "smile_more", "flicker", *(f"felt_{name}" for name in FEATURES),
)  # fmt: skip
_EASE_IN_S = 1.0
_SHORTEST_LIFE_S = 3.0
"""A shorter loop only sways: an act has to be over by its end."""
_WIND_UP_S = 1.6
"""The last acts of a loop begin so long before its end; then all come to rest."""
_FELT_IN_S, _FELT_OUT_S = 0.45, 0.8
_SMILE_SPEAKING = 0.6
"""How much of a smile is left to a mouth that speaks; in pauses it is whole."""
_LONG_SENTENCE = 30.0
"""Sounds from which on a sentence wants thinking."""
_SWAYS = {"yaw": 2.0, "pitch": 1.2, "roll": 1.4, "shift_x": 0.016, "shift_y": 0.008}
"""How far the head wanders, MOTION's units."""
_LIMITS = {
    "blink": (0, 1), "squint": (0, 1), "gaze_x": (-20, 20), "gaze_y": (-16, 16), "lift": (-1, 1), "inner": (-1, 1),
    "smile": (-0.7, 0.7), "yaw": (-15, 15), "pitch": (-12, 12), "roll": (-12, 12), "shift_x": (-0.1, 0.1),
    "shift_y": (-0.1, 0.1), "breath": (-1, 1),
}  # fmt: skip


class Life:
    """One face alive; `period_s` makes its sways periodic for a loop."""

    def __init__(self, seed: int, mood: Mood, fps: float, period_s: float | None = None) -> None:
        self._mood, self._fps, self._period_s = mood, fps, period_s
        blinks, gaze, gestures, breath, sways, noise = np.random.default_rng([seed, 0x6D6F7469]).spawn(6)
        self.curves = Curves(_CURVES)
        self.blinks = Blinks(blinks, self.curves["blink"], mood, fps)
        self.gaze = Gaze(gaze, self.curves, mood)
        self.gestures = Gestures(gestures, self.curves, mood)
        self.breath = Breath(breath, self.curves)
        self._sways = {name: Wander(sways, 0.09, 0.65, period_s) for name in _SWAYS}
        self._brows = Wander(noise, 0.06, 0.3, period_s)
        self._cues: list[Cue] = []
        self._speaking = False
        self._felt_until_s = 0.0
        self._thinks = noise.random

    def take(self, cues: Iterable[Cue]) -> None:
        """Cues to come, in any order, none before what was lived already."""
        for cue in cues:
            heapq.heappush(self._cues, cue)

    def live(self, until_s: float) -> None:
        """Everything that happens up to that moment."""
        while True:
            timers = {
                "blinks": self.blinks.next_s,
                "gaze": self.gaze.next_s,
                "breath": self.breath.next_s,
                "gestures": np.inf if self._speaking else self.gestures.next_s,
            }
            who = min(timers, key=lambda name: timers[name])
            cue_s = self._cues[0].at_s if self._cues else np.inf
            if min(cue_s, timers[who]) > until_s:
                return
            if cue_s <= timers[who]:
                self._follow(heapq.heappop(self._cues))
            else:
                self._act(who, timers[who])

    def live_in_loop(self) -> None:
        """A listener's life that is over, and ready to begin anew, at the end of the period."""
        period_s = self._period_s or 0.0
        self.blinks.next_s = self.breath.next_s = np.inf
        if period_s < _SHORTEST_LIFE_S:
            return
        self.blinks.spread(0.5, period_s - 0.2 - self.blinks.longest_s)
        self.breath.spread(period_s)
        self.live(period_s - _WIND_UP_S)
        self.gaze.home(period_s - 0.8 * _WIND_UP_S)
        self.gestures.home(period_s - 0.8 * _WIND_UP_S)

    def values(self, times: np.ndarray, start: dict[str, float] | None = None) -> dict[str, np.ndarray]:
        """The channels of MOTION at `times` (n,) seconds, all of which were lived.

        They ease in from `start`, or from rest; in a loop they don't.
        """
        c = self.curves.values(times)
        sway = {name: self._mood.lively * _SWAYS[name] * wander.values(times) for name, wander in self._sways.items()}
        mood = self._mood
        out = {
            "blink": c["blink"],
            "squint": mood.squint + c["felt_squint"],
            "lift": mood.lift + c["lift"] + c["felt_lift"] + 0.05 * mood.lively * self._brows.values(times),
            "inner": mood.inner + c["felt_inner"],
            "smile": mood.smile + c["felt_smile"] + c["smile_more"] + c["flicker"],
            "yaw": sway["yaw"] + c["yaw"] + c["follow_yaw"],
            "pitch": mood.pitch + sway["pitch"] + c["pitch"] + c["nod"] + c["follow_pitch"] + c["felt_pitch"],
            "roll": mood.roll + sway["roll"] + c["roll"] + c["ask_roll"] + c["felt_roll"],
            "shift_x": sway["shift_x"] + c["shift_x"],
            "shift_y": sway["shift_y"] + c["shift_y"] + c["nod_y"],
            "breath": c["breath"],
        }
        # The eyes stay on what they look at while the head turns under them (the vestibulo-ocular reflex).
        out |= {"gaze_x": c["look_x"] - out["yaw"], "gaze_y": c["look_y"] + out["pitch"]}
        out = {name: np.clip(values, *_LIMITS[name]) for name, values in out.items()}
        if self._period_s is not None:
            return out
        ease = min_jerk((times - 0.5 / self._fps) / _EASE_IN_S)
        return {name: ease * values + (1 - ease) * (start or {}).get(name, 0.0) for name, values in out.items()}

    def _act(self, who: str, at_s: float) -> None:
        if who == "blinks":
            self.blinks.act(at_s, self._speaking)
        elif who == "gaze":
            self._looked(at_s, self.gaze.act(at_s, self._speaking))
        elif who == "breath":
            self.breath.act(at_s, self._speaking)
        else:
            self.gestures.act(at_s)

    def _follow(self, cue: Cue) -> None:
        """What a cue does to the face."""
        at = cue.at_s
        if cue.kind == "phrase":
            self._speaking = True
            self.gestures.phrase(at)
            self._smile(at)
        elif cue.kind == "accent":
            self.gestures.accent(at, cue.strength)
        elif cue.kind == "sentence":
            if at > _EASE_IN_S and self._thinks() < (0.6 if cue.strength > _LONG_SENTENCE else 0.15) * min(
                self._mood.away, 1.4
            ):
                self._looked(at, self.gaze.avert(at, True, thinking=True))
        elif cue.kind == "ask":
            self.gestures.ask(at, cue.until_s)
        elif cue.kind == "ending":
            self._looked(at, self.gaze.meet(at, True))
        elif cue.kind == "pause":
            self.blinks.chance(at, self._speaking)
        elif cue.kind == "breath":
            self.breath.pause(at)
            self._smile(at, whole=True)
        elif cue.kind == "silence":
            self._speaking = False
            self.gestures.rest(at)
            self._looked(at, self.gaze.meet(at, False))
        elif cue.kind == "feeling":
            self._feel(at, cue)
        elif cue.until_s >= self._felt_until_s:
            self._calm(at)

    def _looked(self, at_s: float, far: bool) -> None:
        if far:
            self.blinks.chance(at_s, self._speaking)

    def _feel(self, at_s: float, cue: Cue) -> None:
        self._felt_until_s = cue.until_s
        for name, value in face_of(cue.feeling).items():
            amount = min(self._mood.lively + 0.15, 1.1) * value * (_SMILE_SPEAKING if name == "smile" else 1.0)
            self.curves[f"felt_{name}"].to(at_s, _FELT_IN_S, amount)

    def _calm(self, at_s: float) -> None:
        for name in FEATURES:
            self.curves[f"felt_{name}"].to(at_s, _FELT_OUT_S, 0.0)
        self.curves["smile_more"].to(at_s, _FELT_OUT_S, 0.0)

    def _smile(self, at_s: float, *, whole: bool = False) -> None:
        """The rest of a felt smile shows in pauses, where it can't hinder the lips."""
        felt = self.curves["felt_smile"].target
        self.curves["smile_more"].to(at_s, 0.35, (1 / _SMILE_SPEAKING - 1) * felt if whole else 0.0)
