"""What runs in the sandbox: it knows no reference, no case and no verdict, and whoever is tried in it may rewrite it."""
