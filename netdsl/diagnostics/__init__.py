"""What can be said about a spec: facts by phase, where they were found, and how they are shown.

The modules of facts are run when the first fact of theirs is made: most specs have no mistakes, and making five
dozen classes takes as long as checking a net.
"""

from netdsl.lazy import run_when_used

FACT_MODULES = ("attention", "names", "operations", "parameters", "shapes", "syntax", "targets", "training", "windows")

run_when_used(__name__, *FACT_MODULES)
