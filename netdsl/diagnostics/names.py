"""E1 and W1: names that mean nothing, something else, or too much."""

from __future__ import annotations

from netdsl.diagnostics import synonyms
from netdsl.diagnostics.core import Fact, did_you_mean, fact, listing


@fact
class UnknownOperation(Fact):
    """A call of something that is neither operation, block nor tensor."""

    code = "E101"
    slug = "unknown-operation"
    word: str
    nearest: str | None
    advice: str | None = None

    @property
    def message(self) -> str:
        return f"there is no operation, block or tensor named `{self.word}`"

    @property
    def help(self) -> str | None:
        instead = self.advice or synonyms.instead_of_operation(self.word)
        return instead or (f"did you mean `{self.nearest}`?" if self.nearest else None)


@fact
class UnknownName(Fact):
    """A name in an expression that nothing defines."""

    code = "E102"
    slug = "unknown-name"
    word: str
    nearest: str | None
    advice: str | None = None

    @property
    def message(self) -> str:
        return f"nothing is named `{self.word}` here"

    @property
    def help(self) -> str | None:
        advice = self.advice or synonyms.instead_of_value(self.word)
        return advice or (f"did you mean `{self.nearest}`?" if self.nearest else None)


@fact
class DefinedTwice(Fact):
    """A name that is taken already, here or outside."""

    code = "E103"
    slug = "defined-twice"
    word: str

    @property
    def message(self) -> str:
        return f"`{self.word}` is defined already"

    @property
    def help(self) -> str | None:
        return "no name is defined twice or hides one outside: choose another"


@fact
class LayerNamedTwice(Fact):
    """Two layers with one path, or a layer with the path of a group."""

    code = "E104"
    slug = "layer-named-twice"
    path: str
    first: str

    @property
    def message(self) -> str:
        if self.first != self.path:
            layer, inside = sorted((self.path, self.first), key=len)
            return f"`{layer}` names a layer, and `{inside}` would lie inside it"
        return f"two layers are named `{self.path}`"

    @property
    def help(self) -> str | None:
        return "give one of them another label; `name: …` before a call puts all of its layers under that name"


@fact
class UnknownAttribute(Fact):
    """`in.chanels`."""

    code = "E105"
    slug = "unknown-attribute"
    owner: str
    attribute: str
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"{self.owner} has no `{self.attribute}`"

    @property
    def help(self) -> str | None:
        if self.attribute in ("shape", "size") and self.known:
            return f"the sizes have names: {listing(self.known, 'and')}"
        nearest = did_you_mean(self.attribute, self.known)
        if nearest:
            return f"did you mean `{nearest}`?"
        return f"it has {listing(self.known, 'and')}" if self.known else None


@fact
class WrongKindOfThing(Fact):
    """A number where a tensor is needed, a block where a number is needed, and so on."""

    code = "E106"
    slug = "wrong-kind-of-thing"
    what: str
    needed: str
    advice: str | None = None

    @property
    def message(self) -> str:
        return f"{self.what}, and {self.needed} is needed here"

    @property
    def help(self) -> str | None:
        return self.advice


@fact
class NoTensorHere(Fact):
    """A layer before any tensor flows."""

    code = "E107"
    slug = "no-tensor-here"
    inputs: tuple[str, ...]

    @property
    def message(self) -> str:
        if len(self.inputs) > 1:
            return "with several inputs a flow starts from a name"
        return "no tensor flows here yet"

    @property
    def help(self) -> str | None:
        if self.inputs:
            return f"`{self.inputs[0]} -> …`"
        return "a net begins with its input: `input image: 3x224x224`"


@fact
class TensorInsidePipeline(Fact):
    """A tensor's name behind `->`."""

    code = "E108"
    slug = "tensor-inside-pipeline"
    word: str

    @property
    def message(self) -> str:
        return f"`{self.word}` is a tensor, and a tensor's name stands at the start of a pipeline only"

    @property
    def help(self) -> str | None:
        return f"begin a new line with `{self.word} -> …`, or merge it: `concat {{ | | {self.word} }}`"


