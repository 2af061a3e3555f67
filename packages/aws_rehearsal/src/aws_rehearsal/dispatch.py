"""Which of moto's services answers: the one that a request was signed for, and nothing else about it decides."""

from __future__ import annotations

from typing import Any

from moto.moto_server.werkzeug_app import DEFAULT_SERVICE_REGION, DomainDispatcherApplication


class Dispatcher(DomainDispatcherApplication):
    """moto's own also goes by path and body, which nobody has signed for: its dashboard and its resets (`/moto-api`), instance
    metadata, SNS's certificates, user pools' keys, and roles for whoever brings a token. Here these are paths in S3.
    """

    def get_application(self, environ: dict[str, Any]) -> Any:
        with self.lock:
            service, region = DEFAULT_SERVICE_REGION
            path = environ.get("PATH_INFO", "/")
            host = self.infer_service_region_host(environ, path) or f"{service}.{region}.amazonaws.com"
            backend = self.get_backend_for_host(host)
            if backend not in self.app_instances:
                self.app_instances[backend] = self.create_app(backend)
            return self.app_instances[backend]
