"""What is due, entry, and its way from draft to the store."""
