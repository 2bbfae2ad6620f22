"""Bytes and streams of anybody → rows of strings, each with its line in the file."""
