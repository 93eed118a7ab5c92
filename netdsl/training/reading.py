"""`train { … }` to bound and checked words; mistakes become diagnostics."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import Any, TypeVar

from netdsl import training as families
from netdsl.diagnostics import parameters, training
from netdsl.diagnostics.core import Diagnostics, Fact, Note, did_you_mean
from netdsl.graph.expressions import Evaluator
from netdsl.graph.model import Graph
from netdsl.graph.scope import Scope
from netdsl.ops.parameters import parameters_of
from netdsl.source import Span
from netdsl.syntax import ast
from netdsl.training.augmentations import Augmentation
from netdsl.training.binding import Written, bind, calls_of, weight_of, without_weights
from netdsl.training.contract import RecipeWord, Setup
from netdsl.training.crops import Crop, behind_another
from netdsl.training.evaluations import Evaluation
from netdsl.training.losses import Loss
from netdsl.training.nearest import meant
from netdsl.training.schedules import ACCURACY
from netdsl.training.settings import Batch, Epochs
from netdsl.types.tensors import TensorType

Word = TypeVar("Word", bound=RecipeWord)
_NEEDED = {"loss": "loss cross_entropy", "optimizer": "optimizer sgd lr=0.1"}


class Reader:
    """Reads one recipe.

    Attributes:
        failed: whether anything was wrong.
        written: the words that could be bound, in the order of the text.
        losses: the loss of each output, with its weight.
    """

    def __init__(self, graph: Graph, recipe: ast.Train, diagnostics: Diagnostics) -> None:
        self.graph = graph
        self.recipe = recipe
        self.diagnostics = diagnostics
        self.evaluator = Evaluator(graph.recipe_scope or Scope(None), self._report, _nothing_special)
        self.failed = False
        self.written: list[Written] = []
        self.losses: dict[str, tuple[Loss, float]] = {}
        self._weighed: dict[str, tuple[Written, float]] = {}
        self._others: Written | None = None

    def read(self) -> None:
        """Read all lines, then check what they say against the net and each other."""
        seen: dict[str, Span] = {}
        for line in self.recipe.lines:
            word = line.word.text
            if word not in families.words():
                known = tuple(families.words())
                self._report(training.UnknownRecipeLine(word, known, meant(word, known)), line.word.span)
            elif word in seen and word != "loss":
                self._report(training.RecipeLineTwice(word), line.word.span, _first(seen[word]))
            else:
                self._line(line)
            seen.setdefault(word, line.word.span)
        start = self.recipe.span.start
        for needed, example in _NEEDED.items():
            if needed not in seen:
                place = Span(self.recipe.span.source, start, start + len("train"))
                self._report(training.IncompleteRecipe(needed, example), place)
        if self.graph.complete:
            self._check()

    # ---- what was read -----------------------------------------------------------------------

    def chosen(self, kind: type[Word]) -> Word | None:
        """The word of a kind, None where the recipe has none."""
        return next((each.word for each in self.written if isinstance(each.word, kind)), None)

    def value(self, kind: type[RecipeWord]) -> Any:
        """The first parameter of a setting, or its default where the recipe does not have the line."""
        first = next(iter(parameters_of(kind).values()))
        word = self.chosen(kind)
        return first.default if word is None else getattr(word, first.name)

    @property
    def steps(self) -> tuple[Augmentation, ...]:
        """The augmentations in their order."""
        return tuple(each.word for each in self.written if isinstance(each.word, Augmentation))

    @cached_property
    def inputs(self) -> tuple[TensorType, ...]:
        """The types of the net's inputs."""
        return tuple(tensor.type for tensor in self.graph.inputs if tensor.type is not None)

    @cached_property
    def outputs(self) -> dict[str, TensorType]:
        """The types of all outputs, those for training behind the others."""
        tensors = {**self.graph.outputs, **self.graph.training_outputs}
        return {name: tensor.type for name, tensor in tensors.items() if tensor.type is not None}

    def _report(self, fact: Fact, span: Span, *notes: Note) -> None:
        self.failed |= fact.is_error
        self.diagnostics.report(fact, span, *notes)

    # ---- lines -------------------------------------------------------------------------------

    def _line(self, line: ast.RecipeLine) -> None:
        name = line.word.text
        for call in calls_of(line):
            word = call.target.text
            kind = families.find(name, word)
            if kind is None:
                known = tuple(families.words()[name])
                fact = training.UnknownRecipeWord(name, word, known, meant(word, known) if word else None)
                self._report(fact, call.target.span)
            elif issubclass(kind, Loss):
                self._loss(kind, call)
            elif not issubclass(kind, Augmentation | Evaluation) or self._takes_pictures(kind, call):
                self._keep(bind(kind, call, self.evaluator, Setup(self.inputs, {}, 0, 0).picture))

    def _keep(self, written: Written | None) -> None:
        if written is None:
            self.failed = True
        else:
            self.written.append(written)

    def _takes_pictures(self, kind: type[RecipeWord], call: ast.Call) -> bool:
        """Whether the net takes pictures; sizes could not be read otherwise."""
        if any(given.rank == 2 for given in self.inputs):
            return True
        if self.graph.complete:
            given = ", ".join(map(str, self.inputs))
            self._report(training.NeedsPictures(kind.word, None, given), call.target.span)
        self.failed = True
        return False

    def _loss(self, kind: type[Loss], call: ast.Call) -> None:
        call, weights = without_weights(kind, call)
        written = bind(kind, call, self.evaluator, None)
        self._keep(written)
        for argument in weights:
            self._weigh(kind, call, written, argument)
        if self._others is None:
            self._others = written
        elif not weights:
            self._report(training.RecipeLineTwice("loss"), call.target.span, _first(self._others.span))

    def _weigh(self, kind: type[Loss], call: ast.Call, written: Written | None, argument: ast.Argument) -> None:
        """Take what a loss says of a single output."""
        assert argument.name is not None
        name, span = argument.name.text, argument.name.span
        known = (*parameters_of(kind), *self.outputs)
        if name not in self.outputs:
            if self.graph.complete:
                self._report(training.UnknownOutput(kind.word, name, known, did_you_mean(name, known)), span)
            self.failed = True
        elif name in self._weighed:
            self._report(parameters.GivenTwice("loss", name), argument.span, _first(self._weighed[name][0].span))
        else:
            weight = weight_of(kind, argument, call, self.evaluator)
            if written is not None and weight is not None:
                self._weighed[name] = (written, weight)

    # ---- checks ------------------------------------------------------------------------------

    def _check(self) -> None:
        setup = Setup(self.inputs, self.outputs, self.value(Batch), self.value(Epochs))
        for written in self.written:
            misfit = written.word.check(setup)
            if misfit is not None:
                self._report(misfit.fact, written.spans.get(misfit.parameter or "", written.span))
        self._check_losses()
        self._check_watched()
        self._check_crops()
        self._check_mixing()

    def _check_losses(self) -> None:
        """Give the outputs that no loss names the first one, and see whether each fits its output."""
        if self._others is None:
            return
        for name in self.outputs:
            written, weight = self._weighed.get(name, (self._others, 1.0))
            loss = written.word
            assert isinstance(loss, Loss)
            self.losses[name] = (loss, weight)
            fact = loss.fault(name, self.outputs[name], self.inputs)
            layer = {**self.graph.outputs, **self.graph.training_outputs}[name].layer
            if fact is not None:
                self._report(fact, written.span)
            elif layer is not None and layer.operation.word == loss.includes:
                note = Note("the output comes from here", layer.span)
                self._report(training.LossIncludesActivation(loss.word, name, loss.includes), written.span, note)

    def _check_watched(self) -> None:
        """Whether there are right answers to count, where something waits for more of them."""
        output, (loss, _) = next(iter(self.losses.items()), ("", (None, 1.0)))
        if loss is None or loss.takes_classes:
            return
        for written in self.written:
            if written.word.settings().get("watch") == ACCURACY:
                fact = training.NothingToCount(written.word.word, loss.word, output)
                self._report(fact, written.spans.get("watch", written.span))

    def _check_crops(self) -> None:
        """Whether a crop behind another one takes what that gives."""
        crops = [(each.word, each.span) for each in self.written if isinstance(each.word, Crop)]
        for (before, _), (crop, span) in pairwise(crops):
            fact = behind_another(crop, before)
            if fact is not None:
                self._report(fact, span)

    def _check_mixing(self) -> None:
        """Whether labels can be mixed: classes of whole pictures, and by the last step alone."""
        steps = [each for each in self.written if isinstance(each.word, Augmentation)]
        for place, written in enumerate(steps):
            reason = self._cannot_mix(last=place == len(steps) - 1)
            if isinstance(written.word, Augmentation) and written.word.mixes and reason is not None:
                self._report(training.CannotMixLabels(written.word.word, reason), written.span)

    def _cannot_mix(self, *, last: bool) -> str | None:
        if not last:
            return "it must be the last step"
        for name, (loss, _) in self.losses.items():
            if not loss.takes_classes:
                return f"`{loss.word}` compares no classes"
            if self.outputs[name].rank:
                return f"`{name}`, {self.outputs[name]}, has a class for each place"
        return None


def _first(span: Span) -> Note:
    return Note("the first one is here", span)


def _nothing_special(word: str) -> None:
    """A recipe is no flow: `in` and `here` mean nothing."""
