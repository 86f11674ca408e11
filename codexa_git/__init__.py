"""codexa-git: plain git carries a gated, evidence-backed delivery process."""

__version__ = "0.1.0"
