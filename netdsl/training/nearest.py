"""Words of other frameworks to those of recipes: what somebody means who writes `CrossEntropyLoss` or `batch_size`."""

from __future__ import annotations

import re

from netdsl.diagnostics.core import did_you_mean
from netdsl.diagnostics.synonyms import plain

# What PyTorch, torchvision and kornia put around a word: `MSELoss`, `CosineAnnealingLR`, `RandomHorizontalFlip`.
_AROUND = re.compile(r"^(nn\.|optim\.|random)|(loss|lr|scheduler|annealing)+$")

_MEANINGS = {
    word: meaning
    for words, meaning in {
        # lines
        "criterion objective cost": "loss",
        "optim optimiser solver": "optimizer",
        "scheduler lrscheduler lrschedule lrpolicy": "schedule",
        "batchsize minibatch bs": "batch",
        "epoch nepochs numepochs maxepochs maxepoch": "epochs",
        "augmentation augmentations transform transforms aug": "augment",
        "gradclip clipnorm clipgrad clipgradnorm gradientclipping clipping": "clip",
        "averaging movingaverage modelema swa": "ema",
        "amp mixedprecision dtype autocast": "precision",
        "gradaccumulation accumulation accumulationsteps gradaccum accumgrad": "accumulate",
        "patience earlystopping": "early_stop",
        "randomseed manualseed": "seed",
        "initialization initialisation initializer weights": "init",
        "evaluation eval test validation": "evaluate",
        # losses
        "ce nll softmax categoricalcrossentropy sparsecategoricalcrossentropy": "cross_entropy",
        "l2 meansquarederror squared": "mse",
        "mae meanabsoluteerror": "l1",
        "binarycrossentropy bcewithlogits logistic": "bce",
        # schedules
        "reduceonplateau reducelronplateau": "plateau",
        "poly": "polynomial",
        "linear": "polynomial",
        "onecycle": "one_cycle",
        "exp": "exponential",
        "cosineannealing": "cosine",
        # augmentations and evaluations
        "horizontalflip flip fliplr mirror": "hflip",
        "verticalflip flipud": "vflip",
        "rotation": "rotate",
        "erasing cutout": "erase",
        "jitter colorjiggle": "color_jitter",
        "lighting pca fancypca": "pca_lighting",
        "inceptioncrop": "random_resized_crop",
        # starts
        "kaiming kaimingnormal msra henormal": "he",
        "glorot xavieruniform glorotuniform": "xavier",
        "gaussian": "normal",
        "zero": "zeros",
    }.items()
    for word in words.split()
}


def meant(word: str, known: tuple[str, ...]) -> str | None:
    """The known word of a recipe that somebody means by another one; None where it resembles nothing."""
    bare = _AROUND.sub("", plain(word))
    for candidate in (_MEANINGS.get(plain(word)), _MEANINGS.get(bare), bare):
        if candidate in known:
            return candidate
    return did_you_mean(word, known) or (did_you_mean(bare, known) if bare else None)
