"""Libraries that report to their makers are told not to, before they are loaded."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("onnxruntime", reason="speech recognition is not installed")


@pytest.mark.parametrize(
    ("code", "tells"),
    [
        ("", True),
        ("from personify.pipelines import Studio; Studio()", False),
        ("from personify.avatar.diffusion.device import need_diffusers; need_diffusers()", False),
    ],
    ids=["by itself it does", "a studio", "a diffusion expert"],
)
def test_onnx_runtime_keeps_no_record_of_the_session(code, tells, tmp_path):
    """What it would send with its reports it writes into the temporary folder at once, but where ``CI`` is set."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    subprocess.run(
        [sys.executable, "-c", f"{code}\nimport onnxruntime"],
        env=environment | {"TMPDIR": str(tmp_path)}, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert (tmp_path / ".ses").exists() == tells