@fact
class CallsItself(Fact):
    """A block that calls itself without end."""

    code = "E109"
    slug = "calls-itself"
    word: str
    limit: int

    @property
    def message(self) -> str:
        return f"`{self.word}` is used inside itself; calls are more than {self.limit} deep"

    @property
    def help(self) -> str | None:
        return "`* n` and `for` repeat; a block that uses itself needs an `if` that ends it"


@fact
class NoSuchNet(Fact):
    """A file without nets, or without the net that was asked for."""

    code = "E110"
    slug = "no-such-net"
    wanted: str | None
    present: tuple[str, ...]

    @property
    def message(self) -> str:
        if self.wanted is None:
            return "the file holds no net"
        return f"there is no net named `{self.wanted}`"

    @property
    def help(self) -> str | None:
        return f"there is {listing(self.present, 'and')}" if self.present else "write one: `net Small { … }`"


@fact
class FileNotUsable(Fact):
    """`use … from` a file that cannot be had."""

    code = "E111"
    slug = "file-not-usable"
    path: str
    reason: str
    advice: str | None = None

    @property
    def message(self) -> str:
        return f'"{self.path}" {self.reason}'

    @property
    def help(self) -> str | None:
        return self.advice


@fact
class NotInFile(Fact):
    """`use name from file` where the file lacks the name."""

    code = "E112"
    slug = "not-in-file"
    word: str
    path: str
    nearest: str | None

    @property
    def message(self) -> str:
        return f"{self.path} has no block named `{self.word}`"

    @property
    def help(self) -> str | None:
        return f"did you mean `{self.nearest}`?" if self.nearest else None


@fact
class WrongNumberOfResults(Fact):
    """`as a, b` on something with another number of results."""

    code = "E113"
    slug = "wrong-number-of-results"
    results: int
    names: int
    things: str = "tensor"

    @property
    def message(self) -> str:
        come = f"1 {self.things} comes" if self.results == 1 else f"{self.results} {self.things}s come"
        if self.names == 0:
            return f"{come} here, and one is needed"
        return f"{come} here, and {self.names} {'is' if self.names == 1 else 'are'} named"

    @property
    def help(self) -> str | None:
        letters = ", ".join("abcdefgh"[: self.results])
        if self.names == 0:
            return f"name them, `as {letters}`, and start a pipeline from one of them"
        if self.things != "tensor":
            return f"name as many: `for {letters} in …`" if 0 < self.results <= 8 else None
        return f"name as many: `as {letters}`" if 1 < self.results <= 8 else None


@fact
class LabelNotUsable(Fact):
    """A label that cannot be a layer's name."""

    code = "E114"
    slug = "label-not-usable"
    label: str
    reserved: bool

    @property
    def message(self) -> str:
        if self.reserved:
            return f"`{self.label}` cannot be a label: every PyTorch module has something of that name"
        return f"`{self.label}` cannot be a label: it is made of letters, digits and `_`"

    @property
    def help(self) -> str | None:
        return f"for instance `{self.label}1`" if self.reserved else None


@fact
class OperationsUnusable(Fact):
    """A Python file of operations that cannot be used."""

    code = "E115"
    slug = "operations-unusable"
    path: str
    reason: str

    @property
    def message(self) -> str:
        return f"`{self.path}` {self.reason}"

    @property
    def help(self) -> str | None:
        return "docs/own_operations.md shows one from beginning to end"


@fact
class NeverUsed(Fact):
    """A name or a tensor that nothing takes up."""

    code = "W101"
    slug = "never-used"
    what: str

    @property
    def message(self) -> str:
        return f"{self.what} is never used"

    @property
    def help(self) -> str | None:
        kind = self.what.split()[1]
        return _USES.get(kind)


_USES = {
    "list": "a merge takes it up, `concat(skips)`; or remove the `tap`",
    "result": "a merge or an output takes it up, `output aux = …`; or remove what makes it",
    "tensor": "a merge, an output or a pipeline takes it up; or remove `as`",
}


@fact
class HidesOperation(Fact):
    """A block with the name of a built-in operation."""

    code = "W102"
    slug = "hides-operation"
    word: str

    @property
    def message(self) -> str:
        return f"the block `{self.word}` hides the operation of that name in this file"
