"""Sound on this machine's speakers, through whatever player is installed, and how much of it has been heard.

One player process takes the pieces of a reply as raw samples; stopping it is at once. Knows nothing of chats.
"""

import contextlib
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from personify.voices.speech import Speech

_DELAY_S = 0.1
"""From a sample's way into the player until it is heard, about."""
_CHUNK_S = 0.25
_AHEAD_S = 0.6
"""So much sound is handed to the player before it is due: what a pipe holds can't be taken back."""


@dataclass(frozen=True)
class Player:
    """A program that plays raw 16-bit mono samples from its standard input."""

    name: str
    arguments: tuple[str, ...]

    def command(self, rate_hz: int) -> list[str]:
        """What is run."""
        return [self.name, *(argument.format(rate=rate_hz) for argument in self.arguments)]


PLAYERS = (
    Player("pw-play", ("--rate={rate}", "--channels=1", "--format=s16", "-")),
    Player("paplay", ("--raw", "--rate={rate}", "--channels=1", "--format=s16le")),
    Player("aplay", ("-q", "-t", "raw", "-f", "S16_LE", "-r", "{rate}", "-c", "1", "-")),
    Player("ffplay", ("-nodisp", "-autoexit", "-loglevel", "quiet", "-f", "s16le", "-ar", "{rate}", "-ac", "1", "-")),
    Player("play", ("-q", "-t", "raw", "-e", "signed", "-b", "16", "-r", "{rate}", "-c", "1", "-")),
)
"""Of PipeWire, PulseAudio, ALSA, FFmpeg (also on macOS and Windows) and SoX."""


def find_player() -> Player | None:
    """The first of `PLAYERS` that is installed."""
    return next((player for player in PLAYERS if shutil.which(player.name)), None)


class Playback:
    """The sound of one reply, played as it comes. `heard_s` tells how much was heard, at any time."""

    def __init__(self, player: Player, clock: Callable[[], float] = time.monotonic) -> None:
        self._player, self._clock = player, clock
        self._pieces: queue.SimpleQueue[np.ndarray | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = threading.Event()
        self._starts: list[tuple[float, float]] = []
        """When each piece begins to sound, and how long it lasts."""
        self._feeder: threading.Thread | None = None
        self.failed: str | None = None
        """Why nothing is heard, if so."""

    def play(self, speech: Speech) -> None:
        """Plays a piece after those before it."""
        samples = (np.clip(speech.samples, -1, 1) * 32767).round().astype("<i2")
        with self._lock:
            if self._stopped.is_set() or not len(samples):
                return
            if self._feeder is None:
                self._feeder = threading.Thread(
                    target=self._feed, args=(speech.sample_rate_hz,), name="playback", daemon=True
                )
                self._feeder.start()
            now = self._clock()
            begins = max(now + _DELAY_S, sum(self._starts[-1]) if self._starts else 0.0)
            self._starts.append((begins, speech.duration_s))
        self._pieces.put(samples)

    @property
    def heard_s(self) -> float:
        """Seconds of sound that were heard by now."""
        with self._lock:
            return self._heard_s()

    def wait(self) -> None:
        """Until all has been heard; a `KeyboardInterrupt` comes through."""
        self._pieces.put(None)
        while self._feeder is not None and self._feeder.is_alive():
            self._feeder.join(0.1)

    def stop(self) -> float:
        """Silence, at once; how many seconds were heard."""
        with self._lock:
            heard = self._heard_s()
            self._stopped.set()
            process = self._process
        self._pieces.put(None)
        if process is not None:
            with contextlib.suppress(OSError):
                process.kill()
        if self._feeder is not None:
            self._feeder.join(2)
        return heard

    def _heard_s(self) -> float:
        now = self._clock()
        return sum(min(max(now - begins, 0.0), seconds) for begins, seconds in self._starts)

    def _feed(self, rate_hz: int) -> None:
        """Hands the samples to the player, little ahead of their time."""
        try:
            with subprocess.Popen(
                self._player.command(rate_hz),
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the chat, not for the player
            ) as process:  # fmt: skip
                with self._lock:
                    self._process = process
                    if self._stopped.is_set():
                        process.kill()
                self._hand_on(process, rate_hz)
            if process.returncode and not self._stopped.is_set():
                self.failed = f"{self._player.name} can't play sound here (it ended with {process.returncode})"
        except OSError as error:
            if not self._stopped.is_set():
                self.failed = f"{self._player.name} can't play sound here ({error.strerror})"

    def _hand_on(self, process: "subprocess.Popen[bytes]", rate_hz: int) -> None:
        sink = process.stdin
        assert sink is not None
        chunk, index = round(_CHUNK_S * rate_hz), 0
        try:
            while (samples := self._pieces.get()) is not None and not self._stopped.is_set():
                begins = self._starts[index][0]
                for start in range(0, len(samples), chunk):
                    ahead_s = begins + start / rate_hz - self._clock() - _AHEAD_S
                    if self._stopped.wait(max(0.0, ahead_s)):
                        return
                    sink.write(samples[start : start + chunk].tobytes())
                    sink.flush()
                index += 1
        except OSError:  # the player has ended; its exit status says why
            pass
        finally:
            with contextlib.suppress(OSError):
                sink.close()
