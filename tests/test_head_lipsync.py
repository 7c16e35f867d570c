"""The lip-sync benchmark: measured on real clips, and able to tell a good one from a bad one."""

import dataclasses

import pytest
from head_parts import portrait_of, speech_of

from personify.avatar.experts import shared_detector
from personify.eval.lipsync import as_report, checks, measure


@pytest.fixture(scope="module")
def scores():
    return [
        measure(portrait_of(archetype), speech_of(), shared_detector(), name=archetype, seed=3)
        for archetype in ("teapot", "woman")
    ]


def test_the_head_keeps_its_promises(scores):
    for score in scores:
        assert score.found == 1
        assert score.correlation > 0.9
        assert score.closure_gap is not None
        assert score.closure_gap < 0.1
        assert score.silence_gap is not None
        assert score.silence_gap < 0.05
        assert score.identity < 0.03
        assert score.background is not None
        assert score.background <= 2


def test_a_bad_score_misses_its_target(scores):
    good = {check.what: check.met for check in checks(scores)}
    bad = [dataclasses.replace(score, correlation=0.2, closure_gap=0.5, found=0.8) for score in scores]
    missed = {check.what for check in checks(bad) if not check.met and good[check.what]}
    assert len(missed) == 3


def test_the_report_holds_every_clip(scores):
    report = as_report(scores)
    assert report["clips"] == 2
    assert len(report["scores"]) == 2
