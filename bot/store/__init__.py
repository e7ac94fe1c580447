"""Where conversations, the inbox and the outbox live: one protocol, in memory and in Redis."""
