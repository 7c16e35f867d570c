"""Rows from outside: every format alike, ids that last, and hostile files that cost one bad row at most."""

import itertools
import os
import re
import sys
import threading
import tracemalloc
from pathlib import Path

import pytest
from batch_copies import write_csv, write_jsonl, write_parquet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from personify.pipelines.batch.rows import MOST_COPIES, read_rows, total_rows
from personify.pipelines.batch.values import BadRow, Row
from personify.voices.errors import BadInput, MissingExtra

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
WRITERS = {"csv": write_csv, "jsonl": write_jsonl, "parquet": write_parquet}

TOWN = [
    {"description": "a shy baker", "seed": 5, "tone": "owl", "count": 2},
    {"description": "eine weise Eule", "guidance": "both", "depth": "full", "strict": True},
    {"description": "a shy baker", "expert": "sketch", "id": "baker-2"},
]


def rows_of(path: Path, seed: int = 7) -> list[Row | BadRow]:
    return list(read_rows(path, seed=seed))


def told(path: Path) -> list[str]:
    """The ids of good rows, the problems of bad ones."""
    return [found.id if isinstance(found, Row) else found.problem for found in rows_of(path)]


def text(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def only_problem(path: Path) -> str:
    (found,) = rows_of(path)
    assert isinstance(found, BadRow), found
    return found.problem


@pytest.mark.parametrize("kind", WRITERS)
def test_every_format_says_the_same(tmp_path, kind):
    first, second, owl, baker = rows_of(WRITERS[kind](tmp_path / f"town.{kind}", TOWN))
    assert (first.number, first.copy, first.seed, first.seeded, first.tone) == (1, 0, 5, True, "owl")
    assert (second.number, second.copy, second.seed, second.seeded) == (1, 1, 6, False)
    assert second.id == f"{first.id}-2"
    assert first.id == "a-shy-baker-" + first.id[-8:]
    assert (owl.guidance, owl.depth, owl.strict, owl.tone, owl.seeded) == ("both", "full", True, None, False)
    assert (baker.id, baker.expert) == ("baker-2", "sketch")
    assert first.id == rows_of(write_jsonl(tmp_path / "same.jsonl", TOWN))[0].id


def test_plain_lines_are_descriptions(tmp_path):
    path = text(tmp_path / "a.txt", "# the town\n\na shy baker, who sings\n  a wise owl  \r\nan elf\u2028in green")
    assert [(found.number, found.description) for found in rows_of(path)] == [
        (3, "a shy baker, who sings"),
        (4, "a wise owl"),
        (5, "an elf in green"),
    ]


def test_ids_last_when_the_file_is_edited(tmp_path):
    before = rows_of(write_csv(tmp_path / "a.csv", TOWN))
    more = [{"description": "someone new"}, *TOWN, {"description": "a last one"}]
    after = {found.id: found for found in rows_of(write_csv(tmp_path / "a.csv", more))}
    assert [after[found.id].seed for found in before] == [found.seed for found in before]
    more = [TOWN[0] | {"count": 4}, *TOWN[1:]]
    assert {found.id for found in before} < {found.id for found in rows_of(write_csv(tmp_path / "a.csv", more))}


def test_the_same_row_twice_is_two_avatars(tmp_path):
    found = rows_of(text(tmp_path / "a.txt", "a villager\n" * 500))
    assert len({one.id for one in found}) == len({one.seed for one in found}) == 500


def test_the_batch_seed_gives_each_row_its_own(tmp_path):
    path = text(tmp_path / "a.txt", "an owl\na fox\n")
    assert [one.seed for one in rows_of(path)] == [one.seed for one in rows_of(path)]
    assert [one.id for one in rows_of(path)] == [one.id for one in rows_of(path, seed=8)]
    assert not {one.seed for one in rows_of(path)} & {one.seed for one in rows_of(path, seed=8)}


@pytest.mark.parametrize(
    ("own", "near"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("Anna", "anna"),
        ("a_b", "a-b"),
        ("con", None),
        ("a--b", "a-b"),
        ("-a", "a"),
        ("a/b", "a-b"),
        ("x" * 65, None),
        (".part", "part"),
        ("a\x00b", None),
        (True, None),
        (1.5, None),
    ],
)
def test_ids_that_are_none_are_refused_with_a_better_one(tmp_path, own, near):
    problem = only_problem(write_jsonl(tmp_path / "a.jsonl", [{"description": "an owl", "id": own}]))
    assert problem.startswith("id is ")
    assert near is None or repr(near) in problem


def test_ids_are_given_once(tmp_path):
    generated = rows_of(text(tmp_path / "a.txt", "an owl"))[0].id
    path = write_jsonl(
        tmp_path / "a.jsonl",
        [
            {"description": "an owl"},
            {"description": "a thief", "id": generated},
            {"description": "a fox", "id": 17},
            {"description": "another fox", "id": "17"},
            {"description": "a fox", "id": "fox", "count": 2},
            {"description": "a fox", "id": "fox-2"},
            {"description": "a dog", "id": "dog-2"},
            {"description": "a dog", "id": "dog", "count": 3},
        ],
    )
    _, thief, fox, other, one, two, late, dog_2, dog, taken, dog_3 = rows_of(path)
    assert isinstance(taken, BadRow) and "its copy 2, 'dog-2'" in taken.problem
    assert isinstance(thief, BadRow) and "that of row 1 too" in thief.problem
    assert fox.id == "17" and isinstance(other, BadRow)
    assert (one.id, two.id, dog.id, dog_3.id) == ("fox", "fox-2", "dog", "dog-3")
    assert isinstance(late, BadRow) and "fox-2" in late.problem
    assert dog_2.id == "dog-2"
    ids = [found.id for found in rows_of(path)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("seed", -1), ("seed", 2**32), ("seed", "1e3"), ("seed", "٣"), ("seed", True), ("seed", 1.5), ("seed", [1]),
        ("seed", 10**400),
        ("count", 0), ("count", 10**9), ("count", "many"), ("count", MOST_COPIES + 1),
        ("guidance", "pixels"), ("depth", "deep"), ("strict", "perhaps"), ("strict", 2),
        ("tone", {"a": 1}), ("tone", "x" * 300), ("expert", 3), ("description", ["an owl"]), ("description", {}),
        ("description", "\x00\x1f\u202e"), ("description", " "), ("image", 5),
    ],
)  # fmt: skip
def test_cells_that_cannot_be_are_named_and_stop_no_other_row(tmp_path, cell, value):
    good = {"description": "an owl"}
    bad, other = rows_of(write_jsonl(tmp_path / "a.jsonl", [good | {cell: value}, good]))
    assert isinstance(bad, BadRow)
    assert cell in bad.problem
    assert len(bad.problem) < 700
    assert other.description == "an owl"


