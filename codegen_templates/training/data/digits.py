"""scikit-learn's scans of handwritten digits: 1,797 pictures of 8x8 pixels in 17 greys, light ink on black."""

from __future__ import annotations

import numpy as np

from .errors import DataError
from .pictures import Pixels
from .source import Parts, Source


def read(share: float) -> Parts:
    """The scans, a share of every digit held out: always the same ones.

    Raises:
        DataError: scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split
    except ModuleNotFoundError:
        raise DataError(
            "the data `digits` come with scikit-learn: `pip install scikit-learn`"
        ) from None
    scans = load_digits()
    greys = np.rint(scans.images * (255 / 16)).astype(np.uint8)
    source = Source(Pixels(greys), scans.target.astype(np.int64), tuple("0123456789"))
    places = np.arange(len(greys))
    known, held_out = train_test_split(
        places, test_size=share, random_state=0, stratify=scans.target
    )
    return source.part(known), source.part(held_out)
