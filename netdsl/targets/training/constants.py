"""A recipe's numbers to the constants of recipe.py: what the net takes, and the flags' defaults."""

from __future__ import annotations

from dataclasses import dataclass

from netdsl.targets.training.task import Task
from netdsl.training.recipe import Recipe
from netdsl.training.schedules import ACCURACY, LOSS
from netdsl.training.settings import BF16, FLOAT32, FP16

_FIGURES = {LOSS: "eval_loss", ACCURACY: "eval_top1"}
_PRECISIONS = {FLOAT32: None, BF16: "bfloat16", FP16: "float16"}


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that belong together, under a comment."""

    comment: str
    constants: list[str]


def constants(recipe: Recipe, task: Task) -> list[Group]:
    """The constants of recipe.py."""
    return [_of_the_task(task), _of_the_flags(recipe, task), _of_the_schedule(recipe)]


def _of_the_task(task: Task) -> Group:
    lines = [
        f"INPUT = {task.input!r}",
        f"TARGET: tuple[int, ...] | None = {task.target!r}",
        f"CLASSES: int | None = {task.classes!r}",
        f"PICTURE: tuple[int, int] | None = {task.picture!r}",
    ]
    return Group("An example and its target, and the pictures that crops are taken of.", lines)


def _of_the_flags(recipe: Recipe, task: Task) -> Group:
    schedule, stop = recipe.schedule, recipe.early_stop
    warmup = schedule.warmup if schedule is not None and not schedule.by_step else 0
    lines = [
        f"DATA: str | None = {_text(task.data)}",
        f"BATCH_SIZE = {recipe.batch}",
        f"GRAD_ACCUM_STEPS = {recipe.accumulate}",
        f"EPOCHS = {recipe.epochs}",
        f"LEARNING_RATE = {recipe.optimizer.lr!r}",
        f"WEIGHT_DECAY = {recipe.optimizer.weight_decay!r}",
        f"WARMUP_EPOCHS = {warmup or 0}",
        f"CLIP_GRAD = {recipe.clip.limit if recipe.clip is not None else 0.0!r}",
        f"EMA_DECAY: float | None = {recipe.ema.decay if recipe.ema is not None else None!r}",
        f"AMP: str | None = {_text(_PRECISIONS[recipe.precision])}",
        f"PATIENCE = {stop.patience if stop is not None else 0}",
        f"SEED = {recipe.seed}",
    ]
    return Group("What the command line's flags are where they are not given.", lines)


def _of_the_schedule(recipe: Recipe) -> Group:
    schedule, stop = recipe.schedule, recipe.early_stop
    watched = schedule.watched if schedule is not None else None
    lines = [
        f"SCHEDULE_BY_UPDATE = {schedule is not None and schedule.by_step}",
        f"SCHEDULE_WATCHES = {_text(_FIGURES[watched or LOSS])}",
        f"PATIENCE_WATCHES = {_text(_FIGURES[stop.watch if stop is not None else LOSS])}",
    ]
    return Group("When the schedule goes on, and which figures it and the patience watch.", lines)


def _text(word: str | None) -> str:
    return "None" if word is None else f'"{word}"'
