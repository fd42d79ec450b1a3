"""Lesson 09, BLEU: exercises, the cases they are tried on, the mistakes known by name."""
