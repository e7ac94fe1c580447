"""A morning at the desk: the whole product in one process, forty citizens by script, what must be true in the end."""
