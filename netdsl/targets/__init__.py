"""What a graph is lowered to."""
