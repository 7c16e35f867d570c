"""Descriptions for the benchmark: the project's own, and anyone's file, taken or refused by line."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personify.eval.detection.prompts import MAX_CHARACTERS, Prompt, digest, read_prompts
from personify.eval.sketch import CATEGORIES
from personify.voices.errors import BadInput

OWN = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def file(tmp_path):
    def write(content, name="things.txt"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_the_projects_own_are_eight_times_fifty():
    prompts = read_prompts()
    assert len(prompts) == 400
    assert tuple(dict.fromkeys(prompt.category for prompt in prompts)) == CATEGORIES
    assert prompts[0] == Prompt("people", "an elderly fisherman with a white beard", 2)
    few = read_prompts(None, 3)
    assert [prompt.text for prompt in few[:3]] == [prompt.text for prompt in prompts[:3]]
    assert len(few) == 24


def test_comments_and_blank_lines_are_skipped_and_lines_counted(file):
    path = file("# Things.\r\n\r\na kettle  \r\n\t\r\n  # more\r\n\ta wise 'owl' [old]\r\n")
    assert read_prompts(path) == [Prompt("things", "a kettle", 3), Prompt("things", "a wise 'owl' [old]", 6)]


def test_a_mark_at_the_beginning_is_no_letter(file):
    assert read_prompts(file(b"\xef\xbb\xbfa kettle")) == [Prompt("things", "a kettle", 1)]


def test_any_script_is_taken(file):
    texts = ["りんごの先生", "ein mürrischer Teekessel", "🦊 fox 👩‍🚀", "می‌خواهم"]
    assert [prompt.text for prompt in read_prompts(file("\n".join(texts)))] == texts


def test_lines_in_brackets_begin_categories(file):
    path = file(
        "a kettle\n[office-things]\na pencil\n[fruits]\na pear\n[office-things]\na stapler\na desk\n", "My kit.txt"
    )
    prompts = read_prompts(path)
    assert [(prompt.category, prompt.text) for prompt in prompts] == [
        ("my-kit", "a kettle"), ("office-things", "a pencil"), ("office-things", "a stapler"),
        ("office-things", "a desk"), ("fruits", "a pear"),
    ]  # fmt: skip
    assert [prompt.text for prompt in read_prompts(path, 2)] == ["a kettle", "a pencil", "a stapler", "a pear"]


def test_a_folder_holds_a_file_for_each_category(file, tmp_path):
    file("a pear\n", "fruits.txt")
    file("a cat\na dog\n", "animals.txt")
    file("not one of them", "notes.md")
    assert [prompt.category for prompt in read_prompts(tmp_path)] == ["animals", "animals", "fruits"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a cat\n# both\nA  Cat\n", r"line 3: 'A  Cat' is there already, in line 1; remove one"),
        (b"[a]\na cat\n[b]\na cat\n[a]\na cat\n", r"line 6: 'a cat' is there already, in line 2"),
        (b"a cat\na d\xf6g\n", r"line 2: byte 4 is not UTF-8"),
        ("a cat".encode("utf-16"), r"line 1: byte 1 is not UTF-8"),
        (b"a cat\n\na\x00dog\n", r"line 3: the character U\+0000 at 2 can't be seen"),
        (b"a cat\ra dog\r", r"line 1: the character U\+000D"),
        ("a cat\na \u202egod".encode(), r"line 2: the character U\+202E"),
        (b"a cat\tpets\n", r"line 1: the character U\+0009"),
        (b"a cat\n" + b"a" * (MAX_CHARACTERS + 1), r"line 2: the description has 1,001 characters; the limit is 1,000"),
        (b"a cat\n12 + 3\n", r"line 2: the description '12 \+ 3' has no words"),
        (b"[Office]\na desk\n", r"line 1: 'Office' is not the name of a category"),
        (b"a cat\n[]\na desk\n", r"line 2: '' is not the name of a category"),
        (b"[all]\na desk\n", r"line 1: the category 'all' is how all of them together are called"),
        (b"[a]\n# none\n[b]\na cat\n", r"line 1: the category 'a' has no description"),
        (b"[a]\na cat\n[b]\n\n", r"line 3: the category 'b' has no description"),
        (b"# nothing\n\n", r"line \d: the file ends with no description"),
        (b"", r"line 1: the file ends with no description"),
    ],
)
def test_what_is_wrong_is_refused_by_its_line(file, content, said):
    with pytest.raises(BadInput, match=rf"things\.txt, {said}"):
        read_prompts(file(content))


def test_a_thousand_characters_are_taken(file):
    assert len(read_prompts(file("a" * MAX_CHARACTERS))[0].text) == MAX_CHARACTERS


def test_duplicates_of_two_files_name_both(file, tmp_path):
    file("[pets]\na cat\n", "one.txt")
    file("a dog\n[pets]\nA CAT\n", "two.txt")
    with pytest.raises(BadInput, match=r"two\.txt, line 3: 'A CAT' is there already, in .*one\.txt, line 2"):
        read_prompts(tmp_path)


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"there is no file .*nowhere\.txt"):
        read_prompts(tmp_path / "nowhere.txt")
    with pytest.raises(BadInput, match=r"holds no \.txt file"):
        read_prompts(tmp_path)
    with pytest.raises(BadInput, match="0 descriptions of each category"):
        read_prompts(None, 0)


def test_a_file_without_a_name_of_its_own_needs_categories(file):
    with pytest.raises(BadInput, match=r"line 1: the name of the file gives no category"):
        read_prompts(file("a cat", "all.txt"))
    assert read_prompts(file("[pets]\na cat", "all.txt"))[0].category == "pets"


def test_the_digest_tells_descriptions_not_files(file):
    one, moved = file("a cat\na dog\n"), file("# Pets.\n[things]\na cat\n\na dog", "elsewhere.txt")
    other = file("a cat\na cow\n", "other.txt")
    assert digest(read_prompts(one)) == digest(read_prompts(moved))
    assert len({digest(read_prompts(path)) for path in (one, other)}) == 2


@OWN
@given(st.binary(max_size=60) | st.text(alphabet="a[]# \n\r\t\u200dé-", max_size=60).map(str.encode))
def test_any_bytes_give_prompts_or_a_line(file, content):
    path = file(content)
    try:
        prompts = read_prompts(path)
    except BadInput as error:
        line = re.search(r"things\.txt, line (\d+): ", str(error))
        assert line and 1 <= int(line[1]) <= content.count(b"\n") + 1
    else:
        lines = content.decode("utf-8-sig").split("\n")
        assert prompts and all(prompt.text in lines[prompt.line - 1] for prompt in prompts)
