"""Lesson 09, training: exercises, the cases they are tried on, the mistakes known by name."""
