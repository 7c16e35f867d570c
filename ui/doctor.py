"""The doctor: tries each part that an avatar needs, for real and small, and says what is wrong and what mends it."""

import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """One thing that was tried."""

    what: str
    ok: bool
    detail: str


def examine() -> list[Finding]:
    """Tries everything; one failure never stops the others."""
    checks: dict[str, Callable[[], str]] = {
        "python": _python,
        "libraries": _libraries,
        "disk": _disk,
        "voice": _voice,
        "face": _face,
        "film": _film,
        "language model": _language_model,
    }
    return [_try(what, check) for what, check in checks.items()]


def _try(what: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, check())
    except Exception as error:  # noqa: BLE001 - whatever is wrong with this machine is what is asked for
        mend = "; mend it with: apt-get install libgl1 libglib2.0-0" if _lacks_graphics(error) else ""
        return Finding(what, False, f"{type(error).__name__}: {error}{mend}")


def _lacks_graphics(error: Exception) -> bool:
    """OpenCV's wheel wants two system libraries that a bare container lacks."""
    return isinstance(error, ImportError) and any(name in str(error) for name in ("libGL", "libgthread", "libglib"))


def _python() -> str:
    seen = f"{platform.python_implementation()} {platform.python_version()} on {platform.platform(terse=True)}"
    if not (3, 11) <= sys.version_info[:2] < (3, 13):
        raise RuntimeError(f"{seen}; Personify needs Python 3.11 or 3.12, because mediapipe 0.10.21 does")
    return seen


def _libraries() -> str:
    from personify.pipelines.bundle import library_versions

    try:
        return ", ".join(f"{name} {number}" for name, number in library_versions().items() if name != "python")
    except PackageNotFoundError as error:
        raise RuntimeError(f"{error.name} is not installed; mend it with: pip install personify") from error


def _disk() -> str:
    from personify.pipelines.draft import NEEDED_BYTES

    folder = Path.cwd()
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise RuntimeError(f"{free / 2**20:.0f} MiB free in {folder}; an avatar needs {NEEDED_BYTES / 2**20:.0f}")
    with tempfile.TemporaryFile(dir=folder):
        return f"{free / 2**30:.1f} GiB free in {folder}, which can be written"


def _voice() -> str:
    from personify.pipelines.services import Services
    from personify.voices.brief import VoiceBrief

    services = Services()
    tone = services.choose(VoiceBrief()).name
    speech = services.speak("I can speak.", tone, voice=VoiceBrief())
    if not abs(speech.samples).max() > 0.01:
        raise RuntimeError(f"the tone {tone} makes no sound")
    return f"{len(services.tones())} tones; {tone} said {len(speech.phonemes)} phonemes in {speech.duration_s:.1f} s"


def _face() -> str:
    from personify.avatar.detector import FaceMeshDetector
    from personify.pipelines import Studio

    portrait = Studio().portrait("a friendly robot", seed=1)
    points = FaceMeshDetector().find(portrait.image)
    if points is None:
        raise RuntimeError("the landmark detector found no face in a sketch that has one")
    return f"mediapipe {version('mediapipe')} found the {len(points)} landmarks of a sketch"


def _film() -> str:
    import av

    missing = [name for name in ("libx264", "aac") if name not in av.codecs_available]
    if missing:
        raise RuntimeError(f"PyAV lacks {', '.join(missing)}; mend it with: pip install --force-reinstall av")
    return f"PyAV {av.__version__} with H.264 and AAC"


_LOCAL = {"Ollama": 11434, "LM Studio": 1234, "llama.cpp": 8080, "vLLM": 8000}
"""Where servers of language models listen on this machine unless they are told otherwise."""
_LOOK_S = 0.4


def _language_model() -> str:
    """The model that is named, if any, and those that are up on this machine, which are offered, never used unasked."""
    from personify.pipelines.model_settings import find_model

    model = find_model()
    named = f"{model!r} is asked" if model is not None else "none is named, so rules write and talk"
    offers = local_models()
    return "; ".join([named, *offers]) if offers else f"{named}; no server of one is up on this machine"


def local_models(ports: dict[str, int] | None = None) -> list[str]:
    """What to type for each server that is up on this machine; looks on loopback alone, for less than half a second."""
    from concurrent.futures import ThreadPoolExecutor
    from importlib.util import find_spec

    if find_spec("openai") is None:
        return []
    wanted = (_LOCAL if ports is None else ports).items()
    with ThreadPoolExecutor(len(wanted)) as pool:
        found = pool.map(lambda pair: _offer(*pair), wanted)
    return [offer for offer in found if offer]


def _offer(name: str, port: int) -> str:
    """The `--llm` line of a server on this port, or "" where none of language models answers."""
    import shlex
    import socket

    from personify.pipelines.language_model import LanguageModel
    from personify.voices.errors import PersonifyError

    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_LOOK_S):
            pass
    except OSError:
        return ""
    url = f"http://127.0.0.1:{port}/v1"
    try:
        models = LanguageModel.connect(url, timeout_s=_LOOK_S, retries=0, max_bytes=200_000).models()
    except PersonifyError:  # something else listens there
        return ""
    if not models:
        return f"{name} is up at {url}, but has no model yet"
    first = "".join(char for char in models[0][:80] if char.isprintable())
    line = shlex.quote(f"{url}#{first}")
    more = f" ({len(models)} models)" if len(models) > 1 else ""
    return f"{name} is up{more}; use it with: --llm {line}"
