"""What a test's git is told instead of what this machine says."""

import os

IDENTITY = {"NAME": "Demo Dev", "EMAIL": "dev@demo.invalid", "DATE": "1767225600 +0000"}
SEAL = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "init.defaultBranch",
    "GIT_CONFIG_VALUE_0": "main",
    "GIT_EDITOR": "false",
    "GIT_TERMINAL_PROMPT": "0",
    "TZ": "UTC",
    "LC_ALL": "C",
    "COLUMNS": "80",
}
