"""How names read: what looks like a name that is needed, in whatever letters, and what is free."""

import pytest

from codexa_git.hooks.likeness import reading
from codexa_git.hooks.naming import posing

MAIN = "refs/heads/main"
POSING = (
    "refs/heads/\u1d0d\u1d00\u026a\u0274",
    "refs/tags/\u1d0d\u1d00\u026a\u0274",
    "refs/tags/origin/\u1d0d\u1d00\u026a\u0274",
    "refs/heads/\u1d04\u029c\u1d00\u0274\u0262\u1d07/\u1d04\u029c-001",
    "refs/tags/\u029f\u1d00\u0274\u1d05\u1d07\u1d05/\u1d04\u029c-001",
    "refs/tags/\u029c\u1d07\u1d00\u1d05",
    "refs/heads/\u13b7\u13aa\u13a5\u039d",
    "refs/heads/\uab87\uab7a\uab75\u039d",
    "refs/heads/\ua4df\ua4ee\ua4f2\ua4e0",
    "refs/heads/\u039c\u0391\u0399\u039d",
    "refs/heads/\u2c98\u2c80\u2c92\u2c9a",
    "refs/heads/\u0271\u0251\u0268\u0272",
    "refs/heads/\U0001f15c\U0001f150\U0001f158\U0001f15d",
    "refs/heads/\U0001f1f2\U0001f1e6\U0001f1ee\U0001f1f3",
    "refs/heads/\u043c\u0430\u0456\u043f",
)
FREE = (
    "\u0442\u0435\u0441\u0442",
    "\u0432\u0435\u0442\u043a\u0430",
    "\u043c\u0430\u043c\u0430",
    "\u043d\u0435\u0431\u043e",
    "\u043c\u0438\u0440\u0430",
    "\u529f\u80fd\u5206\u652f",
    "\u4e3b\u8981\u5206\u652f",
    "\u30c6\u30b9\u30c8",
    "\u03bc\u03ad\u03bd\u03c9",
    "\u03b4\u03bf\u03ba\u03b9\u03bc\u03ae",
    "\u13e3\u13b3\u13a9",
    "\u05e8\u05d0\u05e9\u05d9",
    "pr\u00fcfung",
)


@pytest.mark.parametrize("ref", POSING, ids=ascii)
def test_a_name_in_letters_that_look_like_ours_poses(ref: str) -> None:
    assert posing(ref, MAIN) is not None


@pytest.mark.parametrize("name", FREE, ids=ascii)
@pytest.mark.parametrize("folder", ["refs/heads/", "refs/tags/"])
def test_a_name_that_people_write_in_their_own_letters_is_free(folder: str, name: str) -> None:
    assert posing(folder + name, MAIN) is None
    assert reading(name)
