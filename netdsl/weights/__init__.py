"""The numbers that a net starts with: which distribution, and the drawing of them."""
