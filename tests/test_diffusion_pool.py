"""The pool of models: what is shared, what a budget lets go, LoRAs on and off, memory that runs out, threads."""

import threading

import numpy as np
import pytest
import tiny_models as tiny

from personify.avatar.catalogue import Weights
from personify.avatar.diffusion.device import PRECISIONS, choose_device, is_out_of_memory
from personify.avatar.diffusion.expert import DiffusionExpert
from personify.avatar.diffusion.pool import ModelPool
from personify.avatar.orders import Steer
from personify.voices.errors import BadInput, PersonifyError

FREE = Steer("none")
FREELY = [tiny.order(1, guided=False)]

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Two checkpoints that share a text encoder and differ in the rest, with what joins them."""
    at = tmp_path_factory.mktemp("models")
    one, two = tiny.save_sd(at / "one", seed=1, text_seed=1), tiny.save_sd(at / "two", seed=2, text_seed=1)
    return {
        "one": one,
        "two": two,
        "control": tiny.save_control(at / "control"),
        "vae": tiny.save_vae(at / "vae", seed=9),
        "tiny-vae": tiny.save_vae(at / "tiny-vae", tiny=True),
        "lora": tiny.save_lora(at / "lora", one, seed=3, text_encoder=True),
        "style": tiny.save_lora(at / "style", one, seed=4),
        "calm": tiny.save_sd(at / "calm", checker="calm"),
        "alarmed": tiny.save_sd(at / "alarmed", checker="alarmed"),
    }


@pytest.fixture
def pool():
    return ModelPool("cpu")


def make(pool, folder, name="tiny", *, control=None, vae=None, **more):
    entry = tiny.entry(folder, name, controlnet="mesh" if control else None, vae="shared" if vae else None, **more)
    return DiffusionExpert(entry, tiny.catalogue(entry, control=control, vae=vae), pool)


def parts(pool):
    return sorted(label.partition("#")[0] for label in pool.contents())


def image(expert, orders=FREELY, steer=FREE):
    return expert.draw(orders, steer)[0].image


def test_the_pipelines_of_an_expert_share_their_models(pool, models):
    expert = make(pool, models["one"], control=models["control"])
    for guidance in expert.guidances:
        expert.draw([tiny.order(1)], Steer(guidance))
    assert parts(pool) == ["tiny/controlnet", "tiny/text_encoder", "tiny/unet", "tiny/vae"]
    assert len(pool.contents()) == 4


def test_what_is_the_same_is_loaded_once(pool, models):
    one = make(pool, models["one"], "one", control=models["control"])
    two = make(pool, models["two"], "two", control=models["control"])
    one.draw([tiny.order(1)], Steer("both"))
    two.draw([tiny.order(1)], Steer("both"))
    assert parts(pool) == ["one/controlnet", "one/text_encoder", "one/unet", "one/vae", "two/unet", "two/vae"]


def test_a_shared_autoencoder_takes_the_place_of_their_own(pool, models):
    own = image(make(pool, models["one"], "one"))
    one, two = (make(pool, models[name], name, vae=models["vae"]) for name in ("one", "two"))
    assert not np.array_equal(own, image(one))
    image(two)
    assert [label for label in parts(pool) if label.endswith("vae")] == ["one/vae", "one/vae"]
    small = make(pool, models["one"], "small", vae=models["tiny-vae"])
    assert image(small).shape == (64, 64, 3)


def test_precision_is_the_pools_for_all(pool, models):
    expert = make(pool, models["one"], control=models["control"], loras=(tiny.lora(models["lora"]),))
    for guidance in ("both", "none"):
        dtypes = pool.run(
            expert.recipe(),
            lambda pipe, _: {parameter.dtype for parameter in (*pipe.unet.parameters(), *pipe.vae.parameters())},
            control=guidance == "both",
        )
        assert dtypes == {pool.device.dtype}


def test_loras_switch_on_and_off_on_one_base(pool, models):
    plain = make(pool, models["one"], "plain")
    worn = make(pool, models["one"], "worn", loras=(tiny.lora(models["lora"]),))
    weak = make(pool, models["one"], "weak", loras=(tiny.lora(models["lora"], 0.2),))
    both = make(pool, models["one"], "both", loras=(tiny.lora(models["lora"]), tiny.lora(models["style"], 0.5)))
    first = [image(expert) for expert in (plain, worn, weak, both)]
    assert len({picture.tobytes() for picture in first}) == 4
    for expert, before in zip((both, plain, weak, worn), (first[3], first[0], first[2], first[1]), strict=True):
        np.testing.assert_array_equal(image(expert), before)
    assert len(pool.contents()) == 3  # one base carries them all
    alone = image(make(ModelPool("cpu"), models["one"], loras=(tiny.lora(models["lora"]),)))
    np.testing.assert_array_equal(first[1], alone)


def weights_of(pool, expert, name):
    """What a layer's own weights are while the expert has the pool's pipeline."""
    return pool.run(expert.recipe(), lambda pipe, _: getattr(pipe, name).state_dict(), control=False)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_lora_leaves_no_trace_on_its_base(models, precision):
    pool = ModelPool("cpu", precision=precision)
    plain = make(pool, models["one"], "plain")
    loras = [make(pool, models["one"], name, loras=(tiny.lora(models[name]),)) for name in ("lora", "style")]
    base = {name: tensor.clone() for name, tensor in weights_of(pool, plain, "unet").items()}
    worn = [image(expert) for expert in loras]
    first = {name: tensor.clone() for name, tensor in weights_of(pool, loras[0], "unet").items()}
    for again in (1, 0, 1, 0):
        np.testing.assert_array_equal(image(loras[again]), worn[again])
    after = weights_of(pool, plain, "unet")
    keys = {name: name.replace(".base_layer", "") for name in after if "lora_" not in name}
    assert {keys[name] for name in keys} == set(base)
    assert all(after[name].equal(base[keys[name]]) for name in keys)
    changed = any(not first[name].equal(base[keys[name]]) for name in keys)
    assert changed == (precision == "float32")  # where numbers are narrow it stays beside the layers


def test_a_lora_stays_off_a_base_that_shares_the_text_encoder(pool, models):
    before = image(make(pool, models["two"], "two"))
    image(make(pool, models["one"], "one", loras=(tiny.lora(models["lora"]),)))
    np.testing.assert_array_equal(image(make(pool, models["two"], "two")), before)


def test_the_budget_lets_go_of_what_was_used_longest_ago(models):
    generous = ModelPool("cpu")
    image(make(generous, models["one"], "one"))
    pool = ModelPool("cpu", budget_bytes=int(generous.used_bytes * 1.5))
    pictures = [image(make(pool, models["one"], "one")), image(make(pool, models["two"], "two"))]
    assert pool.used_bytes <= pool.budget_bytes
    assert "one/unet" not in parts(pool)
    assert "two/unet" in parts(pool)
    np.testing.assert_array_equal(image(make(pool, models["one"], "one")), pictures[0])


def test_an_expert_larger_than_the_budget_is_kept_alone(models):
    pool = ModelPool("cpu", budget_bytes=1)
    for name in ("one", "two"):
        image(make(pool, models[name], name, loras=(tiny.lora(models["lora"]),)))
        assert f"{name}/unet" in parts(pool)
        assert len([label for label in parts(pool) if label.endswith("unet")]) == 1


def test_clearing_lets_go_of_everything(pool, models):
    expert = make(pool, models["one"], loras=(tiny.lora(models["lora"]),))
    before = image(expert)
    pool.clear()
    assert pool.contents() == {}
    assert pool.used_bytes == 0
    np.testing.assert_array_equal(image(expert), before)


def test_a_lora_is_loaded_again_with_a_base_that_was(models):
    pool = ModelPool("cpu", budget_bytes=1)
    worn = make(pool, models["one"], "worn", loras=(tiny.lora(models["lora"]),))
    before = image(worn)
    image(make(pool, models["two"], "two"))
    np.testing.assert_array_equal(image(worn), before)


class Breaks:
    """Fails the first `times` calls of a model, as a full device would."""

    def __init__(self, times, error):
        self.left, self.error, self.batches = times, error, []

    def __call__(self, module, args, kwargs):
        self.batches.append(len(args[0]))
        if self.left:
            self.left -= 1
            raise self.error


def break_unet(pool, expert, breaks):
    pool.run(expert.recipe(), lambda pipe, _: pipe.unet.register_forward_pre_hook(breaks, with_kwargs=True))


def errors():
    import torch

    return {
        "cuda": torch.OutOfMemoryError("CUDA out of memory"),
        "cpu": RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 9 bytes"),
        "python": MemoryError(),
    }


@pytest.mark.parametrize("kind", ["cuda", "cpu", "python"])
def test_memory_that_runs_out_once_is_made_up_for(models, kind):
    pool = ModelPool("cpu", budget_bytes=10**9)
    one, two = make(pool, models["one"], "one"), make(pool, models["two"], "two")
    orders = [tiny.order(seed, guided=False) for seed in (1, 2, 3)]
    before = [proposal.image for proposal in one.draw(orders, FREE)]
    image(two)
    breaks = Breaks(1, errors()[kind])
    break_unet(pool, one, breaks)
    after = [proposal.image for proposal in one.draw(orders, FREE)]
    assert pool.budget_bytes == 10**9 // 2
    assert "two/unet" not in parts(pool)
    assert breaks.batches[0] == 6
    assert set(breaks.batches[1:]) == {2}  # one picture at a time, each with its negative
    for picture, again in zip(before, after, strict=True):
        assert np.abs(picture.astype(int) - again).mean() < 3


def test_memory_that_stays_full_is_a_clear_error_and_the_pool_goes_on(models):
    pool = ModelPool("cpu", budget_bytes=10**9)
    expert = make(pool, models["one"], "one")
    before = image(expert)
    break_unet(pool, expert, Breaks(2, MemoryError()))
    with pytest.raises(PersonifyError, match=r"memory of cpu is too small for the expert 'one'.*choose a smaller"):
        image(expert)
    assert pool.budget_bytes == 10**9 // 2
    np.testing.assert_array_equal(image(expert), before)
    break_unet(pool, expert, Breaks(1, MemoryError()))
    image(expert)
    assert pool.budget_bytes == 10**9 // 2  # lowered once


def test_other_errors_pass_through_and_leave_the_pool_usable(pool, models):
    expert = make(pool, models["one"])
    before = image(expert)
    break_unet(pool, expert, Breaks(1, RuntimeError("mat1 and mat2 shapes cannot be multiplied")))
    with pytest.raises(RuntimeError, match="mat1"):
        image(expert)
    np.testing.assert_array_equal(image(expert), before)


def test_what_memory_errors_look_like():
    assert all(is_out_of_memory(error) for error in errors().values())
    assert not is_out_of_memory(RuntimeError("mat1 and mat2"))
    assert not is_out_of_memory(ValueError("out of memory"))


def test_threads_draw_one_after_another(pool, models):
    experts = [make(pool, models[name], name, loras=loras) for name, loras in
               (("one", ()), ("one", (tiny.lora(models["style"]),)), ("two", ()))]  # fmt: skip
    alone = [image(expert) for expert in experts]
    drawn = {}
    threads = [
        threading.Thread(target=lambda number=number: drawn.__setitem__(number, image(experts[number % 3])))
        for number in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(6):
        np.testing.assert_array_equal(drawn[number], alone[number % 3])


def test_the_safety_checker_stays_on_unless_it_is_switched_off(pool, models):
    calm, alarmed = (make(pool, models[name], name).draw(FREELY, FREE)[0] for name in ("calm", "alarmed"))
    assert calm.refused is None
    assert "safety checker" in alarmed.refused
    unchecked = make(pool, models["alarmed"], "off", safety_checker=False).draw(FREELY, FREE)[0]
    assert unchecked.refused is None
    assert unchecked.image.std() > 5
    off = ModelPool("cpu", safety_checker=False)
    assert make(off, models["alarmed"]).draw(FREELY, FREE)[0].refused is None
    assert not any(label.endswith("safety_checker") for label in off.contents())
    again = make(pool, models["alarmed"], "alarmed").draw([tiny.order(1)], Steer("pixel"))[0]
    assert again.refused


def test_the_same_files_elsewhere_are_the_same_models(pool, models, tmp_path):
    import shutil

    copy = shutil.copytree(models["one"], tmp_path / "copy")
    image(make(pool, models["one"], "one"))
    image(make(pool, copy, "copy"))
    assert all(label.startswith("one/") for label in parts(pool))
    hub = DiffusionExpert(tiny.entry(copy, weights=Weights(folder=copy)), tiny.catalogue(), pool)
    assert image(hub).shape == (64, 64, 3)


def test_devices_are_chosen_by_name():
    assert choose_device("cpu").name == "cpu"
    assert choose_device().kind in ("cuda", "mps", "cpu")
    for name in ("tpu", "cuda:99", "cpu:x", ""):
        with pytest.raises(BadInput, match=r"there is no device .* choose one of: .*cpu"):
            choose_device(name)
    assert [str(choose_device("cpu", name).dtype) for name in PRECISIONS] == [f"torch.{name}" for name in PRECISIONS]
    with pytest.raises(BadInput, match="there is no precision 'int8'; choose one of: float32"):
        choose_device("cpu", "int8")


@pytest.mark.gpu
def test_on_a_gpu_models_take_turns_where_memory_is_short(models):
    import torch

    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    pool = ModelPool("cuda")
    expert = make(pool, models["one"], control=models["control"], loras=(tiny.lora(models["lora"]),))
    before = [image(expert, [tiny.order(1)], Steer(guidance)) for guidance in expert.guidances]
    pool.clear()
    pool.offloads = True
    for picture, guidance in zip(before, expert.guidances, strict=True):
        after = image(expert, [tiny.order(1)], Steer(guidance))
        assert np.abs(picture.astype(int) - after).mean() < 3
