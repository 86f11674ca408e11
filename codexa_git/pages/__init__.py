"""Pages that people look at: packet, blocks, reports."""
