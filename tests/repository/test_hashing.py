"""The same hash, whoever makes it."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.repository.hashing import _own, hashed

CODE = """\
import sys
sys.path.append(sys.argv[1])
from codexa_git.repository.hashing import hashed
print(hashed("sha1", b"a" * 1000, b"b").hexdigest(), "hashlib" in sys.modules)
print(hashed("sha256", b"a" * 200_000).hexdigest(), "hashlib" in sys.modules)
"""


@pytest.mark.parametrize("name", ["sha1", "sha256"])
@given(parts=st.lists(st.binary(max_size=200), max_size=3))
def test_it_is_the_standard_librarys(name: str, parts: list[bytes]) -> None:
    wanted = hashlib.new(name, b"".join(parts)).hexdigest()
    own = _own(name)(usedforsecurity=False)
    for part in parts:
        own.update(part)
    assert hashed(name, *parts).hexdigest() == own.hexdigest() == wanted


def test_openssl_comes_in_where_there_is_much_to_hash() -> None:
    command = [sys.executable, "-I", "-S", "-c", CODE, str(Path(__file__).parents[2])]
    said = subprocess.check_output(command, text=True).split()
    little, much = b"a" * 1000 + b"b", b"a" * 200_000
    assert said[:2] == [hashlib.sha1(little).hexdigest(), "False"]
    assert said[2:] == [hashlib.sha256(much).hexdigest(), "True"]
