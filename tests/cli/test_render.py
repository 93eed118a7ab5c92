"""Diagnostics in full: the marks stand under what they mark, whatever the text is made of."""

from __future__ import annotations

from netdsl.diagnostics.core import Diagnostic, Note
from netdsl.diagnostics.render import concise, count_words, full, plain_text
from netdsl.diagnostics.syntax import UnknownCharacter
from netdsl.source import Source, Span

FACT = UnknownCharacter("?")


def rendered(text: str, marked: str, *notes: tuple[str, str]) -> list[str]:
    """The lines of a diagnostic at a part of a text, below its header."""
    source = Source("a.net", text)

    def span(part: str) -> Span:
        start = text.index(part)
        return Span(source, start, start + len(part))

    related = tuple(Note(message, span(part)) for message, part in notes)
    return [plain_text(line) for line in full(Diagnostic(FACT, span(marked), related))][1:]


def test_the_header_names_code_slug_and_message() -> None:
    diagnostic = Diagnostic(FACT, Span(Source("a.net", "?"), 0, 1))
    assert plain_text(full(diagnostic)[0]) == "error[E003 unknown-character]: the character `?` has no meaning here"


def test_one_line() -> None:
    assert rendered("net A {\n    conv ??\n}", "??") == [
        " --> a.net:2:10",
        "  |",
        "2 |     conv ??",
        "  |          ^^",
    ]


def test_tabs_are_widened_alike_in_the_line_and_under_it() -> None:
    assert rendered("\tconv\t??\tx", "??")[2:] == [
        "1 |     conv    ??  x",
        "  |             ^^",
    ]


def test_wide_characters_take_two_columns_and_accents_none() -> None:
    assert rendered("幅e\u0301 ??", "??")[2:] == ["1 | 幅e\u0301 ??", "  |     ^^"]
    assert rendered("a 幅幅 b", "幅幅")[3] == "  |   ^^^^"


def test_a_span_over_several_lines_shows_the_first_and_the_last() -> None:
    assert rendered("one(\n  two,\n  three,\n  four) end", "(\n  two,\n  three,\n  four)")[2:] == [
        "1 | one(",
        "  |    ^",
        "  | ...",
        "4 |   four) end",
        "  |   ^^^^^",
    ]
    assert "..." not in "\n".join(rendered("one(\n  two)", "(\n  two)"))


def test_a_span_that_ends_with_its_line_stays_on_it() -> None:
    assert rendered("one\ntwo", "one\n")[2:] == ["1 | one", "  | ^^^"]


def test_the_end_of_the_file_gets_one_mark() -> None:
    source = Source("a.net", "net A {")
    lines = [plain_text(line) for line in full(Diagnostic(FACT, Span(source, 7, 7)))]
    assert lines[3:] == ["1 | net A {", "  |        ^"]


def test_notes_have_lines_of_their_own_and_one_margin() -> None:
    text = "first\n" + "\n" * 10 + "second"
    assert rendered(text, "second", ("it is defined here", "first")) == [
        "  --> a.net:12:1",
        "   |",
        "12 | second",
        "   | ^^^^^^",
        "note: it is defined here",
        "  --> a.net:1:1",
        "   |",
        " 1 | first",
        "   | -----",
    ]


def test_a_long_line_is_cut_around_the_mark() -> None:
    lines = rendered("x" * 5_000 + "??" + "y" * 5_000, "??")
    assert len(lines[2]) < 200
    assert lines[2].startswith("1 | …x")
    assert lines[2].endswith("y…")
    start = lines[3].index("^^")
    assert lines[2][start : start + 2] == "??"


def test_a_long_mark_is_cut_too() -> None:
    assert len(rendered("?" * 5_000, "?" * 5_000)[3]) < 200


def test_control_characters_do_not_reach_the_terminal() -> None:
    diagnostic = Diagnostic(FACT, Span(Source("a\x1b[2J.net", "\x1b[31m ??"), 6, 8))
    text = "\n".join(plain_text(line) for line in (*full(diagnostic), concise(diagnostic)))
    assert "\x1b" not in text
    assert "\ufffd[31m ??" in text


def test_concise_is_one_line_with_the_help() -> None:
    diagnostic = Diagnostic(UnknownCharacter("é"), Span(Source("a.net", "\n  é"), 3, 4))
    assert plain_text(concise(diagnostic)) == (
        "a.net:2:3: error[E003] the character `é` has no meaning here "
        "(names are made of the letters a-z and A-Z, digits and `_`)"
    )


def test_counts() -> None:
    diagnostic = Diagnostic(FACT, Span(Source("a.net", "?"), 0, 1))
    assert count_words(()) == ""
    assert count_words((diagnostic,)) == "1 error"
    assert count_words((diagnostic, diagnostic)) == "2 errors"
