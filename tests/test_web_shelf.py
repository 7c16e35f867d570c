"""The shelf in a folder, in an object store, and on a network disk; and bundles as one file, from whoever they come."""

import io
import json
import shutil
import stat
import struct
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import fsspec
import pytest
from chat_parts import teapot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from personify.pipelines.bundle import open_avatar
from personify.pipelines.travel.zips import LARGEST_SIDE_PX, pack, unpack
from personify.ui.web.shelf import FolderShelf, StoreShelf, open_shelf
from personify.voices.errors import BadInput, MissingExtra, PersonifyError


@pytest.fixture(params=["folder", "memory", "file"])
def where(request, tmp_path):
    yield {
        "folder": str(tmp_path / "shelf"),
        "memory": f"memory://shelf-{tmp_path.name}",
        "file": f"file://{tmp_path}/store",
    }[request.param]
    fsspec.filesystem("memory").store.clear()


@pytest.fixture
def mine(tmp_path):
    """The teapot's bundle in a folder of its own, which may be changed."""
    folder = tmp_path / "made" / teapot().folder.name
    shutil.copytree(teapot().folder, folder)
    return open_avatar(folder)


@pytest.fixture
def into(tmp_path):
    (tmp_path / "into").mkdir()
    return tmp_path / "into"


def renamed(avatar, name):
    """The same character under another name."""
    social = avatar.persona.social.model_copy(update={"name": name})
    persona = avatar.persona.model_copy(update={"social": social})
    record = avatar.record.model_copy(update={"persona": persona})
    (avatar.folder / "avatar.json").write_text(json.dumps(record.model_dump(mode="json")))
    return replace(avatar, record=record)


def bytes_of(avatar):
    return {path.name: path.read_bytes() for path in avatar.files.values()}


def test_what_is_kept_is_listed_and_opened_as_it_was(where, mine, into):
    shelf = open_shelf(where)
    assert shelf.list() == []
    kept = shelf.keep(mine)
    (entry,) = shelf.list()
    assert (entry.key, entry.name, entry.description) == (kept.folder.name, mine.name, mine.persona.description)
    assert entry.made == mine.record.created
    with Image.open(io.BytesIO(entry.picture)) as picture:
        assert picture.format == "WEBP" and max(picture.size) <= 256
    opened = open_shelf(where).open(entry.key, into)
    assert opened.folder.name == entry.key and bytes_of(opened) == bytes_of(mine)
    assert bytes_of(open_avatar(mine.folder)) == bytes_of(mine)  # what was given is left as it is


def test_the_same_character_may_be_kept_twice(where, mine):
    shelf = open_shelf(where)
    keys = {shelf.keep(mine).folder.name, shelf.keep(mine).folder.name}
    assert len(keys) == 2 and {entry.key for entry in shelf.list()} == keys


def test_what_lies_there_already_is_not_kept_again(where, mine, into):
    shelf = open_shelf(where)
    kept = shelf.keep(mine)
    assert shelf.keep(kept).folder == kept.folder and len(shelf.list()) == 1


def test_replacing_changes_one_and_no_other(where, mine, into):
    shelf = open_shelf(where)
    first, second = shelf.keep(mine), shelf.keep(mine)
    shelf.replace(renamed(mine, "Somebody Else"), first.folder.name)
    names = {entry.key: entry.name for entry in shelf.list()}
    assert names == {first.folder.name: "Somebody Else", second.folder.name: mine.name}
    assert shelf.open(first.folder.name, into).name == "Somebody Else"


def test_replacing_what_isn_t_there_keeps_it(where, mine):
    shelf = open_shelf(where)
    shelf.replace(mine, "nobody")
    assert len(shelf.list()) == 1 and shelf.list()[0].key != "nobody"


def test_what_is_removed_is_gone_for_good(where, mine, into, tmp_path, left_in):
    shelf = open_shelf(where)
    kept = shelf.keep(mine)
    shelf.remove(kept.folder.name)
    assert shelf.list() == []
    for call in (lambda: shelf.open(kept.folder.name, into), lambda: shelf.remove(kept.folder.name)):
        with pytest.raises(BadInput, match="on this shelf"):
            call()
    system, root = fsspec.url_to_fs(where)
    assert system.find(root, withdirs=False) == []


def test_owners_see_their_own_alone(where, mine, into):
    kept = open_shelf(where, "user-a").keep(mine)
    key = kept.folder.name
    other = open_shelf(where, "user-b")
    assert other.list() == [] and open_shelf(where).list() == []
    for strange in (key, f"../user-a/{key}", f"user-a/{key}"):
        with pytest.raises(BadInput):
            other.open(strange, into)
        with pytest.raises(BadInput):
            other.remove(strange)
    assert len(open_shelf(where, "user-a").list()) == 1


