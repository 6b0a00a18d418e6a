"""What runs the SQL, and what writes it."""
