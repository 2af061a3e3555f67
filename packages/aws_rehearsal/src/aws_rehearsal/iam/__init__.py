"""Identity and access: what a call needs, and whether its caller may."""
