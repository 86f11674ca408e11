"""The demo: one change, end to end, twice, through the command that people use."""
