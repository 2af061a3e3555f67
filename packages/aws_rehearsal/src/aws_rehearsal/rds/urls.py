"""moto looks for a backend's addresses in the module beside it, by this name."""

from __future__ import annotations

from aws_rehearsal.rds.responses import Response

url_bases = [r"https?://rds\.(.+)\.amazonaws\.com", r"https?://rds\.amazonaws\.com"]
url_paths = {"{0}/$": Response.dispatch}
