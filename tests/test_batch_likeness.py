"""Fingerprints tell how much two personas share, and the index finds the most similar one among many, quickly."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personify.pipelines.batch.likeness import (
    HASHES,
    TOO_ALIKE,
    Index,
    _items,
    fingerprint,
    likeness,
    read_fingerprint,
)  # fmt: skip
from personify.pipelines.writers import persona_writer
from personify.pipelines.writing.merging import renamed


def persona(description="a grumpy teapot who loves astronomy", seed=1):
    return persona_writer().write(description, seed=seed)


def alike(one, other):
    return float(likeness(read_fingerprint(fingerprint(one)), read_fingerprint(fingerprint(other))[None])[0])


def exact(one, other):
    mine, its = set(_items(one)), set(_items(other))
    return len(mine & its) / len(mine | its)


def random_fingerprints(count, seed=0):
    import base64

    hashes = np.random.default_rng(seed).integers(0, 2**16, (count, HASHES), np.uint16)
    return hashes, ["1" + base64.b64encode(row.tobytes()).decode().rstrip("=") for row in hashes]


def test_a_fingerprint_fits_a_manifest_line():
    told = fingerprint(persona())
    assert len(told) <= 200
    assert told.isascii()
    assert told == fingerprint(persona())


def test_the_same_character_by_another_name_is_a_duplicate():
    one = persona()
    other = renamed(one, "Zebedee Quill")
    assert other.name == "Zebedee Quill"
    assert one.name not in other.speaking.greeting
    assert alike(one, other) > 0.9


def test_strangers_share_little():
    assert alike(persona("a shy cactus"), persona("a proud pirate queen", seed=8)) < 0.2


@pytest.mark.parametrize("pair", range(12))
def test_likeness_is_near_what_is_really_shared(pair):
    one, other = persona(seed=pair), persona(seed=pair + 100)
    assert alike(one, other) == pytest.approx(exact(one, other), abs=0.2)  # three standard errors


def test_likeness_is_unbiased():
    pairs = [(persona(seed=seed), persona(seed=seed + 500)) for seed in range(40)]
    off = [alike(*pair) - exact(*pair) for pair in pairs]
    assert abs(float(np.mean(off))) < 0.03


def test_a_text_without_spaces_is_compared_sign_by_sign():
    one, other = persona("一只爱喝茶的猫", seed=1), persona("一只爱喝茶的猫", seed=2)
    assert 0 < alike(one, other) < 1


@given(st.text(max_size=200) | st.text("0123456789ABCabc+/=", min_size=172, max_size=172).map("1{}".format))
def test_what_is_no_fingerprint_is_none_and_never_nearest(text):
    hashes = read_fingerprint(text)
    assert hashes is None or hashes.shape == (HASHES,)
    index = Index()
    index.add("it", text)
    assert len(index) == (hashes is not None)
    assert index.nearest(text) == (None if hashes is None else ("it", 1.0))


def test_an_empty_index_has_no_nearest():
    assert Index().nearest(fingerprint(persona())) is None


def test_the_most_similar_is_found_among_many():
    _, told = random_fingerprints(5000)
    mine = [fingerprint(persona(seed=seed)) for seed in range(60)]
    index = Index()
    index.add_all((f"r{place}", text) for place, text in enumerate(told[:2500]))
    index.add_all((f"m{place}", text) for place, text in enumerate(mine))
    index.add_all((f"s{place}", text) for place, text in enumerate(told[2500:]))
    all_mine = np.stack([read_fingerprint(text) for text in mine])
    found = 0
    for seed in range(200, 240):
        probe = fingerprint(persona(seed=seed))
        shares = likeness(read_fingerprint(probe), all_mine)
        nearest = index.nearest(probe)
        if shares.max() >= TOO_ALIKE:
            assert nearest is not None
            assert nearest[1] >= TOO_ALIKE
        found += nearest is not None and nearest[1] == pytest.approx(shares.max(), abs=1e-3)
    assert found >= 34  # of 40: bands may miss one that shares half, and take its neighbour


def test_those_that_share_seven_tenths_are_not_missed():
    rng = np.random.default_rng(5)
    hashes, told = random_fingerprints(3000, seed=1)
    index = Index()
    index.add_all((str(place), text) for place, text in enumerate(told))
    missed = 0
    for place in range(0, 3000, 10):
        changed = hashes[place].copy()
        changed[rng.choice(HASHES, 19, replace=False)] ^= 1
        import base64

        nearest = index.nearest("1" + base64.b64encode(changed.tobytes()).decode().rstrip("="))
        missed += nearest != (str(place), round(45 / 64, 3))
    assert missed <= 12  # of 300: 99 of 100 are found


def test_a_big_index_is_built_and_asked_quickly():
    _, told = random_fingerprints(30_000)
    begun = time.process_time()
    index = Index()
    index.add_all((str(place), text) for place, text in enumerate(told))
    built = time.process_time() - begun
    begun = time.process_time()
    for text in told[::100]:
        assert index.nearest(text) is not None
    asked = (time.process_time() - begun) / 300
    assert built < 6, built
    assert asked < 0.005, asked
    assert index.nearest(told[29_999]) == ("29999", 1.0)
