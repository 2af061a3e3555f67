"""Late writes: what a region still took after the moment that came back in the other one. It is listed, and deleted by nobody."""
