"""Data for training: a name such as `digits`, `mnist:DIR` or `folder:DIR` to examples that a net takes.

    data = open_data("digits", shape=(1, 32, 32), classes=10)
    for inputs, targets in data.train.batches(torch.randperm(len(data.train)), 32, device):
        ...

| name           | what is read                                                                  |
|----------------|-------------------------------------------------------------------------------|
| `digits`       | scikit-learn's 1,797 scans of digits, 8x8, grey                               |
| `mnist:DIR`    | MNIST's four IDX files, gzipped or not                                        |
| `fashion:DIR`  | Fashion-MNIST's, which have the same names                                    |
| `cifar10:DIR`  | CIFAR-10's files, of the binary or of the Python version                      |
| `cifar100:DIR` | CIFAR-100's, with its 100 fine classes                                        |
| `folder:DIR`   | a folder of pictures for each class, perhaps below `train` and `val`          |
| `npz:FILE`     | arrays `x` and `y`, or `x_train`, `y_train`, `x_test`, `y_test`               |
| `hf:NAME`      | a data set of Hugging Face, or a folder that its `save_to_disk` wrote         |
| `synthetic`    | numbers drawn by a seed, of any shape: for benchmarks and trials              |

Sizes are adapted by one rule, which stands in `fit.py`.
"""

from __future__ import annotations

from .errors import DataError
from .examples import Data, Examples
from .opening import SOURCES, open_data

__all__ = ["SOURCES", "Data", "DataError", "Examples", "open_data"]
