"""Where models run and in which precision, and how much memory there is; knows nothing of pipelines."""

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from personify.avatar.diffusion.limits import ROOT, core_quotas
from personify.voices.errors import BadInput, MissingExtra
from personify.voices.libraries import settle_libraries

if TYPE_CHECKING:
    import torch

KINDS = ("cuda", "mps", "cpu")
PRECISIONS = ("float32", "bfloat16", "float16")
_SHARE_OF_ACCELERATOR = 0.8
"""How much of an accelerator's free memory models may keep: what is left is for the pictures on their way."""
_SHARE_OF_MEMORY = 0.5
"""The same on a CPU, whose memory everything else on the machine shares."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""mallopt's numbers of them, from glibc's malloc.h."""


@dataclass(frozen=True)
class Device:
    """`name` as torch writes it ("cuda:0", "mps", "cpu"); `dtype` the precision of the models on it."""

    name: str
    dtype: "torch.dtype"

    @property
    def kind(self) -> str:
        """One of `KINDS`."""
        return self.name.partition(":")[0]


def need_diffusers() -> None:
    """Says what to install where the diffusion libraries are missing."""
    settle_libraries()
    try:
        import diffusers  # noqa: F401 - only to see whether it is there
        import torch  # noqa: F401 - likewise
        import transformers  # noqa: F401 - likewise
    except ImportError as error:
        raise MissingExtra(
            f"diffusion experts need a library that is not installed ({error.name}):"
            " pip install torch diffusers transformers peft; or draw with --expert sketch"
        ) from error


def choose_device(name: str | None = None, precision: str | None = None) -> Device:
    """The device asked for, or the best there is: CUDA, then Apple's MPS, then the CPU.

    Where no `precision` is asked for: bfloat16 on CUDA from compute capability 8, else float16 there and on MPS; on a
    CPU bfloat16 where it has instructions for it (AVX-512 BF16, AMX, or ARM's), else float32. Raises `BadInput` for a
    device that isn't there or a precision that isn't one of `PRECISIONS`, and `MissingExtra` without torch.
    """
    need_diffusers()
    import torch

    if precision is not None and precision not in PRECISIONS:
        raise BadInput(f"there is no precision {precision!r}; choose one of: {', '.join(PRECISIONS)}")

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name is None:
        name = next(kind for kind in KINDS if there[kind])
    kind, _, number = name.partition(":")
    if not there.get(kind) or (number and not (number.isdecimal() and (kind != "cuda" or _exists(int(number))))):
        choices = ", ".join(kind for kind in KINDS if there[kind])
        raise BadInput(f"there is no device {name!r} here; choose one of: {choices}")
    name = "cpu" if kind == "cpu" else name
    return Device(name, getattr(torch, precision) if precision else _usual_precision(kind, name))


def _usual_precision(kind: str, name: str) -> "torch.dtype":
    import torch

    if kind == "cuda":
        return torch.bfloat16 if torch.cuda.get_device_capability(name)[0] >= 8 else torch.float16
    if kind == "mps":
        return torch.float16
    return torch.bfloat16 if _has_native_bf16() else torch.float32


def _exists(number: int) -> bool:
    import torch

    return number < torch.cuda.device_count()


def _has_native_bf16() -> bool:
    """Whether the CPU multiplies bfloat16 itself, rather than by way of float32, which is slower than float32."""
    import torch

    flags = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return any(flags.get(flag) for flag in ("avx512_bf16", "amx_bf16", "bf16", "arm_bf16", "sve_bf16"))


def free_bytes(device: Device) -> int:
    """Memory that models could take now."""
    import psutil
    import torch

    if device.kind == "cuda":
        return int(torch.cuda.mem_get_info(device.name)[0])
    if device.kind == "mps":
        return max(0, torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory())
    return int(psutil.virtual_memory().available)


def usable_cores(root: Path = ROOT) -> int:
    """How many cores this process may use: those that it may run on, or fewer where a container's quota gives it less
    of their time. `root`: see `limits`."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min([cores, *(max(1, math.ceil(quota)) for quota in core_quotas(root))])


def default_budget(device: Device) -> int:
    """How many bytes of models a pool keeps when nobody says."""
    return int(free_bytes(device) * (_SHARE_OF_MEMORY if device.kind == "cpu" else _SHARE_OF_ACCELERATOR))


def give_back_large_blocks() -> None:
    """Lets this process's C library give each block of 16 MiB and more back to the system as soon as it is free.

    A picture's tensors on a CPU are of that size, and glibc keeps freed ones of up to 32 MiB in its heap, in pieces
    that the next ones don't fit: a tenth more memory for the same pictures in the same time. Does nothing on other
    systems.
    """
    import ctypes
    import sys

    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        for option in (_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD):
            libc.mallopt(option, 2**24)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error is the device's or the machine's way of saying that memory is full."""
    import torch

    return isinstance(error, torch.OutOfMemoryError) or says_memory_is_full(error)


def says_memory_is_full(error: BaseException) -> bool:
    """The same without torch, which need not be loaded: by what an error is, or says."""
    if isinstance(error, MemoryError):
        return True
    said = str(error).lower()
    return isinstance(error, RuntimeError) and ("out of memory" in said or "can't allocate memory" in said)


def release(device: Device) -> None:
    """Gives memory that nothing refers to any more back to the device."""
    import gc

    import torch

    gc.collect()
    if device.kind == "cuda":
        torch.cuda.empty_cache()
    elif device.kind == "mps":
        torch.mps.empty_cache()
