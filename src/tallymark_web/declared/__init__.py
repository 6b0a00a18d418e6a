"""The declared programme as pages to read."""
