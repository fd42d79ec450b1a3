"""Inside: what runs in the sandbox; it knows no reference and no verdict, and who is tried in it may rewrite it."""
