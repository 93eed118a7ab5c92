"""E0: the text cannot be read."""

from __future__ import annotations

import re

from netdsl.diagnostics.core import Fact, fact


@fact
class UnexpectedToken(Fact):
    """A token stands where the grammar has no place for it."""

    code = "E001"
    slug = "unexpected-token"
    found: str
    context: str
    advice: str | None

    @property
    def message(self) -> str:
        return f"{self.found} cannot stand here{self.context}"

    @property
    def help(self) -> str | None:
        return self.advice


@fact
class UnclosedBracket(Fact):
    """A bracket is opened and never closed."""

    code = "E002"
    slug = "unclosed-bracket"
    bracket: str
    closing: str

    @property
    def message(self) -> str:
        return f"`{self.bracket}` is never closed"

    @property
    def help(self) -> str | None:
        return f"write the matching `{self.closing}`"


@fact
class UnknownCharacter(Fact):
    """A character that no token begins with."""

    code = "E003"
    slug = "unknown-character"
    character: str
    advice: str | None = None

    @property
    def message(self) -> str:
        if self.character.isprintable():
            return f"the character `{self.character}` has no meaning here"
        return f"an invisible character, U+{ord(self.character):04X}, has no meaning here"

    @property
    def help(self) -> str | None:
        if self.advice is not None:
            return self.advice
        if not self.character.isprintable():
            return "it may have come with copied text: type a plain space in its place"
        if not self.character.isascii():
            return "names are made of the letters a-z and A-Z, digits and `_`"
        return None


@fact
class MissingArrow(Fact):
    """Two layers stand side by side."""

    code = "E004"
    slug = "missing-arrow"
    word: str
    extra: str
    parameter: str | None = None
    counts_channels: bool = False

    @property
    def message(self) -> str:
        return f"`{self.word}` takes one value in the short form, and `{self.extra}` is a second one"

    @property
    def help(self) -> str | None:
        if self.parameter is not None:
            return f"a parameter has its value behind `=`: `{self.parameter}=…`"
        if self.extra[0].isdigit() and self.counts_channels:
            return f"channels are written with an x: `x{self.extra}`"
        if self.extra.startswith("x") and self.counts_channels:
            return f"channels by name have a space behind the x: `x {self.extra[1:]}`"
        if self.extra[0].isdigit():
            return f"further values are named (`key=value`) or stand in `{self.word}(…)`"
        if self.extra.startswith('"'):
            return "words of the language have no quotes: `same`" if self.extra == '"same"' else None
        if self.extra.startswith("-"):
            return "layers are joined by `->`"
        return f"missing `->` before `{self.extra}`?"


@fact
class LiteralTooLong(Fact):
    """A number or name beyond what the compiler accepts."""

    code = "E005"
    slug = "literal-too-long"
    kind: str
    length: int
    limit: int

    @property
    def message(self) -> str:
        return f"this {self.kind} has {self.length} characters; the limit is {self.limit}"


@fact
class NestedTooDeep(Fact):
    """Brackets within brackets beyond the limit."""

    code = "E006"
    slug = "nested-too-deep"
    limit: int

    @property
    def message(self) -> str:
        return f"brackets are nested more than {self.limit} deep"

    @property
    def help(self) -> str | None:
        return "give inner parts a name with `block`"


@fact
class MisplacedRepeat(Fact):
    """`* n` behind something that is neither a group nor a call with brackets."""

    code = "E007"
    slug = "misplaced-repeat"
    step: str
    count: str

    @property
    def message(self) -> str:
        return f"`* {self.count}` repeats, and repetition follows a `}}` or a `)` only"

    @property
    def help(self) -> str | None:
        repeated = f"to repeat: `{{ {self.step} }} * {self.count}`"
        match = re.fullmatch(r"(?s)(.*[ =])(x)?\s*([\w.]+)", self.step)
        if match is None:
            return repeated
        head, channels, factor = match.groups()
        return f"{repeated}; to multiply: `{head}{'x ' if channels else ''}({factor} * {self.count})`"


@fact
class SourceTooLarge(Fact):
    """A file beyond the limit."""

    code = "E008"
    slug = "source-too-large"
    length: int
    limit: int

    @property
    def message(self) -> str:
        return f"the file has {self.length:,} characters; the limit is {self.limit:,}"


@fact
class MissingBars(Fact):
    """The braces of a merge without `|`."""

    code = "E009"
    slug = "missing-bars"
    word: str

    @property
    def message(self) -> str:
        return f"the branches of `{self.word}` begin with `|` each"

    @property
    def help(self) -> str | None:
        return f"{self.word} {{ | … | … }}"


@fact
class ClosedTooEarly(Fact):
    """A brace that ends a net or block whose lines go on."""

    code = "E010"
    slug = "closed-too-early"

    @property
    def message(self) -> str:
        return "this `}` ends a net or block, and the lines behind it stand outside"

    @property
    def help(self) -> str | None:
        return "there is one `}` too many: remove it"
