"""Somebody who signed, as the tests of signatures know them."""

from typing import NamedTuple

from policy.authenticator import AT, PRINCIPAL, Oracle

from codexa_git.policy.signatures import Judgement, check
from codexa_git.policy.signers import AllowedSigners, parse_signers


class Hand(NamedTuple):
    """Somebody who signed `PAYLOAD`, and the line that lets them."""

    kind: str
    armored: str
    oracle: Oracle

    @property
    def signers(self) -> AllowedSigners:
        return parse_signers(self.oracle.allowed.encode())

    def judge(
        self, payload: bytes, armored: str, principal: str = PRINCIPAL, at: int = AT
    ) -> Judgement:
        return check(payload, armored, principal, self.signers, at)


def line(public: str, options: str = "", principal: str = PRINCIPAL) -> str:
    return f'{principal} namespaces="codexa"{options} {public}\n'
