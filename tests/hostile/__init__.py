"""Submissions that try to break the grader, and submissions of people who had bad luck."""
