"""Sizes of axes and types of tensors. What only open sizes need is run when the first of them needs it."""

from netdsl.lazy import run_when_used

run_when_used(__name__, "size_agreement", "size_bounds")