def test_numbers_as_tables_hold_them(tmp_path):
    rows = [{"description": "an owl", "seed": 3.0, "count": None}, {"description": "a fox", "seed": None, "count": 2.0}]
    owl, fox, _ = rows_of(write_parquet(tmp_path / "a.parquet", rows))
    assert (owl.seed, owl.seeded, fox.seeded) == (3, True, False)
    owl, fox, _ = rows_of(text(tmp_path / "a.csv", "description,seed,count\nan owl,3.0,\na fox,,2.0\n"))
    assert (owl.seed, owl.seeded, fox.seeded) == (3, True, False)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", "\n\n", "is empty"),
        ("a.csv", "descripton,seed\nx,1\n", "did you mean 'description'"),
        ("a.csv", "description,colour,seed\n", "unknown columns: 'colour'"),
        ("a.csv", "seed,tone\n1,owl\n", "no column 'description'"),
        ("a.csv", "description,seed,Seed\n", "'seed' twice"),
        ("a.csv", "a wise owl, who sings\n", "is .txt"),
        ("a.csv", "description," + ",".join(f"c{n}" for n in range(1000)), "and 995 more"),
        ("a.csv", ",".join(f"c{n}" for n in range(1_000_000)), "the first line of"),
        ("a.csv", "description\n".encode("utf-16"), "UTF-16"),
        ("a.jsonl", "", "is empty"),
        ("a.jsonl", '[{"description": "an owl"}]', "a list, not a JSON object"),
        ("a.jsonl", '{"description": "an owl", "sed": null}', "did you mean 'seed'"),
        ("a.jsonl", '{"tone": "owl"}', "no column 'description'"),
        ("a.jsonl", "{\n" * 500, "no line that is a JSON object"),
        ("a.parquet", "no parquet", "not a readable Parquet file"),
        ("a.parquet", "", "not a readable Parquet file"),
        ("a.json", "{}", ".jsonl"),
        ("a.xlsx", "PK", "unknown kind"),
        ("a", "an owl", "unknown kind"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_used_are_refused_at_once(tmp_path, name, content, said):
    with pytest.raises(BadInput, match=re.escape(said)) as caught:
        read_rows(text(tmp_path / name, content), seed=1)
    assert len(str(caught.value)) < 1000


def test_what_is_no_file_is_refused_at_once(tmp_path):
    for path, said in (
        (tmp_path, "is a folder"),
        (tmp_path / "missing.csv", "there is no"),
        (Path("a\x00.csv"), "there is no"),
        (tmp_path / ("x" * 300 + ".csv"), "can't read"),
    ):
        with pytest.raises(BadInput, match=said):
            read_rows(path, seed=1)


def test_parquet_without_its_library_says_what_to_install(tmp_path, monkeypatch):
    path = write_parquet(tmp_path / "a.parquet", [{"description": "an owl"}])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingExtra, match=r"personify\[batch\]"):
        read_rows(path, seed=1)


