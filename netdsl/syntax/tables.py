"""The parser's tables: grammar/netdsl.lark to grammar/netdsl.tables.json, and the JSON to a parser.

Building the tables from the grammar takes three times as long as a whole check, so they are made ahead, as
plain JSON: Lark's own cache is a pickle, which runs code when a stranger has written it.

    python -m netdsl.syntax.tables          writes the tables anew
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from netdsl import resources
from netdsl.syntax.builder import TreeBuilder
from netdsl.syntax.tokens import KeepTokens

GRAMMAR = "netdsl.lark"
TABLES = "netdsl.tables.json"
_SHIFT = 0


def make_tables() -> str:
    """The tables of the grammar file as JSON text; the same grammar gives the same bytes."""
    parser = Lark(
        resources.read_text("grammar", GRAMMAR),
        parser="lalr",
        lexer="basic",
        start=["file", "expression"],
        postlex=KeepTokens(),
        maybe_placeholders=True,
    )
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    data["options"]["postlex"] = None
    data["parser"]["parser"] = _renumbered(data["parser"]["parser"])
    return json.dumps({"data": data, "memo": memo}, sort_keys=True, separators=(",", ":"), default=sorted) + "\n"


def _renumbered(table: dict[str, Any]) -> dict[str, Any]:
    """The parse table with words numbered by name, and states in the order in which a walk meets them.

    Lark numbers both as its sets happen to be ordered, which differs from run to run.
    """
    words = {name: number for number, name in enumerate(sorted(table["tokens"].values()))}
    by_name = {
        state: {table["tokens"][token]: action for token, action in actions.items()}
        for state, actions in table["states"].items()
    }
    number: dict[int, int] = {}
    pending = [table["start_states"][start] for start in sorted(table["start_states"], reverse=True)]
    while pending:
        state = pending.pop()
        if state not in number:
            number[state] = len(number)
            following = [by_name[state][name] for name in sorted(by_name[state], reverse=True)]
            pending += [to for kind, to in following if kind == _SHIFT]
    return {
        "tokens": {words[name]: name for name in sorted(words)},
        "states": {
            number[state]: {
                words[name]: (kind, number[to] if kind == _SHIFT else to) for name, (kind, to) in by_name[state].items()
            }
            for state in number
        },
        "start_states": {start: number[state] for start, state in table["start_states"].items()},
        "end_states": {start: number[state] for start, state in table["end_states"].items()},
    }


@cache
def load_parser() -> Lark:
    """The parser over the tables, with the tree's builder inside it."""
    return _load(TreeBuilder())


@cache
def load_concrete_parser() -> Lark:
    """The parser over the tables that leaves every word in its tree, for the formatter."""
    return _load(None)


def _load(builder: TreeBuilder | None) -> Lark:
    tables = json.loads(resources.read_text("grammar", TABLES))
    data = tables["data"]
    parse_table = data["parser"]["parser"]
    parse_table["states"] = _integer_keys(parse_table["states"])
    memo = _integer_keys(tables["memo"])
    loaded = Lark.__new__(Lark)
    return loaded._load({"data": data, "memo": memo}, transformer=builder, postlex=KeepTokens())  # noqa: SLF001


def _integer_keys(mapping: dict[str, Any]) -> dict[int, Any]:
    """JSON knows only text as a key; Lark numbers states and rules."""
    return {int(key): value for key, value in mapping.items()}


if __name__ == "__main__":
    resources.path("grammar", GRAMMAR).with_name(TABLES).write_text(make_tables(), encoding="utf-8", newline="\n")
