"""What a word of a recipe is: its parameters as fields, and beside them the check and the PyTorch source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass
from typing import Any, ClassVar, TypeVar, dataclass_transform

from netdsl.ops.contract import Misfit, parameter
from netdsl.types.tensors import TensorType

Class = TypeVar("Class")

TORCH = "import torch"
FUNCTIONAL = "import torch.nn.functional as F"
NN = "from torch import nn"
SCHEDULERS = "from torch.optim import lr_scheduler"
KORNIA = "import kornia.augmentation as K"


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(parameter,))
def recipe_word(cls: type[Class]) -> type[Class]:
    """Make a class of recipe words a frozen dataclass whose fields are its parameters.

    `RecipeWord` has the methods that `dataclass` would write and compile anew for each class, which took half of the
    time of a recipe's check.
    """
    return dataclass(init=False, eq=False, repr=False)(cls)


@dataclass(frozen=True, slots=True)
class TorchSource:
    """A PyTorch expression as data, for generated code.

    Attributes:
        text: the expression. A name in braces is a slot for an expression of the generated program: `{parameters}`.
        imports: the import lines that it needs.
        support: the file in codegen_templates/support that defines the class which it calls.
    """

    text: str
    imports: tuple[str, ...] = (TORCH,)
    support: str | None = None

    def filled(self, **slots: str) -> str:
        """The expression with its slots filled; those that it does not have are ignored."""
        return self.text.format(**slots)


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Setup:
    """What a word is checked against: what the net takes and gives, and how long it is trained.

    Attributes:
        inputs: the types of the net's inputs.
        outputs: the types of its outputs by name, those for training included.
        batch: the examples of a step.
        epochs: the passes through the data.
    """

    inputs: tuple[TensorType, ...]
    outputs: Mapping[str, TensorType]
    batch: int
    epochs: int

    @property
    def picture(self) -> TensorType | None:
        """The first input that has a height and a width; None where the net takes no pictures."""
        return next((taken for taken in self.inputs if taken.rank == 2), None)


class RecipeWord:
    """One word of a recipe.

    Subclasses are dataclasses whose fields are the spec's parameters, the first of them the positional one.

    Attributes:
        line: the line of the recipe that the word stands in: `optimizer`. A setting, such as `batch`, is its own line.
        word: the word.
        example: the line, as somebody would write it.
    """

    line: ClassVar[str]
    word: ClassVar[str]
    example: ClassVar[str]

    def __init__(self, *values: Any, **named: Any) -> None:
        known: tuple[str, ...] = tuple(self.__dataclass_fields__)  # type: ignore[attr-defined]
        named.update(zip(known, values, strict=False))
        missing = [name for name in known if name not in named and not hasattr(type(self), name)]
        if missing or not set(named) <= set(known) or len(values) > len(known):
            raise TypeError(f"`{self.word}` takes {', '.join(known)}, and {missing or list(named)} do not fit")
        for name, value in named.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(name)

    def check(self, setup: Setup) -> Misfit | None:
        """Why the word does not fit the net or the length of the training, if so."""
        return None

    def torch(self, **instead: str) -> TorchSource:
        """What the word is in PyTorch.

        Args:
            instead: expressions in the place of parameters' values: `lr="args.lr"` where a flag sets it.
        """
        raise NotImplementedError

    def settings(self) -> Mapping[str, Any]:
        """The parameters and their values, in order."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}  # type: ignore[attr-defined]

    def told(self, name: str, instead: Mapping[str, str], unless: object = None) -> str | None:
        """A parameter as it is written in PyTorch; None where PyTorch's own default, `unless`, says the same."""
        if name in instead:
            return instead[name]
        value = getattr(self, name)
        return None if value == unless else repr(value)


def call(callee: str, *positional: str, **keywords: str | None) -> str:
    """A call as text; arguments that are None are left out."""
    named = [f"{name}={value}" for name, value in keywords.items() if value is not None]
    return f"{callee}({', '.join([*positional, *named])})"
