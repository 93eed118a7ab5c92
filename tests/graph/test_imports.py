"""`use`: what another file gives, and what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.graph.nets import codes, names, net, program, shapes

BLOCKS = """
let width = 8
default conv bias=false
block cr(channels=width) { conv 3x3 x channels same -> relu }
block two(channels) { cr(channels); cr(channels) }
net Inner { input 3x8x8; cr }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with files that others use."""
    root = tmp_path / "project"
    (root / "sub").mkdir(parents=True)
    (root / "blocks.net").write_text(BLOCKS, encoding="utf-8")
    (root / "sub" / "deep.net").write_text('use cr from "../blocks.net"\nblock deep { cr(4) }', encoding="utf-8")
    (root / "again.net").write_text('use cr, width from "blocks.net"', encoding="utf-8")
    (root / "one.net").write_text('use b from "two.net"\nblock a { b }', encoding="utf-8")
    (root / "two.net").write_text('use a from "one.net"\nblock b { a }', encoding="utf-8")
    (root / "broken.net").write_text("block b { conv 3x3 x4 -> }", encoding="utf-8")
    (tmp_path / "outside.net").write_text("block o { relu }", encoding="utf-8")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "extra.net").write_text("block extra { relu }", encoding="utf-8")
    return root


def test_blocks_and_lets_come_in(folder: Path) -> None:
    text = 'use cr, width from "blocks.net"\nnet N { input 3x8x8; cr; cr 4; conv 1x1 x width }'
    assert shapes(text, folder) == ["8x8x8", "8x8x8", "4x8x8", "4x8x8", "8x8x8"]


def test_a_block_keeps_its_own_files_names_and_defaults(folder: Path) -> None:
    text = 'use two from "blocks.net"\nlet width = 3\nnet N { input 3x8x8; two 4; conv 1x1 x width }'
    weights = [len(layer.weights) for layer in net(text, folder).graph.layers() if layer.operation.word == "conv"]
    assert weights == [1, 1, 2]


def test_the_users_defaults_do_not_reach_it(folder: Path) -> None:
    text = 'use cr from "blocks.net"\ndefault conv stride=2 bias=true\nnet N { input 3x8x8; cr 4; conv 1x1 x4 }'
    assert shapes(text, folder) == ["4x8x8", "4x8x8", "4x4x4"]


def test_paths_are_relative_to_the_file(folder: Path) -> None:
    assert names('use deep from "sub/deep.net"\nnet N { input 3x8x8; deep }', folder) == ["conv1", "relu1"]


def test_what_came_in_can_be_had_again(folder: Path) -> None:
    assert shapes('use cr, width from "again.net"\nnet N { input 3x8x8; cr width }', folder) == ["8x8x8", "8x8x8"]


def test_use_may_stand_anywhere_in_the_file(folder: Path) -> None:
    assert codes('net N { input 3x8x8; cr }\nuse cr from "blocks.net"', folder) == []


def test_the_other_files_nets_are_not_compiled(folder: Path) -> None:
    found = program('use cr from "blocks.net"\nnet N { input 3x8x8; cr }', folder)
    assert [each.name for each in found.nets] == ["N"]


@pytest.mark.parametrize("word", ["crr", "Inner"])
def test_a_name_that_the_file_lacks(folder: Path, word: str) -> None:
    assert codes(f'use {word} from "blocks.net"\nnet N {{ input 3x8x8; {word}(4) -> relu }}', folder) == ["E112"]


@pytest.mark.parametrize("path", ["missing.net", "../outside.net", "/etc/passwd", "sub", "{name}.net"])
def test_a_file_that_cannot_be_had_is_one_error(folder: Path, path: str) -> None:
    assert codes(f'use o from "{path}"\nnet N {{ input 3x8x8; o -> relu }}', folder) == ["E111"]


def test_nothing_leads_outside_of_the_folder(folder: Path) -> None:
    (folder / "link.net").symlink_to(folder.parent / "outside.net")
    assert codes('use o from "link.net"\nnet N { input 3x8x8; o }', folder) == ["E111"]


def test_further_folders_are_looked_into(folder: Path) -> None:
    text = 'use extra from "extra.net"\nnet N { input 3x8x8; extra }'
    assert codes(text, folder) == ["E111"]
    found = program(text, folder, include=(folder.parent / "more",))
    assert [str(each) for each in found.diagnostics] == []


def test_files_that_use_each_other_are_one_error(folder: Path) -> None:
    assert codes('use a from "one.net"\nnet N { input 3x8x8; a }', folder) == ["E111"]
    (folder / "self.net").write_text('use c from "self.net"\nblock c { relu }', encoding="utf-8")
    assert codes('use c from "self.net"\nnet N { input 3x8x8; c }', folder) == ["E111"]


def test_mistakes_are_reported_in_the_other_file(folder: Path) -> None:
    found = program('use b from "broken.net"\nnet N { input 3x8x8; b }', folder).diagnostics
    assert {Path(each.span.source.name).name for each in found} == {"broken.net"}


@pytest.mark.parametrize(
    "text",
    [
        'use cr from "blocks.net"\nuse cr from "again.net"\nnet N { input 3x8x8; cr }',
        'use cr from "blocks.net"\nblock cr(c) { conv 1x1 x c }\nnet N { input 3x8x8; cr 4 }',
        'use cr from "blocks.net"\nlet cr = 3\nnet N { input 3x8x8; conv 1x1 x4 }',
    ],
)
def test_a_name_comes_in_once(folder: Path, text: str) -> None:
    assert codes(text, folder) == ["E103"]


def test_an_unknown_library_is_an_error(folder: Path) -> None:
    assert codes("use se from stdd\nnet N { input 3x8x8; relu }", folder) == ["E111"]


def test_files_one_behind_the_other_have_a_limit(folder: Path) -> None:
    for number in range(80):
        text = f'use b from "chain{number + 1}.net"' if number < 79 else "block b { relu }"
        (folder / f"chain{number}.net").write_text(text, encoding="utf-8")
    assert codes('use b from "chain0.net"\nnet N { input 3x8x8; b }', folder)[0] == "E111"
    assert codes('use b from "chain40.net"\nnet N { input 3x8x8; b }', folder) == []
