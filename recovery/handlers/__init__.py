"""Lambda handlers: parse the event and the environment, call the code that does the work, return plain JSON."""
