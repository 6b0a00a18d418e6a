"""What is checked of a declared programme beyond its shape: one module a kind of declaration."""
