"""What editors teach the understanding, on its way into a release: checked, trained, tried, served, live."""
