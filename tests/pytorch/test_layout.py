"""Long statements are broken as the formatter breaks them; what the target knows of PyTorch's arguments is true."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import typing

import pytest
import torch
from torch import nn

from netdsl.targets.pytorch.layout import WIDTH, header, statement
from netdsl.targets.pytorch.signatures import TABLE, SameAs, signature

LONG = "a_rather_long_name_of_an_argument"
STATEMENTS = [
    "self.conv1 = nn.Conv2d(3, 96, kernel_size=11, stride=4)",
    f"self.conv1 = nn.Conv2d({LONG}, 96, kernel_size=11, stride=4, padding={LONG})",
    f"self.conv1 = nn.Conv2d({LONG}, {LONG}, kernel_size={LONG}, stride={LONG}, padding=1)",
    f"self.a = nn.Sequential(nn.Conv2d({LONG}, {LONG}, 3), nn.ReLU(), *(Unit({LONG}, 1) for _ in range(3)))",
    f"self.a = nn.Sequential(*(Unit({LONG}, {LONG}, width=64, stride=2) for _ in range({LONG})))",
    f"self.a = nn.Sequential(*(Unit({LONG}, {LONG}, {LONG}, width={LONG}) for _ in range({LONG})))",
    f'self.a = nn.Sequential(OrderedDict((f"layer{{i + 1}}", Unit({LONG} + 32 * i, 64)) for i in range(30)))',
    f'self.a = nn.Sequential(OrderedDict([("one", nn.Conv2d({LONG}, 3, kernel_size=1)), ("two", nn.ReLU())]))',
    f"x = {LONG} + {LONG} + {LONG} + {LONG}",
    f"x = {LONG} + {LONG} if self.residual_connection_or_not else {LONG}",
    f"return {LONG}, {LONG}, {LONG}, {LONG}",
    f"return F.relu({LONG} + {LONG} + {LONG})",
    f"{LONG}, {LONG}, {LONG} = self.block(x)",
    f"{LONG}, {LONG} = self.block({LONG}, {LONG})",
    f"x = torch.cat([{LONG}, {LONG}, {LONG}, {LONG}], dim=1)",
    f"x = {LONG}[:, :, self.crop : -self.crop, self.crop : -self.crop]",
    f"super().__init__(nn.Conv2d({LONG}, {LONG}, kernel_size=3), nn.BatchNorm2d({LONG}), nn.ReLU())",
    f'self.add_module("0", nn.Conv2d({LONG}, {LONG}, kernel_size=3, padding=(1, 1, 1)))',
    f"if {LONG} != 4 * {LONG}:",
]


def formatted(text: str) -> str:
    """The text as the formatter has it."""
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--no-cache", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def test_statements_are_laid_out_as_the_formatter_does() -> None:
    bodies = []
    for number, text in enumerate(STATEMENTS):
        follow = ["            pass"] if text.startswith("if ") else []
        bodies.append("\n".join([*header(f"f{number}", ["self"], "None"), *statement(text), *follow]))
    parameters = [f"{LONG}_{number}: int = 3" for number in range(4)]
    heads = [header(f"g{count}", ["self", *parameters[:count]], "None") for count in (1, 2, 4)]
    bodies += ["\n".join([*head, "        pass"]) for head in heads]
    text = "class Net:\n" + "\n\n".join(bodies) + "\n"

    assert formatted(text) == text


def test_comment_stands_behind_a_statement_where_it_fits() -> None:
    assert statement("x = f(x)", 1, "3x4") == ["    x = f(x)  # 3x4"]
    assert statement("x = f(x)", 1, "3" * WIDTH) == ["    x = f(x)"]


def test_statements_mean_the_same_when_laid_out() -> None:
    for text in STATEMENTS[:-1]:
        flat, broken = ast.parse(text), ast.parse("\n".join(statement(text, 0)))
        assert ast.dump(flat) == ast.dump(broken)


@pytest.mark.parametrize("name", TABLE)
def test_signatures_are_those_of_pytorch(name: str) -> None:
    layer = getattr(nn, name.removeprefix("nn."))
    overloads = typing.get_overloads(layer.__init__)
    declared = inspect.signature(overloads[0] if overloads else layer).parameters
    actual = {word: parameter for word, parameter in declared.items() if word != "self"}
    ours = signature(name)

    assert set(ours.names) <= set(actual) if overloads else list(ours.names) == list(actual)[: len(ours.names)]
    for word, default in ours.defaults.items():
        if isinstance(default, SameAs):
            assert actual[word].default is None
        else:
            assert actual[word].default == default


@pytest.mark.parametrize("name", ["nn.MaxPool2d", "nn.AvgPool2d"])
def test_stride_of_a_pool_is_its_window(name: str) -> None:
    pool = getattr(nn, name.removeprefix("nn."))
    x = torch.randn(1, 1, 12, 12)

    assert torch.equal(pool(3)(x), pool(3, stride=3)(x))


def test_signatures_of_support_classes_come_from_their_text() -> None:
    assert signature("Normalize", "normalize.py").names == ("mean", "std")
    assert signature("ChannelLinear", "channel_linear.py").names == signature("nn.Linear").names
    assert signature("nn.Nonsense").names == ()
