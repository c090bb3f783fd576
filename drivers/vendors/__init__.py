"""Drivers of proprietary Bluetooth protocols and of models that stray from a SIG profile."""
