"""The scripted consultation of `./run demo --once`, one file a phase: every step acts on one side and asks another party what it saw."""
