"""Uses of a block become one class, whose parameters say what differs between them."""

from __future__ import annotations

import netdsl
from netdsl.targets.pytorch import source
from tests.pytorch.goldens import NETS, graph_of


def source_of(text: str) -> str:
    """The source of a text's only net."""
    return source(netdsl.parse(text).only().graph)


def test_a_block_used_once_holds_its_numbers() -> None:
    text = source_of("block b(c) { conv 1x1 x c }\nnet N { input 2x4x4; one: b(3) }")

    assert "self.conv1 = nn.Conv2d(2, 3, kernel_size=1)" in text
    assert "self.one = B()" in text


def test_what_differs_is_the_blocks_parameter() -> None:
    text = source_of(
        """
        block b(c, size=3) { conv size x (4 * c) pad=(size // 2) -> conv 1x1 x (c // 2) -> conv 1x1 x c }
        net N { input 8x4x4; one: b(8) -> two: b(8) -> three: b(16, 1) -> four: b(32) }
        """
    )

    assert "def __init__(self, in_channels: int, c: int, size: int = 3) -> None:" in text
    assert "4 * c, c // 2" in text
    assert "padding=size // 2" in text
    assert "self.three = B(8, 16, size=1)" in text
    assert "self.four = B(16, 32)" in text


def test_a_part_that_not_all_uses_have_is_optional() -> None:
    text = source_of(
        """
        block b(c, wide) { if wide { extra: conv 3x3 x c pad=1 }; last: conv 1x1 x c }
        net N { input 4x4x4; one: b(4, true) -> two: b(4, false) }
        """
    )

    assert "def __init__(self, extra: bool = False) -> None:" in text
    assert "self.extra: nn.Module = nn.Identity()\n        if extra:\n" in text
    assert "self.one = B(extra=True)" in text
    assert "self.two = B()" in text


def test_a_merge_that_not_all_uses_have_is_optional() -> None:
    text = source_of(
        """
        block b(c) { if in.channels == c { add { | conv 1x1 x c | } } else { conv 1x1 x c } }
        net N { input 4x4x4; one: b(4) -> two: b(8) -> three: b(8) }
        """
    )

    assert "self.residual = in_channels == c" in text
    assert "return y + x if self.residual else y" in text


def test_uses_that_differ_otherwise_are_classes_with_names_of_their_own() -> None:
    text = source_of(
        """
        block b(c, deep) { conv1: conv 1x1 x c; if deep { relu -> second: conv 1x1 x c -> tanh } }
        net N { input 4x4x4; one: b(4, false) -> two: b(4, true) }
        """
    )

    assert "class B(nn.Module)" in text
    assert "class BSecond(nn.Module)" in text


def test_repetitions_are_comprehensions() -> None:
    text = source_of(
        """
        block b(c, dilation) { conv 3x3 x c dilation=dilation pad=dilation -> relu }
        net N { input 4x64x64; same: { b(4, 1) * 3 }; growing: { for i in range(4) { b(4 + 2 * i, 1) } };
                doubling: { for i in range(5) { b(10, 2^i) } } }
        """
    )

    assert "*(B(4, 4, 1) for _ in range(3))" in text
    assert "*(B(4 + 2 * i, 6 + 2 * i, 1) for i in range(3))" in text
    assert "*(B(10, 10, 2**i) for i in range(5))" in text


def test_steps_that_begin_again_are_one_comprehension() -> None:
    text = source_of(
        """
        block b(dilation) { conv 3 x4 dilation=dilation pad=dilation }
        net N { input 4x64; body: { for i in range(8) { b(2^(i % 3)) } } }
        """
    )

    assert "nn.Sequential(*(B(2 ** (i % 3)) for i in range(8)))" in text


def test_blocks_with_further_results_are_called_in_a_loop() -> None:
    text = source(graph_of(NETS / "loops.net", "Gathered"))

    assert 'self.add_module(f"stage{i + 1}", Skipping(2 ** (i % 3)))' in text
    assert 'last, part = getattr(self, f"stage{i + 1}")(last)' in text
    assert "joined = torch.cat(parts, dim=1)" in text


def test_blocks_that_are_given_the_same_tensor_are_called_in_a_loop() -> None:
    text = source(graph_of(NETS / "loops.net", "Guided"))

    assert 'self.add_module(f"step{i + 1}", Guided2(6 + i, 5 + i))' in text
    assert 'step0 = getattr(self, f"step{i + 1}")(step0, guide)' in text
    assert " for " not in source(graph_of(NETS / "loops.net", "Irregular")).partition("class Irregular")[2]


def test_numbered_parts_that_are_no_chain_are_a_list() -> None:
    text = source(graph_of(NETS / "loops.net", "Listed"))

    assert "super().__init__(Guided(6, 4) for _ in range(5))" in text
    assert "for layer in self:\n            x = layer(x, guide)" in text
    assert "for i in range(2, 5):\n            y = self[i](y, guide)" in text
    assert "z = self[5](y, guide)" in text


def test_how_often_is_a_parameter_too() -> None:
    text = source_of(
        """
        block unit(c) { conv 3x3 x c same -> relu }
        block stage(c, depth) { units: { unit(c) * depth } }
        net N { input 4x8x8; one: stage(4, 2) -> two: stage(4, 5) -> three: stage(4, 7) }
        """
    )

    assert "nn.Sequential(*(Unit() for _ in range(depth)))" in text
    assert "self.three = Stage(7)" in text


