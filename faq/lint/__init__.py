"""What is wrong with the corpus, or will be: one file a rule, each finding with its reason and its fix."""
