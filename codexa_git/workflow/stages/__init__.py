"""What each stage makes of a moment and of what was put in: one commit; no ref moves here."""
