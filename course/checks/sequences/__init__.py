"""Lesson 01, sequences: n-grams and recurrent networks: exercises, the cases they are tried on, the mistakes known by name."""
