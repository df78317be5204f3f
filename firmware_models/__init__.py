"""What an ARM core runs."""
