"""A change as it lies in git, from the backlog on, and the draft that adds a commit to it."""
