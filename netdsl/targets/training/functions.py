"""A recipe's words to the functions of recipe.py, as data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from netdsl.graph.model import Graph, Layer
from netdsl.ops.convolution import Convolution
from netdsl.ops.dense import Dense
from netdsl.ops.lowering import TorchModule
from netdsl.ops.upconvolution import UpConvolution
from netdsl.targets.pytorch.layout import INDENT, header, statement
from netdsl.targets.pytorch.naming import net_class_name, variable_name
from netdsl.targets.training.task import Task
from netdsl.training.contract import TorchSource
from netdsl.training.initialisations import Initialisation
from netdsl.training.losses import EXAMPLE
from netdsl.training.recipe import OutputLoss, Recipe
from netdsl.training.schedules import MultiStep, Schedule
from netdsl.training.settings import Clip

_TAKEN = {"outputs", "inputs", "targets"}
_NORM = "norm"
_WITH_PRODUCTS = (Convolution, Dense, UpConvolution)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the generated file.

    Attributes:
        head: its first lines.
        doc: its docstring, one sentence.
        body: its lines, indented.
        support: files in codegen_templates/support that define what it calls.
    """

    head: list[str]
    doc: str
    body: list[str]
    support: tuple[str, ...] = ()


@dataclass(slots=True)
class _Body:
    """The lines of a function while it is written."""

    lines: list[str] = field(default_factory=list)
    support: list[str] = field(default_factory=list)

    def say(self, text: str, level: int = 1) -> None:
        """Add a statement."""
        self.lines += statement(text, level)

    def add(self, line: str, level: int = 1) -> None:
        """Add a line that opens a block, or a short one."""
        self.lines.append(f"{INDENT * level}{line}")

    def use(self, source: TorchSource, **slots: str) -> str:
        """An expression's text; its support is noted."""
        self.support += [source.support] if source.support else []
        return source.filled(**slots)

    def function(self, name: str, parameters: list[str], result: str, doc: str) -> Function:
        """The function with this body."""
        head = header(name, parameters, result, level=0)
        return Function(head, doc, self.lines, tuple(self.support))


def functions(graph: Graph, recipe: Recipe, task: Task) -> Iterator[Function]:
    """All functions, in the order of the file."""
    yield _build_model(graph, recipe)
    yield _loss(recipe)
    yield _optimizer(recipe)
    yield _schedule(recipe)
    yield _clip(recipe)
    yield _augmentation(recipe)
    yield _mixing(recipe, task.classes)
    yield _views(task)


# ---- the model -------------------------------------------------------------------------------


def _build_model(graph: Graph, recipe: Recipe) -> Function:
    body, start = _Body(), recipe.initialisation
    if start is None:
        body.say(f"return {net_class_name(graph.name)}()")
    else:
        body.say(f"model = {net_class_name(graph.name)}()")
        _begin_weights(body, graph, start)
        body.say("return model")
    return body.function("build_model", [], "nn.Module", "The net with its first weights.")


def _begin_weights(body: _Body, graph: Graph, start: Initialisation) -> None:
    """The loop that gives weights and biases their start, where the spec does not give a layer its own."""
    layers = [layer for layer in graph.layers() if isinstance(layer.operation, _WITH_PRODUCTS)]
    own = {layer.weights_name for layer in layers if layer.learning.init is not None}
    own_bias = {layer.weights_name for layer in layers if layer.learning.bias_init is not None} - own
    named = bool(own or own_bias)
    if own:
        body.say(f"own_start = {_quoted(own)}")
    if own_bias:
        body.say(f"own_bias = {_quoted(own_bias)}")
    body.add("for name, layer in model.named_modules():" if named else "for layer in model.modules():")
    body.add(f"if isinstance(layer, {_kinds(layers)}){' and name not in own_start' if own else ''}:", 2)
    body.say(body.use(start.torch(), weight="layer.weight"), 3)
    body.add(f"if layer.bias is not None{' and name not in own_bias' if own_bias else ''}:", 3)
    body.say(body.use(start.bias_torch(), bias="layer.bias"), 4)


def _kinds(layers: list[Layer]) -> str:
    """The layers' classes in PyTorch, as `isinstance` takes them."""
    modules = [layer.operation.pytorch(layer.site) for layer in layers]
    found = {module.name for module in modules if isinstance(module, TorchModule)}
    return " | ".join(sorted({name if name.startswith("nn.") else "nn.Linear" for name in found}))


def _quoted(names: set[str]) -> str:
    """A list of strings; JSON's are Python's, with everything beyond ASCII escaped."""
    return f"[{', '.join(map(json.dumps, sorted(names)))}]"


# ---- learning --------------------------------------------------------------------------------


def _loss(recipe: Recipe) -> Function:
    body = _Body()
    main = [each for each in recipe.losses if not each.training_only]
    if len(recipe.losses) == 1:
        body.add("assert isinstance(outputs, Tensor)")
        body.say(f"return {_one_loss(body, main[0], 'outputs')}")
    else:
        _sum_in_evaluation(body, main, len(recipe.losses))
        _sum(body, recipe.losses, 1)
    parameters = ["outputs: Outputs", "inputs: Tensor", "targets: Tensor"]
    return body.function("loss", parameters, "Tensor", "How wrong a batch's outputs are: one number.")


