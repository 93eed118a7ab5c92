"""`train { … }` to a recipe: what each line becomes, and what is said about wrong ones."""

from __future__ import annotations

import pytest

from netdsl import training
from netdsl.compiler import check
from netdsl.source import Source
from netdsl.training.losses import CrossEntropy, MeanSquared
from netdsl.training.nearest import _MEANINGS, meant
from netdsl.training.optimizers import StochasticGradientDescent
from netdsl.training.recipe import default_recipe
from tests.training.recipes import BODY, NEEDED, codes_of, graph_of, recipe_of

TWO_HEADS = """input image: 3x8x8
    flatten as features
    training output aux = features -> fc 5
    output scores = features -> fc 5, box = features -> fc 4"""


def test_a_short_recipe_has_the_stated_defaults() -> None:
    recipe = recipe_of(NEEDED)
    assert (recipe.batch, recipe.epochs, recipe.accumulate, recipe.seed) == (32, 10, 1, 0)
    assert recipe.precision == "float32"
    assert recipe.augment == ()
    assert recipe.picture_size is None
    optional = (
        recipe.schedule,
        recipe.clip,
        recipe.ema,
        recipe.early_stop,
        recipe.initialisation,
        recipe.evaluation,
    )
    assert optional == (None,) * 6


def test_every_line_arrives() -> None:
    recipe = recipe_of(
        f"{NEEDED}; schedule cosine warmup=2; batch 64; epochs 20; augment hflip -> rotate 5; clip 1.0; ema 0.99;"
        "precision bf16; accumulate 4; early_stop 3 watch=accuracy; seed 7; init he; evaluate shifted_crops 8"
    )
    assert (recipe.batch, recipe.epochs, recipe.accumulate, recipe.seed) == (64, 20, 4, 7)
    assert recipe.precision == "bf16"
    assert [step.word for step in recipe.augment] == ["hflip", "rotate"]
    chosen = (recipe.schedule, recipe.clip, recipe.ema, recipe.early_stop, recipe.initialisation, recipe.evaluation)
    assert [word.word if word else None for word in chosen] == [
        "cosine",
        "clip",
        "ema",
        "early_stop",
        "he",
        "shifted_crops",
    ]
    assert recipe.early_stop is not None
    assert recipe.early_stop.settings() == {"patience": 3, "watch": "accuracy"}


def test_numbers_may_be_calculated_from_the_nets_parameters() -> None:
    text = f"net Small(width=4) {{ input image: 3x8x8; let rate = 0.1; flatten -> fc width; train {{ {NEEDED} }} }}"
    program = check(Source("spec.net", text.replace("lr=0.1", "lr=(rate / width) momentum=rate")))
    assert program.diagnostics == ()
    from netdsl.diagnostics.core import Diagnostics
    from netdsl.training.recipe import read

    recipe = read(program.nets[0].graph, Diagnostics())
    assert recipe is not None
    assert isinstance(recipe.optimizer, StochasticGradientDescent)
    assert (recipe.optimizer.lr, recipe.optimizer.momentum) == (0.025, 0.1)


def test_a_nets_own_recipe_goes_before_that_of_its_block() -> None:
    block = f"block unit(classes) {{ flatten -> fc classes; train {{ {NEEDED}; batch 1 }} }}"
    net = f"net Small {{ input image: 3x8x8; train {{ {NEEDED}; batch 2 }}; unit(5) }}"
    for text in (f"{block}\n{net}", f"{block}\n{net.replace('; unit(5)', '').replace('train', 'unit(5); train')}"):
        program = check(Source("spec.net", text))
        assert program.diagnostics == ()
        recipe = program.nets[0].graph.recipe
        assert recipe is not None
        assert "batch 2" in recipe.span.text


# ---- losses and outputs ----------------------------------------------------------------------


