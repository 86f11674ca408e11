"""What codexa asks of git, and nothing else; only this package runs git."""
