"""What each node of a cluster is asked before a batch begins, and what its answers mean: also whether it can sign."""

from importlib.metadata import version
from pathlib import Path

import pytest
from batch_copies import Copying, write_csv
from credential_parts import papers

from personify.pipelines.batch.batch import run_batch
from personify.pipelines.batch.ray_cluster import Answer, judge, what_is_asked
from personify.pipelines.batch.work import Worker, WorkSettings
from personify.voices.errors import BadInput, PersonifyError

OURS = version("personify")
FOLDER = Path("/shared/town")


@pytest.fixture
def signer(tmp_path, monkeypatch):
    pytest.importorskip("c2pa")
    made = papers(tmp_path / "papers")
    monkeypatch.setenv("PERSONIFY_C2PA_CERT", str(made.chain))
    monkeypatch.setenv("PERSONIFY_C2PA_KEY", str(made.key))
    return made


def answer(*given):
    return Answer(*what_is_asked()(*given))


def test_a_node_says_what_it_has(tmp_path):
    token = tmp_path / "token"
    assert answer(str(token), False) == Answer(OURS, sees=False)
    token.touch()
    assert answer(str(token), False) == answer(None, False) == Answer(OURS)
    assert answer(None, True) == Answer(OURS, cant_sign="no certificate is named")


def test_a_node_that_can_sign_says_so_and_nothing_of_its_key(signer, monkeypatch):
    assert answer(None, True) == Answer(OURS)
    monkeypatch.setenv("PERSONIFY_C2PA_KEY", str(signer.key.with_name("elsewhere.pem")))
    told = answer(None, True).cant_sign
    assert "elsewhere.pem" in told
    assert not any(line in told for line in signer.key.read_text().splitlines())


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"a": Answer(None), "b": Answer(OURS)}, f"not installed on a; .* needs version {OURS}"),
        ({"a": Answer("9.9.9")}, "a has 9.9.9; use the same version everywhere"),
        ({"a": Answer(OURS), "b": Answer(OURS, sees=False)}, "b can't see the folder /shared/town"),
        (
            {"a": Answer(OURS), "b": Answer(OURS, cant_sign="no certificate is named"), "c": Answer(OURS)},
            r"nodes can't sign: b \(no certificate is named\); set PERSONIFY_C2PA_CERT and PERSONIFY_C2PA_KEY where",
        ),
    ],
)
def test_a_node_that_lacks_something_is_named_with_the_way_out(answers, said):
    with pytest.raises(BadInput, match=said):
        judge(answers, FOLDER)
    judge({"a": Answer(OURS), "b": Answer(OURS)}, FOLDER)


def test_a_worker_that_is_to_sign_and_can_not_does_not_begin(tmp_path):
    """Nodes may join when the batch has begun."""
    with pytest.raises(PersonifyError, match=r"nothing to sign with on .*PERSONIFY_C2PA_CERT"):
        Worker(WorkSettings(str(tmp_path), signs=True))


def test_workers_are_told_to_sign_where_the_driver_can(tmp_path, teapot, signer, monkeypatch):
    file, told = write_csv(tmp_path / "a.csv", [{"description": "an owl"}]), []

    def engine(settings):
        told.append(settings)
        return Copying(teapot)(settings)

    run_batch(file, tmp_path / "signed", engine=engine, seed=7)
    monkeypatch.delenv("PERSONIFY_C2PA_CERT")
    monkeypatch.delenv("PERSONIFY_C2PA_KEY")
    run_batch(file, tmp_path / "plain", engine=engine, seed=7)
    assert [settings.signs for settings in told] == [True, False]
    assert str(signer.key) not in repr(told)
