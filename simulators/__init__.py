"""Simulated devices, patients and faults; the composition root of demo and training."""
