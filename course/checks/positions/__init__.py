"""Lesson 06, positions: exercises, the cases they are tried on, the mistakes known by name."""
