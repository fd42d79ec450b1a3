"""Lesson 01, sequences: exercises, the cases they are tried on, the mistakes known by name."""
