"""Random expressions over sizes, as functions that work on numbers and on open sizes alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from hypothesis import strategies as st

from netdsl.types.sizes import Size


@dataclass(frozen=True)
class Tree:
    """A number, a symbol, or an operator with two trees."""

    head: int | str
    children: tuple[Tree, ...] = ()

    def at(self, values: Mapping[str, Size]) -> Size:
        """What plain arithmetic makes of these values."""
        if isinstance(self.head, int):
            return self.head
        if not self.children:
            return values[self.head]
        left, right = (child.at(values) for child in self.children)
        match self.head:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "//":
                return left // right
            case "%":
                return left % right
            case _:
                raise ValueError(self.head)

    def number(self, **values: int) -> int:
        """What plain arithmetic makes of these numbers."""
        result = self.at(values)
        assert isinstance(result, int)
        return result

    @property
    def modulus(self) -> int:
        """A period of the periodic part: the product of all divisors in the tree."""
        own = self.children[1].head if self.head in {"//", "%"} else 1
        assert isinstance(own, int)
        return own * prod(child.modulus for child in self.children)

    def __str__(self) -> str:
        return f"({f' {self.head} '.join(map(str, self.children))})" if self.children else str(self.head)


def number(value: int) -> Tree:
    """A number as a tree."""
    return Tree(value)


def trees(
    names: str, products: bool = True, divisors: tuple[int, ...] = (2, 3, 4, 6), leaves: int = 8
) -> st.SearchStrategy[Tree]:
    """Trees over symbols with one letter each; without `products`, they multiply by numbers only."""
    numbers = st.integers(-9, 9).map(number)
    leaf = st.one_of(st.sampled_from([Tree(name) for name in names]), numbers)

    def grow(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        factors = inner if products else numbers
        return st.one_of(
            st.builds(lambda op, a, b: Tree(op, (a, b)), st.sampled_from("+-"), inner, inner),
            st.builds(lambda a, b: Tree("*", (a, b)), inner, factors),
            st.builds(
                lambda op, a, b: Tree(op, (a, number(b))),
                st.sampled_from(["//", "//", "%"]),
                inner,
                st.sampled_from(divisors),
            ),
        )

    return st.recursive(leaf, grow, max_leaves=leaves)


def _join(operator: str, left: Tree, right: Tree | int) -> Tree:
    return Tree(operator, (left, number(right) if isinstance(right, int) else right))


def nothing(tree: Tree, choice: int) -> Tree:
    """A tree that is 0 everywhere, by an identity of floors."""
    minus = _join("-", number(0), tree)
    half, sixth = _join("//", tree, 2), _join("//", tree, 6)
    spellings = (
        _join("-", _join("//", _join("*", tree, 3), 3), tree),
        _join("-", _join("+", half, _join("//", _join("+", tree, 1), 2)), tree),
        _join("-", _join("+", _join("*", _join("//", tree, 4), 4), _join("%", tree, 4)), tree),
        _join("-", _join("-", _join("//", _join("+", tree, 6), 2), half), 3),
        _join("-", _join("//", half, 3), sixth),
        _join("+", _join("//", minus, 3), _join("//", _join("+", tree, 2), 3)),
    )
    return spellings[choice % len(spellings)]


def plus(left: Tree, right: Tree) -> Tree:
    """The sum of two trees."""
    return _join("+", left, right)
