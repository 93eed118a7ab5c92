"""Folds over the graph: costs, receptive fields, budgets, and the report that they make up."""
