"""E0: the text cannot be read."""

from __future__ import annotations

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

    @property
    def message(self) -> str:
        return f"the character {ascii(self.character)} has no meaning here"

    @property
    def help(self) -> str | None:
        if self.character in "\"'":
            return 'text stands between double quotes on one line: "layer1"'
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

    @property
    def message(self) -> str:
        return f"`{self.word}` takes one value in the short form, and `{self.extra}` is a second one"

    @property
    def help(self) -> str | None:
        return f"missing `->` before `{self.extra}`? Further values are named (`key=value`) or stand in `{self.word}(…)`"


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
        return f"to repeat: `{{ {self.step} }} * {self.count}`; to multiply: put the product in parentheses"


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
