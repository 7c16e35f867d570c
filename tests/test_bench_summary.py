"""Rows become figures: per expert, guidance and category, none against the rest, and one run against another."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personify.eval.detection.compare import HEADINGS, compare
from personify.eval.detection.compare import rows as cells
from personify.eval.detection.compare import to_json as comparison_json
from personify.eval.detection.rows import PROTOCOL, Row, write_rows
from personify.eval.detection.summary import (
    Measured,
    Pair,
    from_json,
    read_summary,
    summarise,
    to_json,
    write_summary,
)
from personify.voices.errors import BadInput, PersonifyError


def row(prompt="a teapot", guidance="none", *, attempt=0, plausible=True, **fields):
    plain = {
        "protocol": PROTOCOL, "versions": "personify 0.1.0", "category": "office", "seed": 1, "asked": "toon",
        "expert": "toon", "strength": None, "control_scale": None, "found": plausible, "reasons": "", "error": None,
        "agreed": "", "missed": "", "archetype": "teapot", "told": "", "clip": None, "sharp_eyes": None,
        "sharp_lips": None, "seconds": 1.0, "picture": "pictures/a.jpg",
    }  # fmt: skip
    return Row(
        **{**plain, "prompt": prompt, "guidance": guidance, "attempt": attempt, "plausible": plausible, **fields}
    )


def run_of(rights, guidance="none", **fields):
    """A first attempt for each of `rights`, and whether it is plausible."""
    return [row(f"thing {k}", guidance, plausible=right, **fields) for k, right in enumerate(rights)]


def group(summary, guidance="none", category="all", asked="toon"):
    return next(
        one.measures for one in summary.groups if (one.asked, one.guidance, one.category) == (asked, guidance, category)
    )


# ---- what a portrait gives


def test_each_measure_looks_at_the_attempts_that_it_says():
    told = group(
        summarise(
            [  # found but implausible, then plausible; and one whose every attempt fails until the sketch stands in
                row("a", attempt=0, plausible=False, found=True, error=0.5, told="teapot", agreed="yunet", seconds=2.0),
                row("a", attempt=1, error=0.1, told="owl", missed="yunet", seconds=3.0),
                row("b", attempt=0, plausible=False, told="owl", missed="yunet"),
                row("b", attempt=1, plausible=False),
                row("b", attempt=2, expert="sketch", error=0.01, told="teapot", agreed="yunet", seconds=0.5),
            ],
            [],
            {},
        )
    )
    values = {name: (one.value, one.cases) for name, one in told.items()}
    assert values == {
        "found_first": (0.5, 2),
        "plausible_first": (0.0, 2),
        "found": (0.5, 2),
        "plausible": (0.5, 2),
        "error": (0.1, 1),
        "agreement:yunet": (1.0, 1),
        "like": (0.5, 2),
        "seconds": (3.75, 2),
        "attempts": (2.0, 2),
    }
    assert list(told) == list(values)


def test_the_sketch_counts_where_it_was_asked_for_or_chosen():
    asked = summarise([row(asked="sketch", expert="sketch"), row(asked="mixture", expert="sketch")], [], {})
    assert group(asked, asked="sketch")["plausible"].value == 1.0
    assert group(asked, asked="mixture")["plausible"].value == 1.0


def test_shares_carry_wilsons_interval_and_numbers_the_bootstraps():
    told = group(summarise(run_of([False] * 20, error=None, clip=0.25), [], {}))
    assert (told["found"].low, told["found"].high) == pytest.approx((0, 0.1611), abs=1e-4)
    assert told["clip"] == Measured(0.25, 0.25, 0.25, 20)
    sharp = [row(f"thing {k}", sharp_eyes=value) for k, value in enumerate((1.0, 2.0, 90.0))]
    assert group(summarise(sharp, [], {}))["sharp_eyes"].value == 2.0


def test_groups_come_overall_then_by_category():
    rows = [
        row("a", "both"), row("b", "both", category="bags", plausible=False), row("a"), row("b", category="bags"),
        row("a", asked="photo", expert="photo"),
    ]  # fmt: skip
    groups = summarise(rows, [], {}).groups
    assert [(one.asked, one.guidance, one.category) for one in groups] == [
        ("toon", "none", "all"), ("toon", "none", "office"), ("toon", "none", "bags"),
        ("toon", "both", "all"), ("toon", "both", "office"), ("toon", "both", "bags"),
        ("photo", "none", "all"), ("photo", "none", "office"),
    ]  # fmt: skip
    assert [one.measures["plausible"].value for one in groups[3:6]] == [0.5, 1.0, 0.0]


# ---- none against the rest


def test_guidance_is_held_against_none_on_the_same_portraits():
    bare = [True] * 38 + [False] * 12  # with the next line, Newcombe's table III: 36 both, 12 and 2 only one of them
    guided = [True] * 36 + [False] * 2 + [True] * 12
    pairs = summarise([*run_of(bare), *run_of(guided, "both"), row("unpaired", "both")], [], {}).pairs
    assert [(one.asked, one.guidance, one.against, one.measure) for one in pairs] == [
        ("toon", "both", "none", "plausible_first"),
        ("toon", "both", "none", "found_first"),
    ]
    first = pairs[0]
    assert (first.cases, first.only_guided, first.only_against) == (50, 12, 2)
    assert first.p == pytest.approx(0.01294, abs=1e-5)
    assert (first.difference.low, first.difference.high) == pytest.approx((0.0569, 0.3404), abs=1e-4)


def test_likeness_is_paired_where_both_were_told():
    rows = [row("a", told="owl"), row("a", "both", told="teapot"), row("b"), row("b", "both", told="teapot")]
    like = [one for one in summarise(rows, [], {}).pairs if one.measure == "like"]
    assert like == [Pair("toon", "both", "none", "like", 1, 1, 0, 1.0, like[0].difference)]
    assert like[0].difference.value == 1.0


def test_experts_are_not_paired_with_each_other():
    rows = [row(), row(asked="photo", expert="photo", guidance="both")]
    assert summarise(rows, [], {}).pairs == ()


# ---- the trade-off


def test_the_tradeoff_grows_with_guidance_and_marks_the_default():
    def at(strength, scale, right):
        return row("a", "both", strength=strength, control_scale=scale, plausible=right, told="teapot")

    later = replace(at(0.4, 1.2, True), attempt=1)
    sweep = [at(0.4, 1.0, True), at(0.6, 1.0, True), later, row("a"), at(0.6, 0.5, False)]
    settings = {"default_strength": 0.6, "default_control_scale": 1.0}
    points = summarise([row()], sweep, settings).tradeoff
    assert [(one.strength, one.control_scale, one.default) for one in points] == [
        (1.0, 0.0, False), (0.6, 0.5, False), (0.6, 1.0, True), (0.4, 1.0, False),
    ]  # fmt: skip
    assert points[1].measures["plausible_first"].value == 0.0 and points[1].measures["like"].value == 1.0
    assert "plausible" not in points[0].measures and "attempts" not in points[0].measures
    unmarked = summarise([row()], sweep, {"default_strength": None, "default_control_scale": None}).tradeoff
    assert not any(point.default for point in unmarked)


# ---- what is refused


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "no rows"),
        ([row("a"), row("b", protocol="0")], "protocols '1' and '0'"),
        ([row(category="all")], "may not be called 'all'"),
        ([row("a", attempt=1)], r"office: a \(seed 1, toon, guidance none\) are numbered 1 "),
        ([row("a"), row("a")], "numbered 0, 0 "),
    ],
)
def test_rows_that_are_no_run_are_refused(rows, said):
    with pytest.raises(PersonifyError, match=said):
        summarise(rows, [], {})


def test_several_versions_are_all_told():
    assert summarise([row("a"), row("b", versions="personify 0.2.0")], [], {}).versions == (
        "personify 0.1.0 | personify 0.2.0"
    )


# ---- on disk


@given(
    st.lists(st.tuples(st.text(max_size=8), st.sampled_from(["none", "both"]), st.booleans()), min_size=1, max_size=8)
)
def test_summaries_survive_json(portraits):
    rows = {(prompt, guidance): row(prompt, guidance, plausible=right) for prompt, guidance, right in portraits}
    summary = summarise(list(rows.values()), list(rows.values()), {"seeds": 1})
    assert from_json(json.loads(json.dumps(to_json(summary)))) == summary


def test_summaries_are_written_whole(tmp_path):
    summary = summarise(run_of([True, False], told="teapot"), [], {"experts": ["toon"]})
    write_summary(summary, tmp_path / "summary.json")
    assert read_summary(tmp_path / "summary.json") == summary
    assert [path.name for path in tmp_path.iterdir()] == ["summary.json"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "can't be read"),
        ("[]", "no summary of the detection benchmark"),
        ('{"protocol": "0"}', "protocol '0' and this Personify reads '1'"),
        ('{"protocol": "1"}', "versions: Field required"),
        ('{"protocol": "1", "versions": "", "settings": {}, "groups": [], "pairs": [], "tradeoff": [], "x": 1}', "x: "),
    ],
)
def test_other_files_are_refused_by_name(tmp_path, text, said):
    path = tmp_path / "summary.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PersonifyError, match=f"summary.json.*{said}"):
        read_summary(path)
    with pytest.raises(PersonifyError, match="can't be read"):
        read_summary(tmp_path / "none.json")


# ---- two runs


@pytest.fixture
def runs(tmp_path):
    """Writes a run's table into a folder of its own."""

    def write(name, rows):
        (tmp_path / name).mkdir()
        write_rows(rows, tmp_path / name / "results.csv")
        return tmp_path / name

    return write


