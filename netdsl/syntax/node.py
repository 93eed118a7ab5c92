"""Immutable classes with slots, made without compiling text for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn, TypeVar, dataclass_transform

Class = TypeVar("Class")
_KINDS: set[type] = set()


@dataclass_transform(eq_default=False, frozen_default=True)
def node(cls: type[Class]) -> type[Class]:
    """What `dataclass(frozen=True, eq=False, slots=True)` makes of a class that has fields without defaults.

    A dataclass compiles its methods from text, which for the fifty kinds of nodes takes a tenth of a whole check.
    """
    fields = tuple(cls.__annotations__)
    members = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
    made: Any = type(cls.__name__, cls.__bases__, {**members, "__slots__": fields, "__match_args__": fields})
    setters = [vars(made)[name].__set__ for name in fields]

    def initialise(self: object, *values: object, **named: object) -> None:
        values += tuple(named[name] for name in fields[len(values) :]) if named else ()
        for set_field, value in zip(setters, values, strict=True):
            set_field(self, value)

    _KINDS.add(made)
    made.__init__ = initialise
    made.__setattr__ = made.__delattr__ = _refuse
    return made  # type: ignore[no-any-return]


def children(value: Any) -> Iterator[Any]:
    """The nodes, and tuples of nodes, that are fields of a node or members of a tuple."""
    inside = value if isinstance(value, tuple) else (getattr(value, name) for name in value.__slots__)
    return (part for part in inside if isinstance(part, tuple) or type(part) in _KINDS)


def with_span(value: Any, span: Any) -> Any:
    """The same node over another stretch of text."""
    fields = type(value).__match_args__
    return type(value)(**{name: getattr(value, name) for name in fields} | {"span": span})


def _refuse(self: object, *_: object) -> NoReturn:
    raise AttributeError(f"{type(self).__name__} is immutable")
