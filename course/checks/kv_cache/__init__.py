"""Lesson 10, the key-value cache: exercises, the cases they are tried on, the mistakes known by name."""
