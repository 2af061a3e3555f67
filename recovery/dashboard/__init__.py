"""The dashboard's body as a page of one's own: metrics read (`reading`), drawn to scale (`picture`), rendered (`page`)."""
