"""The typed graph, and the elaboration of the AST into it."""
