"""Open sizes that a net needs to be equal: collected where tensors merge, reported as one condition at the end."""

from __future__ import annotations

from dataclasses import dataclass
from math import lcm

from netdsl.diagnostics import shapes
from netdsl.diagnostics.core import Fact, Note
from netdsl.graph.model import Tensor
from netdsl.graph.place import Place
from netdsl.source import Span
from netdsl.types.sizes import Size, explain_equality, is_open
from netdsl.types.tensors import TensorType

_LONGEST_PERIOD = 4096


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Wanted:
    """A merge whose inputs agree for some sizes only."""

    word: str
    inputs: tuple[TensorType, ...]
    pairs: tuple[tuple[Size, Size], ...]
    place: Place
    span: Span


def assumed(inputs: tuple[TensorType, ...], pairs: tuple[tuple[Size, Size], ...]) -> tuple[TensorType, ...]:
    """The inputs as if the pairs were equal: of each pair, the simpler expression stands for both."""
    simpler: dict[Size, Size] = {}
    for one, two in pairs:
        short, long = sorted((one, two), key=lambda size: (is_open(size), len(str(size)), str(size)))
        simpler[long] = short
    return tuple(x.with_shape(*(simpler.get(size, size) for size in x.shape)) for x in inputs)


def disagreement(wanted: list[Wanted], inputs: list[Tensor]) -> tuple[Fact, tuple[Note, ...]] | None:
    """The one condition that all merges of a net come to, and the lines that it comes from; None without any."""
    if not wanted:
        return None
    conditions = _conditions(wanted)
    first = wanted[0]
    notes = [Note(_note(each), each.place.frame.call.span if each.place.frame.call else each.span) for each in wanted]
    names = " and ".join(str(x) for x in first.inputs[:2])
    if conditions is None:
        equations = tuple(dict.fromkeys(f"{one} = {two}" for each in wanted for one, two in each.pairs))
        pairs = (sorted(pair, key=is_open, reverse=True) for each in wanted for pair in each.pairs)
        fixed = dict.fromkeys(f"{one}={two}" for one, two in pairs if str(one).isidentifier() and not is_open(two))
        return shapes.OpenSizesDisagree(first.word, names, equations, None, tuple(fixed)), tuple(notes)
    words, multiples, smallest = [], {}, []
    for symbol, (modulus, residues) in conditions.items():
        words.append(_condition_words(symbol, modulus, residues))
        if residues == (0,):
            multiples[symbol] = modulus
        smallest.append(f"{symbol}={next((r for r in residues if r > 0), modulus)}")
    advice = _declaration(inputs, multiples) if len(multiples) == len(conditions) else None
    return shapes.OpenSizesDisagree(first.word, names, tuple(words), advice, tuple(smallest)), tuple(notes)


def _conditions(wanted: list[Wanted]) -> dict[str, tuple[int, tuple[int, ...]]] | None:
    """For each symbol a modulus and the residues that satisfy every merge; None where that cannot be told."""
    found: dict[str, tuple[int, frozenset[int]]] = {}
    for one, two in (pair for each in wanted for pair in each.pairs):
        agreement = explain_equality(one, two)
        if agreement.never or agreement.symbol is None or agreement.modulus is None or agreement.values:
            return None
        symbol, modulus = agreement.symbol, agreement.modulus
        known_modulus, known = found.get(symbol, (1, frozenset((0,))))
        period = lcm(modulus, known_modulus)
        if period > _LONGEST_PERIOD:
            return None
        both = (r for r in range(period) if r % modulus in agreement.residues and r % known_modulus in known)
        found[symbol] = (period, frozenset(both))
    if any(not residues for _, residues in found.values()):
        return None
    return {symbol: (modulus, tuple(sorted(residues))) for symbol, (modulus, residues) in found.items()}


def _condition_words(symbol: str, modulus: int, residues: tuple[int, ...]) -> str:
    if residues == (0,):
        return f"{modulus} divides {symbol}"
    listed = ", ".join(map(str, residues[:-1])) + " or " if len(residues) > 1 else ""
    return f"{symbol} leaves {listed}{residues[-1]} when divided by {modulus}"


def _note(wanted: Wanted) -> str:
    needs = dict.fromkeys(explain_equality(one, two).words for one, two in wanted.pairs)
    return f"here {' and '.join(str(x) for x in wanted.inputs[:2])} meet: {' and '.join(needs)}"


def _declaration(inputs: list[Tensor], multiples: dict[str, int]) -> str | None:
    """The input's shape with its symbols as multiples: `(1, 8*H, 8*W)`."""
    for tensor in inputs:
        if tensor.type is not None and any(str(size) in multiples for size in tensor.type.shape):
            sizes = [
                f"{multiples[str(size)]}*{size}" if str(size) in multiples else str(size) for size in tensor.type.shape
            ]
            return f"input {tensor.name + ': ' if tensor.name and tensor.name != 'input' else ''}({', '.join(sizes)})"
    return None