def test_every_output_has_the_loss() -> None:
    losses = recipe_of("loss cross_entropy aux=0.3; optimizer sgd lr=0.1", TWO_HEADS).losses
    assert [(each.output, each.loss.word, each.weight, each.training_only) for each in losses] == [
        ("scores", "cross_entropy", 1.0, False),
        ("box", "cross_entropy", 1.0, False),
        ("aux", "cross_entropy", 0.3, True),
    ]


def test_outputs_may_have_losses_of_their_own() -> None:
    losses = recipe_of("loss cross_entropy aux=0.3; loss mse box=0.5; optimizer sgd lr=0.1", TWO_HEADS).losses
    assert [(each.output, type(each.loss), each.weight) for each in losses] == [
        ("scores", CrossEntropy, 1.0),
        ("box", MeanSquared, 0.5),
        ("aux", CrossEntropy, 0.3),
    ]


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        ("loss cross_entropy auxx=0.3; optimizer sgd lr=0.1", ["E509"]),
        ("loss cross_entropy aux=-1; optimizer sgd lr=0.1", ["E303"]),
        ("loss cross_entropy aux=true; optimizer sgd lr=0.1", ["E304"]),
        ("loss cross_entropy; loss mse; optimizer sgd lr=0.1", ["E505"]),
        ("loss cross_entropy aux=0.3; loss mse aux=0.3; optimizer sgd lr=0.1", ["E308"]),
        ("loss mse box=1 target=example; loss bce; optimizer sgd lr=0.1", ["E510", "E510", "E510", "E505"]),
        ("loss cross_entropy; loss mse box=1 target=example; optimizer sgd lr=0.1", ["E510"]),
    ],
)
def test_wrong_losses_of_outputs(lines: str, codes: list[str]) -> None:
    assert codes_of(lines, TWO_HEADS) == codes


# ---- mistakes --------------------------------------------------------------------------------