@pytest.mark.parametrize("key", ["", ".", "..", "../made", "a/b", "a\\b", "\0", "a" * 500, "/etc", ".hidden", "é"])
def test_keys_are_no_paths(where, mine, into, key):
    shelf = open_shelf(where)
    shelf.keep(mine)
    for call in (lambda: shelf.open(key, into), lambda: shelf.remove(key)):
        with pytest.raises(BadInput, match="on this shelf"):
            call()
    assert len(shelf.list()) == 1


def test_a_link_on_the_shelf_leads_nowhere(tmp_path, mine, into):
    shelf = FolderShelf(tmp_path / "shelf")
    shelf.keep(mine)
    (tmp_path / "shelf" / "linked").symlink_to(mine.folder)
    with pytest.raises(BadInput):
        shelf.open("linked", into)


def test_many_who_keep_at_once_all_find_a_place(where, mine):
    shelf = open_shelf(where)
    with ThreadPoolExecutor(6) as threads:
        kept = [done.result() for done in [threads.submit(open_shelf(where).keep, mine) for _ in range(6)]]
    assert len({avatar.folder.name for avatar in kept}) == 6 == len(shelf.list())


def test_the_newest_come_first_and_a_broken_one_spoils_nothing(tmp_path, mine, caplog):
    shelf = FolderShelf(tmp_path / "shelf")
    first, second = shelf.keep(mine), shelf.keep(mine)
    shelf.replace(renamed(mine, "Newest"), first.folder.name)
    (second.folder / "portrait.png").write_bytes(b"no picture")
    (tmp_path / "shelf" / "stray").mkdir()
    assert [entry.name for entry in shelf.list()] == ["Newest"]
    assert second.folder.name in caplog.text


class Failing(fsspec.get_filesystem_class("memory")):
    """A store that takes bundles and then no more."""

    protocol = "failing"
    store, pseudo_dirs = {}, [""]
    fails = False

    def pipe_file(self, path, value, mode="overwrite", **kwargs):
        if self.fails and path.endswith(".card.json"):
            raise OSError("secret-key-in-message")
        super().pipe_file(path, value, mode=mode, **kwargs)


def test_a_store_that_fails_in_the_middle_shows_nothing_and_tells_no_secret(mine):
    shelf = StoreShelf(Failing(skip_instance_cache=True), "/bucket")
    shelf._system.fails = True
    with pytest.raises(PersonifyError, match="can't be reached") as caught:
        shelf.keep(mine)
    assert "secret" not in str(caught.value)
    shelf._system.fails = False
    assert shelf.list() == [] and shelf._system.find("/bucket") == []


def test_a_store_that_fails_while_replacing_keeps_the_old_card(mine, into):
    shelf = StoreShelf(Failing(skip_instance_cache=True), "/other")
    key = shelf.keep(mine).folder.name
    shelf._system.fails = True
    with pytest.raises(PersonifyError):
        shelf.replace(renamed(mine, "New"), key)
    shelf._system.fails = False
    assert [entry.key for entry in shelf.list()] == [key]
    assert shelf.open(key, into).name in (mine.name, "New")  # whole, whichever


def test_a_shelf_that_can_t_be_is_refused_by_name():
    with pytest.raises(BadInput, match="nonsense"):
        open_shelf("nonsense://x")
    with pytest.raises((MissingExtra, BadInput)):
        open_shelf("adl://x/y")


# bundles as one file


@pytest.fixture
def packed(mine, tmp_path):
    return pack(mine, tmp_path / "bundle.zip")


