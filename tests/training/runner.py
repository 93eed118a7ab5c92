"""A process that has imported the libraries of trainings once, and forks for each run: `python runner.py`.

Reads a line of JSON for each run: the folder of the program, the flags, where its outputs go, and perhaps the greatest
size of a file. Answers with the number of the run's process, and when that has ended, with its exit code: below 0 for a
signal.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

import kornia.augmentation
import matplotlib.pyplot
import sklearn.datasets
import torch._dynamo
import torch.distributed.checkpoint.state_dict
import torch.utils.tensorboard

__all__ = ["kornia", "matplotlib", "sklearn", "torch"]


def run(order: dict[str, Any]) -> int:
    """Be the program, and say how it ended."""
    for number, path in ((1, "out"), (2, "err")):
        os.dup2(os.open(order[path], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    if order["most"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["most"], order["most"]))
    folder = Path(order["folder"])
    os.chdir(folder.parent)
    sys.path.insert(0, str(folder))
    sys.argv = [str(folder / "train.py"), *order["flags"]]
    import train  # type: ignore[import-not-found]

    try:
        code = int(train.main())
    except SystemExit as end:
        code = int(end.code or 0)
    assert not [name for name in sys.modules if name.split(".")[0] == "netdsl"]
    return code


def main() -> None:
    """Serve until the input ends; a forked process leaves at once, since an orderly end takes longer than most runs."""
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            code = run(json.loads(line))
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        print(process, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
