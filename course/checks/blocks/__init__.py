"""Lesson 07, blocks: exercises, the cases they are tried on, the mistakes known by name."""
