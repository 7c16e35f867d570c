"""What is wrong is refused by name before anything is loaded, and the pool draws on afterwards."""

import json
import shutil

import numpy as np
import pytest
import tiny_models as tiny

from personify.avatar.catalogue import Catalogue, Scheduler, Weights
from personify.avatar.diffusion.expert import DiffusionExpert
from personify.avatar.diffusion.pool import ModelPool
from personify.avatar.orders import Steer
from personify.voices.errors import BadInput, PersonifyError

FREE = Steer("none")
FREELY = [tiny.order(1, guided=False)]

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return tiny.save_sd(tmp_path_factory.mktemp("sound") / "sd")


@pytest.fixture(scope="module")
def pool():
    return ModelPool("cpu")


@pytest.fixture
def copy(sound, tmp_path):
    return shutil.copytree(sound, tmp_path / "copy")


@pytest.fixture(autouse=True)
def usable_afterwards(pool, sound):
    """Whatever a test did to the pool, the sound checkpoint draws the same picture after it."""
    entry = tiny.entry(sound)
    expert = DiffusionExpert(entry, tiny.catalogue(entry), pool)
    before = expert.draw(FREELY, FREE)[0].image
    yield
    np.testing.assert_array_equal(expert.draw(FREELY, FREE)[0].image, before)


def drawn(pool, folder, **more):
    entry = tiny.entry(folder, **more)
    return DiffusionExpert(entry, tiny.catalogue(entry), pool).draw(FREELY, FREE)


def test_a_folder_that_is_no_model(pool, tmp_path):
    (tmp_path / "notes.txt").write_text("not a model")
    with pytest.raises(BadInput, match=r"is not a diffusers model: it has no model_index.json"):
        drawn(pool, tmp_path)


def test_a_folder_that_is_not_there(pool, tmp_path):
    with pytest.raises(PersonifyError, match="nowhere"):
        drawn(pool, tmp_path / "nowhere")


def test_a_model_of_another_kind(pool, copy):
    index = json.loads((copy / "model_index.json").read_text())
    (copy / "model_index.json").write_text(json.dumps(index | {"_class_name": "FluxPipeline"}))
    with pytest.raises(BadInput, match=r"is a FluxPipeline; experts are Stable Diffusion"):
        drawn(pool, copy)


