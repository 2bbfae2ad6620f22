"""Rows of strings → typed, checked rows; what cannot be used is named by file, line and column."""
