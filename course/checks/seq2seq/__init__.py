"""Lesson 02, encoder and decoder: exercises, the cases they are tried on, the mistakes known by name."""
