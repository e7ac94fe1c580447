"""The page on which editors teach the understanding by examples."""
