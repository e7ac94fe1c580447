"""Pages for staff: sign-in, inbox, FAQ editor, ask box. Server-rendered; scripts make them live."""
