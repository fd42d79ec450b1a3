"""Lesson 04, self-attention: exercises, the cases they are tried on, the mistakes known by name."""
