"""Enrolled keys, as people read them."""

from codexa_git.audit.record import time_of
from codexa_git.policy.signers import Signer


def window_of(key: Signer, at: int) -> str:
    """From when or until when a key signs, behind its name; empty where it always does."""
    if key.valid_after is not None and at < key.valid_after:
        return f", from {time_of(key.valid_after)}"
    if key.valid_before is None:
        return ""
    word = "until" if key.is_valid_at(at) else "ended"
    return f", {word} {time_of(key.valid_before)}"