def test_two_runs_are_paired_portrait_by_portrait(runs):
    before = run_of([True] * 38 + [False] * 12, clip=0.2)
    after = [replace(one, clip=0.3) for one in run_of([True] * 36 + [False] * 2 + [True] * 12)]
    found = compare(runs("a", [*before, row("old")]), runs("b", [*after, row("new"), row("newer")]) / "results.csv")
    assert (found.portraits, found.only_a, found.only_b, found.lost, found.won) == (50, 1, 2, 2, 12)
    assert found.lost_named == tuple(f"office: thing {k} (seed 1, toon, guidance none)" for k in (36, 37))
    lines = {line.measure: line for line in found.lines}
    first = lines["plausible_first"]
    assert (first.a.value, first.b.value, first.difference.value) == pytest.approx((0.76, 0.96, 0.2))
    assert (first.difference.low, first.difference.high) == pytest.approx((0.0569, 0.3404), abs=1e-4)
    assert first.p == pytest.approx(0.01294, abs=1e-5)
    assert lines["clip"].difference.value == pytest.approx(0.1) and lines["clip"].p is None
    table = cells(found)
    assert all(len(line) == len(HEADINGS) for line in table)
    assert ("toon", "none", "plausible_first", "50", "76.0 % [62.6, 85.7]", "96.0 % [86.5, 98.9]",
            "+20.0 points [5.7, 34.0]", "0.013") in table  # fmt: skip
    assert json.loads(json.dumps(comparison_json(found)))["won"] == 12


