"""The wheel: every data file travels in it, and what is installed from it works far from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
DATA_FOLDERS = ("grammar", "codegen_templates", "specs", "docs/diagnostics", "docs/ops")


def run(*command: str, folder: Path, path: Path | None = None, status: int = 0) -> str:
    """What a command prints that ends with `status`, run with nothing of ours on Python's path but `path`."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def data_files() -> Iterator[str]:
    """The data files of the checkout, as Git knows them: relative paths with `/`."""
    listing = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *DATA_FOLDERS)
    for name in run(*listing, folder=CHECKOUT).split("\0"):
        if name and (CHECKOUT / name).exists():
            yield name


def metadata_folder(wheel: Path) -> str:
    """Where a wheel keeps its metadata: the name and version that its file name begins with."""
    return "-".join(wheel.name.split("-")[:2]) + ".dist-info"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), ".")
    run(*build, folder=CHECKOUT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the wheel is installed."""
    folder = tmp_path_factory.mktemp("installation")
    install = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(folder))
    run(*install, str(wheel), folder=folder)
    return folder


def test_every_data_file_travels(wheel: Path) -> None:
    expected = {f"netdsl/_data/{name}" for name in data_files()}
    assert "netdsl/_data/grammar/netdsl.lark" in expected
    with zipfile.ZipFile(wheel) as archive:
        assert expected <= set(archive.namelist())
        for name in expected:
            assert archive.read(name) == (CHECKOUT / name.removeprefix("netdsl/_data/")).read_bytes(), name


def test_nothing_else_travels(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [PurePosixPath(name) for name in archive.namelist()]
    assert {name.parts[0] for name in names} == {"netdsl", metadata_folder(wheel)}
    assert not [name for name in names if "__pycache__" in name.parts]
    assert PurePosixPath("netdsl/py.typed") in names


def test_the_base_brings_no_runtime(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"{metadata_folder(wheel)}/METADATA").decode()
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist:") and "extra ==" not in line]
    assert any(line.startswith("Requires-Dist: lark") for line in required)
    assert not [line for line in required if "onnxruntime" in line or "torch" in line]


def test_resources_are_found_in_the_installation(installation: Path, tmp_path: Path) -> None:
    program = "from netdsl import resources; print(resources.path('grammar', 'netdsl.lark'))"
    found = run(sys.executable, "-c", program, folder=tmp_path, path=installation)
    assert Path(found.strip()) == installation / "netdsl" / "_data" / "grammar" / "netdsl.lark"


def test_the_installation_checks_a_packaged_spec(installation: Path, tmp_path: Path) -> None:
    spec = installation / "netdsl" / "_data" / "specs" / "alexnet.net"
    run(sys.executable, "-m", "netdsl", "check", str(spec), folder=tmp_path, path=installation)


def test_the_installation_refuses_a_wrong_spec(installation: Path, tmp_path: Path) -> None:
    spec = tmp_path / "wrong.net"
    spec.write_text("net Wrong {\n    input image: 3x8x8\n    conv 3x3 x4 :: 4x9x9\n}\n")
    check = (sys.executable, "-m", "netdsl", "check", str(spec))
    said = run(*check, folder=tmp_path, path=installation, status=1)
    assert "wrong.net" in said
    assert "4x6x6" in said