def test_parquet_with_columns_of_its_own_is_refused(tmp_path):
    with pytest.raises(BadInput, match="'colour'"):
        read_rows(write_parquet(tmp_path / "a.parquet", [{"description": "an owl", "colour": "red"}]), seed=1)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_as_spreadsheets_write_it(tmp_path, delimiter):
    lines = ("\ufeffDescription", " Seed ", "", ""), ('"an owl,', "5", "", ""), ("", "", "", "")
    content = (
        delimiter.join(lines[0]) + "\r\n" + f'"an owl, who; says ""hu""\r\nhu"{delimiter}5{delimiter}{delimiter}\r\n'
    )
    content += delimiter.join(lines[2]) + "\r\n"
    (owl,) = rows_of(text(tmp_path / "a.csv", content))
    assert (owl.description, owl.seed) == ('an owl, who; says "hu" hu', 5)


def test_csv_rows_that_are_ragged(tmp_path):
    path = text(tmp_path / "a.csv", "description,seed\nan owl\na fox, who sings,5\na hen,5,,\n")
    owl, fox, hen = rows_of(path)
    assert (owl.seeded, hen.seed) == (False, 5)
    assert isinstance(fox, BadRow) and "it has 3 cells" in fox.problem
    assert fox.description == "a fox"


def test_a_quotation_that_never_ends_costs_one_row_and_what_it_took_in(tmp_path):
    lines = ["description", '"an open owl', *(f"fox {number:06}" for number in range(20_000))]
    bad, *others = rows_of(text(tmp_path / "a.csv", "\n".join(lines)))
    assert isinstance(bad, BadRow) and "quotation mark" in bad.problem
    assert others[-1].description == "fox 019999"
    assert len(others) > 7_000


def test_a_quotation_that_is_open_at_the_end_is_told(tmp_path):
    owl, bad = rows_of(text(tmp_path / "a.csv", 'description\nan owl\n"an open fox\na hen\na cat\n'))
    assert owl.description == "an owl"
    assert isinstance(bad, BadRow) and "never closed" in bad.problem
    assert bad.number == 2


def test_a_quotation_that_ends_within_a_cell_costs_its_row_alone(tmp_path):
    bad, hen = rows_of(text(tmp_path / "a.csv", 'description\n"an "old" fox"\na 5" hen\n'))
    assert isinstance(bad, BadRow) and "quotation mark" in bad.problem
    assert hen.description == 'a 5" hen'


def test_long_descriptions_are_not_kept(tmp_path):
    path = write_jsonl(tmp_path / "a.jsonl", ({"description": f"{n} " + "x" * 500_000} for n in range(60)))
    tracemalloc.start()
    try:
        ids = {row.id for row in read_rows(path, seed=7)}
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(ids) == 60
    assert kept < 10e6


@pytest.mark.parametrize("kind", ["csv", "jsonl", "txt", "parquet"])
def test_huge_cells_cost_their_row_alone(tmp_path, kind):
    huge = "x " * 5_000_000
    if kind == "parquet":
        path = write_parquet(tmp_path / "a.parquet", [{"description": huge}, {"description": "an owl"}])
    else:
        head = {"csv": "description\n", "jsonl": "", "txt": ""}[kind]
        one = '{{"description": "{}"}}' if kind == "jsonl" else "{}"
        path = text(tmp_path / f"a.{kind}", head + one.format(huge) + "\n" + one.format("an owl") + "\n")
    bad, owl = rows_of(path)
    assert owl.description == "an owl"
    if kind == "parquet":  # whoever writes the persona says how much is too much
        assert isinstance(bad, Row)
    else:
        assert isinstance(bad, BadRow) and len(bad.description) < 700


def test_bytes_that_are_no_text_cost_their_row_alone(tmp_path):
    for name, head in (("a.csv", b"description\n"), ("a.txt", b"")):
        bad, owl = rows_of(text(tmp_path / name, head + b"an \xff\xfe owl\nan owl\n"))
        assert isinstance(bad, BadRow) and "UTF-8" in bad.problem
        assert owl.description == "an owl"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('["an owl"]', "a list"),
        ('"an owl"', "text"),
        ("17", "17"),
        ('{"description": "an owl", "seed": NaN}', "NaN"),
        ('{"description": "an owl", "description": "a fox"}', "twice"),
        ('{"description": ' + "[" * 100_000 + "}", "nested"),
        ('{"description": "an owl"', "isn't JSON"),
        ('{"description": "an owl", "colour": "red"}', "unknown columns: 'colour'"),
        ('{"seed": 1' + "0" * 5000 + "}", "isn't JSON"),
        ("{}", "no description"),
    ],
)
def test_json_lines_that_cannot_be_cost_their_row_alone(tmp_path, line, said):
    good = '{"description": "an owl"}\n'
    first, bad, last = rows_of(text(tmp_path / "a.jsonl", good + line + "\n" + good))
    assert isinstance(bad, BadRow) and said in bad.problem
    assert (bad.number, first.number, last.number) == (2, 1, 3)
    if said not in {"unknown columns: 'colour'", "no description"}:  # the first object names the columns
        first, last = rows_of(text(tmp_path / "b.jsonl", line + "\n" + good))
        assert isinstance(first, BadRow) and isinstance(last, Row)


