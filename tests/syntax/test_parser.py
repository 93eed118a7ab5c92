"""The parser: every construct, places in the text, going on after a mistake, and the limits."""

from __future__ import annotations

import json
from fractions import Fraction
from time import process_time

import pytest
from lark import UnexpectedToken

from netdsl import resources
from netdsl.diagnostics.core import Diagnostics
from netdsl.source import Source
from netdsl.syntax import ast, tables
from netdsl.syntax.node import children
from netdsl.syntax.parser import parse, parse_expression
from tests.syntax.programs import read, shape


def found(text: str) -> list[tuple[str, int, int]]:
    """Code, row and column of each diagnostic."""
    diagnostics = Diagnostics()
    parse(Source("spec.net", text), diagnostics)
    return [(each.code, *each.span.location) for each in diagnostics]


def statements(text: str) -> list[object]:
    """The statements of a net's body, without spans."""
    file, codes = read(f"net N {{\n{text}\n}}")
    assert codes == []
    (net,) = file.items
    assert isinstance(net, ast.Net)
    return [shape(statement) for statement in net.body.statements]


def step(text: str) -> ast.Step:
    """The only step of the only statement."""
    file, codes = read(f"net N {{ {text} }}")
    assert codes == []
    (net,) = file.items
    assert isinstance(net, ast.Net)
    (flow,) = net.body.statements
    assert isinstance(flow, ast.Flow)
    (single,) = flow.steps
    return single


def value(text: str) -> object:
    """An expression's shape."""
    diagnostics = Diagnostics()
    expression = parse_expression(Source("value", text), diagnostics)
    assert len(diagnostics) == 0
    return shape(expression)


def name(text: str) -> tuple[str, str]:
    return ("Name", text)


def number(text: int | Fraction) -> tuple[str, int | Fraction]:
    return ("Number", text)


# ---- the tables ------------------------------------------------------------------------------


def test_the_tables_are_those_of_the_grammar() -> None:
    assert resources.read_text("grammar", tables.TABLES) == tables.make_tables(), "run python -m netdsl.syntax.tables"


def test_the_tables_are_plain_json() -> None:
    assert set(json.loads(resources.read_text("grammar", tables.TABLES))) == {"data", "memo"}


def test_the_tree_for_the_formatter_refuses_what_the_parser_refuses() -> None:
    state = tables.load_concrete_parser().parse_interactive(start="file").parser_state
    with pytest.raises(UnexpectedToken):
        state.feed_token(next(tables.load_concrete_parser().lex("relu")))


# ---- constructs ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("net AlexNet(classes=1000) { }", ast.Net),
        ("net N { }", ast.Net),
        ("block basic(width, stride=1) { }", ast.Block),
        ('use bottleneck, shortcut from "resnet.net"', ast.Use),
        ("use se from std", ast.Use),
        ("default conv bias=false same", ast.Default),
        ("let widths = [64, 128]", ast.Let),
    ],
)
def test_what_a_file_holds(text: str, kind: type) -> None:
    file, codes = read(text)
    assert codes == []
    assert [type(item) for item in file.items] == [kind]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("input image: 3x227x227", ast.Input),
        ("input (1, 16*H, 16*W)", ast.Input),
        ("input tokens: int64[T]", ast.Input),
        ("let n = 1 if a else 2", ast.Let),
        ("share tower { conv 3x3 x64 }", ast.Share),
        ("default conv pad=1", ast.Default),
        ("budget params <= 61M, macs <= 300M", ast.Budget),
        ("train { loss cross_entropy; augment random_crop 227 -> hflip }", ast.Train),
        ("output logits, style = relu3 -> conv 1x1 x8", ast.Output),
        ("training output aux = i4a -> head(classes)", ast.Output),
        ("conv 3x3 x64 -> relu as a", ast.Flow),
    ],
)
def test_statements(text: str, kind: type) -> None:
    file, codes = read(f"net N {{ {text} }}")
    assert codes == []
    (net,) = file.items
    assert isinstance(net, ast.Net)
    assert [type(statement) for statement in net.body.statements] == [kind]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("conv 11x11/4 x96 pad=2 groups=2", ast.Call),
        ("inception(64, 96, proj=32)", ast.Call),
        ("concat { | a | b -> c\n d | }", ast.Call),
        ("add(a, b)", ast.Call),
        ("{ fc 4096 -> relu } * 2", ast.Group),
        ("if in.channels == c { identity } else if a { b } else { c }", ast.Choice),
        ("for kernel, width in rows { conv kernel x width }", ast.Loop),
        ("tap skips", ast.Tap),
        ("in", ast.Start),
        ("here", ast.Start),
        ("skips[-1]", ast.Start),
        ('"layer{i + 1}": { unit(64) * depths[i] }', ast.Group),
        ("input: conv 3x3 x64", ast.Call),
        ("param 768x1 as token", ast.Call),
    ],
)
def test_steps(text: str, kind: type) -> None:
    assert isinstance(step(text).core, kind)


