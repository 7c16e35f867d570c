"""The unit tests of the scripts in ui/live: each `test(...)` of tests/live/*.test.js is a case here, run in Chromium.

A new file there is found by itself; `pytest tests/test_live_scripts.py -k face.test` runs one.
"""

import pytest
from live_pages import SCRIPTS, names_in, outcomes

CASES = [(file, name) for file in sorted(SCRIPTS.glob("*.test.js")) for name in names_in(file)]


@pytest.fixture(scope="session")
def told(browser):
    """A script's outcomes; it is run once."""
    known = {}

    def of(file):
        if file not in known:
            known[file] = outcomes(browser, file)
        return known[file]

    return of


@pytest.mark.parametrize(("file", "name"), CASES, ids=[f"{file.name}: {name}" for file, name in CASES])
def test_script(told, file, name):
    failure = told(file)[name]
    if failure:
        pytest.fail(f"{file.name}: {name}\n{failure}", pytrace=False)


def test_every_test_has_a_name_of_its_own(told):
    """None is overlooked: a test whose name isn't plain text at the start of a line would never be a case."""
    for file in {file for file, _ in CASES}:
        assert sorted(told(file)) == sorted(names_in(file))
