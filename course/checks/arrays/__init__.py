"""Lesson 00, arrays: exercises, the cases they are tried on, the mistakes known by name."""
