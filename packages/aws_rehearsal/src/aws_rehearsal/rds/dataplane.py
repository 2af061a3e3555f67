"""All MariaDB servers of one cloud: where they lie, what ends them, and who writes their journals."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from aws_rehearsal.rds.certificates import Authority
from aws_rehearsal.rds.journal import LOOK_SECONDS
from aws_rehearsal.rds.mariadb import Server, initialise

if TYPE_CHECKING:
    from aws_rehearsal.cloud import Cloud


def authority_path(directory: Path) -> Path:
    """Where a cloud over `directory` keeps the certificate that its database clients verify with."""
    return directory / "rds-ca.pem"


class DataPlane:
    """Servers by region. A region's files lie in the region's own directory; only the empty database they start from does not."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.authority = Authority(authority_path(cloud.directory))
        self._servers: dict[str, list[Server]] = {}
        self._dark: dict[str, list[Server]] = {}
        self._lock = threading.Lock()
        self._initialising = threading.Lock()
        self._closed = threading.Event()
        self._writer = threading.Thread(target=self._write_journals, name="rds-journal", daemon=True)
        self._writer.start()

    def server(self, region: str, resource_id: str) -> Server:
        """A new server of the region, not started, without data."""
        server = Server(self.directory(region, "instances", resource_id), self.authority)
        with self._lock:
            self._servers.setdefault(region, []).append(server)
        return server

    def directory(self, region: str, *parts: str) -> Path:
        return self.cloud.region_directory(region, "rds", *parts)

    def fill(self, data: Path) -> None:
        """An empty database: made once, then copied."""
        pristine = self.cloud.directory / "mariadb-pristine"
        with self._initialising:
            if not pristine.exists():
                initialise(pristine)
        shutil.copytree(pristine, data)

    def discard(self, region: str, server: Server) -> None:
        """Kill a server and delete its files."""
        with self._lock:
            if server in self._servers.get(region, ()):  # a lost region has none
                self._servers[region].remove(server)
        server.destroy()

    def lose(self, region: str) -> None:
        """Kill -9 everything in the region; its files go with the region's directory."""
        with self._lock:
            servers = self._servers.pop(region, [])
        for server in servers:
            server.kill()

    def darken(self, region: str) -> None:
        """Kill -9 everything in the region that runs; the files stay."""
        with self._lock:
            self._dark[region] = [server for server in self._servers.get(region, []) if server.running]
        for server in self._dark[region]:
            server.kill()

    def light(self, region: str) -> None:
        for server in self._dark.pop(region, []):
            server.start()

    def close(self) -> None:
        self._closed.set()
        self._writer.join(timeout=5)
        for region in list(self._servers):
            self.lose(region)

    def look(self) -> None:
        """Note how far every binary log is, now."""
        with self._lock:
            running = [server for servers in self._servers.values() for server in servers if server.running]
        for server in running:
            server.journal.look()

    def _write_journals(self) -> None:
        while not self._closed.wait(LOOK_SECONDS):
            self.look()
