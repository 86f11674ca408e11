"""Adds up amounts by name."""
