"""A data set of Hugging Face to pictures and classes: one by its name, or a folder that `save_to_disk` wrote.

The library must be of version 4 or newer: older ones may run a script that comes with the data.
It needs a column of pictures and one of classes (`ClassLabel`, or whole numbers called `label`). `validation` or
`test` is what is held out; without them a share of every class is.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import DataError
from .pictures import Array, Pictures, open_picture
from .source import Parts, Source, split

if TYPE_CHECKING:
    from PIL import Image

_HELD_OUT = ("validation", "valid", "val", "test")
_LABELS = ("label", "labels", "fine_label")


class Rows(Pictures):
    """The pictures in a column, still encoded."""

    def __init__(self, rows: Any, column: str, name: str) -> None:
        self._rows = rows
        self._column = column
        self._name = name

    def __len__(self) -> int:
        return len(self._rows)

    def part(self, places: Array) -> Rows:
        return Rows(self._rows.select(places), self._column, self._name)

    def read(self, place: int) -> Image.Image:
        cell = self._rows[place][self._column] or {}
        content, path = cell.get("bytes"), cell.get("path")
        name = f"{self._name}, row {place}" + (f" ({path})" if path else "")
        if content:
            return open_picture(BytesIO(content), name)
        if path:
            return open_picture(path, name)
        raise DataError(f"{name} holds no picture")


def read(name: str, share: float) -> Parts:
    """The examples to learn from and those held out; `NAME@CONFIGURATION` names one of several configurations.

    Raises:
        DataError: the library is missing, or the data set cannot be had or holds no pictures with classes.
    """
    parts = _load(name)
    if "train" not in parts:
        raise DataError(f"{name} has no part `train`; it has {', '.join(parts)}")
    train = _source(parts["train"], name)
    for each in _HELD_OUT:
        if each in parts:
            return train, _source(parts[each], name)
    return split(train, share)


def _load(name: str) -> dict[str, Any]:
    try:
        import datasets
    except ModuleNotFoundError:
        raise DataError(
            "the data `hf:` take the library datasets: `pip install datasets`"
        ) from None
    if int(datasets.__version__.partition(".")[0]) < 4:
        raise DataError(
            f"the data `hf:` take datasets 4 or newer, as version {datasets.__version__} may run scripts that come "
            "with the data: `pip install --upgrade datasets`"
        )
    folder = Path(name).expanduser()
    repository, _, configuration = name.partition("@")
    try:
        if folder.is_dir():
            loaded = datasets.load_from_disk(str(folder))
        else:
            loaded = datasets.load_dataset(repository, configuration or None)
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        raise DataError(
            f"{name} cannot be loaded by datasets: {_first_line(error)}"
        ) from error
    return dict(loaded) if isinstance(loaded, dict) else {"train": loaded}


def _source(rows: Any, name: str) -> Source:
    import datasets

    pictures = [
        column
        for column, kind in rows.features.items()
        if isinstance(kind, datasets.Image)
    ]
    named = [
        column
        for column, kind in rows.features.items()
        if isinstance(kind, datasets.ClassLabel)
    ]
    labels = [column for column in _LABELS if column in rows.features] or named
    if not pictures or not labels:
        columns = ", ".join(
            f"{column} ({type(kind).__name__})"
            for column, kind in rows.features.items()
        )
        raise DataError(
            f"{name} has no column of pictures with one of classes; it has {columns}"
        )
    targets = np.asarray(rows.with_format("numpy")[labels[0]][:])
    if (
        targets.dtype.kind not in "iu"
        or targets.ndim != 1
        or not len(targets)
        or targets.min() < 0
    ):
        raise DataError(
            f"{name}: the column {labels[0]} holds something else than classes from 0 on"
        )
    kind = rows.features[labels[0]]
    classes = (
        kind.names
        if isinstance(kind, datasets.ClassLabel)
        else map(str, range(int(targets.max()) + 1))
    )
    encoded = rows.cast_column(pictures[0], datasets.Image(decode=False))
    return Source(
        Rows(encoded, pictures[0], name), targets.astype(np.int64), tuple(classes)
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
