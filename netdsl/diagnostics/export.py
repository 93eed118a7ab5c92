"""Diagnostics to the forms that other programs read: JSON data, GitHub annotations, SARIF 2.1.0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from netdsl import resources
from netdsl.diagnostics.core import Diagnostic
from netdsl.source import Span

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_data(diagnostic: Diagnostic) -> dict[str, Any]:
    """A diagnostic as JSON data (docs/json.md); rows and columns count from 1, an end lies just behind the text."""
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "help": diagnostic.help,
        **_place(diagnostic.span),
        "related": [{"message": note.message, **_place(note.span)} for note in diagnostic.related],
    }


def as_github(diagnostic: Diagnostic) -> str:
    """A workflow command that GitHub shows beside the line of the spec."""
    row, column = diagnostic.span.location
    properties = {
        "file": diagnostic.span.source.name,
        "line": str(row),
        "col": str(column),
        "title": f"{diagnostic.code} {diagnostic.name}",
    }
    words = ",".join(f"{name}={_escaped_property(value)}" for name, value in properties.items())
    advice = f" ({diagnostic.help})" if diagnostic.help else ""
    return f"::{diagnostic.severity} {words}::{_escaped(diagnostic.message + advice)}"


def as_sarif(diagnostics: Sequence[Diagnostic], version: str) -> dict[str, Any]:
    """A SARIF 2.1.0 log (OASIS, 27 March 2020) with the rules that the results speak of.

    Args:
        diagnostics: the results.
        version: of netdsl.
    """
    rules = {diagnostic.code: diagnostic for diagnostic in diagnostics}
    codes = sorted(rules)
    driver = {"name": "netdsl", "version": version, "rules": [_rule(rules[code]) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, codes.index(diagnostic.code)) for diagnostic in diagnostics],
    }
    return {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def page(code: str) -> str:
    """The page of a diagnostic, as Markdown.

    Raises:
        FileNotFoundError: no diagnostic has that code.
    """
    return resources.read_text("docs", "diagnostics", f"{code}.md")


def _place(span: Span) -> dict[str, Any]:
    return {
        "filename": span.source.name,
        "location": _row_and_column(span.location),
        "end_location": _row_and_column(span.end_location),
    }


def _row_and_column(location: tuple[int, int]) -> dict[str, int]:
    row, column = location
    return {"row": row, "column": column}


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def _rule(diagnostic: Diagnostic) -> dict[str, Any]:
    text = page(diagnostic.code)
    summary = text.split("\n\n", maxsplit=2)[1]
    return {
        "id": diagnostic.code,
        "name": "".join(word.capitalize() for word in diagnostic.name.split("-")),
        "shortDescription": {"text": " ".join(summary.split())},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": diagnostic.severity},
    }


def _result(diagnostic: Diagnostic, index: int) -> dict[str, Any]:
    advice = f" ({diagnostic.help})" if diagnostic.help else ""
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": diagnostic.severity,
        "message": {"text": diagnostic.message + advice},
        "locations": [{"physicalLocation": _physical(diagnostic.span)}],
    }
    if diagnostic.related:
        result["relatedLocations"] = [
            {"physicalLocation": _physical(note.span), "message": {"text": note.message}} for note in diagnostic.related
        ]
    return result


def _physical(span: Span) -> dict[str, Any]:
    (row, column), (end_row, end_column) = span.location, span.end_location
    region = {"startLine": row, "startColumn": column, "endLine": end_row, "endColumn": end_column}
    # Outside of Windows a backslash is a letter like others, and quoted as one.
    return {"artifactLocation": {"uri": quote(span.source.name)}, "region": region}
