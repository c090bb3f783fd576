"""Every figure that the README quotes."""
