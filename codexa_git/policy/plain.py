"""The form of `codexa.toml` once more, for what it plainly keeps: read without the model's library.

A hook on a server, `verify` and every command that meets a policy for the first time would spend
half their time on importing it. What is said here is `model` again in a form that needs nothing:
it says yes only where the model would, to the same values. Whatever else stands there is the
model's to refuse, in its words. The tests keep the two equal.
"""

from collections.abc import Callable
from types import SimpleNamespace

from codexa_git.policy import fields
from codexa_git.values import Any, NamedTuple

_Reader = Callable[[Any], Any]
_GIVES_UP = ValueError("that is for the model to answer")


class Key(NamedTuple):
    """A key of a table: how its value is read, what its absence means, the model's name for it."""

    read: _Reader
    missing: Callable[[], Any] | None = None
    called: str | None = None


Form = dict[str, Key]


def plainly(values: dict[str, Any]) -> Any | None:  # noqa: ANN401 (a `PolicyPaper` but for its class)
    """What the model would make of these values, attribute by attribute; `None`: ask the model."""
    try:
        return _table(FORM)(values)
    except ValueError:
        return None


def _of(kind: type, value: object) -> Any:  # noqa: ANN401 (of that kind)
    if type(value) is not kind:  # true is no number, and a time no day
        raise _GIVES_UP
    return value


def _kept(check: Callable[[str], str]) -> _Reader:
    return lambda value: check(_of(str, value))


def _number(least: int, most: int) -> _Reader:
    def read(value: object) -> int:
        if not least <= _of(int, value) <= most:
            raise _GIVES_UP
        return value  # type: ignore[return-value]

    return read


def _one_of(*words: str) -> _Reader:
    def read(value: object) -> str:
        if _of(str, value) not in words:
            raise _GIVES_UP
        return value  # type: ignore[return-value]

    return read


def _flag(value: object) -> Any:  # noqa: ANN401 (true or false)
    return _of(bool, value)


def _day(value: object) -> Any:  # noqa: ANN401 (a day)
    from datetime import date  # noqa: PLC0415

    return _of(date, value)


def _list(read: _Reader, *, least: int = 0) -> _Reader:
    def each(value: object) -> list[Any]:
        if len(_of(list, value)) < least:
            raise _GIVES_UP
        return [read(one) for one in value]  # type: ignore[attr-defined]

    return each


def _tables(name: _Reader, form: Form) -> _Reader:
    """Tables by names of their own, in the order in which they stand there."""
    read = _table(form)
    return lambda value: {name(key): read(each) for key, each in _of(dict, value).items()}


def _table(form: Form) -> _Reader:
    def read(value: object) -> SimpleNamespace:
        given = _of(dict, value)
        if not given.keys() <= form.keys():
            raise _GIVES_UP
        found = {key.called or name: _value(key, name, given) for name, key in form.items()}
        return SimpleNamespace(**found)

    return read


def _value(key: Key, name: str, given: dict[str, Any]) -> Any:  # noqa: ANN401 (the key's)
    if name in given:
        return key.read(given[name])
    if key.missing is None:
        raise _GIVES_UP
    return key.missing()


def _or(read: _Reader, missing: object) -> Key:
    return Key(read, lambda: missing)


def _sub(form: Form) -> Key:
    """A table that is as if it stood there empty where it does not."""
    read = _table(form)
    return Key(read, lambda: read({}))


def _lists(read: _Reader) -> Key:
    return Key(_list(read), list)


_COUNT = _number(1, 100)
_PATTERNS = {"paths": _lists(_kept(fields.glob))}
_GATE = {"role": Key(_kept(fields.role)), "count": _or(_COUNT, 1)}
_KEPT = ("keep", "archive")
_ROLES = ("pm-agent", "designer", "implementer", "tester", "governance")
_EVENTS = ("digest", "handoff", "approval", "concern", "landing")

_PERSON: Form = {
    "email": Key(_kept(fields.email)),
    "name": Key(_kept(fields.line)),
    "roles": Key(_list(_kept(fields.role), least=1)),
}
_REQUIRE: Form = {"name": Key(_kept(fields.word)), "run": Key(_kept(fields.command))}
_GATES: Form = {
    "plan": Key(_table(_GATE)),
    "results": Key(_table(_GATE | {"when": _or(_one_of("always", "unless-all-pass"), "always")})),
    "package": Key(_table(_GATE)),
    "validate": _sub({"require": _lists(_table(_REQUIRE))})._replace(called="stage"),
}
_PATH: Form = {
    "paths": Key(_list(_kept(fields.glob), least=1)),
    **_GATE,
    "carry": _or(_one_of("patch", "exact"), "patch"),
}
_APPROVAL = {
    name: _or(_flag, missing=False) for name in ("separate", "require_touch", "require_pin")
}
_TESTS: Form = {
    "setup": _lists(_kept(fields.command)),
    "setup_files": _lists(_kept(fields.relative)),
    "run": _lists(_kept(fields.command)),
    "junit": _or(_kept(fields.relative), None),
    "coverage": _or(_kept(fields.relative), None),
    "touched": _or(_number(1, 100), None),
    "unmeasured": _lists(_kept(fields.glob)),
    "timeout": _or(_number(1, 86_400), 600),
    "environment": _lists(_kept(fields.passed)),
    "output_limit": _or(_number(1_000, 1_000_000_000), 10_000_000),
}
_AGENT: Form = {
    "provider": _or(_one_of("scripted"), "scripted"),
    "template": _or(_kept(fields.relative), None),
}
_RETENTION: Form = {
    "results": _or(_one_of(*_KEPT), "keep"),
    "runs": _or(_one_of(*_KEPT), "keep"),
    "logs": _or(_one_of(*_KEPT, "drop"), "archive"),
    "packet": _or(_one_of(*_KEPT), "keep"),
    "drop_after": _or(_number(0, 36_500), 0),
}
_LIGHT: Form = {**_PATTERNS, "lines": _or(_number(0, 10_000), 20)}
_NOTIFY: Form = {
    "url_from": Key(_kept(fields.variable)),
    "events": Key(_list(_one_of(*_EVENTS), least=1)),
}

FORM: Form = {
    "rules": Key(_number(1, 1)),
    "mode": Key(_one_of("observe", "enforce")),
    "branch": _or(_kept(fields.branch), "main"),
    "owner": _sub({"count": _or(_COUNT, 1)}),
    "people": Key(_list(_table(_PERSON), least=1)),
    "gate": Key(_table(_GATES)),
    "path": _lists(_table(_PATH)),
    "approval": _sub(_APPROVAL),
    "tests": _sub(_TESTS),
    "agents": Key(_tables(_one_of(*_ROLES), _AGENT), dict),
    "execute": _sub({"tries": _or(_number(1, 100), 3)}),
    "retention": _sub(_RETENTION),
    "evidence": _sub({"masks": _lists(_kept(fields.mask))}),
    "light": Key(_table(_LIGHT), lambda: SimpleNamespace(paths=[], lines=0)),
    "free": _sub(_PATTERNS),
    "guarded": _sub(_PATTERNS),
    "notify": Key(_tables(_kept(fields.word), _NOTIFY), dict),
    "milestone": Key(_tables(_kept(fields.milestone), {"start": Key(_day)}), dict),
}
"""The whole file; what is missing here, or read otherwise than by the model, a test finds."""
