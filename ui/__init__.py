"""The booth's screen: no network, no keys."""
