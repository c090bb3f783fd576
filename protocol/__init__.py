"""Every message that crosses a boundary, as typed structs."""
