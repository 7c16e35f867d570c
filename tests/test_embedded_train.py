"""Training the embedded experts at tiny size: every stage leaves something that loads, resumes and repeats itself."""

import csv
import time
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from personify.avatar.embedded import denoise, nets, shards, stages  # noqa: E402 - after the check for torch
from personify.avatar.embedded.train import main  # noqa: E402

TINY = Path(__file__).with_name("embedded_tiny.toml")


def train(work: Path, stage: str, *more: str) -> int:
    return main(
        ["--stage", stage, "--work", str(work), "--override", str(TINY), "--threads", "1", "--count", "60", *more]
    )


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> Path:
    """A workshop after every stage but export, each a few steps long."""
    folder = tmp_path_factory.mktemp("workshop")
    assert shards.make_shards(folder / "shards", count=8, deadline=time.monotonic() + 300, workers=1, each=4) == 2
    for stage, steps in (
        ("tokens", 0),
        ("vae", 3),
        ("latents", 0),
        ("base", 2),
        ("control", 2),
        ("lora", 2),
        ("decoder", 2),
    ):
        assert train(folder, stage, "--steps", str(steps), "--style", "clay") == 0
    return folder


@pytest.mark.slow
def test_shards_keep_what_was_drawn(work):
    from personify.avatar.embedded.drawings import draw_rich

    library = shards.Library(work / "shards")
    note = library.notes[0]
    drawn = draw_rich(note.seed)
    assert (note.caption, note.style, note.kind) == (drawn.caption, drawn.style, drawn.kind)
    assert np.abs(library.picture(0, "rich").astype(int) - drawn.image).mean() < 2
    assert np.abs(library.picture(0, "plain").astype(int) - drawn.plain).mean() < 2
    if drawn.landmarks is not None:
        assert np.abs(note.landmarks - drawn.landmarks).max() <= 1 / 16 + 1e-4


@pytest.mark.slow
def test_the_tokenizer_knows_every_letter(work):
    from personify.avatar.embedded.tokens import load_tokens

    tokenizer = load_tokens(work / "tokens" / "model")
    for text in ("a grumpy teapot", "żółw 漢字 🫖", ""):
        numbers = tokenizer(text, padding="max_length", truncation=True).input_ids
        assert len(numbers) == tokenizer.model_max_length == 40
        assert numbers[0] == 0
        assert tokenizer.decode(numbers, skip_special_tokens=True) == text


