"""Bytes in from devices: nothing is decoded here."""
