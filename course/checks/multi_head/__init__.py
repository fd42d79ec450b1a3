"""Lesson 05, multi-head attention: exercises, the cases they are tried on, the mistakes known by name."""
