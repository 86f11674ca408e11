"""A headless Chromium, spoken to over a pipe by its DevTools protocol."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_SWITCHES = (
    *("headless", "no-sandbox", "disable-gpu", "disable-background-networking", "disable-sync"),
    *("disable-component-update", "no-first-run", "remote-debugging-pipe", "hide-scrollbars"),
)
_PATIENCE = 60
_PLACED = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""The browser reads commands from its fourth file, and writes answers to its fifth."""


def _moved_up(end: int) -> int:
    """The same end of a pipe, out of the way of those numbers."""
    higher = fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(end)
    return higher


class Browser:
    """One page at a time; `heard` holds every event since it was opened."""

    def __init__(self, program: str, profile: Path) -> None:
        mine_in, its_out = os.pipe()
        its_in, mine_out = os.pipe()
        its_in, its_out = (_moved_up(end) for end in (its_in, its_out))
        self._child = subprocess.Popen(
            [
                *(sys.executable, "-c", _PLACED, str(its_in), str(its_out), program),
                *(f"--{switch}" for switch in _SWITCHES),
                f"--user-data-dir={profile}",
            ],
            pass_fds=(its_in, its_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(its_in)
        os.close(its_out)
        self._in, self._out = mine_in, mine_out
        self._rest, self._number, self._session, self._tab = b"", 0, "", ""
        self.heard: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session = ""
        self.call("Browser.close")
        self._child.wait(_PATIENCE)
        os.close(self._in)
        os.close(self._out)

    def open(self, page: Path) -> None:
        """The page is loaded, in a tab of its own."""
        self._session, self.heard = "", []
        if self._tab:
            self.call("Target.closeTarget", targetId=self._tab)
        self._tab = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=self._tab, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")
        self.call("Page.navigate", url=page.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.heard):
            self._hear(self._next())

    def look(self, *, width: int = 1100, media: str = "screen", scheme: str = "light") -> None:
        """The page is shown this wide, on this medium, in this colour scheme."""
        shape = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **shape)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", media=media, features=[feature])

    def ask(self, expression: str) -> Any:  # noqa: ANN401 (whatever the page answers)
        """What the expression comes to in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str, code: int) -> None:
        """The key was pressed and released."""
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            what = {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code}
            self.call("Input.dispatchKeyEvent", **what, **text)

    def printed(self) -> bytes:
        """The page as a PDF."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=False)["data"])

    @property
    def requests(self) -> list[str]:
        """Every address that the page asked for."""
        sent = [e for e in self.heard if e["method"] == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]

    @property
    def complaints(self) -> list[str]:
        """What the browser found wrong with the page."""
        return [e["params"]["entry"]["text"] for e in self.heard if e["method"] == "Log.entryAdded"]

    def call(self, method: str, **params: Any) -> dict[str, Any]:  # noqa: ANN401
        """The answer to one command."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            self._hear(answer)
        assert "error" not in answer, f"{method}: {answer}"
        result: dict[str, Any] = answer["result"]
        return result

    def _hear(self, message: dict[str, Any]) -> None:
        if "method" in message:
            self.heard.append(message)

    def _next(self) -> dict[str, Any]:
        until = time.monotonic() + _PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._in], [], [], max(0, until - time.monotonic()))
            assert ready, "the browser does not answer"
            found = os.read(self._in, 1 << 20)
            assert found, "the browser has ended"
            self._rest += found
        line, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message
