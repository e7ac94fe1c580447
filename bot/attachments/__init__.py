"""Files that citizens and clerks send each other: named at once, brought afterwards, kept apart, never executed."""
