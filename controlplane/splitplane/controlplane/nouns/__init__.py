"""The nouns: one service for all, with hooks for what is special about each."""
