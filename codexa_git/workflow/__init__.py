"""The verbs: each composes the packages below into commits."""
