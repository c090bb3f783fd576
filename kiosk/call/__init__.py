"""The call engine: its own process."""
