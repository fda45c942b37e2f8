"""What is still to be narrated, and by whom it is being done."""
