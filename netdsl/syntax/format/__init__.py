"""The formatter's steps: text to pieces, pieces to lines, lines to columns."""
