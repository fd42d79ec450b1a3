"""Judging: what an answer does is observed, then compared with what the reference and its known mistakes do."""
