"""Text that shows as what it is: no control, direction or surrogate characters."""

_UNPRINTABLE = r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u202a-\u202e\u2066-\u2069]"


def is_line(value: object) -> bool:
    """True for text of one line without control, direction or surrogate characters."""
    # What Python calls printable holds none of these; what it does not may be a space, say.
    return isinstance(value, str) and (value.isprintable() or not _holds_any(value))


def is_text(value: object) -> bool:
    """True for text of any number of lines, as `is_line` says of each; tabs may stand in it."""
    return isinstance(value, str) and is_line(value.replace("\n", "").replace("\t", ""))


def _holds_any(text: str) -> bool:
    import re  # noqa: PLC0415

    return re.search(_UNPRINTABLE, text) is not None