def test_pictures_lie_below_the_folder_of_the_file(tmp_path):
    folder = tmp_path / "town"
    (folder / "pictures").mkdir(parents=True)
    outside = tmp_path / "secret.png"
    for path in (outside, folder / "pictures" / "owl.png"):
        Image.new("RGB", (80, 80)).save(path)
    (folder / "link.png").symlink_to(outside)
    (folder / "pipe.png").mkdir()
    for image, said in {
        "pictures/owl.png": None,
        str(folder / "pictures" / "owl.png"): None,
        "../secret.png": "outside",
        str(outside): "outside",
        "/etc/passwd": "outside",
        "link.png": "outside",
        "pictures/none.png": "isn't there",
        "pipe.png": "isn't there",
        "a\x00b": "isn't there",
        "x" * 190 + "/" + "y" * 5: "isn't there",
    }.items():
        (found,) = rows_of(write_jsonl(folder / "a.jsonl", [{"description": "an owl", "image": image}]))
        if said is None:
            assert found.image == str(folder.resolve() / "pictures" / "owl.png")
        else:
            assert isinstance(found, BadRow) and said in found.problem, image


def test_rows_come_as_they_are_written(tmp_path):
    """A file that isn't whole yet: nothing reads it to its end, or sorts it."""
    path = tmp_path / "a.txt"
    os.mkfifo(path)
    go_on = threading.Event()

    def write():
        with path.open("w") as handle:
            handle.write("an owl\n")
            handle.flush()
            go_on.wait(30)
            handle.write("a fox\n")

    thread = threading.Thread(target=write)
    thread.start()
    rows = read_rows(path, seed=1)
    assert next(rows).description == "an owl"
    go_on.set()
    assert next(rows).description == "a fox"
    thread.join()


def test_the_rows_of_a_file_are_counted_with_their_copies(tmp_path):
    rows = [*TOWN, {"description": "bad", "count": 10**9}]
    for kind, write in WRITERS.items():
        assert total_rows(write(tmp_path / f"a.{kind}", rows)) == 5
    assert total_rows(Path("-")) is None


def check(path: Path) -> None:
    try:
        rows = read_rows(path, seed=1)
    except BadInput:
        return
    ids = []
    for found in itertools.islice(rows, 2000):
        assert isinstance(found, (Row, BadRow))
        assert ID.fullmatch(found.id)
        ids.append(found.id)
        assert isinstance(found.description, str)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "txt", "parquet"])
@given(content=st.binary(max_size=400))
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_rows_or_refused(tmp_path, kind, content):
    check(text(tmp_path / f"a.{kind}", content))


CELLS = st.text(alphabet=st.sampled_from('ab ",;\n\r\x00\t\\{}[]:é1\ufeff'), max_size=20)


@given(cells=st.lists(CELLS, max_size=12))
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_below_a_header_is_rows(tmp_path, cells):
    check(text(tmp_path / "a.csv", "description,seed\n" + "\n".join(cells)))
    check(text(tmp_path / "a.jsonl", '{"description": "an owl"}\n' + "\n".join(cells)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
COLUMN = st.sampled_from(
    ["description", "id", "seed", "count", "tone", "image", "strict", "guidance", "depth", "other"]
)


@given(rows=st.lists(st.dictionaries(COLUMN, JSON | st.sampled_from(["an owl", 1, 2]), max_size=6), max_size=6))
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_json_below_a_good_line_is_rows(tmp_path, rows):
    path = write_jsonl(tmp_path / "a.jsonl", [{"description": "an owl"}, *rows])
    found = list(itertools.islice(read_rows(path, seed=1), 5000))
    assert {one.number for one in found} >= {1}
    check(path)


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parquet_files_with_broken_bytes_are_rows_or_refused(tmp_path, data):
    path = tmp_path / "whole.parquet"
    if not path.exists():
        write_parquet(path, [{"description": f"an owl {number}", "seed": number} for number in range(100)])
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    check(text(tmp_path / "a.parquet", bytes(content)))
