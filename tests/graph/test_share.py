"""`share`: one set of weights, however often it is used."""

from __future__ import annotations

from tests.graph.nets import body, codes, layers, names, net

TWICE = body("share t { conv 3x3 x3 same -> relu }; t; t")


def test_weights_are_counted_once_and_macs_each_time() -> None:
    once = net(body("share t { conv 3x3 x3 same -> relu }; t")).report.totals
    twice = net(TWICE).report.totals
    assert twice.params == once.params == 84
    assert twice.macs == 2 * once.macs


def test_later_uses_have_the_first_ones_weights() -> None:
    found = layers(TWICE)
    assert list(found) == ["t.conv1", "t.relu1", "t.conv1#2", "t.relu1#2"]
    assert found["t.conv1#2"].weights_name == "t.conv1"
    assert found["t.conv1#2"].shares_weights
    assert not found["t.conv1"].shares_weights


def test_a_declaration_is_not_a_use() -> None:
    assert names(body("share t { conv 1x1 x3 }; relu; t")) == ["relu1", "t.conv1"]


def test_it_is_used_in_branches_groups_and_repetitions() -> None:
    text = body("share t { conv 1x1 x3 }; add { | t | t -> relu }; { t } * 2; for i in range(2) { t }; g: { t }")
    assert [name for name in names(text) if "conv" in name] == ["t.conv1", *(f"t.conv1#{use}" for use in range(2, 8))]
    assert net(text).report.totals.params == 12


def test_a_use_takes_no_number_in_a_labelled_group() -> None:
    assert names(body("share t { conv 1x1 x3 }; g: { relu; t; relu }")) == ["g.0", "t.conv1", "g.1"]


def test_declared_in_a_labelled_group_it_has_the_groups_path() -> None:
    assert names(body("g: { share t { conv 1x1 x3 }; t; relu }")) == ["g.t.conv1", "g.0"]


def test_a_block_passes_it_on_as_a_value() -> None:
    text = body("share t { conv 1x1 x3 }; twice(t)", blocks="block twice(f) { f; f }")
    assert names(text) == ["t.conv1", "t.conv1#2"]


def test_labels_and_blocks_inside_keep_their_paths() -> None:
    text = body("share t { a: conv 1x1 x3; b: u }; t; t", blocks="block u { conv 1x1 x3 }")
    assert names(text) == ["t.a", "t.b.conv1", "t.a#2", "t.b.conv1#2"]


def test_a_shared_body_inside_another_is_one_set_too() -> None:
    text = body("share t { share u { conv 1x1 x3 }; u; u }; t; t")
    assert names(text) == ["t.u.conv1", "t.u.conv1#2", "t.u.conv1#3", "t.u.conv1#4"]
    assert net(text).report.totals.params == 12


def test_other_heights_and_widths_do() -> None:
    assert names(body("share t { conv 3x3 x3 same -> bn }; t; maxpool 2x2; t"))[-1] == "t.bn1#2"


def test_weights_of_another_shape_are_an_error() -> None:
    assert codes(body("share t { conv 1x1 x4 }; t; t")) == ["E312"]
    assert codes(body("share t { flatten -> fc 3 }; t as a; image -> maxpool 2x2 -> t as b; add(a, b)")) == ["E312"]


def test_it_takes_no_arguments_and_no_label() -> None:
    assert codes(body("share t { relu }; t 3")) == ["E106"]
    assert codes(body("share t { relu }; a: t")) == ["E106"]


def test_in_is_what_came_into_the_use() -> None:
    text = body("share t { relu; conv 1x1 x3; add { | | in } }; t; maxpool 2x2 -> t")
    assert [layer.outputs[0].type.shape for layer in net(text).graph.layers()][-1] == (3, 16, 16)


def test_it_may_have_several_results() -> None:
    text = body("share t { relu as a; tanh as b; output a, b }; t as c, d; add(c, d) -> t as e, f; add(e, f)")
    assert names(text) == ["t.relu1", "t.tanh1", "add1", "t.relu1#2", "t.tanh1#2", "add2"]


def test_each_round_that_declares_it_needs_a_path_of_its_own() -> None:
    assert codes(body("{ share t { conv 1x1 x3 }; t; t } * 2")) == ["E104"]
    text = body('for i in range(2) { "r{i}": { share t { conv 1x1 x3 }; t; t } }')
    assert names(text) == ["r0.t.conv1", "r0.t.conv1#2", "r1.t.conv1", "r1.t.conv1#2"]


def test_it_cannot_use_itself() -> None:
    assert codes(body("share t { relu; t }; t")) == ["E109"]
