"""Roles, providers and the runs in which they work."""