@pytest.mark.slow
def test_export_is_a_pipeline_that_plain_diffusers_loads(work, tmp_path):
    from diffusers import ControlNetModel, StableDiffusionPipeline
    from safetensors.torch import load_file

    weights = tmp_path / "weights"
    assert train(work, "export", "--weights", str(weights)) == 0
    assert sum(file.stat().st_size for file in weights.rglob("*")) < 4 * 2**20
    assert "float16" in (weights / "README.md").read_text()
    pipeline = StableDiffusionPipeline.from_pretrained(weights / "base", dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    pipeline.load_lora_weights(weights / "loras", weight_name="clay.safetensors", adapter_name="clay")
    assert pipeline.get_list_adapters() == {"unet": ["clay"]}
    kept = load_file(weights / "loras" / "clay.safetensors")
    loaded = {key: value for key, value in pipeline.unet.state_dict().items() if "lora_" in key}
    assert len(loaded) == len(kept)
    assert any(value.abs().max() > 0 for key, value in loaded.items() if "attn2.to_k.lora_B" in key)
    picture = pipeline("a teapot", num_inference_steps=2, output_type="np").images
    assert picture.shape == (1, 512, 512, 3)
    ControlNetModel.from_pretrained(weights / "controlnet")


@pytest.mark.slow
def test_a_stage_goes_on_where_it_stopped(work):
    assert train(work, "base", "--steps", "4") == 0
    state = torch.load(work / "base" / "state.pt", weights_only=True)
    assert state["step"] == 4
    assert not list(work.rglob(".state*"))


@pytest.mark.slow
def test_the_decoder_begins_anew_when_what_it_learned_from_is_another(work):
    def step() -> int:
        return int(torch.load(work / "decoder" / "state.pt", weights_only=True)["step"])

    assert train(work, "decoder", "--steps", "3") == 0
    assert step() == 3
    assert train(work, "lora", "--steps", "3", "--style", "clay") == 0
    assert train(work, "decoder", "--steps", "1") == 0
    assert step() == 1


@pytest.mark.slow
def test_curves_and_sheets_are_written(work):
    with (work / "base" / "faces.csv").open() as file:
        ways = {row["way"] for row in csv.DictReader(file)}
    assert ways == {"plain", "rich", "none", "pixel 0.65", "pixel 0.5"}
    assert (work / "vae" / "sheet-000003.png").exists()
    assert list((work / "control").glob("sheet-*.png"))


def test_a_sheet_shows_the_first_tasks_of_many():
    from personify.avatar.embedded.samples import Tried, sheet

    pictures = [np.full((32, 32, 3), i, np.uint8) for i in range(20)]
    tried = Tried(["a pear"] * 20, pictures, pictures, pictures, [])
    assert sheet(tried, {"none": pictures, "pixel": pictures}, cell_px=8).shape == (4 * 8, 16 * 8, 3)


@pytest.mark.slow
def test_the_same_seed_trains_the_same_weights(work, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "shards").symlink_to(work / "shards")
        assert train(tmp_path / name, "vae", "--steps", "2", "--seed", "5") == 0
    one, two = (torch.load(tmp_path / name / "vae" / "state.pt", weights_only=True) for name in ("one", "two"))
    for key, value in one["modules"]["vae"].items():
        assert torch.equal(value, two["modules"]["vae"][key]), key


@pytest.mark.slow
def test_finishing_evens_the_latents_and_changes_no_picture(work):
    from personify.avatar.embedded import codec

    _, tables = stages.settings(TINY, "cpu")
    vae, library = codec.fresh(nets.build_vae(tables)), shards.Library(work / "shards")
    picture = codec.as_input(library.picture(0, "rich").transpose(2, 0, 1)[None].copy(), "cpu")
    with torch.no_grad():
        done = codec.finished(vae, library, "cpu")
        assert torch.allclose(done(picture).sample, vae(picture).sample, atol=1e-3)
        pictures = [library.picture(i, "rich").transpose(2, 0, 1)[None].copy() for i in range(len(library))]
        spread = torch.cat([done.encode(codec.as_input(p, "cpu")).latent_dist.mean for p in pictures]).std((0, 2, 3))
    assert torch.allclose(spread, torch.ones_like(spread), atol=1e-3)


def test_a_linear_beginning_is_better_than_none():
    from personify.avatar.embedded.beginning import begin
    from personify.avatar.embedded.codec import fresh

    _, tables = stages.settings(TINY, "cpu")
    generator = torch.Generator().manual_seed(0)
    pictures = torch.nn.functional.interpolate(torch.rand(32, 3, 8, 8, generator=generator) * 2 - 1, 64, mode="bicubic")
    torch.manual_seed(0)
    vae = fresh(nets.build_vae(tables))
    begin(vae, pictures, seed=0)
    with torch.no_grad():
        gap = (vae(pictures).sample - pictures).square().mean() / pictures.var()
    assert gap < 0.5


def test_the_right_answer_leads_a_sampler_from_plain_to_rich():
    """Someone who always answers right and walks by DDIM's rule from the noisy sketch arrives at the rich drawing."""
    signal = nets.build_scheduler().alphas_cumprod
    latents = torch.randn(64, 2, 4, 2, 2, generator=torch.Generator().manual_seed(1))
    settings = {"guided_share": 1.0, "guided_most": 0.8, "snr_limit": 5.0}
    asked = denoise.ask(latents, signal, settings, torch.Generator().manual_seed(2))
    a, s = (v[:, None, None, None] for v in (signal[asked.times].sqrt(), (1 - signal[asked.times]).sqrt()))
    rich = a * asked.noisy - s * asked.answer
    assert torch.allclose(rich, latents[:, 0], atol=1e-3)
    assert asked.loss(asked.answer) == 0
    assert (asked.times < 800).all()
    assert (asked.weight > 0).all()


def test_pure_noise_counts_as_much_as_anything():
    signal = nets.build_scheduler().alphas_cumprod
    assert signal[-1] < 1e-6
    settings = {"guided_share": 0.0, "guided_most": 0.8, "snr_limit": 5.0}
    asked = denoise.ask(torch.randn(2000, 2, 1, 1, 1), signal, settings, torch.Generator().manual_seed(0))
    assert asked.weight[asked.times > 900].min() > 0.99


def test_what_is_missing_is_named(tmp_path, capsys):
    assert train(tmp_path, "vae") == 1
    assert "--stage data" in capsys.readouterr().out
    assert train(tmp_path, "base") == 1
    assert train(tmp_path, "vae", "--minutes", "0") == 2
    if not torch.cuda.is_available():
        assert train(tmp_path, "vae", "--device", "cuda") == 2
        assert "--device cpu" in capsys.readouterr().out


def test_the_shipped_networks_fit_their_limit():
    vae, text, unet = nets.build_vae(), nets.build_text(), nets.build_unet()
    control = nets.build_control(unet)
    numbers = sum(p.numel() for net in (vae, text, unet, control) for p in net.parameters())
    assert numbers < 24e6


@pytest.mark.slow
def test_two_minutes_of_training_leave_a_checkpoint(tmp_path):
    work = tmp_path / "work"
    assert train(work, "all", "--minutes", "2", "--workers", "2", "--weights", str(tmp_path / "weights")) == 0
    from diffusers import StableDiffusionPipeline

    StableDiffusionPipeline.from_pretrained(tmp_path / "weights" / "base")
