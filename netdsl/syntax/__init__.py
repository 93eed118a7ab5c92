"""Text to AST: tokens, the LALR parser over ready-made tables, and the tree's builder."""
