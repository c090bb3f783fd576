"""Drivers of the Bluetooth SIG profiles, one file a profile."""
