"""Joining a Ray cluster, or starting a small one on this machine, and looking whether its nodes can do the work."""

import contextlib
import logging
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from personify.voices.errors import BadInput, MissingExtra, PersonifyError
from personify.voices.libraries import settle_libraries

PATIENCE_S = 120.0
"""How long a node may take to say what it has installed; a process on a busy one takes tens of seconds to start."""

_ANSWER_S = 10.0
"""How long the head of a cluster may take to answer at all."""

_BLOCKS_BYTES = 256 * 2**20
"""Room for what waits between the stages of a local cluster; a chunk of four portraits takes 4 MB."""

_QUIET = {
    "RAY_DATA_LOGGING_CONFIG": str(Path(__file__).with_name("ray_logging.json")),
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
"""The terminal is for our progress; what Ray has to say lies in its session's logs."""


def need_ray() -> None:
    """Says what to install where Ray is missing; settles how it is to behave before it is loaded."""
    settle_libraries()
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray.data  # noqa: F401 - only to see whether it is there
    except ImportError as error:
        raise MissingExtra(f'--engine ray needs Ray ({error}); install it with: pip install "personify[ray]"') from None


@contextlib.contextmanager
def cluster(address: str | None, *, workers: int) -> Iterator[None]:
    """Connected to the cluster at `address`, or to one of `workers` cores that is started here and ended afterwards.

    A connection that this process has already is used, and left as it is. Raises `MissingExtra` without Ray and
    `PersonifyError` where the cluster can't be reached.
    """
    if address is not None:
        _check_address(address)
    else:
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # its word for: listen on 127.0.0.1
    need_ray()
    import ray

    if ray.is_initialized():
        yield
        return
    with _told_in_logs():
        _connect(address, workers)
        try:
            yield
        finally:
            ray.shutdown()


def _connect(address: str | None, workers: int) -> None:
    """Joins the cluster, or starts one here; on a busy machine Ray's own patience may end before its parts are up, so
    that is tried twice."""
    import ray

    for tries_left in (0,) if address else (1, 0):
        try:
            if address is None:
                ray.init(
                    "local", num_cpus=workers, object_store_memory=_BLOCKS_BYTES, include_dashboard=False,
                    log_to_driver=False, logging_level=logging.ERROR,
                )  # fmt: skip
            else:
                ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
            return
        except (ConnectionError, ValueError, RuntimeError, OSError) as error:
            if tries_left:
                ray.shutdown()
                continue
            what = f"can't join the Ray cluster at {address!r}" if address else "can't start Ray on this machine"
            raise PersonifyError(f"{what}: {_first_line(error)}") from error


def _check_address(address: str) -> None:
    """Raises `BadInput` for what is no address of a cluster, and `PersonifyError` where nobody answers at it, which
    Ray itself finds out after minutes."""
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    if not host or not port.isascii() or not port.isdecimal() or "/" in address:
        raise BadInput(
            f"{address!r} is no address of a Ray cluster; give --address auto on one of its nodes, or HOST:6379"
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER_S).close()
    except (OSError, OverflowError) as error:
        raise PersonifyError(f"can't join the Ray cluster at {address!r}: nobody answers there ({error})") from error


@contextlib.contextmanager
def _told_in_logs() -> Iterator[None]:
    """Keeps what Ray has to say about workers that died from the standard output, which is ours; the switch is the one
    that its debugger uses."""
    import ray._private.worker as told

    before = told._worker_logs_enabled
    told._worker_logs_enabled = False
    try:
        yield
    finally:
        told._worker_logs_enabled = before


class Answer(NamedTuple):
    """What a node says of itself: the version of Personify that it has, if any; whether it sees the batch's folder; and
    why it can't sign content credentials, "" where it can or need not; and whether it signs unasked."""

    version: str | None
    sees: bool = True
    cant_sign: str = ""
    signs: bool = False


def check_nodes(store: str, *, signs: bool = False) -> None:
    """Raises `BadInput` that names the nodes that lack Personify, have another version of it, don't see the folder that
    the batch goes to, or, where it `signs`, have nothing to sign with."""
    folder = _local_folder(store)
    with _token(folder) as token:
        answers = _asked(token, signs)
    judge(answers, folder)


def _asked(token: str | None, signs: bool) -> dict[str, Answer]:
    """What each node says, by its address and the beginning of its id. One that dies meanwhile is not asked any more:
    it will do none of the work."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    looks = ray.remote(num_cpus=0, max_retries=1)(what_is_asked())
    asked = {}
    for node, where in _alive().items():
        only_there = NodeAffinitySchedulingStrategy(node, soft=False)
        asked[looks.options(scheduling_strategy=only_there).remote(token, signs)] = (node, where)
    until = time.monotonic() + PATIENCE_S
    waiting, answers = list(asked), {}
    while waiting:
        answered, waiting = ray.wait(waiting, num_returns=len(waiting), timeout=1.0)
        there, late = _alive(), time.monotonic() > until
        for ref in answered:
            node, where = asked[ref]
            try:
                answers[f"{where} ({node[:6]})"] = Answer(*ray.get(ref))
            except ray.exceptions.RayError as error:
                if node in there and late:
                    raise PersonifyError(f"{where} of the Ray cluster can't be asked: {_first_line(error)}") from error
                waiting.append(ref)  # until the cluster knows that the node has gone, which takes it a while
        waiting = [ref for ref in waiting if asked[ref][0] in there]
        if waiting and late:
            silent = ", ".join(sorted(asked[ref][1] for ref in waiting))
            raise PersonifyError(f"no answer within {PATIENCE_S:g} s from these nodes of the Ray cluster: {silent}")
        if answered and waiting:
            time.sleep(0.2)
    return answers


def _alive() -> dict[str, str]:
    """The addresses of the cluster's nodes by their id."""
    import ray

    return {node["NodeID"]: node["NodeManagerAddress"] for node in ray.nodes() if node["Alive"]}


def judge(answers: Mapping[str, Answer], folder: Path | None) -> None:
    """Raises as `check_nodes`, by what each node has said; `folder` is the batch's, if it is one."""
    from personify.pipelines.batch.work import SIGN_EVERYWHERE

    ours = version("personify")
    if lacking := sorted(where for where, said in answers.items() if said.version is None):
        raise BadInput(
            f"Personify is not installed on {', '.join(lacking)}; every node of the cluster needs version {ours}: "
            "start it from an image that has it, or see docs/scaling.md"
        )
    if other := sorted(f"{where} has {said.version}" for where, said in answers.items() if said.version != ours):
        raise BadInput(f"Personify is {ours} here, and {'; '.join(other)}; use the same version everywhere")
    if blind := sorted(where for where, said in answers.items() if not said.sees):
        raise BadInput(
            f"{', '.join(blind)} can't see the folder {folder}; use one that all nodes share, or an object store "
            "(--out s3://bucket/batch)"
        )
    if mute := sorted(f"{where} ({said.cant_sign})" for where, said in answers.items() if said.cant_sign):
        raise BadInput(f"this batch is signed, and these nodes can't sign: {', '.join(mute)}; {SIGN_EVERYWHERE}")
    if eager := sorted(where for where, said in answers.items() if said.signs):
        raise BadInput(
            f"this batch isn't signed here, and what these nodes make would be: {', '.join(eager)}; {SIGN_EVERYWHERE}"
        )


def resources() -> tuple[int, int]:
    """The CPU cores and the GPUs of the cluster, as Ray counts them."""
    import ray

    found = ray.cluster_resources()
    return int(found.get("CPU", 0)), int(found.get("GPU", 0))


def what_is_asked() -> Callable[[str | None, bool], tuple[str | None, bool, str, bool]]:
    """What each node is asked, with a file to see and whether it must sign: the parts of its `Answer`. A function
    within a function travels as it is, so that a node without Personify can say so. Of its key it says nothing."""

    def look(token: str | None, signs: bool) -> tuple[str | None, bool, str, bool]:
        import importlib.metadata
        import os

        try:
            found = importlib.metadata.version("personify")
        except importlib.metadata.PackageNotFoundError:
            found = None
        cant_sign, unasked = "", False
        if found is not None:
            try:
                from personify.pipelines.credentials import find_credentials

                has = find_credentials() is not None
                cant_sign, unasked = "" if has or not signs else "no certificate is named", has and not signs
            except Exception as error:  # noqa: BLE001 - another version may raise whatever it likes
                cant_sign = str(error)[:300] or type(error).__name__
        sees = token is None or os.path.exists(token)  # noqa: PTH110 - pathlib would travel too
        return found, sees, cant_sign, unasked

    return look


@contextlib.contextmanager
def _token(folder: Path | None) -> Iterator[str | None]:
    """A file in the folder, to see who sees it."""
    if folder is None:
        yield None
        return
    folder.mkdir(parents=True, exist_ok=True)
    token = folder / f".seen-{secrets.token_hex(8)}"
    token.touch()
    try:
        yield str(token)
    finally:
        token.unlink(missing_ok=True)


def _local_folder(store: str) -> Path | None:
    if store.startswith("file://"):
        store = store.removeprefix("file://")
    return None if "://" in store else Path(store).absolute()


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:300] or type(error).__name__
