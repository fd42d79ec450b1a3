"""Lesson 08, the Transformer: exercises, the cases they are tried on, the mistakes known by name."""
