"""The reading edition: all solved lessons as pages that need neither a server, nor a network, nor an installation."""
