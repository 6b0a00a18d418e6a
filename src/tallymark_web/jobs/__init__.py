"""Work in the background: a queue that survives a restart."""
