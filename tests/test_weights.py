"""Weights are found without network and model library, and fetched so that it can be stopped. The
hub is a server on this machine; the models are real ones of diffusers with two tiny layers."""

import filecmp
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hub_models import CLIP_WORDS, PICKLE, model_folder, safetensors
from hub_server import Hub

from personify.avatar import hub as hub_module
from personify.avatar.catalogue import Catalogue, Control, ExpertEntry, Lora, SharedVae, Weights
from personify.avatar.weights import place, pull, whereabouts, whereabouts_of
from personify.voices.errors import BadInput, PersonifyError

CHUNK = 10 * 1024 * 1024
"""What huggingface_hub reads at a time: a part of less is fetched again."""


def entry(**changes) -> ExpertEntry:
    values = {
        "name": "tiny", "title": "Tiny", "description": "a tiny one", "styles": ("plain",), "base": "sd15", "steps": 2,
        "guidance_scale": 1.0, "weights": Weights(repo="maker/tiny"),
    }  # fmt: skip
    return ExpertEntry(**(values | changes))


@pytest.fixture
def server(tmp_path, monkeypatch):
    pytest.importorskip("huggingface_hub", reason="comes with personify[diffusion]")
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_TOKEN", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    hub = Hub(tmp_path / "hub")
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    yield hub
    hub.close()


@pytest.fixture
def catalogue(server):
    """An expert of all four parts on the hub."""
    model_folder(server.root / "maker/tiny")
    safetensors(server.root / "maker/lora/fast.safetensors", {"unet.attn2.to_k.lora_A.weight": (4, 768)})
    (server.root / "maker/lora/other.bin").write_bytes(PICKLE)
    safetensors(server.root / "maker/control/sd15/diffusion_pytorch_model.fp16.safetensors", {"weight": (2000,)})
    (server.root / "maker/control/sd15/config.json").write_text(
        '{"_class_name": "ControlNetModel", "cross_attention_dim": 768}'
    )
    (server.root / "maker/control/sd15/diffusion_pytorch_model.bin").write_bytes(PICKLE)
    safetensors(server.root / "maker/vae/diffusion_pytorch_model.safetensors", {"weight": (100,)})
    (server.root / "maker/vae/config.json").write_text("{}")
    one = entry(loras=(Lora(repo="maker/lora", file="fast.safetensors"),), controlnet="mesh", vae="better")
    control = Control(repo="maker/control", subfolder="sd15", variant="fp16", base="sd15", draw="mediapipe-mesh")
    return Catalogue(
        experts={"tiny": one},
        controlnets={"mesh": control},
        vaes={"better": SharedVae(repo="maker/vae", base="sd15")},
    )


def nothing(_here: int, _all: int) -> None:
    pass


