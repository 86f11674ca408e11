"""Parse, call, print, exit: thin, one noun a file, imported late."""