OTHERS = {
    "": ["E503", "E503"],
    "loss cross_entropy": ["E503"],
    "optimizer sgd lr=0.1": ["E503"],
    "loss; optimizer sgd lr=0.1": ["E502"],
    "loss 3; optimizer sgd lr=0.1": ["E502"],
    "loss word=mse; optimizer sgd lr=0.1": ["E502"],
    "loss huber; optimizer sgd lr=0.1": ["E502"],
    "loss cross_entropy -> mse; optimizer sgd lr=0.1": ["E505"],
    "loss cross_entropy; optimizer sgd": ["E504"],
    "loss cross_entropy; optimizer adam": ["E504"],
    "loss cross_entropy; optimizer sgd lr=0": ["E303"],
    "loss cross_entropy; optimizer sgd lr=fast": ["E102"],
    "loss cross_entropy; optimizer sgd lr=0.1 lr=0.2": ["E308"],
    "loss cross_entropy; optimizer sgd lr=0.1 nesterov=true": ["E303"],
    "loss cross_entropy; optimizer sgd learning_rate=0.1": ["E301"],
    f"{NEEDED}; batch": [],
    f"{NEEDED}; batch 0": ["E303"],
    f"{NEEDED}; batch 1.5": ["E305"],
    f"{NEEDED}; batch 32 64": ["E309"],
    f"{NEEDED}; batch 32/2": ["E301"],
    f"{NEEDED}; batch 32; batch 64": ["E505"],
    f"{NEEDED}; epochs 5 -> 6": ["E001"],
    f"{NEEDED}; epochs 5 -> hflip": ["E502"],
    f"{NEEDED}; clip": ["E302"],
    f"{NEEDED}; clip 1 by=length": ["E304"],
    f"{NEEDED}; init normal": ["E302"],
    f"{NEEDED}; accumulate 3": ["E513"],
    f"{NEEDED}; augment": ["E502"],
    f"{NEEDED}; augment hflip vflip": ["E004"],
    f"{NEEDED}; augment random_crop": ["E302"],
    f"{NEEDED}; augment random_crop 8x9": ["E506"],
    f"{NEEDED}; augment random_crop 8 of=7": ["E507"],
    f"{NEEDED}; augment random_crop 8 of=(9, 10, 11)": ["E304"],
    f"{NEEDED}; augment random_crop 8x8x8": ["E202"],
    f"{NEEDED}; augment random_resized_crop 8 scale=(1, 0.5)": ["E304"],
    f"{NEEDED}; augment affine scale=0.5": ["E304"],
    f"{NEEDED}; augment mixup -> cutmix": ["E514"],
    f"{NEEDED}; augment random_resized_crop 8 of=7": ["E507"],
    f"{NEEDED}; augment random_crop 8 pad=2 of=8": [],
    f"{NEEDED}; augment random_crop 8 pad=2 of=12": ["E516"],
    f"{NEEDED}; augment random_resized_crop 8 -> hflip -> random_crop 8": ["E516"],
    f"{NEEDED}; augment random_resized_crop 8 -> random_crop 8 pad=2": [],
    f"{NEEDED}; early_stop 5 watch=accuracy; schedule plateau watch=accuracy": [],
    "loss mse; optimizer sgd lr=0.1; early_stop 5 watch=accuracy": ["E515"],
    "loss bce; optimizer sgd lr=0.1; schedule plateau watch=accuracy": ["E515"],
    "loss bce; optimizer sgd lr=0.1; schedule plateau": [],
    "loss mse; optimizer sgd lr=0.1; augment mixup": ["E514"],
    f"{NEEDED}; evaluate ten_crop 7": ["E506"],
    f"{NEEDED}; evaluate ten_crop 8 of=6": ["E507"],
    f"{NEEDED}; schedule step every=10": ["E511"],
    f"{NEEDED}; schedule multistep [5, 10]": ["E511"],
    f"{NEEDED}; schedule multistep [2, 5] warmup=3": ["E512"],
    f"{NEEDED}; schedule multistep []": ["E304"],
    f"{NEEDED}; augment random_crop 8 of=()": ["E001"],
    f"{NEEDED}; augment random_crop 8 of=[]": ["E304"],
    f"{NEEDED}; schedule cosine warmup=10": ["E512"],
    f"{NEEDED}; schedule one_cycle warmup=12": ["E512"],
    f"{NEEDED}; optimiser sgd": ["E501"],
}


def test_whole_bounds_are_told_with_all_their_digits() -> None:
    text = f"net Small {{\n    {BODY}\n    train {{ {NEEDED}; seed 4294967296 }}\n}}\n"
    (found,) = check(Source("spec.net", text)).diagnostics
    assert found.fact.message == "`value` of `seed` is 4294967296; it must be at least 0 and at most 4294967295"


@pytest.mark.parametrize("lines", OTHERS)
def test_mistakes(lines: str) -> None:
    assert codes_of(lines) == OTHERS[lines]


@pytest.mark.parametrize(
    ("lines", "body", "codes"),
    [
        (f"{NEEDED}; augment hflip", "input v: 12\n    fc 5", ["E508"]),
        (f"{NEEDED}; evaluate ten_crop 8", "input v: 12\n    fc 5", ["E508"]),
        (f"{NEEDED}; augment color_jitter 0.1", "input image: 1x8x8\n    flatten -> fc 5", ["E508"]),
        (f"{NEEDED}; augment random_crop 32", "input image: 3xHxW\n    global_avgpool -> flatten -> fc 5", []),
        (NEEDED, "input v: 12\n    fc 1", ["E510"]),
        (NEEDED, "input image: 3x8x8\n    conv 8x8 x5", ["E510"]),
        (NEEDED, "input image: 3x8x8\n    conv 3x3 x5 pad=1", []),
        (f"{NEEDED}; augment mixup", "input image: 3x8x8\n    conv 3x3 x5 pad=1", ["E514"]),
        (NEEDED, "input v: 12\n    fc 5 -> softmax", ["W501"]),
        ("loss bce; optimizer sgd lr=0.1", "input v: 12\n    fc 1 -> sigmoid", ["W501"]),
        ("loss mse target=example; optimizer sgd lr=0.1", "input image: 1x8x8\n    conv 3x3 x1", ["E510"]),
    ],
)
def test_recipes_that_do_not_fit_their_net(lines: str, body: str, codes: list[str]) -> None:
    assert codes_of(lines, body) == codes


