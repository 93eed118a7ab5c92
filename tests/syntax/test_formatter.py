"""`format_source`: one style, the same meaning, every comment, and nothing left to do for a second run."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netdsl import resources
from netdsl.source import Source
from netdsl.syntax.formatter import format_source
from tests.syntax.programs import Scrambler, Writer, read, shape

SPECS = sorted(resources.path("specs").glob("*.net"))


def formatted(text: str) -> str:
    result = format_source(Source("spec.net", text))
    assert result is not None
    return result


def body(text: str) -> str:
    """The formatted inside of a net, without the indentation."""
    lines = formatted(f"net N {{\n{text}\n}}").split("\n")
    assert (lines[0], lines[-2:]) == ("net N {", ["}", ""])
    assert all(line == "" or line.startswith("    ") for line in lines[1:-2])
    return "\n".join(line[4:] for line in lines[1:-2])


def expect_the_same_spec(before: str, after: str) -> None:
    """The two texts have the same meaning and comments, and the second is in the style."""
    old, _ = read(before)
    new, codes = read(after)
    assert codes == []
    assert shape(new) == shape(old)
    assert [comment.text for comment in new.comments] == [comment.text.rstrip() for comment in old.comments]
    assert formatted(after) == after
    assert all(line == line.rstrip() for line in after.split("\n"))
    assert "\n\n\n" not in after
    assert after.endswith("\n")
    assert "\r" not in after


# ---- any spec --------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(random=st.randoms(use_true_random=False), ink=st.sampled_from([20, 60, 150]))
def test_a_spec_in_any_layout_keeps_its_meaning_and_comments(random: Random, ink: int) -> None:
    program = Writer(random, ink).write()
    before = Scrambler(random).scramble(program)
    tree, codes = read(before)
    assert codes == []
    assert shape(tree) == shape(read(program)[0])
    expect_the_same_spec(before, formatted(before))


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_specs_keep_their_meaning_and_comments(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    expect_the_same_spec(text, formatted(text))


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_specs_in_another_layout_become_the_same_text(path: Path) -> None:
    text = formatted(path.read_text(encoding="utf-8"))
    loose = re.sub("^ +", "\t", text, flags=re.MULTILINE).replace("  ::", " ::").replace("\n", "\r\n")
    assert formatted(loose) == text
    assert formatted(re.sub(" +::", "::", loose)) == text


@pytest.mark.parametrize("text", ["net A { relu", "net A { conv 3x3 relu -> -> }", "let a = '", "relu", "net A { } }"])
def test_a_text_with_a_mistake_is_left_alone(text: str) -> None:
    assert format_source(Source("spec.net", text)) is None


def test_a_text_beyond_the_limits_is_left_alone() -> None:
    assert format_source(Source("spec.net", "let a = 1" + "0" * 18)) is None
    assert format_source(Source("spec.net", " " * 4_000_001)) is None


@pytest.mark.parametrize("text", ["", "\n \n", ";;\n;", "\ufeff"])
def test_nothing_stays_nothing(text: str) -> None:
    assert formatted(text) == ""


def test_comments_alone() -> None:
    assert formatted("\n\n  # a \n\n\n#b\n\n") == "# a\n\n#b\n"


# ---- space -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("conv 3x3 / 2  x 64   pad = 1", "conv 3x3/2 x64 pad=1"),
        ("conv kernel/stride x channels same", "conv kernel/stride x channels same"),
        ("conv 3x3 x(4*width)", "conv 3x3 x (4 * width)"),
        ("conv 3x3 x 6e1", "conv 3x3 x 6e1"),
        ("maxpool 1x2x2 / 1x2x2", "maxpool 1x2x2/1x2x2"),
        ("maxpool /2 -> maxpool pad=1 / 2", "maxpool /2 -> maxpool pad=1 /2"),
        ("conv (1 ,k) /( 2,1 )", "conv (1, k)/(2, 1)"),
        ("unit( 64*2 ^ i,stride = 2 )", "unit(64 * 2^i, stride=2)"),
        ("fc - 1 -> fc (- (a)+-b)", "fc -1 -> fc (-(a) + -b)"),
        ("fc ((a+b)*c)", "fc ((a + b) * c)"),
        ("fc (a//2%3/4-1)", "fc (a // 2 % 3 / 4 - 1)"),
        ("fc (a if not b>=1 else c)", "fc (a if not b >= 1 else c)"),
        ("fc in . channels", "fc in.channels"),
        ("skips[ - 1 ]->add ( skips[1 : ] ,a[ : n+1,: ])", "skips[-1] -> add (skips[1:], a[:n + 1, :])"),
        ("input tokens :int64[T]", "input tokens: int64[T]"),
        ("input (1,16 * H,H*2+1)", "input (1, 16*H, H * 2 + 1)"),
        ("budget params<=61M,macs<= 2*H", "budget params <= 61M, macs <= 2 * H"),
        ('"layer{ i+1 }" :{ relu }*n', '"layer{ i+1 }": { relu } * n'),
        ("relu as a ,b -> tap  t", "relu as a, b -> tap t"),
        ("training   output a=b->c ,d", "training output a = b -> c, d"),
        ("for i,j in range( 3 ){relu}", "for i, j in range(3) { relu }"),
        ("let a=[ ]; let b=(1, )", "let a = []\nlet b = (1,)"),
        ("f(1,2,)", "f(1, 2)"),
        ("concat {|a|}", "concat { | a | }"),
        ("share s{}", "share s { }"),
        ("budget params == 60_965_224", "budget params == 60_965_224"),
    ],
)
def test_space(before: str, after: str) -> None:
    assert body(before) == after


def test_declarations() -> None:
    assert formatted('use a,b from "x.net";use se from std') == 'use a, b from "x.net"\nuse se from std\n'
    assert formatted("block f( a,n = - 1 ){a}") == "block f(a, n=-1) { a }\n"
    assert formatted("default conv bias = false  same\nlet a=1") == "default conv bias=false same\nlet a = 1\n"


# ---- lines -----------------------------------------------------------------------------------


def test_a_body_on_one_row_stays_there_while_it_has_room() -> None:
    short = f"{{ fc {'a' * 35} -> relu }} * 2 -> {{ fc {'b' * 35}; relu }}"
    assert len(f"    {short}") == 110
    assert body(short) == short
    assert body(short.replace("bb", "bbb", 1)) == "\n".join(
        ["{", f"    fc {'a' * 35} -> relu", "} * 2 -> {", f"    fc {'b' * 36}", "    relu", "}"]
    )


def test_only_the_outer_braces_are_opened_where_that_is_enough() -> None:
    flow = f"{{ fc {'a' * 40} }} -> {{ fc {'b' * 40} }}"
    assert formatted(f"net LongName {{ {flow} }}") == f"net LongName {{\n    {flow}\n}}\n"


def test_a_body_that_ends_on_another_row_is_opened() -> None:
    assert body("{ relu; bn\n} * 2") == "{\n    relu\n    bn\n} * 2"


def test_braces_without_content_stay_closed() -> None:
    assert body("{\n\n}\nconcat {\n}") == "{ }\nconcat { }"
    assert body("{\n# a\n}") == "{\n    # a\n}"


def test_all_bodies_of_a_choice_are_opened_or_none() -> None:
    assert body("if a {b} else if c {d}\nelse {e}") == "if a { b } else if c { d } else { e }"
    opened = "if a {\n    b\n} else if c {\n    d\n} else {\n    e\n}"
    for text in (
        "if a {\nb} else if c {d} else {e}",
        "if a {b} else if c {d\n} else {e}",
        "if a {b} else if c {d} else {e\n}",
    ):
        assert body(text) == opened


def test_branches() -> None:
    before = "concat {|conv 1x1; relu\nbn|\n|# c\n relu | { a\n} }"
    assert body(before) == (
        "concat {\n    | conv 1x1\n      relu\n      bn\n    |\n"
        "    |  # c\n      relu\n    | {\n          a\n      }\n}"
    )


def test_the_arrow_begins_a_continued_line() -> None:
    assert body("a ->\n  b\n   -> c -> d") == "a\n-> b\n-> c -> d"
    assert body("output a = b\n-> c") == "output a = b\n    -> c"
    assert body("train {\naugment a ->\nb }") == "train {\n    augment a\n        -> b\n}"


def test_line_ends_before_other_words_do_not_stay() -> None:
    assert body("a\n:: 3\nas b\n* 2") == "a  :: 3 as b * 2"
    assert body("let a =\n1") == "let a = 1"
    assert body("x1y:\nrelu") == "x1y: relu"


def test_line_ends_in_brackets_stay() -> None:
    assert body("f(a,\nb)") == "f(a,\n    b)"
    assert body("f(\na,b=[\n1, 2])") == "f(\n    a, b=[\n        1, 2,\n    ],\n)"
    assert body("f(a\n,b\n)") == "f(a, b)"
    assert body("let a = (b\n+ c) *\nd") == "let a = (b\n    + c) *\n    d"
    assert formatted("block f(\na,\nb=1\n) { a }") == "block f(\n    a,\n    b=1\n) { a }\n"


def test_blank_lines() -> None:
    assert body("\n\na\n\n\n\nb\n\n{\n\nc\n\n}\n\n") == "a\n\nb\n\n{\n    c\n}"
    assert formatted("let a = 1\n\n\nlet b = 2\nlet c = 3\n\n") == "let a = 1\n\nlet b = 2\nlet c = 3\n"


def test_line_ends_of_other_systems() -> None:
    expected = "net A {\n    relu  # a\n\n    bn\n}\n"
    for end in ("\n", "\r\n", "\r"):
        assert formatted("\ufeffnet A {\nrelu # a\n\nbn\n}".replace("\n", end)) == expected


# ---- comments --------------------------------------------------------------------------------


def test_comments_stay_in_their_places() -> None:
    spec = """\
