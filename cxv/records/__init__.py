"""What a job leaves behind, and what it was made with."""
