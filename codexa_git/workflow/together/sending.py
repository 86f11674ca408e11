"""Sending one message to one address, through apprise; without it nothing is sent.

An address is a secret, so nothing that apprise says is handed on but a number.
"""

import logging
import re
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apprise import NotifyBase

LONGEST_WAIT = 30.0
"""How many seconds a service has for its answer, however slowly it gives it."""

MISSING = "apprise is not installed: pip install '.[notify]', in a clone of codexa-git"
"""Why nothing is sent where the extra is not installed."""

_NOT_TAKEN = "not taken"
_STATUS = re.compile(r"error=([1-5][0-9]{2})\b")


class _Heard(logging.Handler):
    """What apprise logs: only a status of HTTP is kept of it."""

    def __init__(self) -> None:
        super().__init__()
        self.status = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the last status."""
        found = _STATUS.search(record.getMessage())
        self.status = found[1] if found else self.status

    @property
    def why(self) -> str:
        """Why a message was not taken, as far as one may say."""
        return f"it answered {self.status}" if self.status else "it could not be reached"


def send(
    address: str, heading: str, whole: str, chat: str, seconds: float | None = None
) -> str | None:
    """`None` once the service took the message; else why not, in words that hold no address.

    A service with room for it gets the `whole`, any other, and Discord, the `chat`. It has so many
    seconds for its answer, or `LONGEST_WAIT`.
    """
    try:
        import apprise  # noqa: PLC0415
    except ImportError:
        return MISSING
    heard, logger = _Heard(), logging.getLogger("apprise")
    handlers, propagates = logger.handlers, logger.propagate
    logger.handlers, logger.propagate = [heard], False
    try:
        service = apprise.Apprise.instantiate(address)
        if service is None:
            return "its address is none that apprise knows"
        roomy = service.body_maxlen > len(whole) + len(heading)
        is_chat = service.secure_protocol == "discord"  # it acts on what a mail only shows
        body = whole if roomy and not is_chat else chat
        return _answer(service, heading, body, heard, LONGEST_WAIT if seconds is None else seconds)
    except Exception as error:  # noqa: BLE001 (a traceback of apprise's would show the address)
        return _broke(error)
    finally:
        logger.handlers, logger.propagate = handlers, propagates


def _answer(
    service: "NotifyBase", heading: str, body: str, heard: _Heard, seconds: float
) -> str | None:
    """What came of it within the time that there is; who is too slow is left behind."""
    answers: list[str | None] = []
    sender = Thread(target=_ask, args=(service, heading, body, answers), daemon=True)
    sender.start()
    sender.join(seconds)
    if sender.is_alive():
        return f"no answer within {max(1, round(seconds))} seconds"
    return heard.why if answers[0] == _NOT_TAKEN else answers[0]


def _broke(error: Exception) -> str:
    return f"apprise broke off with {type(error).__name__}"


def _ask(service: "NotifyBase", heading: str, body: str, answers: list[str | None]) -> None:
    import apprise  # noqa: PLC0415

    one = apprise.Apprise()
    one.add(service)
    try:
        taken = one.notify(body=body, title=heading, body_format="markdown")
    except Exception as error:  # noqa: BLE001 (as above)
        answers.append(_broke(error))
    else:
        answers.append(None if taken else _NOT_TAKEN)
