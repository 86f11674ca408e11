"""What people are told: where changes stand, what happened, the answer to a slash command."""
