"""A net and its recipe to what is learnt: the shapes of inputs and targets, the classes, the size of pictures."""

from __future__ import annotations

from dataclasses import dataclass

from netdsl.diagnostics.targets import NotTrainable
from netdsl.graph.model import Graph
from netdsl.ops.windows import Sizes
from netdsl.training.evaluations import CentreCrop, Evaluation
from netdsl.training.losses import EXAMPLE
from netdsl.training.recipe import OutputLoss, Recipe
from netdsl.types.tensors import FLOAT32, TensorType

DIGITS = "digits"
_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Task:
    """What a net learns.

    Attributes:
        input: the shape of an example, channels first.
        target: the shape of what the first output is compared with; None where that is the example itself.
        classes: how many classes there are, None where numbers are learnt.
        picture: height and width of the pictures that are read, None where they are the input's.
        data: the data that serve as long as nobody names others, if there are any.
        crop: the views of a picture that are evaluated, None for the picture itself.
        shown: height and width of the pictures that the views are made of, None where they are those that are read.
    """

    input: tuple[int, ...]
    target: tuple[int, ...] | None
    classes: int | None
    picture: Sizes | None
    data: str | None
    crop: Evaluation | None
    shown: Sizes | None


def obstacle(graph: Graph, recipe: Recipe) -> NotTrainable | None:
    """Why no data can train a net, if so."""
    return unreadable(graph, recipe) or _too_many_targets(graph.name, recipe, _outputs(graph))


def unreadable(graph: Graph, recipe: Recipe) -> NotTrainable | None:
    """Why no data can be fed to a net, if so."""
    if len(graph.inputs) != 1:
        names = ", ".join(str(tensor.name) for tensor in graph.inputs)
        return NotTrainable(graph.name, f"an example is one array, and the net takes {len(graph.inputs)}: {names}")
    taken, outputs = graph.inputs[0].type, _outputs(graph)
    assert taken is not None
    if taken.element != FLOAT32:
        return NotTrainable(graph.name, f"the data are numbers with a point, and the net takes {taken}")
    known = all(isinstance(size, int) for each in (taken, *outputs.values()) for size in each.shape)
    if not known:
        given = outputs[recipe.losses[0].output]
        open_sizes = ",".join(f"{name}=64" for name in sorted(graph.symbols))
        reason = f"examples have one size, and the net's is open: {taken} to {given}"
        return NotTrainable(graph.name, reason, f"give it a size, as in `--size {open_sizes}`")
    return None


def _too_many_targets(net: str, recipe: Recipe, outputs: dict[str, TensorType]) -> NotTrainable | None:
    """Why the one target of an example is not enough, if so."""
    labelled = [each for each in recipe.losses if each.loss.compares_with != EXAMPLE]
    if not labelled:
        return None
    first = recipe.losses[0]
    if first is not labelled[0]:
        name = labelled[0].output
        reason = (
            f"its first output is what is judged, and `{first.output}` is compared with the example, not with labels"
        )
        return NotTrainable(net, reason, f"let `{name}` stand before `{first.output}` in `output`")
    wanted = _target(first, outputs[first.output])
    for each in labelled:
        other = _target(each, outputs[each.output])
        if other != wanted:
            reason = f"an example has one target, and `{first.output}` learns {wanted}, `{each.output}` {other}"
            return NotTrainable(net, reason, "`target=example` compares an output with the example itself")
    return None


def _target(each: OutputLoss, given: TensorType) -> str:
    """What an output is compared with, in words: `one of 10 classes`."""
    numbers = _numbers(given.shape)
    if not each.loss.takes_classes:
        return f"{'x'.join(map(str, numbers))} numbers"
    places = "x".join(map(str, numbers[1:]))
    return f"one of {numbers[0]} classes" + (f" at {places} places" if places else "")


def _outputs(graph: Graph) -> dict[str, TensorType]:
    """The types of all outputs, those for training too."""
    tensors = {**graph.outputs, **graph.training_outputs}
    return {name: tensor.type for name, tensor in tensors.items() if tensor.type is not None}


def task_of(graph: Graph, recipe: Recipe) -> Task:
    """The task of a net (`obstacle` says whether it has one)."""
    (taken,) = graph.inputs
    assert taken.type is not None
    shape = _numbers(taken.type.shape)
    first = recipe.losses[0]
    output = graph.outputs[first.output].type
    assert output is not None
    given = _numbers(output.shape)
    classes = given[0] if first.loss.takes_classes else None
    target = None if first.loss.compares_with == EXAMPLE else given if classes is None else given[1:]
    read = recipe.picture_size if len(shape) == 3 else None
    picture = None if read is None or tuple(read) == shape[1:] else tuple(read)
    crop = recipe.evaluation
    if crop is None and picture is not None:
        crop = CentreCrop(size=shape[1:], of=min(picture))
    shown = None if crop is None or tuple(crop.takes) == (picture or shape[1:]) else crop.takes
    data = DIGITS if len(shape) == 3 and shape[0] == 1 and classes == _DIGITS else None
    return Task(shape, target, classes, picture, data, crop, shown)


def _numbers(shape: tuple[object, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if isinstance(size, int))
