"""Questions that the bot could not answer: clustered, named, taken up by editors, and asked again after a release."""
