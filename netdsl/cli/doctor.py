"""`netdsl doctor`: what runs on this installation, and how to repair what does not."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from netdsl.cli.terminal import print_lines
from netdsl.diagnostics.render import HELP, PLAIN, STRONG, Line
from netdsl.doctor import Findings, Runtime, Torch, examine


def command() -> None:
    """Say which runtimes work, and how to repair the others.

    The exit code is 1 if there is something to repair.
    """
    findings = examine()
    print_lines(_lines(findings))
    raise typer.Exit(int(bool(findings.advice)))


def _lines(findings: Findings) -> Iterator[Line]:
    yield from _entry("onnxruntime", _runtime(findings))
    if findings.runtime is not None and findings.runtime.available_providers:
        yield from _entry("offers", ", ".join(findings.runtime.available_providers))
        yield from _entry("really runs on", ", ".join(findings.runtime.session_providers))
    yield from _entry("PyTorch", _torch(findings.torch))
    yield from _entry("NVIDIA driver", "there" if findings.has_nvidia_driver else "none")
    if not findings.advice:
        yield from _entry("advice", "nothing to repair")
    for advice in findings.advice:
        yield ()
        for line in advice.splitlines():
            yield ((line, HELP if line.startswith(" ") else PLAIN),)


def _entry(heading: str, text: str) -> Iterator[Line]:
    yield ((f"{heading:<16}", STRONG), (text, PLAIN))


def _runtime(findings: Findings) -> str:
    installed = ", ".join(f"{each.name} {each.version}" for each in findings.distributions)
    return _state(findings.runtime, installed)


def _torch(torch: Torch | None) -> str:
    if torch is None or torch.error is not None:
        return _state(torch, "")
    built = f"built for CUDA {torch.cuda_version}" if torch.cuda_version else "a build for the CPU"
    device = ", which it sees" if torch.sees_cuda else ", which it does not see" if torch.cuda_version else ""
    return f"{torch.version}, {built}{device}"


def _state(library: Runtime | Torch | None, installed: str) -> str:
    if library is None:
        return "not installed"
    if library.error is not None:
        return f"{installed or 'installed'}, does not work: {library.error}"
    return installed or f"{library.version}, of no distribution"
