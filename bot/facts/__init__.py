"""What became of citizens' questions: facts that a turn leaves behind, kept in SQL for figures and for the gap loop."""
