"""Which links are to grant, and when."""
