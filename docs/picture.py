"""Draws docs/lenet5.svg, the picture of the README: a spec and what `netdsl check` prints of it.

python docs/picture.py
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

DOCS = Path(__file__).parent
SPEC = "specs/lenet5.net"
NET = "LeNet5"


def text_of_net() -> str:
    """The text of the net alone, as it stands in the spec."""
    lines = (DOCS.parent / SPEC).read_text(encoding="utf-8").splitlines()
    start = lines.index(f"net {NET}(classes=10) {{")
    return "\n".join(lines[start : lines.index("}", start) + 1])


def main() -> None:
    """Run the check and draw."""
    command = [sys.executable, "-m", "netdsl", "check", SPEC, "--net", NET]
    report = subprocess.run(command, cwd=DOCS.parent, check=True, capture_output=True, text=True).stdout
    console = Console(record=True, width=104, file=io.StringIO())
    console.print(Syntax(text_of_net(), "rust", theme="ansi_dark", background_color="default"))
    console.print(Text(f"\n$ netdsl check {SPEC} --net {NET}\n", style="bold green"))
    lines = [line for line in report.splitlines() if not line.startswith("MACs:")]
    console.print(Text("\n".join(lines)), highlight=False)
    drawn = console.export_svg(title="netdsl", unique_id="netdsl")
    # rich asks a server for its font; the reader's own will do.
    drawn = re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL).replace("Fira Code, monospace", "monospace")
    (DOCS / "lenet5.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