class TestPull:
    def test_brings_what_is_needed_and_nothing_else(self, server, catalogue):
        one = catalogue.experts["tiny"]
        assert whereabouts(one, catalogue) == "absent"
        told = []
        pull(one, catalogue, lambda here, total: told.append((here, total)))
        assert whereabouts(one, catalogue) == "here"
        here = place(one.weights)
        got = {path.relative_to(here).as_posix() for path in here.rglob("*") if path.is_file()}
        assert got == {
            "model_index.json", "scheduler/scheduler_config.json", "feature_extractor/preprocessor_config.json",
            "tokenizer/vocab.json", "tokenizer/merges.txt", "tokenizer/tokenizer_config.json",
            *(f"{part}/config.json" for part in ("unet", "vae", "text_encoder", "safety_checker")),
            "unet/diffusion_pytorch_model.safetensors", "vae/diffusion_pytorch_model.safetensors",
            "text_encoder/model.safetensors", "safety_checker/model.safetensors",
        }  # fmt: skip
        assert [here for here, _ in told] == sorted(here for here, _ in told)
        assert (
            told[-1][0]
            == told[-1][1]
            == sum(path.stat().st_size for part in catalogue.parts(one) for path in files_at(place(part.weights)))
        )
        assert not server.fetched(".bin")
        assert not server.fetched("README.md")

    def test_asks_for_nothing_that_is_here(self, server, catalogue):
        pull(catalogue.experts["tiny"], catalogue, nothing)
        server.log.clear()
        pull(catalogue.experts["tiny"], catalogue, nothing)
        assert server.log == []

    def test_goes_on_within_a_file_when_the_connection_breaks(self, server, catalogue):
        big = "unet/diffusion_pytorch_model.safetensors"
        safetensors(server.root / "maker/tiny" / big, {"weight": (6_000_000,)})
        server.hang_up_after[big] = 11_000_000
        pull(catalogue.experts["tiny"], catalogue, nothing)
        assert server.fetched(big) == ["", f"bytes={CHUNK}-"]
        assert whereabouts(catalogue.experts["tiny"], catalogue) == "here"

    def test_stopped_by_the_user_it_goes_on_where_it_was(self, server, catalogue):
        one = catalogue.experts["tiny"]
        big = server.root / "maker/tiny/unet/diffusion_pytorch_model.safetensors"
        safetensors(big, {"weight": (12_000_000,)})

        def stop(here: int, _: int) -> None:
            if here > 2 * CHUNK:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            pull(one, catalogue, stop)
        assert whereabouts(one, catalogue) == "partly"
        with pytest.raises(PersonifyError, match="personify experts pull tiny"):
            place(one.weights, expert="tiny")
        server.served.clear()
        pull(one, catalogue, nothing)
        (resumed,) = server.fetched("unet/diffusion_pytorch_model.safetensors")
        assert resumed == f"bytes={CHUNK}-"
        assert not server.fetched("tokenizer/vocab.json")
        assert filecmp.cmp(place(one.weights) / "unet" / big.name, big, shallow=False)

    def test_a_killed_process_leaves_what_the_next_one_goes_on_from(self, server, catalogue):
        big = server.root / "maker/tiny/unet/diffusion_pytorch_model.safetensors"
        safetensors(big, {"weight": (12_000_000,)})
        program = (
            "import os\n"
            "from personify.avatar.catalogue import *\n"
            "from personify.avatar.weights import pull\n"
            "entry = ExpertEntry(name='tiny', title='', description='', styles=('plain',), base='sd15', steps=1,"
            " guidance_scale=1, weights=Weights(repo='maker/tiny'))\n"
            "pull(entry, Catalogue(experts={'tiny': entry}), lambda here, _: here > 20_971_520 and os._exit(9))\n"
        )
        killed = subprocess.run([sys.executable, "-c", program], env=os.environ.copy(), timeout=60, check=False)
        assert killed.returncode == 9
        server.served.clear()
        pull(catalogue.experts["tiny"], catalogue, nothing)
        (resumed,) = server.fetched("unet/diffusion_pytorch_model.safetensors")
        assert resumed == f"bytes={CHUNK}-"
        assert filecmp.cmp(place(catalogue.experts["tiny"].weights) / "unet" / big.name, big, shallow=False)

    def test_a_token_is_shown_to_the_hub_alone(self, server, catalogue, monkeypatch):
        monkeypatch.setenv("HF_TOKEN", "hf_secret")
        pull(catalogue.experts["tiny"], catalogue, nothing)
        assert server.fetched("unet/diffusion_pytorch_model.safetensors") == [""]
        assert server.trusted == {"127.0.0.1"}

    def test_a_file_that_came_damaged_is_not_kept(self, server, catalogue):
        server.garble.add("unet/diffusion_pytorch_model.safetensors")
        with pytest.raises(PersonifyError, match="came damaged"):
            pull(catalogue.experts["tiny"], catalogue, nothing)
        server.garble.clear()
        pull(catalogue.experts["tiny"], catalogue, nothing)
        assert whereabouts(catalogue.experts["tiny"], catalogue) == "here"

    def test_mends_a_file_that_was_cut_off_later(self, server, catalogue):
        one = catalogue.experts["tiny"]
        pull(one, catalogue, nothing)
        unet = (place(one.weights) / "unet/diffusion_pytorch_model.safetensors").resolve()
        unet.write_bytes(unet.read_bytes()[:1000])
        with pytest.raises(PersonifyError, match="damaged or cut off"):
            place(one.weights)
        pull(one, catalogue, nothing)
        assert place(one.weights)

    def test_a_branch_keeps_its_old_files_until_the_new_ones_are_here(self, server, catalogue):
        one = catalogue.experts["tiny"]
        pull(one, catalogue, nothing)
        before = place(one.weights)
        (server.root / "maker/tiny/unet/config.json").write_text('{"cross_attention_dim": 768, "new": 1}')
        listing = hub_module.list_files("maker/tiny", "main")
        hub_module.fetch(listing, {"unet/config.json"}, nothing)
        assert place(one.weights) == before
        hub_module.settle(listing)
        assert whereabouts_of(one.weights) == "partly"

    @pytest.mark.parametrize(
        ("repo", "revision", "said"),
        [("maker/none", "main", "no repository maker/none"), ("maker/tiny", "v9", "no revision 'v9'")],
    )
    def test_names_what_the_hub_does_not_have(self, catalogue, repo, revision, said):
        with pytest.raises(PersonifyError, match=said):
            pull(entry(weights=Weights(repo=repo, revision=revision)), catalogue, nothing)

    def test_refuses_a_model_that_the_hub_has_as_a_pickle_alone(self, server, catalogue):
        (server.root / "maker/tiny/vae/diffusion_pytorch_model.safetensors").unlink()
        with pytest.raises(PersonifyError, match=r"no vae/\*\.safetensors.*pickle"):
            pull(catalogue.experts["tiny"], catalogue, nothing)

    def test_a_disk_without_room_is_told_before_the_first_byte(self, server, catalogue, monkeypatch):
        monkeypatch.setattr("personify.avatar.weights.SPARE_BYTES", 10**18)
        with pytest.raises(PersonifyError, match=r"tiny needs .* make room, or set HF_HOME"):
            pull(catalogue.experts["tiny"], catalogue, nothing)
        assert not server.fetched(".safetensors")

    def test_two_at_once_do_not_spoil_each_other(self, catalogue):
        one = catalogue.experts["tiny"]
        with ThreadPoolExecutor(3) as pool:
            begun = [pool.submit(pull, one, catalogue, nothing) for _ in range(3)]
            ended = [future.exception() for future in begun]
        assert all(error is None or "another program" in str(error) for error in ended)
        pull(one, catalogue, nothing)
        assert whereabouts(one, catalogue) == "here"

    def test_without_a_network_it_says_so_in_one_line(self, catalogue, monkeypatch):
        monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
        with pytest.raises(PersonifyError) as caught:
            pull(catalogue.experts["tiny"], catalogue, nothing)
        assert "\n" not in str(caught.value)
        assert "personify.toml" in str(caught.value)


