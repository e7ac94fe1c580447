"""The proof of a release: every trial asked of what is live and of what is proposed, and what differs."""
