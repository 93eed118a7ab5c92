"""The forms of `netdsl check` that other programs read."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path


def test_csv_has_plain_numbers_and_nothing_but_the_table(netdsl) -> None:
    code, out, err = netdsl("check", "clean.net", "wrong.net", "--output-format", "csv", "--columns", "line")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 1
    assert rows[0] == {
        "net": "Digits", "layer": "conv1", "operation": "conv", "output": "6x28x28", "parameters": "156",
        "macs": "117600", "share": "0.909091", "line": "3",
    }  # fmt: skip
    assert [row["net"] for row in rows] == ["Digits"] * 5 + ["Twice"] * 2
    assert err.startswith("wrong.net:2:22: error[E205]")


def test_markdown(netdsl) -> None:
    out = netdsl("check", "clean.net", "wrong.net", "--output-format", "markdown").out
    lines = out.splitlines()
    assert lines[0] == "## Digits"
    assert "| layer | operation | output | parameters | MACs | share of MACs |" in lines
    assert "| --- | --- | --- | ---: | ---: | ---: |" in lines
    assert "| conv1 | conv | 6x28x28 | 156 | 117,600 | 90.9% |" in lines
    assert "| total |  |  | 11,926 | 129,360 |  |" in lines
    assert "Twice has mistakes: the layers behind them are left out." in lines
    assert lines[-1].startswith("* wrong.net:2:22: error[E205]")


def test_markdown_keeps_stars_and_bars_as_they_are(netdsl, folder: Path) -> None:
    (folder / "open.net").write_text("net Open { input i: 3xHxW; conv 1x1 x8 }\n")
    assert "| 24\\*H\\*W |" in netdsl("check", "open.net", "--output-format", "markdown").out


def test_json_of_a_wrong_spec_is_one_object(netdsl) -> None:
    code, out, err = netdsl("check", "wrong.net", "clean.net", "--output-format", "json")
    assert (code, err, out.count("\n")) == (1, "", 1)
    document = json.loads(out)
    assert list(document) == ["version", "diagnostics", "nets"]
    (found,) = document["diagnostics"]
    assert found["related"][-1]["message"] == "in `unit`, called here"
    assert found["related"][-1]["location"] == {"row": 9, "column": 13}
    assert [net["name"] for net in document["nets"]] == ["Twice", "Digits"]


def test_github_annotations(netdsl, folder: Path) -> None:
    assert netdsl("check", "clean.net", "--output-format", "github").out == ""
    code, out, _ = netdsl("check", "wrong.net", "--output-format", "github")
    assert code == 1
    assert out == (
        "::error file=wrong.net,line=2,col=22,title=E205 groups-do-not-divide::2 groups do not divide the 5 output "
        "channels (`x4` or `x6` can be split by 2; 5 channels allow groups of 1, 5)\n"
    )


def test_github_escapes_what_would_end_a_property(netdsl, folder: Path) -> None:
    (folder / "a,b%c.net").write_text("net W { input i: 3x224x224; conv 11x11/4 x96 }\n")
    out = netdsl("check", "a,b%c.net", "--output-format", "github").out
    assert out.startswith("::warning file=a%2Cb%25c.net,line=1,col=29,title=W201 border-never-read::")


def test_sarif(netdsl, folder: Path) -> None:
    (folder / "a b.net").write_text("net W { input i: 3x224x224; conv 11x11/4 x96 }\n")
    code, out, _ = netdsl("check", "wrong.net", "a b.net", "--output-format", "sarif")
    log = json.loads(out)
    assert (code, log["version"]) == (1, "2.1.0")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["E205", "W201"]
    assert rules[0]["name"] == "GroupsDoNotDivide"
    assert rules[0]["shortDescription"]["text"] == "The groups of a layer do not divide its channels."
    assert rules[0]["help"]["markdown"].startswith("# E205 groups-do-not-divide\n")
    assert [rule["defaultConfiguration"]["level"] for rule in rules] == ["error", "warning"]
    error, warning = run["results"]
    assert [rules[result["ruleIndex"]]["id"] for result in (error, warning)] == ["E205", "W201"]
    place = error["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "wrong.net"
    assert place["region"] == {"startLine": 2, "startColumn": 22, "endLine": 2, "endColumn": 30}
    assert error["relatedLocations"][-1]["message"]["text"] == "in `unit`, called here"
    assert warning["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.net"


def test_all_outputs_of_a_layer_are_told(netdsl, folder: Path) -> None:
    (folder / "parts.net").write_text("net Parts { input i: 24x8x8; split (8, 16) as a, b; a -> relu; output a, b }\n")
    assert "split      8x8x8, 16x8x8" in netdsl("check", "parts.net").out
    document = json.loads(netdsl("check", "parts.net", "--output-format", "json").out)
    first = document["nets"][0]["layers"][0]
    assert (first["output"], first["outputs"]) == ([8, 8, 8], [[8, 8, 8], [16, 8, 8]])
