"""Files are replaced whole or stay as they were."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from netdsl.files import replace_file, replace_files, write_bytes, write_text


@pytest.fixture
def small_disk() -> Iterator[int]:
    """No file can grow beyond this many bytes, which fails as a full disk does: when it is written."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    yield 100_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def write_then_raise(path: Path, data: bytes, error: type[BaseException]) -> None:
    with replace_file(path) as handle:
        handle.write(data)
        raise error


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "new"
    with replace_file(path) as handle:
        handle.write(b"one")
        handle.write(memoryview(b" two"))
        assert not path.exists()
    assert path.read_bytes() == b"one two"
    assert names(tmp_path) == ["new"]


def test_text_is_written_as_utf8_with_its_own_line_ends(tmp_path: Path) -> None:
    write_text(tmp_path / "text", "é\r\nü\n")
    assert (tmp_path / "text").read_bytes() == b"\xc3\xa9\r\n\xc3\xbc\n"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_leaves_the_old_file_alone(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(error):
        write_then_raise(path, b"half of the new", error)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, small_disk: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match="too large"):
        write_bytes(path, bytes(small_disk + 1))
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_a_disk_that_is_full_at_the_last_byte_is_noticed(tmp_path: Path, small_disk: int) -> None:
    """The last bytes wait in a buffer until the file is closed."""
    with ExitStack() as stack:
        handle = stack.enter_context(replace_file(tmp_path / "file"))
        handle.write(bytes(small_disk))
        handle.write(b"x")
        with pytest.raises(OSError, match="too large"):
            stack.close()
    assert names(tmp_path) == []


def test_control_c_leaves_nothing_behind(tmp_path: Path) -> None:
    program = (
        "import sys, time\nfrom netdsl.files import replace_file\n"
        "with replace_file(sys.argv[1]) as handle:\n    print('writing', flush=True)\n"
        "    while True:\n        handle.write(bytes(1000))\n        time.sleep(0.001)\n"
    )
    path = tmp_path / "file"
    path.write_bytes(b"old")
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=Path.cwd()) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) != 0
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_permissions_are_the_old_files_or_those_that_the_umask_leaves(tmp_path: Path) -> None:
    umask = os.umask(0o027)
    try:
        write_bytes(tmp_path / "new", b"")
    finally:
        os.umask(umask)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o640
    (tmp_path / "new").chmod(0o604)
    write_bytes(tmp_path / "new", b"again")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o604


def test_a_link_goes_on_leading_to_its_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    real, link = tmp_path / "folder" / "real", tmp_path / "link"
    real.write_bytes(b"old")
    link.symlink_to(real)
    write_bytes(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert names(tmp_path / "folder") == ["real"]


def test_a_pipe_is_written_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_bytes(pipe, b"through")
    reader.join()
    assert read == [b"through"]
    assert pipe.is_fifo()


def test_errors_name_the_path_that_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "no such folder" / "file"
    with pytest.raises(FileNotFoundError) as caught:
        write_bytes(path, b"")
    assert caught.value.filename == str(path)
    with pytest.raises(IsADirectoryError) as caught_folder:
        write_bytes(tmp_path, b"")
    assert caught_folder.value.filename == str(tmp_path)


@pytest.mark.parametrize("old", [(), ("data",), ("model",), ("data", "model")])
def test_files_are_replaced_together(tmp_path: Path, old: tuple[str, ...]) -> None:
    for name in old:
        (tmp_path / name).write_text(f"old {name}")
    with replace_files(tmp_path / "data", tmp_path / "model") as handles:
        for name, handle in zip(("data", "model"), handles, strict=True):
            handle.write(f"new {name}".encode())
    assert names(tmp_path) == ["data", "model"]
    assert (tmp_path / "data").read_text() == "new data"
    assert (tmp_path / "model").read_text() == "new model"


@pytest.mark.parametrize("old", [(), ("data",), ("model",), ("data", "model")])
@pytest.mark.parametrize("step", range(4))
@pytest.mark.parametrize("done", [False, True])
def test_no_file_is_replaced_if_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: tuple[str, ...], step: int, done: bool
) -> None:
    """An interruption before, or (`done`) right after, each of the four renamings; behind the last it is too late."""
    for name in old:
        (tmp_path / name).write_text(f"old {name}")
    rename, calls = Path.replace, count()

    def interrupted(self: Path, target: Path) -> None:
        now = next(calls) == step
        if done or not now:
            try:
                rename(self, target)
            except FileNotFoundError:
                assert self.name not in old
        if now:
            raise KeyboardInterrupt

    with ExitStack() as stack:
        for handle in stack.enter_context(replace_files(tmp_path / "data", tmp_path / "model")):
            handle.write(b"new")
        monkeypatch.setattr(Path, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            stack.close()
    expected = {"data": "new", "model": "new"} if done and step == 3 else {name: f"old {name}" for name in old}
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == expected