def test_a_step_has_its_label_and_suffixes_in_order() -> None:
    read_step = step("stem: { relu } * 2 :: 64x5x5 as low, high")
    assert shape(read_step.label) == ("Word", "stem")
    assert [type(suffix) for suffix in read_step.suffixes] == [ast.Repeat, ast.ShapeAssertion, ast.Naming]


def test_the_roles_of_short_arguments() -> None:
    call = step("conv (1, k)/2 x64 bias=false x (4 * w) same").core
    assert isinstance(call, ast.Call)
    assert call.short
    assert [argument.role.value for argument in call.arguments] == [
        "positional", "stride", "channels", "keyword", "channels", "same",
    ]  # fmt: skip


def test_touching_brackets_belong_to_the_word() -> None:
    long, short = step("conv(1, 2)").core, step("conv (1, 2)").core
    assert isinstance(long, ast.Call)
    assert isinstance(short, ast.Call)
    assert (long.short, len(long.arguments)) == (False, 2)
    assert (short.short, len(short.arguments)) == (True, 1)
    assert value("a[1]") == ("Index", name("a"), (number(1),))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1_000", number(1000)),
        ("61M", number(61_000_000)),
        ("5e-4", number(Fraction(1, 2000))),
        ("0.5K", number(500)),
        ("3xHxW", ("Size", (3, "H", "W"))),
        ("true", ("Boolean", True)),
        ("(1,)", ("Tuple", (number(1),))),
        ("[]", ("ListDisplay", ())),
        ("[1, a,]", ("ListDisplay", (number(1), name("a")))),
        ("in.channels", ("Attribute", name("in"), ("Word", "channels"))),
        ("a[1:]", ("Index", name("a"), (("Slice", number(1), None),))),
        ("a[:, 2]", ("Index", name("a"), (("Slice", None, None), number(2)))),
        ("-2^i", ("Unary", "-", ("Binary", "^", number(2), name("i")))),
        ("2^-3^2", ("Binary", "^", number(2), ("Unary", "-", ("Binary", "^", number(3), number(2))))),
        ("1 - 2 - 3", ("Binary", "-", ("Binary", "-", number(1), number(2)), number(3))),
        ("1 + 2 * 3", ("Binary", "+", number(1), ("Binary", "*", number(2), number(3)))),
        ("(1 + 2) * 3", ("Binary", "*", ("Binary", "+", number(1), number(2)), number(3))),
        ("not a == b", ("Unary", "not", ("Binary", "==", name("a"), name("b")))),
        ("a or b and c", ("Binary", "or", name("a"), ("Binary", "and", name("b"), name("c")))),
        ("a if b else c", ("Conditional", name("b"), name("a"), name("c"))),
        ("1 if a else 2 if b else c", value("1 if a else (2 if b else c)")),
    ],
)  # fmt: skip
def test_expressions(text: str, expected: object) -> None:
    assert value(text) == expected


def test_calls_in_expressions() -> None:
    positional, named = ("Argument", ast.Role.POSITIONAL, None), ("Argument", ast.Role.KEYWORD, ("Word", "n"))
    assert value("max(3, n=4)") == ("CallValue", name("max"), ((*positional, number(3)), (*named, number(4))))


# ---- text with expressions -------------------------------------------------------------------


def test_text_holds_expressions_between_braces() -> None:
    assert value('"layer{i + 1}.{j}"') == (
        "String", ("layer", ("Binary", "+", name("i"), number(1)), ".", name("j")),
    )  # fmt: skip
    assert value('""') == ("String", ())
    assert value('"a # b"') == ("String", ("a # b",))


def test_escapes_in_text() -> None:
    assert value(r'"\{a\} \"b\" \\ \n\t"') == ("String", tuple('{|a|}| |"|b|"| |\\| |\n|\t'.split("|")))


def test_a_mistake_in_text_is_found_where_it_is() -> None:
    assert found('let a = 1\nlet b = "x{1 +}"') == [("E001", 2, 15)]
    assert found('let b = "x{1"') == [("E002", 1, 9)]


