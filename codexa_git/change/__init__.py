"""The pure heart: lifecycle, state, brief, plan; no git, no clock, no input or output."""
