"""Holds a license of Leasehold while a block of code runs. Python 3.9 or newer; the standard library alone.

    from leasehold_license import with_license

    with with_license("KRE", wait_seconds=600) as license:
        while work():
            license.check()  # raises LicenseLost once the license is lost

The settings come from LEASEHOLD_URL and LEASEHOLD_API_KEY. The key knows its organization.
"""

import http.client
import json
import os
import platform
import threading
import time
import urllib.parse
import urllib.request
import uuid
from contextlib import contextmanager


class LeaseholdError(Exception):
    """A refusal of the service, by its `code`; or `unreachable`, if no answer of the service came."""

    def __init__(self, code, message, problem=None):
        super().__init__(message)
        self.code = code
        self.problem = problem or {}


class LicenseLost(LeaseholdError):
    """The license was lost: stop the work."""


class _AnyStatus(urllib.request.HTTPErrorProcessor):
    def http_response(self, _, answer):
        return answer  # A refusal is an answer, too. A redirect is not followed: it would send the key to another host.

    https_response = http_response


_opener = urllib.request.build_opener(_AnyStatus)


def _call(method, url, key, body=None, timeout=15):
    """Sends one request. Returns the status and the JSON object of the answer."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Accept": "application/json"}
    try:
        with _opener.open(urllib.request.Request(url, data, headers, method=method), timeout=timeout) as answer:
            status, text = answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise LeaseholdError("unreachable", f"Can't reach {url}: {error}.") from error
    if status == 204:
        return status, {}
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or (status >= 300 and "code" not in answer):
        raise LeaseholdError("unreachable", f"{url} answered {status}, but not as the service does.")
    if status >= 300:
        code = "unreachable" if status >= 500 or status == 429 else answer["code"]
        raise LeaseholdError(code, answer.get("detail", ""), answer)
    return status, answer


class License:
    """A license that is kept by heartbeats in a thread. `lost` is a threading.Event."""

    def __init__(self, key, url, activation):
        self.activation, self.lost, self.reason = activation, threading.Event(), None
        self._key, self._url, self._stop = key, url, threading.Event()
        self._thread = threading.Thread(target=self._keep, name="leasehold", daemon=True)
        self._thread.start()

    def check(self):
        """Raises LicenseLost if the license was lost."""
        if self.lost.is_set():
            raise LicenseLost(self.reason, f"The license was lost: {self.reason}.")

    def release(self):
        """Gives the license back. If that fails, the license is free when its lease ends."""
        self._stop.set()
        self._thread.join()
        try:
            _call("DELETE", f"{self._url}?fence={self.activation['fence']}", self._key, timeout=5)
        except LeaseholdError:
            pass

    def _keep(self):
        every = self.activation["heartbeatSeconds"]
        # Three heartbeats are at most one lease: later the service may have given the license away.
        ends, pause = time.monotonic() + 3 * every, every
        claim = {name: self.activation[name] for name in ("seat", "fence")}
        while not self._stop.wait(pause):
            sent = time.monotonic()
            try:
                _call("POST", f"{self._url}/heartbeat", self._key, claim, timeout=min(10, every))
                ends, pause = sent + 3 * every, every
            except Exception as error:  # An end of this thread would keep `lost` unset for ever.
                pause = min(every, 5)
                refusal = error if isinstance(error, LeaseholdError) else LeaseholdError("unreachable", str(error))
                if refusal.code in ("activation-ended", "not-found") or time.monotonic() >= ends:
                    self.reason = refusal.problem.get("endedReason") or refusal.code
                    self.lost.set()
                    return


@contextmanager
def with_license(product, machine_id=None, session_id=None, wait_seconds=0, url=None, api_key=None, organization=None):
    """Takes a license, waits for one or for the service at most `wait_seconds`, and gives it back after the block."""
    key = api_key or os.environ["LEASEHOLD_API_KEY"]
    base = (url or os.environ["LEASEHOLD_URL"]).rstrip("/") + "/v1"
    session_id = session_id or os.environ.get("LEASEHOLD_SESSION_ID") or uuid.uuid4().hex
    machine_id = machine_id or os.environ.get("LEASEHOLD_MACHINE_ID") or platform.node()
    organization = organization or os.environ.get("LEASEHOLD_ORGANIZATION")
    deadline = time.monotonic() + wait_seconds
    while True:
        left = deadline - time.monotonic()
        body = {"machineId": machine_id, "sessionId": session_id}
        try:
            if not organization:
                organization = _call("GET", f"{base}/me", key)[1]["memberships"][0]["organizationId"]
            activations = f"{base}/organizations/{organization}/subscriptions/{product}/activations"
            # The last request says no time: it gives up the place in the queue.
            status, answer = _call("POST", activations, key, {**body, "waitSeconds": wait_seconds} if left > 0 else body)
            if status != 202:
                break
            pause = answer["retryAfterSeconds"]
        except LeaseholdError as error:
            if error.code != "unreachable" or left <= 0:
                raise
            pause = 5
        time.sleep(max(0, min(pause, left)))
    # A slash is encoded twice, since some gateways decode a path before they route it.
    name = urllib.parse.quote(session_id, safe="").replace("%2F", "%252F")
    license = License(key, f"{activations}/{name}", answer)
    try:
        yield license
    finally:
        license.release()
