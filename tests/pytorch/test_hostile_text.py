"""Names and comments of a spec never become code, and labels keep their place in the state dict."""

from __future__ import annotations

import ast
import re

import pytest
import torch

import netdsl
from netdsl.targets.pytorch import build_module, source
from netdsl.targets.pytorch.docstrings import docstring
from netdsl.targets.pytorch.naming import class_name, is_attribute, net_class_name, unique, variable_name
from netdsl.targets.pytorch.recipe_text import literal

COMMENTS = [
    '"""; raise SystemExit("run")  # ',
    '""" + str(__import__("os").system("false")) + """',
    'ends with a quote"',
    '"begins with one',
    "ends with a backslash\\",
    '\\"""; raise SystemExit(1)',
    r"\N{BULLET} \x41 \u0041 \N{nonsense}",
    "coding: utf-7",
    "-*- coding: utf-16 -*-",
    "{{ 7 * 7 }} {% raise %} {# gone #}",
    "{0} {all} %s %(name)s",
    "turned \u202e round \u2066 and back",
    "zero\x00byte, bell\x07, form\x0cfeed, line\u2028separator, next\x85line",
    "\ud800 alone",
    "🦆 and ümläuts stay",
    "'''",
    '""',
    " ",
    "\t",
    "#",
]


def parsed(comment: str, label: str = "conv1") -> netdsl.Net:
    """A net with a comment above it and above its block."""
    text = f"# {comment}\nblock b(c) {{ {label}: conv 1x1 x c }}\n# {comment}\nnet N {{ input 2x4x4; one: b(2) }}\n"
    return netdsl.parse(text)["N"]


@pytest.mark.parametrize("comment", COMMENTS, ids=ascii)
def test_comments_stay_text(comment: str) -> None:
    plain = ast.parse(source(parsed("plain").graph))
    tree = ast.parse(source(parsed(comment).graph))
    for each in (plain, tree):
        for node in ast.walk(each):
            if isinstance(node, ast.ClassDef) and ast.get_docstring(node) is not None:
                node.body = node.body[1:]

    assert ast.dump(tree) == ast.dump(plain)


def test_comment_says_what_it_said() -> None:
    text = r'a "quoted" \n word, {{ braces }} and 🦆'
    classes = ast.parse(source(parsed(text).graph)).body[-2:]

    assert [ast.get_docstring(each) for each in classes if isinstance(each, ast.ClassDef)] == [text, text]


def test_only_comment_lines_directly_above_describe_a_net() -> None:
    text = "# about the file\n\n# first line\n#   second line\nnet N { input 2x4x4; conv 1x1 x1  # inside\n}"
    tree = ast.parse(source(netdsl.parse(text)["N"].graph))
    net = tree.body[-1]

    assert isinstance(net, ast.ClassDef)
    assert ast.get_docstring(net) == "first line\nsecond line"


def test_nothing_but_text_is_no_docstring() -> None:
    assert docstring("") == []
    assert docstring(" \n\t\n") == []


LABELS = [
    *"0 00 7a class None match def lambda self torch nn F Tensor super print conv relu __x __x_ _ _x".split(),
    *"append extend insert items keys values update clear in_channels stride x y residual i".split(),
]


@pytest.mark.parametrize("label", LABELS)
def test_labels_keep_their_place_in_the_state_dict(label: str) -> None:
    body = f'"{label}": conv 1x1 x2 -> "{label}2": {{ "{label}": conv 1x1 x2 -> relu }}'
    net = netdsl.parse(f'net N {{ input 2x4x4; {body}; "a{label}": {{ "{label}": conv 1x1 x2 -> relu }} }}').only()
    module = build_module(net.graph)

    assert set(module.state_dict()) == set(net.weights())
    assert tuple(module(torch.zeros(1, 2, 4, 4)).shape) == (1, 2, 4, 4)


@pytest.mark.parametrize("word", "self torch nn F class super float __x _ range i".split())
def test_tensors_and_parameters_may_have_any_name(word: str) -> None:
    text = f"""
        block b({word}, k) {{ conv k x {word} pad=(k // 2) -> relu }}
        net N {{
            input {word}: 2x8x8
            one: b(2, 1) -> two: b(3, 3) as {word}2
            output {word}3 = {word}2, out = {word}2
        }}
    """
    net = netdsl.parse(text).only()
    outputs = build_module(net.graph)(torch.zeros(1, 2, 8, 8))

    assert [tuple(each.shape) for each in outputs] == [(1, 3, 8, 8)] * 2


@pytest.mark.parametrize("word", ["Tensor", "nn", "F", "None", "OrderedDict", "object", "super", "_", "__x", "torch"])
def test_nets_and_blocks_may_have_any_name(word: str) -> None:
    text = f"block {word}2(c) {{ conv 1x1 x c }}\nnet {word} {{ input 2x4x4; a: {word}2(2) -> b: {word}2(3) }}"
    module = build_module(netdsl.parse(text).only().graph)

    assert tuple(module(torch.zeros(1, 2, 4, 4)).shape) == (1, 3, 4, 4)


@pytest.mark.parametrize(
    "text", ["", "a b", "é", "1", "class", "self", "__x", "_", "a-b", 'x"', "x\n", "\u017f", "\ufb01"]
)
def test_variable_names_are_plain(text: str) -> None:
    name = variable_name(text)

    assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name)
    compile(f"{name} = 1", "name", "exec")
    assert not name.startswith("__")


def test_class_names() -> None:
    assert class_name("inverted_residual") == "InvertedResidual"
    assert class_name("1x1") == "Net1x1"
    assert class_name("_") == "Block"
    assert net_class_name("VGG_A") == "VGG_A"
    assert net_class_name("Tensor") == "NetTensor"


def test_unique_names() -> None:
    taken = {"a", "b1"}

    assert [unique("a", taken), unique("a", taken), unique("b1", taken)] == ["a2", "a3", "b1_2"]


@pytest.mark.parametrize("name", ["0", "class", "__x", "a b", "é", ""])
def test_names_that_are_no_attributes(name: str) -> None:
    assert not is_attribute(name)


def test_literals_are_finite_numbers_and_quoted_text() -> None:
    assert literal(float("-inf")) == 'float("-inf")'
    assert literal((1, 2.5, True)) == "(1, 2.5, True)"
    assert literal((1,)) == "(1,)"
    assert ast.literal_eval(literal('"; quit(')) == '"; quit('
    with pytest.raises(TypeError):
        literal(float("nan"))
    with pytest.raises(TypeError):
        literal(object())
