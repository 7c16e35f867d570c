"""The wheel holds every module and every data file, and works from a clean folder."""

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
FOLDERS = ("avatar", "voices", "pipelines", "ui", "eval")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {name.lower().replace("_", "-"): number for name, number in pins}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    """Built from a copy, without the network, as `pip install personify` would."""
    source = tmp_path_factory.mktemp("source")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    built = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-q", "-w", built]
    subprocess.run([*pip, source], check=True, capture_output=True)
    return next(built.glob("personify-*.whl"))


def test_the_wheel_holds_everything(wheel):
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("personify/")}
    on_disk = {
        f"personify/{path.relative_to(ROOT).as_posix()}"
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert inside == on_disk


@pytest.mark.slow
def test_the_wheel_works_from_a_clean_folder(wheel, tmp_path):
    target = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "-q", "--target", target]
    subprocess.run([*pip, wheel], check=True, capture_output=True)
    code = """
import sys, personify.avatar
from personify.pipelines import Studio
assert personify.avatar.__file__.startswith(sys.argv[1]), personify.avatar.__file__
avatar = Studio().create("a wise owl professor", seed=1, out=sys.argv[2])
assert avatar.record.portrait.verdict.plausible
assert not {"avatar", "voices", "pipelines", "ui", "eval"} & {name.partition(".")[0] for name in sys.modules}
"""
    environment = os.environ | {"PYTHONPATH": str(target)}
    command = [sys.executable, "-c", code, target, tmp_path / "out"]
    subprocess.run(command, check=True, env=environment, cwd=tmp_path)


def test_what_is_installed_is_what_is_pinned():
    pins = pinned()
    project = PROJECT["project"]
    for line in project["dependencies"] + project["optional-dependencies"]["dev"]:
        requirement = Requirement(line)
        name = requirement.name.lower()
        assert name in pins, f"{name} is not in constraints.txt"
        assert pins[name] in requirement.specifier
        assert version(name).partition("+")[0] == pins[name]  # torch says which build it is: 2.13.0+cpu


def test_the_pins_name_the_versions_that_were_checked():
    pins = pinned()
    assert (pins["torch"], pins["mediapipe"]) == ("2.13.0", "0.10.21")
    assert "opencv-python" not in pins and "opencv-contrib-python" in pins


def test_the_python_versions_agree():
    assert PROJECT["project"]["requires-python"] == ">=3.11,<3.13"
    assert PROJECT["project"]["license"] == "Apache-2.0"
