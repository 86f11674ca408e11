"""How long the tests look for what nobody thought of: longer where `CODEXA_THOROUGH` is set."""

import os

THOROUGH = "CODEXA_THOROUGH" in os.environ


def examples(many: int) -> int:
    """So many examples where there is time, as in CI; else a quarter of them."""
    return many if THOROUGH else -(-many // 4)