def test_expressions_in_text_have_their_places() -> None:
    source = Source("spec.net", 'let b = "x{one}{two + 2}"')
    (item,) = parse(source, Diagnostics()).items
    assert isinstance(item, ast.Let)
    assert [part.span.text for part in children(next(iter(children(item.value))))] == ["one", "two + 2"]


# ---- lines -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["a; b -> c", "a\nb\n-> c", "a;;\n;b ->\n\nc;", "a # x\n# y\nb -> # z\nc", "a\r\nb\r\n->\r\nc", "a\rb -> c"],
)
def test_a_line_end_is_then_and_means_nothing_where_a_statement_cannot_end(text: str) -> None:
    assert statements(text) == statements("a\nb -> c")


def test_line_ends_mean_nothing_in_brackets() -> None:
    assert statements("f(\na\n,\nb = [\n1\n]\n)") == statements("f(a, b=[1])")


def test_line_ends_before_words_that_go_on() -> None:
    assert statements("{ a }\n* 2\n:: 3\nas b\n-> if c { d }\nelse { e }") == statements(
        "{ a } * 2 :: 3 as b -> if c { d } else { e }"
    )


def test_comments_are_kept_in_order_with_their_places() -> None:
    file, _ = read("# one\nnet N { # two\n f(1, # three\n2) }\n# four")
    assert [comment.text for comment in file.comments] == ["# one", "# two", "# three", "# four"]
    assert [comment.span.location for comment in file.comments] == [(1, 1), (2, 9), (3, 7), (5, 1)]
    assert all(comment.span.text == comment.text for comment in file.comments)


# ---- places ----------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_and_columns_count_from_one_with_any_line_end(end: str) -> None:
    assert found(f"net N {{{end}  relu{end}{end}  é ={end}}}") == [("E003", 4, 3)]


def test_a_byte_order_mark_is_not_part_of_the_text() -> None:
    assert found("\ufeffrelu") == [("E001", 1, 1)]
    assert read("\ufeffnet N { }")[1] == []


def test_columns_count_characters() -> None:
    assert found('net N { "äöü": ! }') == [("E003", 1, 16)]


SPANS = """\
use a, b from "x.net"
default conv bias=false
let rows = [(1, 2), (a + b) * 2]
block f(n, m=1) {
    input image: 3x4x4
    stem: conv 3x3/2 x64 pad=(n // 2) -> f(1, 2) * 2 :: 3x3 as p, q
    concat { | a | b; c } -> tap t
    if n == 1 { a } else if m { b } else { c }
    for i, j in range(3) { skips[-1] }
    share s { in }
    output u, v = w -> relu
    train { loss a; augment crop 1 -> flip }
    budget params <= 5M, macs <= 3
}"""


def test_a_node_spans_its_own_text() -> None:
    """Each node lies within its parent, and a statement is the whole of its line."""
    source = Source("spec.net", SPANS)
    diagnostics = Diagnostics()
    file = parse(source, diagnostics)
    assert len(diagnostics) == 0
    pending: list[object] = list(file.items)
    while pending:
        node = pending.pop()
        for child in children(node):
            inside = [each for each in (child if isinstance(child, tuple) else (child,)) if hasattr(each, "span")]
            assert all(node.span.start <= each.span.start <= each.span.end <= node.span.end for each in inside)
            pending.extend(inside)
    assert [item.span.text for item in file.items] == [*SPANS.split("\n")[:3], "\n".join(SPANS.split("\n")[3:])]
    (body,) = [item.body for item in file.items if isinstance(item, ast.Block)]
    assert [statement.span.text for statement in body.statements] == [line.strip() for line in SPANS.split("\n")[4:-1]]


