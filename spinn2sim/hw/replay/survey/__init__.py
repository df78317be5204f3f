"""What programs will need of the machine, counted in compiled code."""
