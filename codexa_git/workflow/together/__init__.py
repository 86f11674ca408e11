"""One change in several clones: published, shared, joined, made again on top of others' work."""
