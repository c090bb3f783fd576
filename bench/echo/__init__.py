"""Echo cancellation on double talk: PipeWire as a booth has it, beside "off" and two libraries. Run: `./run bench echo`."""
