"""Everything in the booth that does I/O or holds state."""
