"""What happened, in order, in a way that shows when it was changed."""
