"""The figures of scaling, and the files to start a cluster from."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml")
CLUSTER = Path(__file__).parents[1] / "docs" / "cluster"


def test_a_million_is_the_arithmetic_of_one():
    from personify.eval.batch.scaling import million

    found = million(seconds=3.6, kilobytes=1000, files=6, planned_a_second=100)
    assert (found.core_hours, found.gigabytes, found.puts) == (1000, 1000, 6_000_000)
    assert found.driver_hours == pytest.approx(2.778, abs=1e-3)
    assert found.cores_fed == 360


def test_the_rate_is_of_what_came_after_everyones_first_chunk():
    from personify.eval.batch.scaling import _rate

    times = [5.0] * 4 + [8.0] * 4 + [25.0] * 4 + [28.0] * 4 + [45.0] * 4 + [48.0] * 4  # two workers, 4 in 20 s each
    assert _rate(times, skipped=8) == pytest.approx(60 * 16 / 40)


def test_ray_itself_takes_the_cluster_file():
    pytest.importorskip("ray", reason="Ray is not installed")
    from ray.autoscaler._private.util import prepare_config, validate_config

    validate_config(prepare_config(yaml.safe_load((CLUSTER / "machines.yaml").read_text(encoding="utf-8"))))


def entrypoints():
    job = yaml.safe_load((CLUSTER / "rayjob.yaml").read_text(encoding="utf-8"))
    yield job["spec"]["entrypoint"]
    for line in (CLUSTER / "machines.yaml").read_text(encoding="utf-8").splitlines():
        if "ray exec" in line:
            yield line.split("'")[1]


def test_what_the_cluster_files_start_is_our_command():
    """Each option of theirs is one of `personify batch`."""
    help_text = subprocess.run(
        [sys.executable, "-m", "personify.ui.cli", "batch", "--help"], capture_output=True, text=True, check=True
    ).stdout
    found = list(entrypoints())
    assert len(found) == 2
    for command in found:
        words = command.split()
        assert (words[0].rpartition("/")[2], words[1]) == ("personify", "batch")
        assert all(word in help_text for word in words if word.startswith("--"))


def test_the_command_lies_where_the_machines_install_it():
    machines = yaml.safe_load((CLUSTER / "machines.yaml").read_text(encoding="utf-8"))
    folder = machines["setup_commands"][0].rpartition(" ")[2]
    assert list(entrypoints())[1].startswith(f"{folder}/bin/personify batch ")


def test_a_batch_in_which_rows_failed_starts_no_other_cluster():
    """It ends with exit code 1, which KubeRay takes for a job that failed."""
    job = yaml.safe_load((CLUSTER / "rayjob.yaml").read_text(encoding="utf-8"))
    assert job["spec"]["backoffLimit"] == 0


def test_the_kubernetes_nodes_have_room_for_their_actors():
    job = yaml.safe_load((CLUSTER / "rayjob.yaml").read_text(encoding="utf-8"))
    spec = job["spec"]["rayClusterSpec"]
    images = {c["image"] for c in spec["headGroupSpec"]["template"]["spec"]["containers"]}
    for group in spec["workerGroupSpecs"]:
        (container,) = group["template"]["spec"]["containers"]
        images.add(container["image"])
        limits = container["resources"]["limits"]
        assert int(limits["memory"].removesuffix("Gi")) >= 1.25 * int(limits["cpu"])
        assert {mount["name"] for mount in container["volumeMounts"]} <= {
            volume["name"] for volume in group["template"]["spec"]["volumes"]
        }
    assert len(images) == 1


@pytest.mark.slow
@pytest.mark.cluster
def test_the_command_tells_each_engine_and_a_million():
    done = subprocess.run(
        [
            sys.executable, "-m", "personify.eval.batch.scaling", "--workers", "1", "--ray", "1", "--rows", "4",
            "--batch", "2", "--rounds", "1", "--expert", "sketch", "--json",
        ],
        capture_output=True, text=True, timeout=500, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert set(told["turns"]) == {"local-1", "ray-1"}
    assert all(turn["rate"] > 0 and turn["worker_mb"] > 100 for turns in told["turns"].values() for turn in turns)
    assert set(told["stages_s"]) >= {"portrait", "speech", "clip"}
    assert sum(told["bytes"].values()) > 300_000
