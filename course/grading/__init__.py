"""Grading: strangers' code runs in a sandbox that holds no answers, and is judged outside, by what it gives back."""