def test_at_most_twenty_are_named(runs):
    found = compare(runs("a", run_of([True] * 30)), runs("b", run_of([False] * 30)))
    assert found.lost == 30 and len(found.lost_named) == 20 and found.won_named == ()


def test_runs_of_one_expert_each_are_paired_across_experts(runs):
    other = [replace(one, asked="photo", expert="photo") for one in run_of([True, True])]
    found = compare(runs("a", run_of([True, False])), runs("b", other))
    assert found.portraits == 2 and {line.asked for line in found.lines} == {"toon / photo"}


def test_a_measure_of_one_run_alone_is_left_out(runs):
    found = compare(runs("a", run_of([True], told="teapot")), runs("b", run_of([True])))
    assert "like" not in {line.measure for line in found.lines}


def test_runs_that_cannot_be_compared_are_refused_by_name(runs, tmp_path):
    plain = runs("plain", [row("a")])
    with pytest.raises(PersonifyError, match=r"protocol '1' and .*old by '0'"):
        compare(plain, runs("old", [row("a", protocol="0")]))
    with pytest.raises(PersonifyError, match="no portrait in common"):
        compare(plain, runs("else", [row("b")]))
    with pytest.raises(PersonifyError, match="empty: there are no rows"):
        compare(plain, runs("empty", []))
    with pytest.raises(BadInput, match="nowhere is no run of the benchmark"):
        compare(plain, tmp_path / "nowhere")
