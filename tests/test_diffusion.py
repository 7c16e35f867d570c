"""A diffusion expert draws as diffusers does: every layout and guidance, batches, seeds, prompts, schedule."""

import json
import subprocess
import sys
import weakref
from dataclasses import replace

import numpy as np
import pytest
import tiny_models as tiny
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from personify.avatar.catalogue import Scheduler, Weights
from personify.avatar.diffusion import encoding
from personify.avatar.diffusion.conditioning import keep_embedding
from personify.avatar.diffusion.expert import DiffusionExpert
from personify.avatar.diffusion.pool import ModelPool
from personify.avatar.diffusion.prompts import fill, write_prompt
from personify.avatar.diffusion.steering import derive, schedule, steps_to_ask
from personify.avatar.orders import Steer
from personify.voices.errors import PersonifyError

GUIDANCES = ("none", "control", "pixel", "both")

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Checkpoints by layout, each with its ControlNet."""
    at = tmp_path_factory.mktemp("models")
    sd, sdxl = tiny.save_sd(at / "sd"), tiny.save_sdxl(at / "sdxl")
    return {
        "sd15": (sd, tiny.save_control(at / "sd-control")),
        "sdxl": (sdxl, tiny.save_control(at / "sdxl-control", base="sdxl")),
        "embedded": (tiny.save_sd(at / "small", tiny_vae=True), tiny.save_control(at / "small-control")),
    }


@pytest.fixture(scope="module")
def pool():
    return ModelPool("cpu")


@pytest.fixture(scope="module")
def expert_of(models, pool):
    def build(base="sd15", **more):
        folder, control = models[base]
        entry = tiny.entry(folder, base=base, controlnet="mesh", **more)
        return DiffusionExpert(entry, tiny.catalogue(entry, control=control, base=base), pool)

    return build


def difference(one, other):
    return float(np.abs(one.image.astype(int) - other.image).mean())


@pytest.mark.parametrize("base", ["sd15", "sdxl", "embedded"])
@pytest.mark.parametrize("guidance", GUIDANCES)
def test_every_layout_draws_with_every_guidance(expert_of, base, guidance):
    expert = expert_of(base)
    steer = expert.schedule(guidance, 1)[0]
    orders = [tiny.order(seed, guided=guidance != "none", size=size) for seed, size in ((1, 64), (2, 96))]
    both = expert.draw(orders, steer)
    assert [proposal.image.shape for proposal in both] == [(64, 64, 3), (96, 96, 3)]
    assert all(proposal.image.dtype == np.uint8 and proposal.refused is None for proposal in both)
    assert difference(both[0], expert.draw(orders[:1], steer)[0]) < 3  # the batch decides no more than rounding
    assert both[0].image.std() > 5


@pytest.mark.parametrize("guidance", GUIDANCES)
def test_a_call_is_diffusers_own(expert_of, models, pool, guidance):
    """The same settings given to a pipeline that diffusers loads itself: the same picture, to the byte."""
    import diffusers
    import torch
    from PIL import Image

    from personify.avatar.control import control_image

    expert, order = expert_of(), tiny.order(5)
    folder, control = models["sd15"]
    net = diffusers.ControlNetModel.from_pretrained(control, dtype=pool.device.dtype)
    kind = {"none": "", "control": "ControlNet", "pixel": "Img2Img", "both": "ControlNetImg2Img"}[guidance]
    extra = {"controlnet": net} if "ControlNet" in kind else {}
    pipe = getattr(diffusers, f"StableDiffusion{kind}Pipeline").from_pretrained(
        folder, dtype=pool.device.dtype, safety_checker=None, **extra
    )
    pipe.set_progress_bar_config(disable=True)
    start = Image.fromarray(order.guide.image).resize((64, 64), Image.Resampling.LANCZOS)
    mesh = Image.fromarray(control_image("mediapipe-mesh", order.guide.landmarks, of_size=96, size=64))
    generator = torch.Generator().manual_seed(5)
    noise = torch.randn((1, 4, 16, 16), generator=generator) if "Img2Img" not in kind else None
    given = {
        "none": {"latents": noise, "height": 64, "width": 64, "num_inference_steps": 2},
        "control": {"latents": noise, "height": 64, "width": 64, "num_inference_steps": 2, "image": mesh},
        "pixel": {"image": start, "strength": 0.6, "num_inference_steps": 4},
        "both": {"image": start, "control_image": mesh, "strength": 0.6, "num_inference_steps": 4},
    }[guidance]
    if noise is not None:
        given["latents"] = noise.to(pool.device.dtype)
    if extra:
        given["controlnet_conditioning_scale"] = 1.0
    picture = pipe(
        "portrait of teapot with a face", negative_prompt="blurry", guidance_scale=3.0, generator=generator,
        output_type="np", **given,
    ).images[0]  # fmt: skip
    drawn = expert.draw([order], Steer(guidance, 0.6, 1.0))[0]
    np.testing.assert_array_equal(drawn.image, np.round(picture * 255).astype(np.uint8))


def test_a_control_image_is_embedded_once_a_call(expert_of, pool):
    expert, seen = expert_of(), []
    steer = expert.schedule("both", 1)[0]
    before = expert.draw([tiny.order(1), tiny.order(2)], steer)

    def net(pipe, _):
        return pipe.controlnet.controlnet_cond_embedding

    embedding = pool.run(expert.recipe(), net, control=True, pixel=True)
    hook = embedding.conv_in.register_forward_hook(lambda *_: seen.append(1))
    again = expert.draw([tiny.order(1), tiny.order(2)], steer)
    other = expert.draw([tiny.order(3)], steer)[0]
    hook.remove()
    assert len(seen) == 2
    for one, two in zip(before, again, strict=True):
        np.testing.assert_array_equal(one.image, two.image)
    assert difference(other, before[0]) > 0


def copying():
    """A ControlNet whose embedding is a tensor of its own, equal to the image."""
    import torch

    class Copy(torch.nn.Module):
        def forward(self, image):
            return image.clone()

    net = torch.nn.Module()
    net.controlnet_cond_embedding = Copy()
    keep_embedding(net)
    return net


def test_what_was_embedded_is_not_kept_for_another_image():
    import torch

    net = copying()
    image = torch.zeros(1, 3, 8, 8)
    assert net.controlnet_cond_embedding(image).sum() == 0
    assert net.controlnet_cond_embedding(torch.full((1, 3, 8, 8), 2.0)).mean() == 2, "another, beside it"
    assert net.controlnet_cond_embedding(image).sum() == 0
    image += 1  # written to
    assert net.controlnet_cond_embedding(image).mean() == 1
    for value in range(5):  # a new tensor may take the place of one that is gone
        assert net.controlnet_cond_embedding(torch.full((1, 3, 8, 8), value)).float().mean() == value
    with torch.inference_mode():  # where nobody can tell whether it was written to
        image = torch.zeros(1, 3, 8, 8)
        assert net.controlnet_cond_embedding(image).sum() == 0
        image += 1
        assert net.controlnet_cond_embedding(image).mean() == 1


def test_what_was_embedded_is_let_go_with_its_image():
    import torch

    net, image = copying(), torch.zeros(1, 3, 8, 8)
    embedded = weakref.ref(net.controlnet_cond_embedding(image))
    assert embedded() is net.controlnet_cond_embedding(image), "kept as long as its image lives"
    del image
    assert embedded() is None


def test_the_seed_and_the_attempt_decide(expert_of):
    expert = expert_of()
    first, second = expert.schedule("none", 2)
    one, again = (expert.draw([tiny.order(3, guided=False)], first)[0] for _ in range(2))
    np.testing.assert_array_equal(one.image, again.image)
    retried = expert.draw([tiny.order(3, guided=False)], second)[0]
    assert difference(one, retried) > 1
    derived = expert.draw([tiny.order(derive(3, 1), guided=False)], first)[0]
    np.testing.assert_array_equal(retried.image, derived.image)


def test_stronger_guidance_keeps_more_of_the_start(expert_of):
    """Of a start that nothing changes a picture of the same start is left: the less changes, the nearer they are."""
    expert, order = expert_of("embedded", steps=10), tiny.order(4)
    images = [expert.draw([order], Steer("pixel", strength))[0] for strength in (0.1, 0.11, 0.95)]
    assert difference(images[0], images[1]) < difference(images[0], images[2])


def test_control_scale_matters(expert_of):
    expert, order = expert_of(), tiny.order(4)
    weak, strong = (expert.draw([order], Steer("control", 0.6, scale))[0] for scale in (0.0, 1.6))
    assert difference(weak, strong) > 0.5
    free = expert.draw([tiny.order(4, guided=False)], Steer("none"))[0]
    assert difference(weak, free) < difference(weak, strong)


@pytest.mark.parametrize(
    ("name", "options"),
    [("LCMScheduler", {}), ("DDIMScheduler", {"timestep_spacing": "trailing"}), ("TCDScheduler", {}),
     ("EulerAncestralDiscreteScheduler", {}), ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
     ("DEISMultistepScheduler", {})],
)  # fmt: skip
def test_few_steps_with_every_scheduler_of_the_catalogue(expert_of, name, options):
    expert = expert_of(few_step=True, steps=4, guidance_scale=1.0, scheduler=Scheduler(name=name, settings=options))
    for guidance in ("none", "both"):
        steer = expert.schedule(guidance, 1)[0]
        two = expert.draw([tiny.order(1), tiny.order(2)], steer)
        assert difference(two[1], expert.draw([tiny.order(2)], steer)[0]) < 3


def test_the_user_words_reach_the_picture(expert_of):
    expert, steer = expert_of(), Steer("none")
    plain, said = (
        expert.draw([tiny.order(1, guided=False, words=words)], steer)[0]
        for words in ("a teapot", "a thundering volcano of green glass")
    )
    assert difference(plain, said) > 0.1


def test_long_prompts_share_a_batch_with_short_ones(expert_of):
    steer = Steer("none")
    short, long = tiny.order(1, guided=False), tiny.order(2, guided=False, words="a teapot of the north (old) " * 5)
    for expert in (expert_of(), expert_of("sdxl")):
        together = expert.draw([short, long, short], steer)
        for order, proposal in zip((short, long, short), together, strict=True):
            assert difference(proposal, expert.draw([order], steer)[0]) < 3


def test_two_thousand_words_are_drawn(expert_of):
    words = " ".join(f"word{number}" for number in range(2000))
    for expert in (expert_of(), expert_of("sdxl"), expert_of("sdxl", negative="")):
        assert expert.draw([tiny.order(1, guided=False, words=words)], Steer("none"))[0].image.std() > 5


@given(st.text(min_size=1, max_size=400))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_encoded(expert_of, pool, text):
    """Weighting syntax, marks of the tokenizer, unpaired brackets: letters like any others."""
    expert = expert_of()

    def lengths(pipe, _):
        words = encoding.bounded(pipe, text, "portrait of")
        assert text.startswith(words)
        return encoding.encode_long(pipe, words, "blurry", with_negative=True)

    encoded = pool.run(expert.recipe(), lengths)
    assert encoded.prompt.shape == encoded.negative.shape
    assert encoded.length % 77 == 0
    assert encoded.length <= 77 * (encoding.MAX_WINDOWS + 1)


@pytest.mark.parametrize("base", ["sd15", "sdxl"])
def test_a_short_prompt_is_encoded_as_the_pipeline_does(expert_of, pool, base):
    import torch

    def both(pipe, _):
        own = pipe.encode_prompt("a (red)++ fox", device="cpu", num_images_per_prompt=1,
                                 do_classifier_free_guidance=True, negative_prompt="blurry")  # fmt: skip
        return own, encoding.encode_long(pipe, "a (red)++ fox", "blurry", with_negative=True)

    own, ours = pool.run(expert_of(base).recipe(), both)
    torch.testing.assert_close(own[0], ours.prompt)
    torch.testing.assert_close(own[1], ours.negative)
    if base == "sdxl":
        torch.testing.assert_close(own[2], ours.pooled)
        torch.testing.assert_close(own[3], ours.negative_pooled)


def test_prompts_keep_the_words_and_add_what_fits():
    told = tiny.brief(
        words="a grumpy {teapot} who loves (astronomy)++", colours=("teal",), materials=("porcelain",),
        accessories=("top hat",), features=("freckles",), expression="grumpy",
    )  # fmt: skip
    whole = write_prompt("portrait of {concept} with a face", told, lambda _: True)
    assert whole == (
        "portrait of a grumpy {teapot} who loves (astronomy)++, teal porcelain, wearing top hat, freckles, with a face"
    )
    assert write_prompt("{concept}, icon", told, lambda text: len(text) < 65) == (
        "a grumpy {teapot} who loves (astronomy)++, teal porcelain, icon"
    )
    plain = tiny.brief(colours=("#102030",), expression="sad")
    assert write_prompt("{concept}", plain, lambda _: True) == "teapot, sad expression"


def test_an_expert_that_knows_only_captions_is_told_the_looks(expert_of):
    asked = {"archetype": "teapot", "category": "household", "expression": "grumpy", "accessories": ("top hat",)}
    said = [tiny.brief(words=words, **asked) for words in ("a grumpy teapot", "une théière qui râle " * 400)]
    orders = [replace(tiny.order(4), brief=brief) for brief in said]
    for reads, same in (("looks", True), ("words", False)):
        drawn = [expert_of("embedded", reads=reads).draw([order], Steer("none"))[0] for order in orders]
        assert (difference(*drawn) == 0) is same


@pytest.mark.parametrize("base", ["sd15", "sdxl", "embedded"])
def test_detail_that_the_autoencoder_loses_comes_back_where_the_guide_is_kept(expert_of, base):
    plain, keeps = expert_of(base), expert_of(base, keeps_detail=True)
    order = tiny.order(3)
    guide = Image.fromarray(order.guide.image).resize((order.size, order.size), Image.Resampling.LANCZOS)

    def away(expert, steer):
        drawn = expert.draw([order], steer)[0].image
        return float(np.abs(drawn.astype(int) - np.asarray(guide)).mean())

    for guidance in ("pixel", "both"):
        little, all_of_it = Steer(guidance, 0.02), Steer(guidance, 1.0)
        assert away(keeps, little) < 0.5 * away(plain, little)
        assert away(keeps, all_of_it) == away(plain, all_of_it)
    assert away(keeps, Steer("control")) == away(plain, Steer("control"))


def test_the_outline_is_kept_where_the_expert_keeps_to_it(expert_of):
    plain = tiny.order(4)
    mask = np.zeros(plain.guide.image.shape[:2], np.uint8)
    mask[:, : mask.shape[1] // 2] = 255
    order = replace(plain, guide=replace(plain.guide, mask=mask))
    keeps = expert_of("embedded", keeps_outline=True)
    for guidance in ("pixel", "both"):
        kept = keeps.draw([order], Steer(guidance))[0].mask
        assert kept.shape == (order.size, order.size)
        assert kept[:, 0].min() == 255 and kept[:, -1].max() == 0
    for expert, guidance in ((keeps, "control"), (expert_of("embedded"), "both")):
        assert expert.draw([order], Steer(guidance))[0].mask is None


@given(st.text(min_size=1))
def test_words_are_never_changed(words):
    assert fill("portrait of {concept} now", words, []) == f"portrait of {words} now"


def test_the_schedule_guides_more_strongly_each_time(tmp_path):
    entry = tiny.entry(tmp_path)
    steers = schedule(entry, "both", 6)
    assert [steer.strength for steer in steers] == [0.6, 0.48, 0.36, 0.25, 0.25, 0.25]
    assert [steer.control_scale for steer in steers] == [1.0, 1.15, 1.3, 1.45, 1.6, 1.6]
    assert [steer.attempt for steer in steers] == list(range(6))
    free = schedule(entry, "none", 3)
    assert {(steer.strength, steer.control_scale) for steer in free} == {(0.6, 1.0)}
    assert len({derive(7, steer.attempt) for steer in free}) == 3
    assert schedule(entry, "pixel", 0) == ()


@given(st.integers(1, 60), st.floats(0.05, 1.0), st.booleans())
def test_enough_real_steps_are_taken(steps, strength, few_step):
    asked = steps_to_ask(steps, strength, few_step=few_step)
    real = int(asked * strength)
    assert real >= (steps if few_step else min(steps, 8))
    assert asked >= steps
    if few_step:
        assert real <= steps + 1


def test_an_expert_reads_no_file_until_it_draws(tmp_path):
    entry = tiny.entry(tmp_path / "nowhere")
    assert DiffusionExpert(entry, tiny.catalogue(entry), ModelPool("cpu")).guidances == ("pixel", "none")


def test_a_variant_is_loaded_where_there_is_one(tmp_path, pool):
    folder = tiny.save_sd(tmp_path / "sd")
    for part in ("unet", "vae"):
        file = folder / part / "diffusion_pytorch_model.safetensors"
        file.rename(file.with_name("diffusion_pytorch_model.fp16.safetensors"))
    entry = tiny.entry(folder, weights=Weights(folder=folder, variant="fp16"))
    expert = DiffusionExpert(entry, tiny.catalogue(entry), pool)
    assert expert.draw([tiny.order(1, guided=False)], Steer("none"))[0].image.shape == (64, 64, 3)


def test_importing_loads_no_heavy_library():
    code = (
        "import sys, personify.avatar.diffusion.expert, personify.avatar.diffusion.pool, json;"
        "print(json.dumps(sorted({'torch', 'diffusers', 'transformers', 'cv2', 'PIL', 'compel'} & set(sys.modules))))"
    )
    assert json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout) == []


@pytest.mark.gpu
@pytest.mark.slow
def test_full_size_models_are_quick_enough_on_a_gpu(tmp_path):
    """Guidance costs at most two fifths more than none, and eight at once are at least three times as many."""
    import torch

    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    from personify.eval.diffusion_speed import measure_full

    rows = {
        (row.architecture, row.steps, row.batch, row.guidance): row.seconds for row in measure_full(tmp_path, "cuda")
    }
    assert rows["sd15", 25, 1, "both"] <= 1.4 * rows["sd15", 25, 1, "none"]
    assert rows["sd15", 25, 8, "none"] <= rows["sd15", 25, 1, "none"] / 3


def test_only_control_needs_the_control_net(models, pool, tmp_path):
    entry = tiny.entry(models["sd15"][0], controlnet="mesh")
    expert = DiffusionExpert(entry, tiny.catalogue(entry, control=tmp_path / "missing"), pool)
    assert expert.draw([tiny.order()], Steer("pixel"))[0].image.shape[2] == 3
    with pytest.raises(PersonifyError, match="missing"):
        expert.draw([tiny.order()], Steer("both"))
