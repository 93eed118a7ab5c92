"""The command line of train.py; what is not said there is the recipe's. Flags that timm has too have its names."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import recipe

HERE = Path(__file__).resolve().parent


def read_flags(arguments: list[str] | None = None) -> argparse.Namespace:
    """The flags of the command, or of the arguments given."""
    parser = argparse.ArgumentParser(
        usage="%(prog)s [flags]",
        description=recipe.__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    _data(parser.add_argument_group("data"))
    _learning(parser.add_argument_group("learning"))
    _speed(parser.add_argument_group("device and speed"))
    _files(parser.add_argument_group("output"))
    flags = parser.parse_args(arguments)
    if flags.data is None:
        parser.error(
            "say what to learn from: --data folder:DIR (see data/__init__.py), or --data synthetic for a trial"
        )
    if flags.overwrite and flags.resume is not None:
        parser.error("--resume goes on with a run, and --overwrite begins it anew")
    if flags.warmup_epochs and recipe.SCHEDULE_BY_UPDATE:
        parser.error("--warmup-epochs: this recipe's schedule has a rise of its own")
    if flags.warmup_epochs >= flags.epochs:
        warmup = f"--warmup-epochs: {flags.warmup_epochs} of {flags.epochs} epochs"
        parser.error(f"{warmup} leave none to learn in; add --warmup-epochs 0")
    return flags


def _data(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--data",
        default=recipe.DATA,
        metavar="NAME",
        help="digits, mnist:DIR, folder:DIR, …",
    )
    group.add_argument(
        "--held-out",
        type=_share,
        default=0.2,
        metavar="SHARE",
        help="where the data do not say",
    )
    group.add_argument(
        "--damaged",
        choices=("error", "skip"),
        default="error",
        help="what damaged files are",
    )
    group.add_argument(
        "--limit",
        type=_whole,
        default=0,
        metavar="COUNT",
        help="examples to learn from and held out, for a trial; 0: all",
    )
    group.add_argument(
        "-b",
        "--batch-size",
        type=_count,
        help=f"of each process and part; all together {recipe.BATCH_SIZE}",
    )
    group.add_argument(
        "-j",
        "--workers",
        type=_whole,
        default=None,
        help="processes that read files; by default one for each core, up to 8",
    )


def _learning(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--epochs", type=_count, default=recipe.EPOCHS, help="passes over the data"
    )
    group.add_argument(
        "--lr", type=_positive, default=recipe.LEARNING_RATE, help="learning rate"
    )
    group.add_argument(
        "--weight-decay",
        type=_number,
        default=recipe.WEIGHT_DECAY,
        help="pull towards 0",
    )
    group.add_argument(
        "--warmup-epochs",
        type=_whole,
        default=recipe.WARMUP_EPOCHS,
        help="the rate rises to --lr",
    )
    group.add_argument(
        "--clip-grad",
        type=_number,
        default=recipe.CLIP_GRAD,
        metavar="MOST",
        help="of gradients; 0: off",
    )
    group.add_argument(
        "--grad-accum-steps",
        type=_count,
        default=recipe.GRAD_ACCUM_STEPS,
        help="batches in an update",
    )
    group.add_argument(
        "--model-ema",
        action=_SWITCH,
        default=recipe.EMA_DECAY is not None,
        help="average the weights",
    )
    group.add_argument(
        "--model-ema-decay",
        type=_share,
        default=0.9998 if recipe.EMA_DECAY is None else recipe.EMA_DECAY,
        help="of that average",
    )
    group.add_argument(
        "--patience",
        type=_whole,
        default=recipe.PATIENCE,
        help="epochs without progress; 0: all run",
    )
    group.add_argument(
        "--seed",
        type=_seed,
        default=recipe.SEED,
        help="of first weights, order and augmentation",
    )


def _speed(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--device", default="auto", help="cpu, cuda, cuda:1, …")
    group.add_argument(
        "--amp", action=_SWITCH, default=recipe.AMP is not None, help="mixed precision"
    )
    group.add_argument(
        "--amp-dtype",
        choices=("bfloat16", "float16"),
        default=recipe.AMP or "bfloat16",
        help="the shorter numbers",
    )
    group.add_argument(
        "--channels-last",
        action=_SWITCH,
        default=False,
        help="memory order of pictures",
    )
    group.add_argument(
        "--torchcompile",
        action=_SWITCH,
        default=False,
        help="compile the model with torch.compile",
    )
    group.add_argument(
        "--fsdp",
        action=_SWITCH,
        default=False,
        help="shard the model over torchrun's processes",
    )
    group.add_argument(
        "--sync-bn",
        action=_SWITCH,
        default=False,
        help="batch norm over all processes (CUDA)",
    )


def _files(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--output",
        type=Path,
        default=HERE / "output",
        help="folder of weights, figures, checkpoint",
    )
    group.add_argument(
        "--resume",
        nargs="?",
        type=Path,
        const=Path(),
        metavar="FILE",
        help="go on from last.pt",
    )
    group.add_argument(
        "--overwrite",
        action="store_true",
        help="replace an earlier run in the output folder",
    )
    group.add_argument(
        "--checkpoint-interval",
        type=_count,
        default=1,
        help="epochs between two checkpoints",
    )
    group.add_argument(
        "--recovery-interval",
        type=_whole,
        default=0,
        help="updates between two; 0: at epochs only",
    )
    group.add_argument(
        "--log-interval",
        type=_count,
        default=50,
        help="updates between two lines of figures",
    )
    group.add_argument(
        "--tensorboard",
        action=_SWITCH,
        default=False,
        help="write events for TensorBoard",
    )


_SWITCH = argparse.BooleanOptionalAction


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text} is no whole number of at least 0")
    return int(text)


def _count(text: str) -> int:
    if (value := _whole(text)) == 0:
        raise argparse.ArgumentTypeError("0 is below 1")
    return value


def _seed(text: str) -> int:
    if (value := _whole(text)) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text} is not below 2^32")
    return value


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no number of at least 0")
    return value


def _positive(text: str) -> float:
    if (value := _number(text)) == 0:
        raise argparse.ArgumentTypeError("0 teaches nothing")
    return value


def _share(text: str) -> float:
    if not 0 < (value := _number(text)) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value
