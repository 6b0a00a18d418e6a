"""The reference pages, each a function that writes its text from the code."""
