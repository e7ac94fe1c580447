"""The rooms of bot.judgement: each judges one thing that a citizen's message may be. All pure."""
