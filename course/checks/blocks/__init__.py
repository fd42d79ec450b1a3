"""Lesson 07, the blocks: residuals, norms, layers: exercises, the cases they are tried on, the mistakes known by name."""
