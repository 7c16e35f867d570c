"""The packaged experts are whole and their facts have sources; users add their own, and hear by name what is wrong."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personify.avatar.catalogue import PACKAGED, ExpertEntry, Weights, load_catalogue
from personify.voices.errors import BadInput
from personify.voices.settings import own_file

OWN = """
[[expert]]
name = "mine"
title = "Mine"
description = "what I drew"
styles = ["ink"]
base = "sd15"
steps = 20
guidance_scale = 7.0
{more}
[expert.weights]
folder = "models/mine"
"""
CATEGORIES = {
    "animals", "bags", "cartoon", "clothes", "food", "fruits", "household", "music", "nature", "office", "people",
    "plants", "vehicles",
}  # fmt: skip


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Writes the user's file and returns its path."""
    monkeypatch.delenv("PERSONIFY_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)

    def write(text: str, folder: Path = tmp_path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "personify.toml").write_text(text, "utf-8")
        return folder / "personify.toml"

    return write


class TestPackaged:
    catalogue = load_catalogue()

    def test_there_are_enough_and_the_few_step_ones_come_first(self):
        experts = [expert for expert in self.catalogue.experts.values() if expert.base != "embedded"]
        assert len(experts) >= 12
        assert [expert.few_step for expert in experts] == sorted((e.few_step for e in experts), reverse=True)
        assert {expert.base for expert in experts} == {"sd15", "sd21", "sdxl"}

    def test_personifys_own_come_before_all_and_are_here(self):
        experts = list(self.catalogue.experts.values())[:4]
        assert [expert.name for expert in experts] == ["clay", "storybook", "comic", "photo"]
        for expert in experts:
            assert self.catalogue.commercial(expert)
            assert expert.guidances == ("both", "pixel", "control", "none")
            for part in self.catalogue.parts(expert):
                assert part.weights.folder is not None and part.weights.folder.is_dir()

    def test_the_styles_of_the_first_system_are_there(self):
        styles = {style for expert in self.catalogue.experts.values() for style in expert.styles}
        assert {"game icon", "japanese animation", "artistic realism", "3d animation"} <= styles

    @pytest.mark.parametrize(
        "entry", [e for e in catalogue.experts.values() if e.base != "embedded"], ids=lambda entry: entry.name
    )
    def test_an_entry_is_whole(self, entry):
        assert entry.template.format(concept="teapot").count("teapot") == 1
        assert set(entry.suits) <= CATEGORIES
        assert "woman" not in entry.template
        assert entry.few_step == (entry.steps <= 8)
        for part in self.catalogue.parts(entry):
            assert part.weights.licence != "unknown"
            assert part.weights.download_gb > 0.1
            assert part.weights.repo
        assert self.catalogue.download_gb(entry) >= entry.weights.download_gb
        assert self.catalogue.licences(entry)[0] == entry.weights.licence
        if entry.controlnet is None:
            assert entry.guidances == ("pixel", "none")
        else:
            assert set(entry.guidances) == {"none", "control", "pixel", "both"}

    def test_every_licence_and_size_has_its_source_beside_it(self):
        for line in PACKAGED.read_text("utf-8").splitlines():
            assert "#" in line or not re.match(r"(licence|download_gb|revision) ", line), line

    def test_few_steps_go_with_low_guidance(self):
        for entry in self.catalogue.experts.values():
            assert not entry.few_step or entry.guidance_scale <= 2

    def test_schedulers_are_diffusers_own(self):
        found = importlib.util.find_spec("diffusers")
        if found is None or found.origin is None:
            pytest.skip("needs diffusers to look at")
        known = Path(found.origin).with_name("schedulers").joinpath("__init__.py").read_text("utf-8")
        used = {entry.scheduler.name for entry in self.catalogue.experts.values() if entry.scheduler}
        assert all(f'"{name}"' in known for name in used)


class TestOwnFile:
    def test_adds_experts_without_code(self, own, tmp_path):
        path = own(
            OWN.format(more='controlnet = "mine-too"\nvae = "sd15-mse"')
            + """
            [controlnet.mine-too]
            folder = "/models/control"
            base = "sd15"
            draw = "dots-68"
            """
        )
        catalogue = load_catalogue()
        mine = catalogue.expert("mine")
        assert mine.weights.folder == tmp_path / "models/mine"
        assert [part.kind for part in catalogue.parts(mine)] == ["checkpoint", "autoencoder", "ControlNet"]
        assert not catalogue.commercial(mine)
        assert len(catalogue.experts) == len(TestPackaged.catalogue.experts) + 1
        assert path == own_file()

    def test_is_looked_for_in_three_places(self, own, tmp_path, monkeypatch):
        import platformdirs

        assert own_file() is None
        settings = own(OWN.format(more=""), Path(platformdirs.user_config_dir("personify", appauthor=False)))
        assert own_file() == settings
        here = own(OWN.format(more=""))
        assert own_file() == here
        other = own(OWN.format(more=""), tmp_path / "other")
        monkeypatch.setenv("PERSONIFY_CONFIG", str(other))
        assert own_file() == other
        assert load_catalogue().expert("mine").weights.folder == tmp_path / "other/models/mine"
        monkeypatch.setenv("PERSONIFY_CONFIG", str(tmp_path / "gone.toml"))
        with pytest.raises(BadInput, match=r"PERSONIFY_CONFIG names .*gone\.toml"):
            load_catalogue()

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[[expert]\n", r"personify\.toml is not valid TOML.*line 1"),
            (OWN.format(more="colour = 1"), "expert 'mine': colour is not a key"),
            (OWN.format(more="size = 500"), "expert 'mine': size is 500: input should be a multiple of 8"),
            (OWN.format(more='guidance = "strong"'), "guidance is 'strong': input should be 'none', 'control'"),
            (OWN.format(more='template = "a cat"'), "template: .*exactly one slot {concept}"),
            (OWN.format(more='template = "{concept} {name}"'), "exactly one slot"),
            (OWN.format(more='controlnet = "x"'), "controlnet is 'x', and there is none.*mediapipe-sd15"),
            (OWN.format(more='controlnet = "openpose-sdxl"'), "is for sdxl, but the expert is sd15; choose"),
            (OWN.format(more='vae = "sdxl-fp16-fix"'), "is for sdxl, but the expert is sd15; choose one of: sd15-mse"),
            (OWN.replace('base = "sd15"', 'base = "sd3"').format(more=""), "base is 'sd3'"),
            (OWN.replace('title = "Mine"', "").format(more=""), "title is missing"),
            (OWN.replace('"mine"', '"openjourney"', 1).format(more=""), "'openjourney' is Personify's own"),
            (OWN.replace('"mine"', '"sketch"', 1).format(more=""), "'sketch' is Personify's own"),
            (OWN.replace('"mine"', '"My Own"', 1).format(more=""), "name is 'My Own'"),
            (OWN.format(more="") * 2, "'mine' occurs twice"),
            (OWN.replace('folder = "models/mine"', "").format(more=""), "weights: give either repo"),
            (OWN.format(more="") + 'repo = "a/b"', "weights: give either repo"),
            (OWN.format(more="") + 'file = "model.ckpt"', r"'model\.ckpt' is not the name of a \.safetensors file"),
            (OWN.format(more="") + 'subfolder = "../.."', "subfolder"),
            (OWN.replace("folder =", "repo =").format(more="") + 'revision = "../x"', "is not a revision"),
            (OWN.format(more="") + '[[expert.loras]]\nrepo = "a/b"', r"loras\.0: file is missing"),
            ("[expert]\nname = 'x'", "write \\[\\[expert\\]\\]"),
            ("expert = [3]", "expert 1"),
            ("vae = 3", r"write \[vae\.NAME\]"),
            ("[voice]\nx = 1", "'voice' is not a table of this file"),
            ('[controlnet.mediapipe-sd15]\nfolder = "x"\nbase = "sd15"\ndraw = "dots-68"', "is Personify's own"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_named(self, own, text, said):
        own(text)
        with pytest.raises(BadInput, match=said) as caught:
            load_catalogue()
        assert "personify.toml" in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_bytes_that_are_no_text_are_named(self, own, tmp_path):
        own("").write_bytes(b"\xff\xfe\x00")
        with pytest.raises(BadInput, match="UTF-8"):
            load_catalogue()

    def test_an_unknown_expert_lists_the_choices(self, own):
        with pytest.raises(BadInput, match="unknown expert 'dali'; choose one of: animagine-xl-4, "):
            load_catalogue().expert("dali")


@given(st.text(max_size=40))
def test_no_name_of_a_file_leads_out_of_its_folder(name):
    try:
        weights = Weights(repo="a/b", file=name)
    except ValueError:
        return
    assert weights.file is not None
    assert Path(weights.file).name == weights.file


@given(
    st.dictionaries(
        st.sampled_from(sorted(ExpertEntry.model_fields)), st.none() | st.integers() | st.text(), max_size=9
    )
)
def test_no_table_breaks_the_reading(tmp_path_factory, table):
    lines = [f"{key} = {value if isinstance(value, int) else repr('x')}" for key, value in table.items()]
    path = tmp_path_factory.getbasetemp() / "own.toml"
    path.write_text("[[expert]]\n" + "\n".join(lines))
    assert tomllib.loads(path.read_text())
    with pytest.raises(BadInput, match=r"own\.toml: expert"):
        load_catalogue(path)