def test_a_net_with_mistakes_has_no_mistakes_of_its_recipe_that_come_of_them() -> None:
    body = "input image: 3x8x8\n    flattn -> fc 5"
    assert codes_of("loss cross_entropy aux=0.3; optimizer sgd lr=0.1; augment random_crop 9", body) == ["E101"]
    assert codes_of("loss cross_entropy; optimizer sgd; augment random_crop 9", body) == ["E101", "E504"]


# ---- words -----------------------------------------------------------------------------------


def test_every_foreign_word_leads_to_one_of_ours() -> None:
    ours = {word for words in training.words().values() for word in words} | set(training.words())
    assert set(_MEANINGS.values()) <= ours


@pytest.mark.parametrize(
    ("line", "word", "meaning"),
    [
        ("loss", "CrossEntropyLoss", "cross_entropy"),
        ("loss", "crossentropy", "cross_entropy"),
        ("loss", "MSELoss", "mse"),
        ("loss", "BCEWithLogitsLoss", "bce"),
        ("loss", "L1Loss", "l1"),
        ("loss", "huber", None),
        ("optimizer", "AdamW", "adamw"),
        ("optimizer", "SGD", "sgd"),
        ("optimizer", "RMSprop", "rmsprop"),
        ("schedule", "StepLR", "step"),
        ("schedule", "MultiStepLR", "multistep"),
        ("schedule", "CosineAnnealingLR", "cosine"),
        ("schedule", "ReduceLROnPlateau", "plateau"),
        ("schedule", "OneCycleLR", "one_cycle"),
        ("augment", "RandomHorizontalFlip", "hflip"),
        ("augment", "RandomResizedCrop", "random_resized_crop"),
        ("augment", "ColorJitter", "color_jitter"),
        ("augment", "flip", "hflip"),
        ("init", "kaiming_normal", "he"),
    ],
)
def test_words_of_other_frameworks(line: str, word: str, meaning: str | None) -> None:
    assert meant(word, tuple(training.words()[line])) == meaning


@pytest.mark.parametrize(
    ("word", "meaning"), [("batch_size", "batch"), ("lr_scheduler", "schedule"), ("optimiser", "optimizer")]
)
def test_lines_of_other_frameworks(word: str, meaning: str) -> None:
    assert meant(word, tuple(training.words())) == meaning


# ---- without a recipe ------------------------------------------------------------------------


def test_a_learning_rate_is_never_guessed() -> None:
    assert default_recipe(graph_of(NEEDED)) is None


def test_the_plainest_recipe_is_cross_entropy_and_sgd() -> None:
    recipe = default_recipe(graph_of(NEEDED), 0.1)
    assert recipe is not None
    assert recipe.optimizer.torch().text == "torch.optim.SGD({parameters}, lr=0.1)"
    assert [(each.output, each.loss.word, each.weight) for each in recipe.losses] == [("output", "cross_entropy", 1.0)]


@pytest.mark.parametrize("body", [TWO_HEADS, "input v: 12\n    fc 1", "input image: 3x8x8\n    conv 3x3 x5"])
def test_no_loss_is_guessed(body: str) -> None:
    assert default_recipe(graph_of("loss mse; optimizer sgd lr=0.1", body), 0.1) is None


def test_words_cannot_be_changed() -> None:
    optimizer = recipe_of(NEEDED).optimizer
    with pytest.raises(AttributeError):
        optimizer.lr = 0.5
    with pytest.raises(TypeError):
        StochasticGradientDescent(momentum=0.9)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        StochasticGradientDescent(0.1, rate=0.9)  # type: ignore[call-arg]
