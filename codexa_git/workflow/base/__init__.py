"""The base that all stands on: where it is, its trust root, its policy, and a commit on it."""
