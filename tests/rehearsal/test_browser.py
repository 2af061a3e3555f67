"""What a web page that the operator has open can do with the embedded AWS beside it: nothing. Tried from a real Chromium."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page

from aws_rehearsal import ACCOUNT, Cloud
from tests.browser import ChromiumMissing, chromium, program

REGION, BUCKET = "ap-southeast-1", "vault-of-the-bank"
TRIES = """
async ([cloud, reading, writing]) => {
  const said = [];
  const form = 'Version=2012-11-05&Action=CreateQueue&QueueName=theirs';
  const settled = promise => Promise.race([promise, new Promise(done => setTimeout(done, 3000))]);
  const frame = document.createElement('iframe');
  frame.name = 'sink';
  document.body.append(frame);
  const urls = [`${cloud}/?${form}`, `${cloud}/moto-api/reset`, `${cloud}/moto-api/data.json`, `${cloud}/${'theirs'}`, reading];
  for (const url of urls) {
    const loads = {img: 'src', script: 'src', iframe: 'src', link: 'href', object: 'data', video: 'src'};
    for (const [name, attribute] of Object.entries(loads)) {
      const made = document.createElement(name);
      if (name === 'link') made.rel = 'stylesheet';
      made.referrerPolicy = 'no-referrer';
      await settled(new Promise(done => {
        made.onload = () => { if (!['iframe', 'object'].includes(name)) said.push(`${name} loaded ${url}`); done(); };
        made.onerror = done;
        made[attribute] = url;
        document.body.append(made);
      }));
    }
  }
  for (const url of [`${cloud}/`, `${cloud}/moto-api/reset`, `${cloud}/theirs`, writing]) {
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']) {
      const made = document.createElement('form');
      Object.assign(made, {method: 'POST', action: url, enctype: type, target: 'sink'});
      for (const [name, value] of new URLSearchParams(form)) {
        const field = document.createElement('input');
        Object.assign(field, {name, value});
        made.append(field);
      }
      document.body.append(made);
      await settled(new Promise(done => { frame.onload = done; made.submit(); }));
    }
    for (const mode of ['cors', 'no-cors']) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
        const options = {mode, method, body: method === 'GET' ? undefined : form, referrerPolicy: 'no-referrer'};
        options.headers = {'Content-Type': 'application/x-www-form-urlencoded'};
        try {
          const answer = await fetch(url, options);
          if (answer.type !== 'opaque') said.push(`fetch ${mode} ${method} ${url}: ${answer.status}`);
        } catch (error) { /* refused */ }
      }
    }
    navigator.sendBeacon(url, new Blob([form], {type: 'text/plain'}));
  }
  await settled(new Promise(done => {
    const socket = new WebSocket(cloud.replace('http', 'ws') + '/');
    socket.onopen = () => { said.push('socket opened'); done(); };
    socket.onerror = done;
  }));
  return said;
}
"""


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"<!doctype html><title>elsewhere</title><body>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page of somebody else's: another origin than the cloud's, on the same machine, where nothing else lies between."""
    try:
        program()
    except ChromiumMissing as missing:
        pytest.skip(str(missing))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    with chromium() as browser:
        found = browser.new_page()
        found.goto(f"http://127.0.0.1:{server.server_port}/")
        yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def bank(cloud: Cloud) -> Cloud:
    s3 = cloud.client("s3", REGION)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=BUCKET, Key="object", Body=b"ours")
    return cloud


def state(cloud: Cloud) -> dict[str, Any]:
    s3 = cloud.client("s3", REGION)
    return {
        "buckets": [each["Name"] for each in s3.list_buckets()["Buckets"]],
        "object": s3.get_object(Bucket=BUCKET, Key="object")["Body"].read(),
        "queues": cloud.client("sqs", REGION).list_queues().get("QueueUrls", []),
        "account": cloud.client("sts", REGION).get_caller_identity()["Account"],
    }


def test_a_page_can_do_nothing(bank: Cloud, page: Page) -> None:
    """Not even with a URL that was signed: a page that came by one is still a page."""
    s3 = bank.client("s3", REGION)
    reading = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "object"})
    writing = s3.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "object"})
    before, calls = state(bank), dict(bank.gateway.callers)
    assert page.evaluate(TRIES, [bank.endpoint, reading, writing]) == []
    assert dict(bank.gateway.callers) == calls
    assert state(bank) == before
    assert before["account"] == ACCOUNT
