"""What a technician types: one module a command, each with `register(commands)` and a `run(chosen)` that returns the exit status."""
