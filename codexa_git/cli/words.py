"""What a person types: text that is kept for ever, and a change that may be named before it."""

from codexa_git.audit.ids import is_change_id
from codexa_git.change.text import visible
from codexa_git.errors import UsageError


def spoken(text: str, what: str) -> str:
    """The text that goes on record, without white space at its ends.

    Raises:
        UsageError: it is empty, or holds characters that act or hide rather than say something.
    """
    said = text.strip()
    if not said.strip(".…"):
        raise UsageError(f"{what} cannot be empty", hint="it is kept on record: say it in a line")
    if visible(said) != said:
        raise UsageError(
            f"{what} holds characters that cannot be read: {visible(said)[:60]}",
            hint="write it as plain text",
        )
    return said


def after_change(words: tuple[str, ...], *names: str) -> tuple[str | None, ...]:
    """The change that comes first, or `None` where it was left out; then one word for each name.

    Raises:
        UsageError: there are too few words, or too many.
    """
    usage = " ".join(name if name.isupper() else f'"{name}"' for name in names)
    if len(words) == len(names) + 1:
        return words
    if len(words) == len(names) and not is_change_id(words[0]):
        return None, *words
    raise UsageError(f"this takes [CH-###] {usage}", hint="put what has spaces in it into quotes")
