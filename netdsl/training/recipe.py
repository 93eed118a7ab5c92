"""A net's recipe: `train { … }` to the checked words that training is made of."""

from __future__ import annotations

from dataclasses import dataclass

from netdsl.diagnostics.core import Diagnostics
from netdsl.graph.model import Graph
from netdsl.ops.windows import Sizes
from netdsl.training.augmentations import Augmentation
from netdsl.training.evaluations import Evaluation
from netdsl.training.initialisations import Initialisation
from netdsl.training.losses import CrossEntropy, Loss
from netdsl.training.optimizers import Optimizer, StochasticGradientDescent
from netdsl.training.reading import Reader
from netdsl.training.schedules import Schedule
from netdsl.training.settings import FLOAT32, Accumulate, Batch, Clip, EarlyStop, Epochs, MovingAverage, Precision, Seed


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class OutputLoss:
    """The loss of one output.

    Attributes:
        output: the output's name.
        loss: its loss.
        weight: what the loss is multiplied with in the sum.
        training_only: whether the output is there in training only.
    """

    output: str
    loss: Loss
    weight: float
    training_only: bool


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Recipe:
    """How a net is trained; every word has been checked against the net.

    Attributes:
        losses: one for each output, in their order, those for training only behind the others.
        optimizer: the optimiser.
        schedule: the learning rate's way, None where it stays.
        batch: examples of a step.
        epochs: passes through the data.
        augment: what is done to pictures, in this order.
        clip: the bound of the gradient, None where there is none.
        ema: the moving average of the weights, None where there is none.
        precision: `float32`, `bf16` or `fp16`.
        accumulate: parts in which a batch is calculated; they divide it.
        early_stop: when training ends early, None where it does not.
        seed: where random numbers begin.
        initialisation: how weights begin, None where each layer has PyTorch's own start.
        evaluation: the views of a picture that are evaluated, None for the whole picture.
    """

    losses: tuple[OutputLoss, ...]
    optimizer: Optimizer
    schedule: Schedule | None = None
    batch: int = 32
    epochs: int = 10
    augment: tuple[Augmentation, ...] = ()
    clip: Clip | None = None
    ema: MovingAverage | None = None
    precision: str = FLOAT32
    accumulate: int = 1
    early_stop: EarlyStop | None = None
    seed: int = 0
    initialisation: Initialisation | None = None
    evaluation: Evaluation | None = None

    @property
    def picture_size(self) -> Sizes | None:
        """Height and width of the pictures that the augmentation takes; None where the net's input says it."""
        return next((step.takes for step in self.augment if step.takes is not None), None)


def read(graph: Graph, diagnostics: Diagnostics) -> Recipe | None:
    """The recipe of a net.

    Args:
        graph: the net.
        diagnostics: takes what is wrong with its recipe.

    Returns:
        The recipe, or None where the net has none, or where it has mistakes, which are reported.
    """
    if graph.recipe is None:
        return None
    reader = Reader(graph, graph.recipe, diagnostics)
    reader.read()
    optimizer = reader.chosen(Optimizer)
    if reader.failed or optimizer is None or not graph.complete:
        return None
    return Recipe(
        losses=tuple(
            OutputLoss(output, loss, weight, output in graph.training_outputs)
            for output, (loss, weight) in reader.losses.items()
        ),
        optimizer=optimizer,
        schedule=reader.chosen(Schedule),
        batch=reader.value(Batch),
        epochs=reader.value(Epochs),
        augment=reader.steps,
        clip=reader.chosen(Clip),
        ema=reader.chosen(MovingAverage),
        precision=reader.value(Precision),
        accumulate=reader.value(Accumulate),
        early_stop=reader.chosen(EarlyStop),
        seed=reader.value(Seed),
        initialisation=reader.chosen(Initialisation),
        evaluation=reader.chosen(Evaluation),
    )


def default_recipe(graph: Graph, learning_rate: float | None = None) -> Recipe | None:
    """The plainest recipe for a net that has none, where it can be said without guessing.

    Cross-entropy and `sgd`, for a net whose only output is the scores of two or more classes.

    Args:
        graph: the net.
        learning_rate: the learning rate, which is never guessed.

    Returns:
        The recipe, or None where the learning rate is not known or the loss is not certain.
    """
    outputs = {**graph.outputs, **graph.training_outputs}
    if learning_rate is None or len(outputs) != 1 or not graph.complete:
        return None
    name, tensor = next(iter(outputs.items()))
    loss = CrossEntropy(label_smoothing=0.0)
    inputs = tuple(taken.type for taken in graph.inputs if taken.type is not None)
    if tensor.type is None or tensor.type.rank or loss.fault(name, tensor.type, inputs) is not None:
        return None
    optimizer = StochasticGradientDescent(learning_rate, momentum=0.0, nesterov=False, weight_decay=0.0, decay_all=True)
    return Recipe((OutputLoss(name, loss, 1.0, training_only=False),), optimizer)