def test_an_index_without_a_unet(pool, copy):
    index = json.loads((copy / "model_index.json").read_text())
    del index["unet"]
    (copy / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(PersonifyError, match="unet"):
        drawn(pool, copy)


@pytest.mark.parametrize("text", ["{", "[]", '"x"', "\x00"])
def test_an_index_that_is_no_json(pool, copy, text):
    (copy / "model_index.json").write_text(text)
    with pytest.raises(PersonifyError, match=r"model_index\.json"):
        drawn(pool, copy)


@pytest.mark.parametrize("kept", [0, 4, 200, -1])
def test_weights_cut_off(pool, copy, kept):
    file = copy / "unet" / "diffusion_pytorch_model.safetensors"
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(PersonifyError, match=r"unet.diffusion_pytorch_model\.safetensors is damaged"):
        drawn(pool, copy)


def test_weights_of_another_shape(pool, copy):
    """Whole by its own header, but not what the configuration says."""
    settings = json.loads((copy / "unet" / "config.json").read_text())
    (copy / "unet" / "config.json").write_text(json.dumps(settings | {"block_out_channels": [32, 96]}))
    with pytest.raises(PersonifyError, match=r"can't be loaded"):
        drawn(pool, copy)


def test_pickles(pool, copy):
    file = copy / "unet" / "diffusion_pytorch_model.safetensors"
    file.rename(file.with_suffix(".bin"))
    with pytest.raises(BadInput, match=r"\.bin.*pickle"):
        drawn(pool, copy)


def test_a_base_that_the_folder_is_not(pool, sound):
    with pytest.raises(BadInput, match=r"says base 'sdxl'.*Stable Diffusion 1\.x and 2\.x layout"):
        drawn(pool, sound, base="sdxl")


def test_a_controlnet_of_another_base(pool, sound, tmp_path):
    other = tiny.save_control(tmp_path / "control", base="sdxl")
    entry = tiny.entry(sound, controlnet="mesh")
    with pytest.raises(BadInput, match=r"'mesh' is made for sdxl and the expert 'tiny' is sd15"):
        DiffusionExpert(entry, tiny.catalogue(entry, control=other, base="sdxl"), pool)
    mislabelled = DiffusionExpert(entry, tiny.catalogue(entry, control=other), pool)
    with pytest.raises(BadInput, match=r"the ControlNet .*control is for a base whose text is 64 wide"):
        mislabelled.draw([tiny.order(1)], Steer("control"))
    assert not any("controlnet" in label for label in pool.contents())


def test_a_lora_of_another_base(pool, sound, tmp_path):
    other = tiny.save_lora(tmp_path / "lora", tiny.save_sd(tmp_path / "sd21", base="sd21"))
    with pytest.raises(BadInput, match=r"lora\.safetensors is for a base whose text is 40 wide"):
        drawn(pool, sound, loras=(tiny.lora(other),))


def test_a_lora_that_is_none(pool, sound):
    weights = sound / "vae" / "diffusion_pytorch_model.safetensors"
    with pytest.raises(BadInput, match="is not a LoRA"):
        drawn(pool, sound, loras=(tiny.lora(weights),))


def test_a_lora_that_fits_nothing(pool, sound, tmp_path):
    from safetensors.numpy import save_file

    file = tmp_path / "lora.safetensors"
    zeros = np.zeros((2, 32), np.float32)
    save_file({"unet.nothing.lora_A.weight": zeros, "unet.nothing.lora_B.weight": zeros.T.copy()}, file)
    with pytest.raises(PersonifyError, match=r"lora\.safetensors"):
        drawn(pool, sound, loras=(tiny.lora(file),))


def test_a_lora_that_is_cut_off(pool, sound, tmp_path):
    file = tiny.save_lora(tmp_path / "lora", sound)
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(PersonifyError, match=r"lora\.safetensors is damaged"):
        drawn(pool, sound, loras=(tiny.lora(file),))


def test_an_autoencoder_that_is_none(pool, sound):
    entry = tiny.entry(sound, vae="shared")
    expert = DiffusionExpert(entry, tiny.catalogue(entry, vae=sound / "unet"), pool)
    with pytest.raises(BadInput, match=r"unet is not an autoencoder.*UNet2DConditionModel"):
        expert.draw(FREELY, FREE)


def test_names_that_the_catalogue_lacks(pool, sound):
    for field in ("controlnet", "vae"):
        entry = tiny.entry(sound, **{field: "nobody"})
        with pytest.raises(BadInput, match=rf"unknown {field} of the expert 'tiny' 'nobody'"):
            DiffusionExpert(entry, Catalogue(experts={}), pool)


@pytest.mark.parametrize(
    ("scheduler", "said"),
    [(Scheduler(name="NobodysScheduler"), "no scheduler 'NobodysScheduler'"),
     (Scheduler(name="LCMScheduler", settings={"sharpness": 1}), "LCMScheduler takes no setting sharpness")],
)  # fmt: skip
def test_schedulers_that_diffusers_lacks(pool, sound, scheduler, said):
    with pytest.raises(BadInput, match=said):
        drawn(pool, sound, scheduler=scheduler)


def test_guidances_that_it_does_not_have(pool, sound):
    entry = tiny.entry(sound)
    expert = DiffusionExpert(entry, tiny.catalogue(entry), pool)
    with pytest.raises(BadInput, match=r"can't be guided by 'both'; choose one of: pixel, none"):
        expert.draw([tiny.order(1)], Steer("both"))
    with pytest.raises(BadInput, match=r"'pixel' needs a sketch or a picture"):
        expert.draw(FREELY, Steer("pixel"))
    assert expert.draw([], FREE) == []


@pytest.mark.parametrize("seed", [-1, 0, 2**31, 2**64 + 5])
def test_any_whole_number_is_a_seed(pool, sound, seed):
    entry = tiny.entry(sound)
    expert = DiffusionExpert(entry, tiny.catalogue(entry), pool)
    assert expert.draw([tiny.order(seed, guided=False, of=tiny.brief())], FREE)[0].image.shape == (64, 64, 3)


def test_a_hub_model_that_is_not_here(pool):
    entry = tiny.entry(".", weights=Weights(repo="nobody/nothing"))
    expert = DiffusionExpert(entry, tiny.catalogue(entry), pool)
    with pytest.raises(PersonifyError, match=r"personify experts pull tiny.*personify\.toml"):
        expert.draw(FREELY, FREE)
