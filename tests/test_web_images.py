"""The container files, as far as they can be held to something without building them: what they copy exists, what they
install is there to be installed, and what they run is what the command line takes."""

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import typer
import yaml

from personify.ui.cli import app
from personify.ui.web.settings import read_settings

ROOT = Path(__file__).parents[1]
IMAGES = ("Dockerfile", "Dockerfile.cuda")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def instructions(name: str) -> list[tuple[str, str]]:
    """Each instruction with its arguments, lines joined and comments left out."""
    lines = (ROOT / name).read_text("utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    whole = [line.strip() for line in re.sub(r"\\\n\s*", " ", text).splitlines() if line.strip()]
    return [tuple(line.split(maxsplit=1)) for line in whole]  # type: ignore[misc]


def of(name: str, kind: str) -> list[str]:
    return [told for instruction, told in instructions(name) if instruction == kind]


def settings_of(command: list[str], **more):
    """What `personify` reads of a command line, without running it."""
    assert command[0] == "ui"
    parsed = typer.main.get_command(app).commands["ui"].make_context("ui", command[1:])  # type: ignore[attr-defined]
    told = {name: value for name, value in parsed.params.items() if name not in ("as_json", "open_", "hash_", "hash")}
    told["allow_host"] = tuple(told["allow_host"]) if told.get("allow_host") else None
    return read_settings(**(told | more))


def ignored(path: str) -> bool:
    """Whether `.dockerignore` keeps a path from the builder; its last line that matches counts."""
    found = False
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        wanted = pattern.startswith("!")
        pattern = pattern.lstrip("!")
        parts = path.split("/")
        whole = pattern == "*" or any("/".join(parts[:n]) == pattern for n in range(1, len(parts) + 1))
        anywhere = pattern.startswith("**/") and any(Path(part).match(pattern[3:]) for part in parts)
        if whole or anywhere:
            found = not wanted
    return found


@pytest.mark.parametrize("image", IMAGES)
def test_everything_that_is_copied_exists_and_reaches_the_builder(image):
    copied = [told.split() for told in of(image, "COPY") if not told.startswith("--from")]
    assert copied
    for *sources, _ in copied:
        for source in sources:
            assert (ROOT / source).exists() and not ignored(source), source
    folders = set(PROJECT["tool"]["setuptools"]["package-dir"].values())
    assert folders <= {source for *sources, _ in copied for source in sources}


def test_nothing_of_the_users_reaches_the_builder():
    for name in (
        ".git",
        "avatars",
        ".venv",
        "out",
        "login",
        ".env",
        "personify.toml",
        "ui/__pycache__/app.pyc",
        "tests",
    ):
        assert ignored(name), name
    assert not ignored("ui/live/main.js") and not ignored("avatar/embedded/weights/README.md")


@pytest.mark.parametrize("image", IMAGES)
def test_the_extras_exist_and_the_pins_are_used(image):
    extras = next(told for told in of(image, "ARG") if told.startswith("EXTRAS")).partition("=")[2].strip('"')
    assert set(extras.split(",")) <= set(PROJECT["project"]["optional-dependencies"]) and "ui" in extras.split(",")
    installs = [part for run in of(image, "RUN") for part in re.split(r";|&&|then", run) if "pip install" in part]
    assert installs and all("-c constraints.txt" in part for part in installs)


@pytest.mark.parametrize("image", IMAGES)
def test_the_image_runs_the_app_behind_a_login_and_nobody_is_root(image, tmp_path):
    assert json.loads(of(image, "ENTRYPOINT")[-1]) == ["personify"]
    settings = settings_of(json.loads(of(image, "CMD")[-1]))
    assert settings.host == "0.0.0.0" and settings.login is not None and settings.is_private
    assert of(image, "USER")[-1] == "personify"
    kinds = [kind for kind, _ in instructions(image)]
    assert kinds.index("USER") > max(i for i, kind in enumerate(kinds) if kind == "RUN")
    volume = of(image, "VOLUME")[-1]
    assert settings.shelf.startswith(f"{volume}/")
    port = of(image, "EXPOSE")[-1]
    assert settings.port == int(port)


@pytest.mark.parametrize("image", IMAGES)
def test_the_health_check_asks_for_the_right_page(image):
    told = next(told for told in of(image, "HEALTHCHECK"))
    command = json.loads(told.partition("CMD ")[2])
    assert command[:2] == ["python", "-c"]
    compile(command[2], "health", "exec")
    assert f":{of(image, 'EXPOSE')[-1]}/health" in command[2]


@pytest.mark.parametrize("image", IMAGES)
def test_the_commands_in_its_comments_are_those_of_the_command_line(image):
    comments = [line[1:].strip() for line in (ROOT / image).read_text("utf-8").splitlines() if line.startswith("#")]
    runs = [shlex.split(line.partition("  #")[0]) for line in comments if line.startswith("docker run")]
    assert runs
    for words in runs:
        command = words[next(i for i, word in enumerate(words) if word in ("personify", "personify:cuda")) + 1 :]
        if command and command[0] != "ui":
            assert command[0] in {group.name for group in app.registered_groups}, command
        elif command and "--hash" not in command:
            settings_of(command)


def test_the_replicas_share_what_must_be_shared():
    told = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    services = told["services"]
    replicas = [service for name, service in services.items() if name.startswith("app")]
    assert len(replicas) >= 2
    for replica in replicas:
        command = [word.replace("${SITE:-localhost}", "localhost") for word in replica["command"]]
        settings = settings_of(command)
        assert settings.shelf.startswith("s3://") and settings.is_private and settings.login is not None
        assert replica["environment"]["PERSONIFY_MEMORY"].startswith("postgresql://")
        assert replica["read_only"] and replica["cap_drop"] == ["ALL"]
        assert set(replica["depends_on"]) <= set(services)
    proxy = told["configs"]["caddyfile"]["content"]
    names = [name for name in services if name.startswith("app")]
    assert all(f"{name}:7860" in proxy for name in names)
    assert "lb_policy cookie" in proxy and "health_uri /health" in proxy and "flush_interval -1" in proxy
    volumes = {volume.partition(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert volumes == set(told["volumes"])
    compile(services["bucket"]["command"][0], "bucket", "exec")
