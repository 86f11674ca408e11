"""What `doctor` finds: of this machine, this clone, its keys, and its owners."""
