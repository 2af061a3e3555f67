"""What tests of the embedded AWS share, and tests of a project that uses it: small worlds and their helpers."""
