"""Parse, call, print, exit: thin, one noun a file, imported late."""

import gc

# A command is over soon and leaves little behind, so looking for what could be freed every few
# hundred objects, while everything is imported, costs more than it ever frees.
gc.set_threshold(50_000)
