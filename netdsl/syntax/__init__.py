"""Text to AST: tokens, the LALR parser over ready-made tables, and the tree's builder.

What is said about text that cannot be read is made when the first mistake is met.
"""

from netdsl.lazy import run_when_used

run_when_used(__name__, "complaints", "habits", "slips")
