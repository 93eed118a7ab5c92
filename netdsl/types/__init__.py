"""Sizes, shapes and element types of tensors."""