# ---- going on after a mistake ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("net A {\n a ->\n}\nnet B {\n b -> -> c\n d\n ) e\n}", [("E001", 3, 1), ("E001", 5, 7), ("E001", 7, 2)]),
        ("net A { a ! b; c ? d; e }", [("E003", 1, 11), ("E003", 1, 18)]),
        ("net A { relu } }\nnet B { ) }", [("E001", 1, 16), ("E001", 2, 9)]),
        ("net A {\n f(1,\n relu\n -> b\n c )\n}\nnet B { ) }", [("E002", 2, 3), ("E001", 5, 4), ("E001", 7, 9)]),
        ("net A { if a = 1 { b -> } }\nnet B { ) }", [("E001", 1, 14), ("E001", 2, 9)]),
        ("net A { concat { | a -> | b ! } ; ) }", [("E001", 1, 25), ("E003", 1, 29), ("E001", 1, 35)]),
        ("relu\nnet A { ) }", [("E001", 1, 1), ("E001", 2, 9)]),
        ("net A { concat { a } }", [("E009", 1, 18)]),
        ("net A {\n relu", [("E002", 1, 7)]),
        ("net A { b: {\n relu ->", [("E002", 1, 12), ("E002", 1, 7)]),
        ("net A { 'a': relu }", [("E003", 1, 9)]),
        ("let a = b c\nlet d =\nlet e = 1", [("E001", 1, 11), ("E001", 3, 1)]),
    ],
)
def test_independent_mistakes_are_all_found(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert found(text) == expected


def test_what_can_be_read_around_a_mistake_is_read() -> None:
    file, codes = read("net A {\n relu\n conv -> )\n bn\n}\nblock b { relu }")
    assert codes == ["E001"]
    net, block = file.items
    assert isinstance(net, ast.Net)
    assert isinstance(block, ast.Block)
    assert [type(statement) for statement in net.body.statements] == [ast.Flow, ast.Broken, ast.Flow]


def test_no_more_than_fifty_mistakes_are_reported() -> None:
    assert len(found("net A {\n" + "a -> )\n" * 1000 + "}")) == 50


def test_any_text_is_read_without_an_exception() -> None:
    text = 'net A(n=1) { x: conv (1, k)/2 x64 [a, "b{c}"] -> { | if a { } else { } } } # c\n'
    for start in range(len(text)):
        for end in (start + 1, start + 7, len(text)):
            found(text[start:end])
            found(text[:start] + text[end:])


# ---- limits ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("opening", "closing"), [("(", ")"), ("[", "]"), ("f(", ")"), ("a[", "]")])
def test_brackets_nest_64_deep(opening: str, closing: str) -> None:
    assert found(f"let a = {opening * 64}1{closing * 64}") == []
    assert [code for code, _, _ in found(f"let a = {opening * 65}1{closing * 65}")] == ["E006"]


def test_braces_nest_64_deep() -> None:
    assert found("net A " + "{" * 64 + "}" * 64) == []
    assert found("net A " + "{" * 65 + "}" * 65) == [("E006", 1, 71)]


def test_a_thousand_brackets_are_one_mistake() -> None:
    for text in ("let a = " + "(" * 1000, "net A " + "{" * 1000, "net A " + "{ concat { | " * 1000):
        assert [code for code, _, _ in found(text)] == ["E006"]


@pytest.mark.parametrize(
    ("pattern", "most"), [("{0}", 18), ("x{0}", 18), ("3x{0}", 18), ("0.{0}", 16), ("{0}M", 17), ("{0}x3x3", 18)]
)
def test_long_numbers(pattern: str, most: int) -> None:
    assert found(f"net A {{ conv {pattern.format('1' * most)} }}") == []
    assert [code for code, _, _ in found(f"net A {{ conv {pattern.format('1' * (most + 1))} }}")] == ["E005"]


def test_long_names_and_exponents() -> None:
    assert found(f"let {'a' * 128} = 1e99") == []
    assert found(f"let {'a' * 129} = 1") == [("E005", 1, 5)]
    assert found("let a = 1e100") == [("E005", 1, 9)]
    assert found("let a = 1e-999999999") == [("E005", 1, 9)]


def test_four_million_characters() -> None:
    assert found(" " * 4_000_000) == []
    assert found(" " * 4_000_001) == [("E008", 1, 1)]


def test_a_long_file_takes_time_in_proportion() -> None:
    line = "    conv 3x3/2 x64 pad=1 -> relu # c\n"
    found(line)
    seconds = []
    for count in (500, 4000):
        start = process_time()
        assert found("net A {\n" + line * count + "}") == []
        seconds.append(process_time() - start)
    assert seconds[1] < 8 * 4 * seconds[0]


def test_long_sums_and_flows_need_no_stack() -> None:
    assert found("let a = " + " + ".join(["1"] * 20_000)) == []
    assert found("let a = " + "-" * 20_000 + "1") == []
    assert found("net A { " + " -> ".join(["relu"] * 20_000) + " }") == []
    assert found("net A { " + " else ".join(["if a { b }"] * 5_000) + " }") == []


@pytest.mark.parametrize("text", ["(1)", "(2*(3 + 4))", "((1 + 1) * (2 - 1))", "((a))"])
def test_parentheses_belong_to_what_stands_in_them(text: str) -> None:
    value = parse_expression(Source("spec.net", text), Diagnostics())
    assert value is not None
    assert value.span.text == text
