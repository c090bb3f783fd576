"""Decoders of medical devices and identity documents: bytes in, readings out. Sans-IO: no clock, no randomness, no event loop."""