def _sum_in_evaluation(body: _Body, main: list[OutputLoss], all_of_them: int) -> None:
    """What is left of the loss where the outputs for training are not there."""
    if len(main) == all_of_them:
        return
    single = len(main) == 1
    body.add("if isinstance(outputs, Tensor):" if single else f"if len(outputs) == {len(main)}:")
    if single:
        body.say(f"return {_one_loss(body, main[0], 'outputs')}", 2)
    else:
        _sum(body, main, 2)


def _sum(body: _Body, losses: Sequence[OutputLoss], level: int) -> None:
    names = [_variable(each.output, place) for place, each in enumerate(losses)]
    body.say(f"{', '.join(names)} = outputs", level)
    terms = []
    for each, name in zip(losses, names, strict=True):
        body.say(f"{name}_loss = {_one_loss(body, each, name)}", level)
        factor = "" if each.weight == 1 else f"{each.weight!r} * "
        terms.append(f"{factor}{name}_loss")
    body.say(f"return {' + '.join(terms)}", level)


def _one_loss(body: _Body, each: OutputLoss, output: str) -> str:
    compared = "inputs" if each.loss.compares_with == EXAMPLE else "targets"
    if compared == "targets" and not each.loss.takes_classes:
        compared = f"targets.float().reshape({output}.shape)"
    return body.use(each.loss.torch(), output=output, target=compared)


def _variable(output: str, place: int) -> str:
    """An output's name as a variable: itself where nothing else has it."""
    name = variable_name(output)
    return f"output{place}" if name in _TAKEN else name


def _optimizer(recipe: Recipe) -> Function:
    body = _Body()
    parameters = "model.parameters()"
    if not recipe.optimizer.decay_all:
        parameters = "groups"
        body.say("weights = [weight for weight in model.parameters() if weight.requires_grad]")
        body.say("matrices = [weight for weight in weights if weight.dim() > 1]")
        body.say("vectors = [weight for weight in weights if weight.dim() <= 1]")
        body.say('groups = [{"params": matrices}, {"params": vectors, "weight_decay": 0.0}]')
    source = recipe.optimizer.torch(lr="lr", weight_decay="weight_decay")
    body.say(f"return {body.use(source, parameters=parameters)}")
    given = ["model: nn.Module", "lr: float", "weight_decay: float"]
    return body.function("optimizer", given, "Optimizer", "What a step does with the gradients.")


def _schedule(recipe: Recipe) -> Function:
    body = _Body()
    given = ["optimizer: Optimizer", "lr: float", "epochs: int", "warmup: int", "updates: int"]
    source = TorchSource("lr_scheduler.ConstantLR({optimizer}, factor=1.0)")
    if recipe.schedule is not None:
        source = behind_warmup(recipe.schedule)
    slots = {"optimizer": "optimizer", "lr": "lr", "epochs": "epochs", "steps": "updates"}
    body.say(f"return {body.use(source, **slots)}")
    doc = "The learning rate's way: `epochs` behind those of the warm-up, each of `updates` updates."
    return body.function("schedule", given, "lr_scheduler.LRScheduler", doc)


def behind_warmup(schedule: Schedule) -> TorchSource:
    """The schedule without its warm-up, which train.py makes: the flag `--warmup-epochs` sets it."""
    if not isinstance(schedule, MultiStep):
        return schedule.torch()
    milestones = f"[epoch - warmup for epoch in {sorted(schedule.epochs)!r}]"
    return schedule.torch(epochs=milestones)


def _clip(recipe: Recipe) -> Function:
    body, clip = _Body(), recipe.clip or Clip(limit=1.0, by=_NORM)
    body.say(body.use(clip.torch(limit="limit"), parameters="model.parameters()"))
    what = "norm over all weights" if clip.by == _NORM else "numbers"
    return body.function("clip", ["model: nn.Module", "limit: float"], "None", f"Bound the gradient's {what}.")


# ---- pictures --------------------------------------------------------------------------------


def _augmentation(recipe: Recipe) -> Function:
    body = _Body()
    steps = [body.use(step.torch()) for step in recipe.augment if not step.mixes]
    body.say(f"return nn.Sequential({', '.join(steps)})")
    return body.function("augmentation", [], "nn.Module", "What is done to a batch of pictures before an update.")


def _mixing(recipe: Recipe, classes: int | None) -> Function:
    body = _Body()
    step = next((step for step in recipe.augment if step.mixes), None)
    text = "None" if step is None else body.use(step.torch(), classes=str(classes))
    body.say(f"return {text}")
    doc = "What mixes the examples of a batch and their labels, if anything does."
    return body.function("mixing", [], "nn.Module | None", doc)


def _views(task: Task) -> Function:
    body = _Body()
    text = "None" if task.crop is None else body.use(task.crop.torch())
    if task.shown is not None:
        text = f"nn.Sequential(K.Resize({tuple(task.shown)!r}, antialias=True), {text})"
    body.say(f"return {text}")
    doc = "The views of a picture that are evaluated, if it is not the picture itself."
    return body.function("views", [], "nn.Module | None", doc)
