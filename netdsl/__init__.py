"""netdsl: the compiler for neural-network architectures."""