# before everything
use a from std  # why

# before the net
net A(
    # before a parameter
    n=1  # behind it
) {  # behind the brace
    # first in the body
    concat {  # behind the branches' brace
        # before a branch
        | conv 3x3 x64  # in a pipeline
          # on its own line
          -> relu
        # between branches
        | skip
        # before the closing brace
    }  # behind it
    if n == 1 { a }  # between
    else { b }
    let rows = [
        # before an item
        1,  # behind it
        2,
        # after the last
    ]
    # last in the body
}
# after everything
"""
    assert formatted(spec) == spec


def test_a_comment_behind_an_arrow_or_before_a_comma() -> None:
    assert body("a -> # c\n# d\nb") == "a  # c\n# d\n-> b"
    assert body("f(a # c\n, b)") == "f(a,  # c\n    b)"


def test_a_comment_in_text_is_text() -> None:
    assert body('"a # b": relu') == '"a # b": relu'


# ---- columns ---------------------------------------------------------------------------------


def test_shapes_and_comments_of_a_paragraph_stand_in_columns() -> None:
    before = "conv 3x3 :: 1x2 # a\nrelu\nmaxpool 2x2/2 :: 3 # b\nbn # c\n\nfc 1 :: 1 # d"
    assert body(before) == (
        "conv 3x3       :: 1x2  # a\nrelu\nmaxpool 2x2/2  :: 3    # b\nbn                     # c\n\nfc 1  :: 1  # d"
    )


def test_a_shape_within_a_line_is_in_no_column() -> None:
    assert body("a :: 1 -> bcd\nefghi :: 2") == "a :: 1 -> bcd\nefghi  :: 2"
    assert body("{ a :: 1 }\nefghi :: 2") == "{ a :: 1 }\nefghi  :: 2"


def test_names_behind_a_shape_belong_to_its_column() -> None:
    assert body("a :: 1 as b\ncd :: 2") == "a   :: 1 as b\ncd  :: 2"


def test_a_column_needs_fifty_spaces_at_most() -> None:
    near, far = "a" * 51, "a" * 52
    assert body(f"b # 1\n{near} # 2") == f"b{' ' * 52}# 1\n{near}  # 2"
    assert body(f"b # 1\n{far} # 2") == f"b  # 1\n{far}  # 2"


def test_a_comment_that_goes_on_below_stays_below() -> None:
    assert body("relu # one\n     # two\nconv 3x3 # three") == "relu      # one\n          # two\nconv 3x3  # three"
    assert body("relu # one\n  # two\nconv 3x3 # three") == "relu      # one\n# two\nconv 3x3  # three"


def test_rows_of_values_stand_in_columns() -> None:
    before = "let rows = [\n(1, relu, -1),\n# c\n(100, swish(2), 10), # d\n\n[3,h,5]\n]"
    assert body(before) == (
        "let rows = [\n    (  1, relu,     -1),\n    # c\n    (100, swish(2), 10),  # d\n\n    [  3, h,         5],\n]"
    )


@pytest.mark.parametrize(
    "items", ["(1, 2),\n    (10,),", "(1, 2),\n    10,", "1,\n    10,", "(1, 2), (3, 40),\n    (10, 2),"]
)
def test_other_lists_have_no_columns(items: str) -> None:
    assert body(f"let a = [\n    {items}\n]") == f"let a = [\n    {items}\n]"


# ---- sizes that nobody writes ----------------------------------------------------------------


def test_long_sums_and_chains_of_choices_need_no_stack() -> None:
    for text in ("let a = " + " + ".join(["1"] * 20_000), "net A { " + " else ".join(["if a { b }"] * 3_000) + " }"):
        result = formatted(text)
        assert formatted(result) == result
