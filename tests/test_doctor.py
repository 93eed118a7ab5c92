"""The doctor before installations that are whole, doubled, emptied and missing, each made of files in a folder."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from netdsl import doctor

CPU = "CPUExecutionProvider"
WORKING_RUNTIME = """
    import sys

    __version__ = "1.31.1"


    def get_available_providers():
        return AVAILABLE


    def preload_dlls():
        print("Failed to load libcublas.so.13")


    class InferenceSession:
        def __init__(self, model, providers):
            assert providers == ["CUDAExecutionProvider", "CPUExecutionProvider"]
            sys.stderr.write(LOG)

        def get_providers(self):
            return SESSION
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands in for site-packages: nothing else is installed, neither here nor in a child process."""
    installed = [entry for entry in sys.path if "site-packages" in entry]
    monkeypatch.setattr(sys, "path", [str(tmp_path), *(entry for entry in sys.path if entry not in installed)])
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(doctor.shutil, "which", lambda _name: None)
    for module in ("onnxruntime", "torch"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    return tmp_path


def install(site: Path, *names: str, version: str = "1.31.1") -> None:
    """Leave the metadata of distributions, as pip does."""
    for name in names:
        folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def write_runtime(site: Path, *, available: list[str], session: list[str], log: str = "") -> None:
    """Write a module `onnxruntime` that answers as told."""
    facts = f"AVAILABLE = {available!r}\nSESSION = {session!r}\nLOG = {log!r}\n"
    write_module(site, "onnxruntime", facts + dedent(WORKING_RUNTIME))


def write_module(site: Path, name: str, text: str) -> None:
    """Write a module that hides the installed one."""
    folder = site / name
    folder.mkdir()
    (folder / "__init__.py").write_text(text)


def commands(advice: str) -> list[str]:
    """The pip commands in a piece of advice, without the Python that runs them."""
    return [line.split(" -m pip ")[1] for line in advice.splitlines()[1:]]


def give_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "which", lambda name: f"/usr/bin/{name}" if name == "nvidia-smi" else None)


def test_the_tiny_model_runs() -> None:
    import numpy
    import onnxruntime

    session = onnxruntime.InferenceSession(doctor._TINY_MODEL, providers=[CPU])
    for given, expected in ((-2.0, 0.0), (3.0, 3.0)):
        (result,) = session.run(None, {"x": numpy.array([given], dtype=numpy.float32)})
        assert result.tolist() == [expected]


def test_this_installation_is_examined() -> None:
    import onnxruntime

    findings = doctor.examine()
    assert findings.runtime is not None
    assert findings.runtime.error is None
    assert findings.runtime.version == onnxruntime.__version__
    assert list(findings.runtime.available_providers) == onnxruntime.get_available_providers()
    assert CPU in findings.runtime.session_providers
    assert findings.torch is not None
    assert findings.torch.error is None
    assert findings.torch.version is not None


def test_nothing_installed(site: Path) -> None:
    findings = doctor.examine()
    assert (findings.distributions, findings.runtime, findings.torch) == ((), None, None)
    (advice,) = findings.advice
    assert commands(advice) == ["install onnxruntime"]


def test_a_runtime_for_the_cpu_needs_no_advice(site: Path) -> None:
    install(site, "onnxruntime")
    write_runtime(site, available=[CPU], session=[CPU])
    findings = doctor.examine()
    assert findings.distributions == (doctor.Distribution("onnxruntime", "1.31.1"),)
    assert findings.runtime == doctor.Runtime("1.31.1", (CPU,), (CPU,))
    assert not findings.is_clash
    assert findings.advice == ()


@pytest.mark.parametrize(
    ("second", "has_driver", "suited"),
    [
        ("onnxruntime-gpu", False, "onnxruntime"),
        ("onnxruntime-gpu", True, '"onnxruntime-gpu[cuda,cudnn]"'),
        ("onnxruntime-directml", False, "onnxruntime-directml"),
        ("onnxruntime-directml", True, '"onnxruntime-gpu[cuda,cudnn]"'),
    ],
)
def test_two_owners_of_the_module_are_a_clash(
    site: Path, monkeypatch: pytest.MonkeyPatch, second: str, has_driver: bool, suited: str
) -> None:
    install(site, "onnxruntime", second)
    write_runtime(site, available=[CPU], session=[CPU])
    if has_driver:
        give_driver(monkeypatch)
    findings = doctor.examine()
    assert findings.is_clash
    (advice,) = findings.advice
    assert commands(advice) == [f"uninstall --yes onnxruntime {second}", f"install {suited}"]


def test_one_of_a_pair_was_removed_and_took_the_files_along(site: Path) -> None:
    install(site, "onnxruntime")
    write_module(site, "onnxruntime", "")
    findings = doctor.examine()
    assert findings.runtime is not None
    assert findings.runtime.error is not None
    assert "AttributeError" in findings.runtime.error
    (advice,) = findings.advice
    assert commands(advice) == ["install --force-reinstall --no-deps onnxruntime==1.31.1"]


def test_a_crash_of_the_runtime_is_a_finding(site: Path) -> None:
    install(site, "onnxruntime")
    write_module(site, "onnxruntime", "import os\nos._exit(7)\n")
    findings = doctor.examine()
    assert findings.runtime == doctor.Runtime(error="Python ended with status 7")
    assert len(findings.advice) == 1


def test_a_session_that_falls_back_says_why(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(site, "onnxruntime-gpu")
    log = "[E:onnxruntime:Default] Failed to load library cuda.so with error: libcublasLt.so.13: no such file\n"
    write_runtime(site, available=[doctor.CUDA, CPU], session=[CPU], log=log)
    give_driver(monkeypatch)
    findings = doctor.examine()
    assert findings.runtime is not None
    assert not findings.runtime.runs_on_cuda
    assert findings.runtime.fallback_reason == "libcublasLt.so.13: no such file"
    (advice,) = findings.advice
    assert "libcublasLt.so.13" in advice
    assert commands(advice) == ['install --upgrade "onnxruntime-gpu[cuda,cudnn]"']


def test_a_session_on_cuda_needs_no_advice(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(site, "onnxruntime-gpu")
    write_runtime(site, available=[doctor.CUDA, CPU], session=[doctor.CUDA, CPU])
    give_driver(monkeypatch)
    findings = doctor.examine()
    assert findings.runtime is not None
    assert findings.runtime.runs_on_cuda
    assert findings.advice == ()


def test_builds_for_the_cpu_beside_a_driver(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(site, "onnxruntime")
    write_runtime(site, available=[CPU], session=[CPU])
    torch = """
        from types import SimpleNamespace

        __version__ = "2.13.0+cpu"
        version = SimpleNamespace(cuda=None)
        cuda = SimpleNamespace(is_available=lambda: False)
    """
    write_module(site, "torch", dedent(torch))
    give_driver(monkeypatch)
    findings = doctor.examine()
    assert findings.torch == doctor.Torch("2.13.0+cpu", None, sees_cuda=False)
    runtime_advice, torch_advice = findings.advice
    assert commands(runtime_advice) == ["uninstall --yes onnxruntime", 'install "onnxruntime-gpu[cuda,cudnn]"']
    assert commands(torch_advice) == ["uninstall --yes torch", "install torch"]


def test_a_broken_torch_is_a_finding(site: Path) -> None:
    install(site, "onnxruntime")
    write_runtime(site, available=[CPU], session=[CPU])
    write_module(site, "torch", 'raise OSError("libtorch_cpu.so: file too short")\n')
    findings = doctor.examine()
    assert findings.torch == doctor.Torch(error="OSError: libtorch_cpu.so: file too short")
    (advice,) = findings.advice
    assert commands(advice) == ["install --force-reinstall torch"]


def test_commands_name_the_python_that_is_examined(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (advice,) = doctor.examine().advice
    assert f'    "{sys.executable}" -m pip install onnxruntime' in advice
    ours = Path(sys.executable).with_name("python")
    monkeypatch.setattr(doctor.shutil, "which", lambda name: str(ours) if name == "python" else None)
    (advice,) = doctor.examine().advice
    assert "    python -m pip install onnxruntime" in advice
