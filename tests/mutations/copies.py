"""Restores for real: a dump of one server, loaded into another that was emptied."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cached_property

from aws_rehearsal import HOST, program
from aws_support.mariadb import PASSWORD, SYSTEM, USER, Database


@dataclass
class Restores:
    """`count` is how many were made."""

    origin: Database
    copy: Database
    count: int = 0

    @cached_property
    def dump(self) -> bytes:
        """What the origin holds; made once, since the origin does not change."""
        with self.origin.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN %s", (SYSTEM,))
            names = [str(name) for (name,) in cursor.fetchall()]
        return self._run("mariadb-dump", self.origin, "--hex-blob", "--single-transaction", "--databases", *names)

    def again(self) -> None:
        """The copy is as the origin is."""
        self.copy.empty()
        self._run("mariadb", self.copy, given=self.dump)
        self.count += 1

    def _run(self, name: str, database: Database, *options: str, given: bytes | None = None) -> bytes:
        user = (f"--host={HOST}", f"--port={database.port}", f"--user={USER}", f"--password={PASSWORD}", "--skip-ssl")
        command = [program((name,)), "--no-defaults", *user, "--default-character-set=utf8mb4", *options]
        return subprocess.run(command, input=given, stdout=subprocess.PIPE, check=True).stdout
