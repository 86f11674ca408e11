"""What writes the pages of docs/reference/: a module a subject, each from its code."""