def zip_of(path, **files):
    with zipfile.ZipFile(path, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path


def test_a_packed_bundle_opens_as_it_was(packed, mine, into, tmp_path):
    opened = unpack(packed, into)
    assert bytes_of(opened) == bytes_of(mine) and opened.folder.parent == into
    assert pack(mine, tmp_path / "again.zip").read_bytes() == packed.read_bytes()
    assert unpack(packed, into).folder != opened.folder


def test_files_without_a_folder_and_those_of_other_systems_are_fine(mine, tmp_path, into):
    files = {path.name: path.read_bytes() for path in mine.files.values()}
    path = zip_of(tmp_path / "flat.zip", **files, **{"__MACOSX/._avatar.json": b"x", ".DS_Store": b"x"})
    assert bytes_of(unpack(path, into)) == bytes_of(mine)


@pytest.mark.parametrize(
    "name", ["../avatar.json.txt", "a/b/avatar.json", "/etc/passwd", "extra.exe", "..\\..\\x.png", "C:\\x.png"]
)
def test_names_that_are_no_part_of_a_bundle_are_refused(packed, into, left_in, name):
    with zipfile.ZipFile(packed, "a") as file:
        file.writestr(name, b"x")
    with pytest.raises(BadInput, match="no part of a bundle"):
        unpack(packed, into)
    assert left_in(into) == []


def test_a_path_trick_with_a_good_name_stays_inside(mine, tmp_path, into):
    files = {f"../{path.name}": path.read_bytes() for path in mine.files.values()}
    assert unpack(zip_of(tmp_path / "up.zip", **files), into).folder.parent == into
    assert not (tmp_path / "avatar.json").exists()


def test_a_link_in_a_zip_is_a_plain_file(mine, tmp_path, into):
    files = {path.name: path.read_bytes() for path in mine.files.values() if path.name != "greeting.wav"}
    path = zip_of(tmp_path / "link.zip", **files)
    with zipfile.ZipFile(path, "a") as file:
        link = zipfile.ZipInfo("greeting.wav")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
    opened = unpack(path, into)
    greeting = opened.files["greeting"]
    assert not greeting.is_symlink() and greeting.read_bytes() == b"/etc/passwd"


def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path, into, left_in):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("greeting.mp4", b"\0" * 20_000_000)
    with pytest.raises(BadInput, match="too large"):
        unpack(tmp_path / "bomb.zip", into, largest_bytes=1_000_000)
    assert left_in(into) == []


def test_a_list_of_files_that_would_fill_the_memory_is_refused_unread(packed, into, left_in, monkeypatch):
    whole = packed.read_bytes()
    begins, ends = whole.index(b"PK\1\2"), whole.index(b"PK\5\6")
    listed, end = whole[begins:ends] * 2000, bytearray(whole[ends:])
    struct.pack_into("<L", end, 12, len(listed))
    packed.write_bytes(whole[:begins] + listed + end)
    monkeypatch.setattr(zipfile, "ZipInfo", None)  # of which there would be one for each
    with pytest.raises(BadInput, match="more files than a bundle has"):
        unpack(packed, into)
    assert left_in(into) == []


def test_a_picture_that_would_fill_the_memory_is_refused(mine, tmp_path, into):
    side = LARGEST_SIDE_PX + 1

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    files = {path.name: path.read_bytes() for path in mine.files.values()} | {"portrait.png": png}
    with pytest.raises(BadInput, match=f"{side} x {side} pixels"):
        unpack(zip_of(tmp_path / "big.zip", **files), into)


@pytest.mark.parametrize("lacks", ["avatar.json", "greeting.mp4", "landmarks.json", "portrait.png"])
def test_a_bundle_that_isn_t_whole_is_refused_by_name(mine, tmp_path, into, left_in, lacks):
    files = {path.name: path.read_bytes() for path in mine.files.values() if path.name != lacks}
    with pytest.raises(BadInput, match=lacks) as caught:
        unpack(zip_of(tmp_path / "half.zip", **files), into)
    assert str(tmp_path) not in str(caught.value) and left_in(into) == []


def test_the_same_file_twice_is_refused(packed, into):
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(packed, "a") as file:
        name = next(name for name in file.namelist() if name.endswith("avatar.json"))
        file.writestr(name, b"{}")
    with pytest.raises(BadInput, match="twice"):
        unpack(packed, into)


def test_a_record_that_is_none_is_refused(mine, tmp_path, into):
    files = {path.name: path.read_bytes() for path in mine.files.values()} | {"avatar.json": b'{"persona": 1}'}
    with pytest.raises(BadInput, match=r"avatar\.json"):
        unpack(zip_of(tmp_path / "other.zip", **files), into)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    how=st.sampled_from(["noise", "cut", "changed"]),
    at=st.floats(0, 1) | st.floats(0.998, 1),
    noise=st.binary(min_size=1, max_size=40),
)
def test_whatever_is_opened_is_a_bundle_or_bad_input(packed, into, left_in, how, at, noise):
    whole = packed.read_bytes()
    start = int(at * (len(whole) - 1))
    changed = {"noise": noise, "cut": whole[:start], "changed": whole[:start] + noise + whole[start + len(noise) :]}
    broken = packed.with_name("broken.zip")
    broken.write_bytes(changed[how])
    try:
        opened = unpack(broken, into)
    except BadInput:
        assert left_in(into) == []
    else:
        assert opened.name
        shutil.rmtree(opened.folder)
