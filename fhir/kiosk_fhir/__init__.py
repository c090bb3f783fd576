"""Readings to FHIR R4 JSON: pure."""
