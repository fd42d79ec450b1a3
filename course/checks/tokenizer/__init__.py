"""Lesson 09, the tokenizer: exercises, the cases they are tried on, the mistakes known by name."""
