"""Lesson 10, decoding: exercises, the cases they are tried on, the mistakes known by name."""