def test_functions_and_numbers_that_differ_are_attributes() -> None:
    text = source_of(
        """
        block b(size) { maxpool size -> conv 1x1 x4 -> crop size }
        net N { input 4x64x64; one: b(2) -> two: b(3) }
        """
    )

    assert "self.maxpool1 = nn.MaxPool2d(size)" in text
    assert "self.size = size" in text
    assert "x[:, :, self.size : -self.size, self.size : -self.size]" in text


def test_labels_that_differ_in_a_number_are_one_class() -> None:
    text = source_of(
        """
        net N { input 4x8x8; for i in range(3) { "level{i}": { add { | | conv 3x3 x4 same } } } }
        """
    )

    assert text.count("class Level(") == 1
    assert "self.level2 = Level()" in text


def test_inputs_of_a_block_are_called_as_its_parameters() -> None:
    text = source_of(
        """
        block join(skip, c) { concat { | skip | } -> conv 1x1 x c }
        net N { input a: 4x8x8; a -> conv 1x1 x4 as early -> relu -> joined: join(early, 8) }
        """
    )

    assert "def forward(self, x: Tensor, skip: Tensor) -> Tensor:" in text
    assert "self.joined(x, early)" in text


def test_shapes_stand_behind_the_lines_where_they_change() -> None:
    text = source_of("net N { input 2x8x8; conv 3x3 x4; relu; maxpool 2x2; flatten }")

    assert [line.split("# ")[1] for line in text.splitlines() if "# " in line] == ["4x6x6", "4x3x3", "36"]


def test_open_sizes_are_shown_as_they_are_written() -> None:
    text = source_of("net N { input (2, 4*H, W); conv 1x1 x4; maxpool 2x1 }")

    assert "# (4, 2*H, W)" in text


def test_support_classes_are_pasted_when_used() -> None:
    text = source_of("net N { input 3x4x4; normalize (0.5, 0.5, 0.5) (0.2, 0.2, 0.2) }".replace(") (", ") std=("))

    assert "class Normalize(nn.Module):" in text
    assert "netdsl" not in text


def test_rates_in_equal_steps_are_a_comprehension() -> None:
    text = source_of(
        """
        block b(rate) { add { | conv 3 x4 same -> drop_path rate | } }
        net N { input 4x64; body: { for i in range(5) { b(i / 30) } -> for i in range(3) { b(0.1 + 0.3 * i) } } }
        """
    )

    assert "*(B(i / 30) for i in range(5))" in text
    assert "*(B((1 + 3 * i) / 10) for i in range(3))" in text
    assert [(1 + 3 * i) / 10 for i in range(3)] == [0.1, 0.4, 0.7]


def test_a_part_that_goes_in_steps_is_there_wherever_they_are_not_1() -> None:
    text = source_of(
        """
        block b(c, stride=1) {
            add {
                | conv 3x3 x c stride=stride pad=1
                | if stride != 1 or in.channels != c { conv 1x1 x c stride=stride }
            }
        }
        net N { input 4x8x8; one: b(4) -> two: b(8, stride=2) -> three: b(16) }
        """
    )

    assert "if stride != 1 or in_channels != c:" in text
    assert "self.two = B(4, 8, stride=2)" in text


def test_what_comes_in_is_no_part_of_a_number_by_coincidence() -> None:
    text = source_of(
        """
        block b(c) { conv 1x1 x (4 * c) -> conv 1x1 x (c // 4) -> conv 1x1 x c }
        net N { input 4x8x8; one: b(8) -> two: b(16) }
        """
    )

    assert "def __init__(self, in_channels: int, c: int) -> None:" in text
    assert "nn.Conv2d(in_channels, 4 * c, kernel_size=1)" in text
    assert "nn.Conv2d(c // 4, c, kernel_size=1)" in text


def test_pads_that_differ_are_numbers_in_the_class() -> None:
    text = source_of(
        """
        block b(d) { conv 2 x4 dilation=d causal=true }
        net N { input 4x16; one: b(1) -> two: b(2) }
        """
    )

    assert "self.padding = (d, 0)" in text
    assert "x = F.pad(x, self.padding)" in text


def test_what_does_nothing_does_not_end_a_chain() -> None:
    text = source_of("net N { input 4x8x8; one: { conv 1x1 x4 -> identity } }")

    assert "self.one = nn.Sequential(nn.Conv2d(4, 4, kernel_size=1))" in text


def test_what_is_normalised_are_channels() -> None:
    text = source_of("block b { bn -> relu }\nnet N { input 4x8x8; one: b -> conv 1x1 x8 -> two: b }")

    assert "def __init__(self, channels: int) -> None:" in text
    assert "self.bn1 = nn.BatchNorm2d(channels)" in text


def test_comments_are_as_wide_as_code() -> None:
    comment = f"# What {'a long block ' * 9}does.\n#\n# - one\n# - two\n"
    text = source_of(f"{comment}block b(c) {{ conv 1x1 x c }}\nnet N {{ input 4x8x8; one: b(8) }}")

    assert max(map(len, text.splitlines())) <= 88
    assert text.count("a long block") + text.count("a long\n") + text.count(" a\n") >= 9
    assert "\n\n    - one\n    - two\n" in text
