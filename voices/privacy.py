"""What libraries would tell their makers of what runs here: nothing.

ONNX Runtime, which speech recognition brings and diffusers loads wherever it is installed, sends events from its first
import on unless it was told before (its Privacy.md); Gradio and the hub's client count their users.
"""

import os

_SILENT = {"ORT_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "GRADIO_ANALYTICS_ENABLED": "False"}


def tell_nobody() -> None:
    """Before such a library is imported. What the user has set in the environment stays."""
    for name, value in _SILENT.items():
        os.environ.setdefault(name, value)
