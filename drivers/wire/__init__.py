"""Drivers of serial protocols, one file a protocol."""
