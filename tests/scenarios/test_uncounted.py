"""A signature that policy will not count is refused, whatever it is given for, and kept nowhere."""

from pathlib import Path

import pytest
from scenarios.clone import BRIEF, At, Clone, recipes
from scenarios.touching import NOBODY, PIN, TOUCHED, Authenticator, required

pytestmark = pytest.mark.slow

DAY = 86_400
NOON = 1_767_268_800
WORSE = """run = ["sh -c 'echo echo NO > shout.sh'"]"""
ASKS = {"require_touch": (NOBODY, TOUCHED), "require_pin": (TOUCHED, PIN)}
WHY = {
    "require_touch": "signed without a touch of the key, which policy asks for",
    "require_pin": "signed without the key's PIN, which policy asks for",
}


class Touchy:
    """A clone whose policy asks for something of keys, and its person's authenticator."""

    def __init__(self, clone: Clone, asks: str, folder: Path) -> None:
        self.clone = clone
        self.asks = asks
        self.key = Authenticator(folder / "authenticator", "sk-ed25519")
        required(clone, asks, self.key)
        self.key.signs_for(clone)
        self.key.says(ASKS[asks][1])

    def planned(self, folder: Path, how: str = "") -> Clone:
        """The clone with a change whose plan waits for an approval."""
        (folder / "brief.md").write_text(BRIEF)
        self.clone.did("open", "Shouting", "--brief", str(folder / "brief.md"))
        self.clone.commit({"changes/CH-001/recipes.toml": how or recipes()}, "say how")
        self.clone.until()
        return self.clone

    def asks_for(self, *words: str) -> None:
        """These words are refused without what policy asks for, and taken with it."""
        clone, (too_little, enough) = self.clone, ASKS[self.asks]
        self.key.says(too_little)
        before = clone.git("for-each-ref"), clone.git("status", "--porcelain")
        told = clone.refused(*words)
        assert told.splitlines()[0] == (
            f"error: your signature would not count: {WHY[self.asks]}"
        ), told
        assert "hint: sign with a security key of yours" in told
        assert (clone.git("for-each-ref"), clone.git("status", "--porcelain")) == before
        self.key.says(enough)
        clone.did(*words)
        assert clone.git("for-each-ref") != before[0]


@pytest.fixture(params=ASKS)
def touchy(at: At, tmp_path: Path, request: pytest.FixtureRequest) -> Touchy:
    clone = at("adopted")
    text = clone.read("codexa.toml")
    more = text.replace('run = ["sh check.sh"]', 'run = ["sh check.sh", "true"]')
    assert more != text
    clone.commit({"codexa.toml": f"{more}\n"}, "two tests")
    clone.did("enforce", "--demo", "--yes")
    return Touchy(clone, request.param, tmp_path)


def test_of_approvals_and_withdrawals(touchy: Touchy, tmp_path: Path) -> None:
    touchy.planned(tmp_path)
    touchy.asks_for("approve")
    touchy.asks_for("withdraw", "-m", "too soon")


def test_of_approvals_that_are_said(touchy: Touchy, tmp_path: Path) -> None:
    touchy.planned(tmp_path)
    touchy.asks_for("say", "/approve CH-001")


def test_of_answers_resolutions_and_ends(touchy: Touchy, tmp_path: Path) -> None:
    clone = touchy.planned(tmp_path)
    clone.did("clarify", "CH-001", "How loud?")
    touchy.asks_for("clarify", "CH-001", "--answer", "Q-1", "Very.")
    clone.did("concern", "raise", "CH-001", "is it?")
    touchy.asks_for("concern", "resolve", "CH-001", "CN-1", "it is")
    touchy.asks_for("abandon", "-m", "nobody shouts")


def test_of_waivers(touchy: Touchy, tmp_path: Path) -> None:
    clone = touchy.planned(tmp_path, recipes(WORSE))
    clone.did("approve")
    clone.until()
    touchy.asks_for("waive", "--test", "sh check.sh", "-m", "loud enough")


def test_of_policy_bypasses_and_incidents(touchy: Touchy) -> None:
    clone = touchy.clone
    words = ("Demo Dev", "dev@demo.invalid", "--role", "dev")
    touchy.asks_for("people", "add", *words)
    clone.git("switch", "-q", "-c", "policy/ci")
    clone.commit({".ci/run": "#!/bin/sh\n"}, "run it in ci")
    touchy.asks_for("policy", "sign")
    clone.git("switch", "-q", "-c", "bypass/fix", "main")
    clone.commit({"greet.sh": "echo  hello\n"}, "greet at once")
    touchy.asks_for("bypass", "-m", "nobody was greeted")
    clone.git("switch", "-q", "main")
    clone.commit({"greet.sh": "echo hello\n"}, "past the gates")
    touchy.asks_for("incident", "HEAD", "-m", "pushed past the gates")


def test_of_the_trust_root(at: At, tmp_path: Path) -> None:
    clone, key = at("adopted"), Authenticator(tmp_path, "sk-ecdsa")
    clone.did("people", "add", "Demo PM", "pm@demo.invalid", "--key", str(key.public))
    text = clone.read("codexa.toml").replace("require_touch = false", "require_touch = true")
    clone.commit({"codexa.toml": text + "\n"}, "touch")
    key.signs_for(clone)
    key.says(NOBODY)
    before = clone.git("for-each-ref")
    assert WHY["require_touch"] in clone.refused("enforce", "--demo", "--yes")
    assert clone.git("for-each-ref") == before
    assert "there is no trust root yet" in clone.did("root")
    key.says(TOUCHED)
    clone.did("enforce", "--demo", "--yes")


def test_of_a_key_that_has_ended(at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = at("planned")
    clone.git("switch", "-q", "main")
    key = Authenticator(tmp_path, "sk-ed25519")
    clone.did("people", "rotate", "pm@demo.invalid", "--key", str(key.public), "--overlap", "1")
    clone.git("switch", "-q", "change/CH-001")
    clone.did("sync")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOON + 3 * DAY))
    before = clone.tip()
    told = clone.refused("approve")
    assert "error: your signature would not count: its signature is wrong: the key of" in told
    assert "was no longer valid\nhint: whose keys count, and until when: git codexa people" in told
    assert clone.tip() == before
    key.signs_for(clone)
    assert "approved by Demo PM" in clone.did("approve")


def test_a_security_key_goes_before_another_where_policy_asks_for_one(
    at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("enforced")
    key = Authenticator(tmp_path, "sk-ed25519")
    required(clone, "require_touch", key)
    plain = Path(clone.git("config", "user.signingkey"))
    key.signs_for(clone)
    clone.git("config", "--unset", "user.signingkey")
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id_ed25519_sk.pub").write_text(key.public.read_text())
    clone.git("config", "user.signingkey", str(plain))
    monkeypatch.setenv("HOME", str(home))
    words = ("people", "add", "Demo Dev", "dev@demo.invalid", "--role", "dev")
    assert "policy: add Demo Dev, dev" in clone.did(*words)