def files_at(path: Path) -> list[Path]:
    return [path] if path.is_file() else [inner for inner in path.rglob("*") if inner.is_file()]


class TestWhereabouts:
    def test_is_quick_and_imports_no_model_library(self, server, catalogue):
        one = catalogue.experts["tiny"]
        pull(one, catalogue, nothing)
        started = time.perf_counter()
        for _ in range(10):
            whereabouts(one, catalogue)
        assert (time.perf_counter() - started) / 10 < 0.05
        program = (
            "import sys\nfrom personify.avatar.catalogue import load_catalogue\n"
            "from personify.avatar.weights import whereabouts\ncatalogue = load_catalogue()\n"
            "assert {whereabouts(entry, catalogue) for entry in catalogue.experts.values()} == {'absent', 'here'}\n"
            "assert not {'torch', 'diffusers', 'transformers', 'huggingface_hub'} & set(sys.modules)\n"
        )
        subprocess.run([sys.executable, "-c", program], check=True, timeout=60)

    def test_a_folder_needs_every_component(self, tmp_path):
        folder = model_folder(tmp_path / "model")
        weights = Weights(folder=folder)
        assert whereabouts_of(weights) == "here"
        assert place(weights) == folder
        for name in ("unet/config.json", "vae/diffusion_pytorch_model.safetensors", "tokenizer/merges.txt"):
            away = (folder / name).rename(tmp_path / "away")
            assert whereabouts_of(weights) == "partly"
            with pytest.raises(PersonifyError, match=r"incomplete|refused"):
                place(weights)
            away.rename(folder / name)
        assert whereabouts_of(Weights(folder=tmp_path / "nowhere")) == "absent"

    def test_a_variant_is_taken_where_it_is_there(self, tmp_path):
        folder = model_folder(tmp_path / "model", variant="fp16")
        assert whereabouts_of(Weights(folder=folder, variant="fp16")) == "here"
        assert whereabouts_of(Weights(folder=folder)) == "partly"
        plain = model_folder(tmp_path / "plain")
        assert whereabouts_of(Weights(folder=plain, variant="fp16")) == "here"

    def test_one_model_of_a_repository_says_nothing_of_another(self, server, catalogue):
        pull(catalogue.experts["tiny"], catalogue, nothing)
        commit = server.commit("maker/control")
        assert whereabouts_of(Weights(repo="maker/control", revision=commit, subfolder="sd21")) == "absent"
        assert whereabouts_of(Control(repo="maker/control", revision="main", base="sd21", draw="dots-68")) == "absent"

    def test_shards_count_one_by_one(self, tmp_path):
        folder = model_folder(tmp_path / "model")
        (folder / "unet/diffusion_pytorch_model.safetensors").unlink()
        for number in (1, 2):
            safetensors(
                folder / f"unet/diffusion_pytorch_model-0000{number}-of-00002.safetensors", {f"w{number}": (5,)}
            )
        (folder / "unet/diffusion_pytorch_model.safetensors.index.json").write_text(
            json.dumps(
                {"weight_map": {f"w{n}": f"diffusion_pytorch_model-0000{n}-of-00002.safetensors" for n in (1, 2)}}
            )
        )
        assert place(Weights(folder=folder)) == folder
        (folder / "unet/diffusion_pytorch_model-00002-of-00002.safetensors").unlink()
        assert whereabouts_of(Weights(folder=folder)) == "partly"
        with pytest.raises(PersonifyError, match="00002-of-00002"):
            place(Weights(folder=folder))

    def test_a_folder_that_diffusers_wrote_is_whole(self, tmp_path):
        pytest.importorskip("diffusers", reason="comes with personify[diffusion]")
        folder = real_pipeline(tmp_path / "real")
        assert place(Weights(folder=folder)) == folder

    def test_what_is_no_model_is_named(self, tmp_path):
        (tmp_path / "photo.jpg").write_bytes(b"jpg")
        with pytest.raises(BadInput, match=r"not a diffusers model: it has no model_index\.json; it holds photo\.jpg"):
            place(Weights(folder=tmp_path))
        (tmp_path / "model_index.json").write_text("{")
        assert whereabouts_of(Weights(folder=tmp_path)) == "partly"
        with pytest.raises(PersonifyError, match=r"model_index\.json can't be read as JSON"):
            place(Weights(folder=tmp_path))

    def test_without_weights_both_ways_out_are_named(self):
        with pytest.raises(PersonifyError) as caught:
            place(Weights(repo="maker/absent"), expert="tiny")
        assert "personify experts pull tiny" in str(caught.value)
        assert "personify.toml" in str(caught.value)


def real_pipeline(folder: Path) -> Path:
    """Diffusers' own pipeline, tiny, saved by itself."""
    from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    words = folder.parent / "words"
    words.mkdir()
    (words / "vocab.json").write_text(json.dumps(CLIP_WORDS))
    (words / "merges.txt").write_text("#version: 0.2\n")
    blocks = {"block_out_channels": (32, 64), "layers_per_block": 1}
    unet = UNet2DConditionModel(
        **blocks, sample_size=8, cross_attention_dim=32,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )  # fmt: skip
    vae = AutoencoderKL(
        **blocks, down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2
    )
    text = CLIPTextModel(CLIPTextConfig(
        vocab_size=4, hidden_size=32, intermediate_size=37, num_hidden_layers=2, num_attention_heads=4,
    ))  # fmt: skip
    pipeline = StableDiffusionPipeline(
        vae=vae, unet=unet, text_encoder=text,
        tokenizer=CLIPTokenizer(str(words / "vocab.json"), str(words / "merges.txt")),
        scheduler=DDIMScheduler(steps_offset=1, clip_sample=False),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder
