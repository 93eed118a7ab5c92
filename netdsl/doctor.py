"""This Python installation to findings: which runtimes are installed, what really runs, and how to repair the rest.

Several distributions own the one module `onnxruntime`: whichever was installed last has overwritten the files of the
other, and removing one takes files away from both. And a session that is asked for CUDA and can't have it goes to the
CPU without an error. So the findings come from trying: each library is imported in a Python process of its own, which
may crash, write to the terminal and load libraries without consequence for the caller.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CUDA = "CUDAExecutionProvider"
RUNTIMES = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml")

_WITH_CUDA_LIBRARIES = '"onnxruntime-gpu[cuda,cudnn]"'
_PATIENCE_IN_SECONDS = 120
_REASON = re.compile(r"with error: (.+)")
# y = Relu(x) on one float: opset 17, IR 8, as protobuf's bytes.
_TINY_MODEL = (
    b'\x08\x08:3\n\x0c\n\x01x\x12\x01y"\x04Relu\x12\x01gZ\x0f\n\x01x\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01'
    b"b\x0f\n\x01y\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01B\x04\n\x00\x10\x11"
)


@dataclass(frozen=True)
class Distribution:
    """An installed distribution that owns the module `onnxruntime`."""

    name: str
    version: str


@dataclass(frozen=True)
class Runtime:
    """What the module `onnxruntime` did when it was tried; `error` says why it could not be."""

    version: str | None = None
    available_providers: tuple[str, ...] = ()
    session_providers: tuple[str, ...] = ()
    fallback_reason: str | None = None
    error: str | None = None

    @property
    def runs_on_cuda(self) -> bool:
        """Whether a session that was asked for CUDA got it."""
        return CUDA in self.session_providers


@dataclass(frozen=True)
class Torch:
    """What PyTorch said of itself; `cuda_version` is the one that it was built for, None in a CPU build."""

    version: str | None = None
    cuda_version: str | None = None
    sees_cuda: bool = False
    error: str | None = None


@dataclass(frozen=True)
class Findings:
    """The state of an installation; `runtime` and `torch` are None where they are not installed."""

    distributions: tuple[Distribution, ...]
    runtime: Runtime | None
    torch: Torch | None
    has_nvidia_driver: bool
    advice: tuple[str, ...]

    @property
    def is_clash(self) -> bool:
        """Whether several distributions overwrite each other's files."""
        return len(self.distributions) > 1


def examine() -> Findings:
    """Look at the installation that this Python runs in. Takes seconds where PyTorch is installed."""
    distributions = tuple(_installed())
    runtime = _try_runtime() if distributions or _is_importable("onnxruntime") else None
    torch = _try_torch() if _is_importable("torch") else None
    has_nvidia_driver = shutil.which("nvidia-smi") is not None
    advice = advise(distributions, runtime, torch, has_nvidia_driver=has_nvidia_driver)
    return Findings(distributions, runtime, torch, has_nvidia_driver, advice)


def advise(
    distributions: tuple[Distribution, ...], runtime: Runtime | None, torch: Torch | None, *, has_nvidia_driver: bool
) -> tuple[str, ...]:
    """Say what to repair: each piece of advice is a line of reason and then, indented, the commands."""
    advice = [
        _advice_on_runtime(distributions, runtime, has_nvidia_driver=has_nvidia_driver),
        _advice_on_torch(torch, has_nvidia_driver=has_nvidia_driver),
    ]
    return tuple(each for each in advice if each is not None)


def _advice_on_runtime(
    distributions: tuple[Distribution, ...], runtime: Runtime | None, *, has_nvidia_driver: bool
) -> str | None:
    names = [distribution.name for distribution in distributions]
    suited = _WITH_CUDA_LIBRARIES if has_nvidia_driver else "onnxruntime"
    if len(names) > 1:
        if "onnxruntime-directml" in names and not has_nvidia_driver:
            suited = "onnxruntime-directml"
        reason = f"{' and '.join(names)} overwrite each other's files: remove them all, then install one"
        return _advice(reason, f"uninstall --yes {' '.join(names)}", f"install {suited}")
    if runtime is None:
        return _advice("no runtime is installed, so models can be made but not run", f"install {suited}")
    if runtime.error is not None:
        # Without a distribution, what is left of the module is nobody's: installing one writes it anew.
        broken = f"{names[0]}=={distributions[0].version}" if names else suited
        return _advice(f"onnxruntime does not work: {runtime.error}", f"install --force-reinstall --no-deps {broken}")
    if runtime.runs_on_cuda or not has_nvidia_driver:
        return None
    if CUDA in runtime.available_providers:
        reason = f"sessions fall back to the CPU: {runtime.fallback_reason or 'CUDA could not be started'}"
        return _advice(reason, f"install --upgrade {_WITH_CUDA_LIBRARIES}")
    if names == ["onnxruntime"]:
        reason = "the NVIDIA driver is there, but onnxruntime is the build for the CPU"
        return _advice(reason, "uninstall --yes onnxruntime", f"install {_WITH_CUDA_LIBRARIES}")
    return None


def _advice_on_torch(torch: Torch | None, *, has_nvidia_driver: bool) -> str | None:
    if torch is None:
        return None
    if torch.error is not None:
        return _advice(f"PyTorch does not work: {torch.error}", "install --force-reinstall torch")
    if has_nvidia_driver and torch.cuda_version is None:
        reason = f"the NVIDIA driver is there, but PyTorch {torch.version} is a build for the CPU"
        return _advice(f"{reason} (this command brings CUDA on Linux)", "uninstall --yes torch", "install torch")
    return None


def _advice(reason: str, *commands: str) -> str:
    found = shutil.which("python")
    is_ours = found is not None and Path(found).parent == Path(sys.executable).parent
    python = "python" if is_ours else f'"{sys.executable}"'
    return "\n".join((reason, *(f"    {python} -m pip {command}" for command in commands)))


def _installed() -> list[Distribution]:
    found = []
    for name in RUNTIMES:
        try:
            found.append(Distribution(name, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _is_importable(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _try_runtime() -> Runtime:
    answer, log = _ask("runtime")
    if "error" in answer:
        return Runtime(error=answer["error"])
    reason = _REASON.search(log)
    return Runtime(
        version=answer["version"],
        available_providers=tuple(answer["available_providers"]),
        session_providers=tuple(answer["session_providers"]),
        fallback_reason=reason.group(1).strip() if reason else None,
    )


def _try_torch() -> Torch:
    answer, _log = _ask("torch")
    return Torch(**answer)


def _ask(question: str) -> tuple[dict[str, Any], str]:
    """The answer of this file, run as a program, and what it wrote beside it; a crash is an answer with an `error`."""
    # -P: this folder must not come before the standard library, whose `types` it would hide.
    command = (sys.executable, "-P", __file__, question)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_IN_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return {"error": f"no answer in {_PATIENCE_IN_SECONDS} seconds"}, ""
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        return {"error": lines[-1] if lines else f"Python ended with status {done.returncode}"}, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


def _answer(question: str) -> dict[str, Any]:
    """Try one library in this process: what follows is run by `_ask`, and nothing else."""
    return _answer_on_torch() if question == "torch" else _answer_on_runtime()


def _answer_on_torch() -> dict[str, Any]:
    import torch

    return {
        "version": str(torch.__version__),
        "cuda_version": torch.version.cuda,
        "sees_cuda": torch.cuda.is_available(),
    }


def _answer_on_runtime() -> dict[str, Any]:
    import onnxruntime

    if hasattr(onnxruntime, "preload_dlls"):
        onnxruntime.preload_dlls()  # finds the CUDA libraries that came as distributions
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session = onnxruntime.InferenceSession(_TINY_MODEL, providers=[CUDA, "CPUExecutionProvider"])
    return {
        "version": onnxruntime.__version__,
        "available_providers": onnxruntime.get_available_providers(),
        "session_providers": session.get_providers(),
    }


if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps(_answer(sys.argv[1])) + "\n")
