"""From the bot to people: the working calendar, the queue, the clerks' verbs."""
