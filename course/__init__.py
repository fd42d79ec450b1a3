"""The course: reference implementations, checks, and the tools of the classroom."""
