"""One handler a git hook."""
