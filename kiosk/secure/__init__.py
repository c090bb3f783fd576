"""Keys, handshake, sealed stream, envelope and outbox."""
