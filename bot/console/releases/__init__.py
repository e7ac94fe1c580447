"""The room of the releases: what is proposed, what its trials say, who signed it, what is live, and the way back."""
