"""How libraries are to behave, told to them before they are loaded: they report nothing, and wait without spinning.

ONNX Runtime, which speech recognition brings and diffusers loads wherever it is installed, sends events from its first
import on unless it was told before (its Privacy.md); Gradio, Ray and the hub's client count their users.

OpenMP's threads, which torch draws with, spin while they wait for one another: 300,000 turns in GCC's library by
default (libgomp's `GOMP_SPINCOUNT`). Where another program wants the same cores they then wait for one that isn't
running: two that drew at once on two cores took 3.8 times as long each, and whole avatars far longer; since they sleep
after 1,000 turns it is 1.9 times, and a twelfth more for one alone (`python -m personify.eval.contention`).
"""

import os

_SILENT = {
    "ORT_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "RAY_USAGE_STATS_ENABLED": "0",
}
_PATIENT = {"GOMP_SPINCOUNT": "1000"}
_OWN_WAITING = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")
"""Where the user has set one of these, it stays as it is."""


def settle_libraries() -> None:
    """Before any of them is imported. What the user has set in the environment stays."""
    settings = _SILENT if any(name in os.environ for name in _OWN_WAITING) else _SILENT | _PATIENT
    for name, value in settings.items():
        os.environ.setdefault(name, value)
