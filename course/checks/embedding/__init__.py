"""Lesson 03, embeddings: exercises, the cases they are tried on, the mistakes known by name."""
