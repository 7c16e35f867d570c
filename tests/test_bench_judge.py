"""The judges: trained once, kept as plain arrays, saying what scikit-learn says; and CLIP's cosine as by hand."""

import sys

import numpy as np
import pytest
from platformdirs import user_cache_dir
from tiny_models import _tokenizer

from personify.eval.detection.judge import ClipScore, judge, judge_key
from personify.eval.likeness import drawings, shape_features, train_likeness
from personify.voices.errors import BadInput, MissingExtra, PersonifyError

AMONG = ("apple", "robot", "teapot")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a judge in it, and what was heard of its training."""
    folder, heard = tmp_path_factory.mktemp("judges"), []
    judge(folder, 3, among=AMONG, on_drawn=lambda done, of: heard.append((done, of)))
    return folder, heard


@pytest.fixture(scope="module")
def by_scikit():
    return train_likeness(3, among=AMONG)


def test_it_says_what_scikit_learn_says(trained, by_scikit):
    kept = judge(trained[0], 3, among=AMONG)
    images, _, _ = drawings(2, first=6_000_000, among=AMONG)
    assert kept.archetypes(images) == by_scikit.archetypes(images)
    assert kept.styles(images) == by_scikit.styles(images)
    seen = np.stack([shape_features(image) for image in images])
    shape = (500, seen.shape[1])
    rows = np.random.default_rng(0).normal(seen.mean(0), 2 * seen.std(0) + 0.1, shape).astype(np.float32)
    assert (kept.by_shape.predict(rows) == by_scikit.by_shape.predict(rows)).all()
    assert len(set(kept.by_shape.predict(rows))) > 1


def test_it_tells_archetypes_apart(trained):
    images, names, _ = drawings(4, first=6_000_000, among=AMONG)
    told = judge(trained[0], 3, among=AMONG).archetypes(images)
    assert np.mean([a == b for a, b in zip(told, names, strict=True)]) >= 0.75
    assert judge(trained[0], 3, among=AMONG).archetypes([]) == []


def test_two_archetypes_are_told_by_one_row(tmp_path):
    told = judge(tmp_path, 3, among=("apple", "robot"))
    images, names, _ = drawings(3, first=6_000_000, among=("apple", "robot"))
    truth = train_likeness(3, among=("apple", "robot"))
    assert told.archetypes(images) == truth.archetypes(images)
    assert set(told.archetypes(images)) <= set(names)


def test_it_is_trained_once(trained, monkeypatch, left_in):
    folder, heard = trained
    assert heard == [(1, 3), (2, 3), (3, 3)]
    assert left_in(folder) == [f"{judge_key(3, among=sorted(AMONG))}.npz"]
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    judge(folder, 3, among=reversed(AMONG), on_drawn=lambda done, of: pytest.fail("trained again"))


def test_its_file_holds_plain_arrays(trained):
    (file,) = trained[0].iterdir()
    with np.load(file, allow_pickle=False) as kept:
        parts = ("classes", "means", "scales", "coefficients", "intercept")
        assert {name for name in kept if not name.startswith("style/")} == {f"shape/{part}" for part in parts} | {
            "styles"
        }
        assert kept["shape/classes"].tolist() == sorted(AMONG)
        assert kept["shape/coefficients"].shape == (3, len(kept["shape/means"]))
        assert kept["styles"].tolist() == ["clay", "comic", "photo", "storybook"]


def test_it_lies_in_the_user_s_cache(monkeypatch, by_scikit, left_in):
    from pathlib import Path

    asked = []
    monkeypatch.setattr(
        "personify.eval.detection.judge.train_likeness", lambda seeds, **more: asked.append(seeds) or by_scikit
    )
    judge()
    folder = Path(user_cache_dir("personify", appauthor=False)) / "judges"
    assert left_in(folder) == [f"{judge_key(12)}.npz"]
    judge()
    assert asked == [12]


def test_the_key_follows_what_is_taught(tmp_path, monkeypatch):
    assert judge_key(12) == judge_key(12)
    assert len({judge_key(12), judge_key(11), judge_key(12, among=["apple"])}) == 3
    for name in ("avatar/sketch/draw.py", "avatar/embedded/lights.toml", "eval/likeness.py", "eval/other.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("a = 1\n", encoding="utf-8")
    monkeypatch.setattr(
        "personify.eval.detection.judge.files", lambda package: tmp_path / package.removeprefix("personify.")
    )
    before = judge_key(12)
    (tmp_path / "eval/other.py").write_text("a = 2\n", encoding="utf-8")
    (tmp_path / "avatar/sketch/draw.pyc").write_bytes(b"compiled")
    assert judge_key(12) == before
    keys = {before}
    for name in ("avatar/sketch/draw.py", "avatar/embedded/lights.toml", "eval/likeness.py"):
        (tmp_path / name).write_text("a = 3\n", encoding="utf-8")
        keys.add(judge_key(12))
    assert len(keys) == 4


@pytest.mark.parametrize("damage", [b"", b"no zip at all", None])
def test_a_damaged_judge_is_trained_again(tmp_path, monkeypatch, by_scikit, caplog, damage):
    # One training for both files: a second one may round otherwise, by where its numbers lie in memory.
    monkeypatch.setattr("personify.eval.detection.judge.train_likeness", lambda seeds, **more: by_scikit)
    judge(tmp_path, 3, among=AMONG)
    (whole,) = tmp_path.iterdir()
    content = whole.read_bytes()
    whole.write_bytes(content[: len(content) // 2] if damage is None else damage)
    assert "is damaged" not in caplog.text
    judge(tmp_path, 3, among=AMONG)
    assert "is damaged" in caplog.text
    assert [path.name for path in tmp_path.iterdir()] == [whole.name]
    as_before = whole.read_bytes() == content  # a difference of this many bytes would take pytest minutes to show
    assert as_before


def test_what_cannot_be_is_refused_before_training(tmp_path, monkeypatch):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(PersonifyError, match=r"the judge can't be kept in .*taken"):
        judge(tmp_path / "taken", on_drawn=lambda done, of: pytest.fail("trained"))
    with pytest.raises(BadInput, match="0 drawings of each archetype"):
        judge(tmp_path, 0)
    with pytest.raises(BadInput, match="was given 1; name two or more"):
        judge(tmp_path, among=["apple"])
    with pytest.raises(BadInput, match="unknown archetype 'gizmo'"):
        judge(tmp_path, among=["apple", "gizmo"])
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    with pytest.raises(MissingExtra, match=r"pip install 'personify\[bench\]'"):
        judge(tmp_path, among=AMONG)


# ---- CLIP

CLIP_PX = 32


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory, one_thread):
    """A CLIP of two narrow layers with random weights, saved as the hub has them."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel

    torch.manual_seed(0)
    narrow = {"hidden_size": 32, "intermediate_size": 37, "num_attention_heads": 4, "num_hidden_layers": 2}
    tokenizer = _tokenizer()
    text = {"vocab_size": len(tokenizer), "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
    config = CLIPConfig(
        text_config=narrow | text, vision_config=narrow | {"image_size": CLIP_PX, "patch_size": 8}, projection_dim=16
    )
    folder = tmp_path_factory.mktemp("clip")
    CLIPModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    CLIPImageProcessor(
        size={"shortest_edge": CLIP_PX}, crop_size={"height": CLIP_PX, "width": CLIP_PX}
    ).save_pretrained(folder)
    return folder


def pictures(count, size=CLIP_PX):
    rng = np.random.default_rng(1)
    return [rng.integers(0, 255, (size, size, 3), np.uint8) for _ in range(count)]


def test_clip_s_score_is_the_cosine_by_hand(checkpoint):
    import torch
    from transformers import CLIPModel

    image, text = pictures(1)[0], "a red owl"
    model = CLIPModel.from_pretrained(checkpoint).eval()
    mean = np.array([0.48145466, 0.4578275, 0.40821073])
    std = np.array([0.26862954, 0.26130258, 0.27577711])
    pixels = torch.tensor(((image / 255 - mean) / std).transpose(2, 0, 1)[None], dtype=torch.float32)
    ids = torch.tensor([_tokenizer()(text)["input_ids"]])
    with torch.inference_mode():
        seen = model.visual_projection(model.vision_model(pixels).pooler_output)[0].numpy()
        read = model.text_projection(model.text_model(ids).pooler_output)[0].numpy()
    cosine = float(seen @ read / np.linalg.norm(seen) / np.linalg.norm(read))
    assert ClipScore(str(checkpoint)).score([image], [text]) == pytest.approx([cosine], abs=1e-4)


def test_batches_change_nothing(checkpoint):
    clip = ClipScore(str(checkpoint))
    images = [*pictures(10), *pictures(1, 70)]
    texts = [f"a thing of kind {n} " * (n + 1) for n in range(11)]
    together = clip.score(images, texts)
    assert len(together) == 11 and len(set(together)) > 8
    assert together == pytest.approx(
        [clip.score([image], [text])[0] for image, text in zip(images, texts, strict=True)], abs=1e-4
    )
    assert clip.score([], []) == []


def test_long_texts_are_cut(checkpoint):
    clip = ClipScore(str(checkpoint))
    words = "x " * 75
    long, longer = clip.score(pictures(1) * 2, [words, words + "yz" * 300])
    assert long == pytest.approx(longer, abs=1e-4)


def test_clip_refuses_what_it_cannot_read(checkpoint, tmp_path):
    with pytest.raises(BadInput, match="2 pictures can't be held against 1 texts"):
        ClipScore(str(checkpoint)).score(pictures(2), ["one"])
    with pytest.raises(BadInput, match=r"nowhere' is no CLIP checkpoint that is here \(.+\); name a folder"):
        ClipScore(str(tmp_path / "nowhere"))
    (tmp_path / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    with pytest.raises(BadInput, match="it is a model of type 'bert'"):
        ClipScore(str(tmp_path))
