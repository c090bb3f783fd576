"""The station: routes and stores ciphertext only."""
