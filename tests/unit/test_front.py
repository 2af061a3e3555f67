"""The HTTP side of a service of the rehearsed bank: what a balancer and a smoke test ask."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest

from aws_rehearsal import BALANCER
from rehearsal.bank.front import HEALTH, STORES, Front


@pytest.fixture
def there() -> dict[str, bool]:
    return {"mysql": True, "audit": True}


@pytest.fixture
def front(there: dict[str, bool]) -> Iterator[Front]:
    front = Front("/user", lambda: there)
    yield front
    front.close()


def ask(front: Front, path: str, key: str | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", front.port)
    connection.request("GET", path, headers={BALANCER: front.key if key is None else key})
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def test_a_service_that_runs_is_up(front: Front) -> None:
    assert ask(front, f"/user{HEALTH}") == (200, b'{"status": "UP"}')
    assert ask(front, f"/user{STORES}")[0] == 200
    assert ask(front, "/user/elsewhere")[0] == 404


@pytest.mark.parametrize("key", ["", "guessed"])
def test_it_answers_its_load_balancer_only(front: Front, key: str) -> None:
    assert [ask(front, f"/user{path}", key)[0] for path in (HEALTH, STORES)] == [403, 403]


def test_a_service_that_cannot_read_a_store_says_which(front: Front, there: dict[str, bool]) -> None:
    there["mysql"] = False
    status, body = ask(front, f"/user{STORES}")
    assert (status, b'"mysql": {"status": "DOWN"}' in body, b'"audit": {"status": "UP"}' in body) == (503, True, True)
