"""Recipes, readable top to bottom; none imports another."""
