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
    "refs/heads/\u15f0\u15e9\u13a5\u144e",
    "refs/heads/\u15f0\u15e9I\u144e",
    "refs/heads/\U0001030c\U00010300\U00010309\U0001030d",
    "refs/heads/\u13b7\ua4ee\u13a5\u144e",
    "refs/heads/\u0e53\u0e04\u0e40\u0e20",
    "refs/heads/\u10db\u10d0\u10d8\u10dc",
    "refs/heads/\u043c\u03b1\u05d5\u03b7",
    "refs/heads/\u04ce\u04d9\u04cf\u0525",
    "refs/heads/\u722a\u5342\u4e28\u51e0",
    "refs/heads/ma\u4e28n",
    "refs/heads/main\u02d1",
    "refs/heads/main\u0640",
    "refs/heads/main\u02c2",
    "refs/heads/m\u02b9ain\u20dd",
    "refs/heads/main\U0001d159",
    "refs/heads/main\U00013441",
    "refs/tags/origin/ma\ufffcin",
    "refs/heads/rn\u0430in",
    "refs/tags/origin/\u15f0\u15e9\u13a5\u144e",
    "refs/tags/\u1455\u1455\u1455\u1455\u1455\u1455/CH-001",
    "refs/tags/origin/change\u02d1/CH-001",
    "refs/heads/rnain",
    "refs/heads/ma1n",
    "refs/heads/maln",
    "refs/heads/RNA1N",
    "refs/tags/origin/maln",
    "refs/tags/Ianded/CH-001",
    "refs/tags/landecl/CH-001",
    "refs/tags/rnilestone/MS-01",
    "refs/tags/m1lestone/MS-01",
    "refs/tags/origin/change/CH-OO1",
    "refs/heads/HEACL",
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
    "\u0641\u0631\u0639-\u062c\u062f\u064a\u062f",
    "\u0627\u062e\u062a\u0628\u0627\u0631",
    "\u062a\u062c\u0631\u0628\u0629/\u0627\u0644\u0639\u0631\u0636",
    "\u05e2\u05e0\u05e3-\u05d7\u05d3\u05e9",
    "\u03ba\u03bb\u03ac\u03b4\u03bf\u03c2/\u03bd\u03ad\u03bf",
    "\u0438\u0441\u043f\u0440\u0430\u0432\u043b\u0435\u043d\u0438\u0435/\u0432\u0445\u043e\u0434",
    "\u0938\u0941\u0927\u093e\u0930\u0928\u093e",
    "\u0e41\u0e01\u0e49\u0e44\u0e02\u0e1a\u0e31\u0e4a\u0e01",
    "\u1218\u1240\u1320\u120d-\u12a0\u12f2\u1235",
    "\u0574\u0578\u0582\u057f\u0584-\u0576\u0578\u0580",
    "\uae30\ub2a5/\ub85c\uadf8\uc778",
    "\u529f\u80fd/\u767b\u5f55",
    "ma\u5206\u652f",
    "\u4fee\u6b63-main",
    "na\u00efve-cache",
    "f\u00f8lg-main",
)
BASES = ("main", "master", "dev", "develop", "trunk", "release/1.0", "team/main")
WORDS = (
    *(
        "domain",
        "maintenance",
        "remain",
        "mainline",
        "main-2",
        "main_old",
        "maintain",
        "man",
        "mail",
    ),
    *("moin", "many", "mainframe", "rain", "ruin", "brain", "plain", "train", "maine", "chain"),
    *("cleanup", "decline", "clear", "deal", "dean", "claim", "class", "client", "cli", "ci", "cd"),
    *("head-office", "ahead", "heading", "header", "headless", "subhead", "lead", "read", "heap"),
    *("changes", "changelog", "change-log", "exchange", "chance", "charge", "land", "landing"),
    *("island", "landscape", "stone", "mile", "milestones", "masters", "mastery", "muster", "dew"),
    *("device", "devel", "developer", "development", "devops", "truck", "drunk", "tree", "release"),
    *(
        "releases",
        "1.0",
        "v1.0",
        "release-1.0",
        "hotfix",
        "login",
        "logging",
        "llama",
        "will",
        "all",
    ),
    *(
        "o0",
        "l10n",
        "i18n",
        "a11y",
        "101",
        "0",
        "1",
        "vv",
        "savvy",
        "navvy",
        "corner",
        "burn",
        "turn",
    ),
    *(
        "modern",
        "pattern",
        "learn",
        "return",
        "warn",
        "fern",
        "colour",
        "oil",
        "tool",
        "loop",
        "pool",
    ),
)
ORDINARY = (
    *WORDS,
    *(f"{kind}/{word}" for kind in ("feature", "fix", "users/demo") for word in WORDS),
    *(f"{number}-{word}" for number in (1, 10) for word in WORDS),
)


@pytest.mark.parametrize("ref", POSING, ids=ascii)
def test_a_name_in_letters_that_look_like_ours_poses(ref: str) -> None:
    assert posing(ref, MAIN) is not None


@pytest.mark.parametrize("name", FREE, ids=ascii)
@pytest.mark.parametrize("folder", ["refs/heads/", "refs/tags/"])
def test_a_name_that_people_write_in_their_own_letters_is_free(folder: str, name: str) -> None:
    assert posing(folder + name, MAIN) is None
    assert reading(name)


@pytest.mark.parametrize("base", BASES)
def test_ordinary_names_are_free(base: str) -> None:
    hindered = {
        name: told
        for name in {*ORDINARY} - {base}
        if (told := posing(f"refs/heads/{name}", f"refs/heads/{base}")) is not None
        and "leave no room" not in told
    }
    assert hindered == {}


def test_another_alphabet_than_that_of_the_base_poses_as_it() -> None:
    base = "\u043e\u0441\u043d\u043e\u0432\u0430"
    assert posing("refs/heads/oc\u043do\u0432a", f"refs/heads/{base}") is not None
    assert posing("refs/heads/\u043e\u0448\u0438\u0431\u043a\u0430", f"refs/heads/{base}") is None


def test_what_looks_alike_among_our_own_letters_is_told() -> None:
    told = posing("refs/heads/rnain", MAIN)
    assert told == (
        "it reads as refs/heads/main, and is another name: some of its letters look alike"
    )
