"""`stadtbote up`: every process under one roof, started in order, restarted when one falls, ended together."""
