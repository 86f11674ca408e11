"""How long commands take beside their peers: ratios within one run on one machine."""
