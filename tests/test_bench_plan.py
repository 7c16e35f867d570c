"""The plan of a benchmark: who draws what with whom, from the settings alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personify.eval.detection.plan import Settings, Skill, plan, settings_of
from personify.eval.detection.prompts import Prompt
from personify.voices.errors import BadInput

PROMPTS = [Prompt(kind, f"{kind} {k}", k + 1) for kind in ("animals", "bags") for k in range(6)]
SKILLS = {
    "sketch": Skill(("none",)),
    "oil": Skill(("both", "pixel", "control", "none"), 0.5, 0.8),
    "ink": Skill(("both", "pixel", "control", "none"), 0.6, 1.0),
    "wax": Skill(("pixel", "none"), 0.6, None),
}


def planned(choose=lambda prompt, seed: "oil", **asked):
    settings = Settings(**{"experts": ("oil",), "guidances": ("none", "both")} | asked)
    return plan(settings, PROMPTS, choose, SKILLS.__getitem__)


def drawn(batches, guidance):
    return [sitter for batch in batches if batch.guidance == guidance and not batch.sweep for sitter in batch.sitters]


def test_every_description_is_drawn_in_every_guidance():
    batches = planned(batch=5).batches
    assert [batch.number for batch in batches] == list(range(6))
    assert [len(batch.sitters) for batch in batches] == [5, 5, 2] * 2
    assert [batch.guidance for batch in batches] == ["none"] * 3 + ["both"] * 3
    assert [sitter.prompt for sitter in drawn(batches, "none")] == PROMPTS
    assert drawn(batches, "none") == drawn(batches, "both")


@given(st.integers(1, 20), st.integers(1, 4), st.integers(0, 99))
def test_each_portrait_once_whatever_the_batch(batch, seeds, first):
    result = planned(batch=batch, seeds=seeds, first_seed=first, experts=("mixture",),
                     choose=lambda prompt, seed: ("oil", "ink")[(prompt.line + seed) % 2])  # fmt: skip
    wanted = {(prompt, first + k) for prompt in PROMPTS for k in range(seeds)}
    for guidance in ("none", "both"):
        sitters = drawn(result.batches, guidance)
        assert len(sitters) == len(wanted)
        assert {(sitter.prompt, sitter.seed) for sitter in sitters} == wanted
    assert all(1 <= len(each.sitters) <= batch for each in result.batches)
    assert all(sitter.prompt.line % 2 != (sitter.seed + (each.expert == "oil")) % 2
               for each in result.batches for sitter in each.sitters)  # fmt: skip
    assert {each.asked for each in result.batches} == {"mixture"}


def test_the_same_settings_give_the_same_plan():
    assert planned(seeds=2, sweep=True) == planned(seeds=2, sweep=True)
    digests = {planned(**more).sha256 for more in ({}, {"batch": 7}, {"first_seed": 8}, {"sweep": True})}
    assert len(digests) == 4
    settings, ink = Settings(experts=("ink",)), SKILLS["ink"]
    moved = [Prompt(prompt.category, prompt.text, prompt.line + 9) for prompt in PROMPTS]
    one, other = (plan(settings, prompts, str, lambda name: ink) for prompts in (PROMPTS, moved))
    assert one.sha256 == other.sha256


def test_a_guidance_that_an_expert_lacks_is_refused():
    with pytest.raises(BadInput, match=r"expert 'wax' can't be guided by 'both'; choose among: pixel, none"):
        planned(experts=("oil", "wax"))
    with pytest.raises(BadInput, match=r"'wax', which the mixture chooses, can't be guided by 'both'"):
        planned(lambda prompt, seed: "wax", experts=("mixture",))


def test_the_sketch_draws_unguided_and_says_so():
    result = planned(experts=("sketch", "ink"), sweep=True)
    assert {batch.guidance for batch in result.batches if batch.expert == "sketch"} == {"none"}
    assert [note for note in result.notes if "both are left out" in note]
    assert [note for note in result.notes if "left out of the trade-off" in note]
    assert not [batch for batch in result.batches if batch.sweep and batch.expert == "sketch"]
    with pytest.raises(BadInput, match="guidance none alone"):
        planned(experts=("sketch",), guidances=("both",))


def test_the_sweep_is_a_grid_over_a_few_of_each_category():
    result = planned(sweep=True, seeds=2)
    swept = [batch for batch in result.batches if batch.sweep]
    assert {(batch.strength, batch.control_scale) for batch in swept} == {
        (strength, scale) for strength in (0.3, 0.45, 0.5, 0.6, 0.75, 0.9) for scale in (0.0, 0.5, 0.8, 1.0, 1.5)
    }
    assert {batch.guidance for batch in swept} == {"both"}
    of_one = [
        sitter for batch in swept if (batch.strength, batch.control_scale) == (0.5, 0.8) for sitter in batch.sitters
    ]
    assert [sitter.prompt for sitter in of_one] == PROMPTS[:4] + PROMPTS[6:10]
    assert {sitter.seed for sitter in of_one} == {7}
    assert (result.default_strength, result.default_control_scale) == (0.5, 0.8)
    assert [batch.sweep for batch in result.batches] == sorted(batch.sweep for batch in result.batches)


def test_without_a_control_net_strengths_alone_are_swept():
    result = planned(experts=("wax",), guidances=("none", "pixel"), sweep=True)
    swept = [batch for batch in result.batches if batch.sweep]
    assert [(batch.strength, batch.control_scale, batch.guidance) for batch in swept] == [
        (strength, None, "pixel") for strength in (0.3, 0.45, 0.6, 0.75, 0.9)
    ]
    assert (result.default_strength, result.default_control_scale) == (0.6, None)


def test_experts_with_other_defaults_share_one_grid_without_a_default():
    result = planned(experts=("oil", "ink"), sweep=True)
    points = {name: {(batch.strength, batch.control_scale) for batch in result.batches if batch.sweep and
                     batch.expert == name} for name in ("oil", "ink")}  # fmt: skip
    assert points["oil"] == points["ink"] and {(0.5, 0.8), (0.6, 1.0)} <= points["oil"]
    assert result.default_strength is None and result.default_control_scale is None


def test_settings_go_to_json_and_back():
    asked = Settings(experts=("oil", "mixture"), guidances=("none", "pixel"), sweep=True, clip="folder",
                     prompts="a/b.txt", weights_sha256={"oil": "00"}, default_strength=0.6)  # fmt: skip
    assert Settings.model_validate_json(asked.model_dump_json()) == asked


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"seeds": 0}, "seeds is 0: input should be greater than or equal to 1"),
        (
            {"guidances": ("none", "much")},
            r"guidances.1 is 'much': input should be 'none', 'control', 'pixel' or 'both'",
        ),
        ({"experts": ("oil", "oil")}, "'oil' is named twice"),
        ({"experts": ()}, "experts is .*at least 1"),
        ({"speed": 3}, "speed is 3: extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_is_refused_by_name(asked, said):
    with pytest.raises(BadInput, match=said):
        settings_of(**asked)
