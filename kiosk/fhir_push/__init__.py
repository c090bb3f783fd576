"""Bundles to a FHIR server: a queue on disk, deliveries with patience, and what a server's answers mean."""
