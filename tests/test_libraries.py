"""Libraries are told before they are loaded: to report nothing, and to let others run while they wait."""

import os
import subprocess
import sys

import pytest

from personify.voices.libraries import settle_libraries

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


@pytest.mark.parametrize(
    ("own", "turns"),
    [({}, "1000"), ({"GOMP_SPINCOUNT": "5"}, "5"), ({"OMP_WAIT_POLICY": "ACTIVE"}, None)],
    ids=["nothing set", "own turns", "own policy"],
)
def test_threads_that_wait_soon_sleep_unless_the_user_wants_otherwise(own, turns, monkeypatch):
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    settle_libraries()
    assert os.environ.get("GOMP_SPINCOUNT") == turns
    monkeypatch.setenv("GOMP_SPINCOUNT", "")  # so that what was set here goes with the test
