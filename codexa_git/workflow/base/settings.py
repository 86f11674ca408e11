"""What git's configuration says of a repository under codexa-git, by its names there."""

BRANCH_SETTING = "codexa.branch"
"""Which branch is the base."""

ROOT_SETTING = "codexa.root"
"""The trust root that is pinned."""

SIGN_SETTING = "codexa.sign"
"""Whether whoever advances a change signs the work that is done, as `--sign` asks for once."""
