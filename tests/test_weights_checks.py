"""Weights are checked before they are loaded: no pickles, no damaged files, nothing made for another base."""

import json
import struct

import pytest
from hub_models import PICKLE, model_folder, safetensors
from hypothesis import given, settings
from hypothesis import strategies as st

from personify.avatar.catalogue import Weights
from personify.avatar.checkpoints import needs, weight_files
from personify.avatar.weights import (
    check_control_fits,
    check_lora_fits,
    check_safetensors,
    control_base,
    lora_base,
    place,
    refuse_pickles,
)
from personify.voices.errors import BadInput, PersonifyError


class TestChecks:
    def test_pickles_alone_are_refused_with_the_reason(self, tmp_path):
        folder = model_folder(tmp_path / "model")
        refuse_pickles(folder)  # a .ckpt beside a whole model is nobody's
        (folder / "unet/diffusion_pytorch_model.safetensors").unlink()
        (folder / "unet/diffusion_pytorch_model.non_ema.safetensors").unlink()
        with pytest.raises(BadInput, match=r"unet/diffusion_pytorch_model\.bin is refused.*run any code"):
            refuse_pickles(folder)
        (tmp_path / "old").mkdir()
        (tmp_path / "old/model.ckpt").write_bytes(PICKLE)
        for path in (tmp_path / "old", tmp_path / "old/model.ckpt"):
            with pytest.raises(BadInput, match=r"\.ckpt weights are pickles"):
                refuse_pickles(path)
        with pytest.raises(BadInput, match="pickles"):
            place(Weights(folder=tmp_path / "old"))

    @pytest.mark.parametrize(
        "change", [lambda b: b[:-1], lambda b: b[:5], lambda b: b"", lambda b: b + b"x", lambda b: PICKLE * 99]
    )
    def test_files_cut_off_or_of_another_kind_are_named(self, tmp_path, change):
        path = safetensors(tmp_path / "model.safetensors", {"a": (4, 5), "b": (3,)})
        assert set(check_safetensors(path)) == {"a", "b"}
        path.write_bytes(change(path.read_bytes()))
        with pytest.raises(PersonifyError, match=r"model\.safetensors is damaged"):
            check_safetensors(path)

    @settings(max_examples=150)
    @given(st.binary(max_size=200), st.integers(0, 400))
    def test_no_bytes_break_the_check(self, tmp_path_factory, tail, length):
        path = tmp_path_factory.getbasetemp() / "hostile.safetensors"
        for body in (tail, struct.pack("<Q", length) + tail, struct.pack("<Q", len(tail)) + tail):
            path.write_bytes(body)
            try:
                check_safetensors(path)
            except PersonifyError as error:
                assert "hostile" in str(error)

    @settings(max_examples=150)
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["data_offsets", "shape", "dtype", "w", "__metadata__"]), inner, max_size=4
                )
            ),
            max_leaves=12,
        )
    )
    def test_no_header_breaks_the_check(self, tmp_path_factory, header):
        path = tmp_path_factory.getbasetemp() / "hostile.safetensors"
        text = json.dumps(header).encode()
        path.write_bytes(struct.pack("<Q", len(text)) + text)
        try:
            check_safetensors(path)
        except PersonifyError as error:
            assert "hostile" in str(error)

    def test_agrees_with_the_real_library(self, tmp_path):
        import numpy as np
        from safetensors.numpy import save_file

        save_file({"a": np.zeros((3, 4), np.float32), "b": np.ones(5, np.int64)}, tmp_path / "real.safetensors")
        assert check_safetensors(tmp_path / "real.safetensors")["a"]["shape"] == [3, 4]

    def test_shards_must_hold_what_their_index_tells(self, tmp_path):
        safetensors(tmp_path / "model-00001-of-00001.safetensors", {"a": (2,)})
        index = tmp_path / "model.safetensors.index.json"
        index.write_text(json.dumps({"weight_map": {"a": "model-00001-of-00001.safetensors"}}))
        assert set(check_safetensors(index)) == {"a"}
        index.write_text(
            json.dumps({"weight_map": {"a": "model-00001-of-00001.safetensors", "b": "../evil.safetensors"}})
        )
        with pytest.raises(PersonifyError, match="evil"):
            check_safetensors(index)


class TestBases:
    @pytest.mark.parametrize(
        ("name", "width", "base"),
        [
            ("unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.weight", 768, "sd15"),
            ("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight", 2048, "sdxl"),
            ("unet.mid_block.attentions.0.transformer_blocks.0.attn2.processor.to_k_lora.down.weight", 1024, "sd21"),
            ("unet.up_blocks.1.attentions.0.transformer_blocks.0.attn2.to_v.lora.down.weight", 768, "sd15"),
            ("unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_k.lora_A.weight", 320, None),
        ],
    )
    def test_a_lora_tells_its_base(self, tmp_path, name, width, base):
        assert lora_base(safetensors(tmp_path / "lora.safetensors", {name: (4, width)})) == base

    def test_what_is_no_lora_is_refused(self, tmp_path):
        with pytest.raises(BadInput, match="is not a LoRA"):
            lora_base(safetensors(tmp_path / "vae.safetensors", {"decoder.conv.weight": (4, 4)}))
        flux = safetensors(tmp_path / "flux.safetensors", {"transformer.blocks.0.attn.to_k.lora_A.weight": (4, 4)})
        with pytest.raises(BadInput, match="not Stable Diffusion"):
            lora_base(flux)

    def test_one_for_another_base_is_refused_by_name(self, tmp_path):
        model = model_folder(tmp_path / "model", width=768)
        lora = safetensors(tmp_path / "style.safetensors", {"unet.attn2.to_k.lora_A.weight": (4, 2048)})
        with pytest.raises(BadInput, match=r"LoRA .*style\.safetensors is for SDXL, and the model .* is SD 1\.5"):
            check_lora_fits(lora, model)
        check_lora_fits(safetensors(tmp_path / "good.safetensors", {"unet.attn2.to_k.lora_A.weight": (4, 768)}), model)
        control = tmp_path / "control"
        control.mkdir()
        (control / "config.json").write_text('{"_class_name": "ControlNetModel", "cross_attention_dim": 1024}')
        assert control_base(control) == "sd21"
        with pytest.raises(BadInput, match=r"ControlNet .* is for SD 2\.1, and the model .* is SD 1\.5"):
            check_control_fits(control, model)
        with pytest.raises(BadInput, match="is not a ControlNet"):
            control_base(model / "unet")
        with pytest.raises(BadInput, match="is not a ControlNet"):
            control_base(tmp_path)


@given(st.sets(st.text(max_size=30)), st.none() | st.text(max_size=5))
def test_no_names_break_the_choice_of_files(names, variant):
    found = needs({"unet": ["diffusers", "UNet2DConditionModel"], "x": [1], "y": "z"}, names, variant)
    assert found.missing
    assert not weight_files("unet/", names, variant)
