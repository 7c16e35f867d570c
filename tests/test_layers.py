"""Imports go downward only, ui, eval, pipelines, avatar, voices; and avatar knows little of voices."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOOR = {"voices": 0, "avatar": 1, "pipelines": 2, "eval": 3, "ui": 4}
MAY_BORROW = {f"personify.voices.{name}" for name in ("speech", "errors", "settings", "stopping", "libraries", "tags")}
"""What avatar may know of voices."""
SOURCES = [path for folder in FLOOR for path in sorted((ROOT / folder).rglob("*.py"))]


def imports_of(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written out, from personify.…"
            names.append(node.module)
            names += [f"{node.module}.{alias.name}" for alias in node.names if node.module == "personify"]
    return names


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_downward(path):
    mine = path.relative_to(ROOT).parts[0]
    for name in imports_of(path):
        top, *rest = name.split(".")
        assert top not in FLOOR, f"{path}: {name} is imported by its bare name"
        if top != "personify" or not rest:
            continue
        assert FLOOR[rest[0]] <= FLOOR[mine], f"{path}: {mine} imports {name}, which is above it"
        if mine == "avatar" and rest[0] == "voices":
            assert name in MAY_BORROW, f"{path}: avatar may know {MAY_BORROW}, not {name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_opens_with_its_promise(path):
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))
