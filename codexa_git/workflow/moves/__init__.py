"""What takes a change forward, to its next stage and to the base; and what asks if it could."""
