"""What people have set."""
