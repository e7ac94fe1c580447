"""What became of questions and handoffs: facts, figures, the alarm."""
