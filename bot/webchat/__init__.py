"""The citizens' web chat: a page, a widget for other sites, and live updates from the transcript."""
