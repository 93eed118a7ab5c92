"""E3: arguments and numbers that are wrong by themselves."""

from __future__ import annotations

from netdsl.diagnostics import synonyms
from netdsl.diagnostics.core import Fact, fact, listing


@fact
class UnknownParameter(Fact):
    """`stryde=2`."""

    code = "E301"
    slug = "unknown-parameter"
    callee: str
    word: str
    known: tuple[str, ...]
    nearest: str | None

    @property
    def message(self) -> str:
        return f"`{self.callee}` has no parameter `{self.word}`"

    @property
    def help(self) -> str | None:
        instead = synonyms.instead_of_parameter(self.word)
        if instead is not None:
            return instead
        if self.nearest:
            return f"did you mean `{self.nearest}`?"
        return f"it has {listing(self.known, 'and')}" if self.known else "it takes none"


@fact
class MissingParameter(Fact):
    """A parameter without a default that is not given."""

    code = "E302"
    slug = "missing-parameter"
    callee: str
    word: str
    meaning: str
    example: str

    @property
    def message(self) -> str:
        meaning = f" ({self.meaning})" if self.meaning else ""
        return f"`{self.callee}` needs `{self.word}`{meaning}"

    @property
    def help(self) -> str | None:
        return f"for instance `{self.example}`" if self.example else None


@fact
class OutOfRange(Fact):
    """A number that the parameter does not allow."""

    code = "E303"
    slug = "out-of-range"
    callee: str
    word: str
    value: str
    allowed: str

    @property
    def message(self) -> str:
        return f"`{self.word}` of `{self.callee}` is {self.value}; it must be {self.allowed}"

    @property
    def help(self) -> str | None:
        number = float(self.value)
        if self.word == "rate" and 1 < number <= 100:
            return f"a rate is a fraction: {number / 100:g} for {number:g} %"
        if self.word == "pad" and number < 0:
            return f"`crop {-number:g}` takes cells away"
        return None


@fact
class WrongKindOfValue(Fact):
    """A value of another kind than the parameter has."""

    code = "E304"
    slug = "wrong-kind-of-value"
    callee: str
    word: str
    value: str
    needed: str

    @property
    def message(self) -> str:
        return f"`{self.word}` of `{self.callee}` is {self.value}; it must be {self.needed}"

    @property
    def help(self) -> str | None:
        meant = synonyms.word_meant(self.value.strip("`"))
        if meant is not None and f"`{meant}`" in self.needed:
            return f"`{self.word}={meant}`"
        if self.needed != "`true` or `false`" or self.value not in ("0", "1"):
            return None
        return f"`{self.word}={'true' if self.value == '1' else 'false'}`"


@fact
class WordInQuotes(Fact):
    """`pad="same"`."""

    code = "W301"
    slug = "word-in-quotes"
    callee: str
    word: str
    value: str

    @property
    def message(self) -> str:
        return f"`{self.word}` of `{self.callee}` is the word `{self.value}`, and words have no quotes here"

    @property
    def help(self) -> str | None:
        return f"`{self.word}={self.value}`"


@fact
class NotWhole(Fact):
    """A division that does not come out even where a whole number is needed."""

    code = "E305"
    slug = "not-whole"
    what: str
    value: str

    @property
    def message(self) -> str:
        return f"{self.what} must be a whole number, and this is {self.value}"

    @property
    def help(self) -> str | None:
        return "`//` rounds down, `ceil(…)` rounds up"


@fact
class RepeatCount(Fact):
    """`* -1`, or a repetition beyond the limit."""

    code = "E306"
    slug = "repeat-count"
    count: int
    limit: int

    @property
    def message(self) -> str:
        if self.count < 0:
            return f"nothing can be repeated {self.count} times"
        return f"{self.count:,} repetitions; the limit is {self.limit:,}"


@fact
class TooManyLayers(Fact):
    """A net beyond the limit, found before it is expanded."""

    code = "E307"
    slug = "too-many-layers"
    limit: int
    predicted: int | None

    @property
    def message(self) -> str:
        how_many = f"at least {self.predicted:,}" if self.predicted else f"more than {self.limit:,}"
        return f"this expands to {how_many} layers; the limit is {self.limit:,}"


@fact
class GivenTwice(Fact):
    """A parameter with two values."""

    code = "E308"
    slug = "given-twice"
    callee: str
    word: str

    @property
    def message(self) -> str:
        return f"`{self.word}` of `{self.callee}` is given twice"

    @property
    def help(self) -> str | None:
        return "`x` means channels; a size has no spaces: `3x3`" if self.word == "channels" else None


@fact
class TooManyArguments(Fact):
    """More values than parameters."""

    code = "E309"
    slug = "too-many-arguments"
    callee: str
    given: int
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        takes = f"{len(self.known)}" if self.known else "none"
        return f"`{self.callee}` takes {takes} by position, and {self.given} are given"

    @property
    def help(self) -> str | None:
        return f"its parameters are {listing(self.known, 'and')}" if self.known else None


@fact
class BudgetExceeded(Fact):
    """`budget params <= 5M` on a net that is larger."""

    code = "E310"
    slug = "budget-exceeded"
    condition: str
    actual: str

    @property
    def message(self) -> str:
        return f"the budget `{self.condition}` does not hold: {self.actual}"


@fact
class Undecidable(Fact):
    """A calculation that has no value."""

    code = "E311"
    slug = "no-value"
    expression: str
    reason: str
    advice: str | None = None

    @property
    def message(self) -> str:
        return f"`{self.expression}` has no value: {self.reason}"

    @property
    def help(self) -> str | None:
        return self.advice


@fact
class StartDoesNotFit(Fact):
    """First weights by a scheme that an array's shape has no place for."""

    code = "E313"
    slug = "start-does-not-fit"
    operation: str
    start: str
    weight: str
    shape: tuple[int, ...]

    @property
    def message(self) -> str:
        shape = "x".join(map(str, self.shape))
        has = "numbers for each channel" if len(self.shape) < 2 else "no window that it slides"
        return f"`init={self.start}` does not fit `{self.operation}`, whose `{self.weight}`, {shape}, has {has}"

    @property
    def help(self) -> str:
        return "`zeros`, `ones`, `normal(0.01)`, `uniform(0.05)` and a number fit weights of any shape"


@fact
class SharedWeightsDiffer(Fact):
    """A shared body on a tensor that needs other weights."""

    code = "E312"
    slug = "shared-weights-differ"
    layer: str
    first: str
    now: str

    @property
    def message(self) -> str:
        return f"`{self.layer}` is shared, and its weights were made for {self.first}; this use needs {self.now}"
