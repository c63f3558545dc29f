"""Reports LiteLLM's calls, those of the SDK and of the proxy, to a Farthing server: what each cost, and for whom.

    litellm.callbacks = [FarthingLogger()]                      # in a program
    callbacks: ["farthing_callback.farthing_logger"]            # in the proxy's config.yaml, with this file beside it

It reads FARTHING_API_KEY (an ingest key), FARTHING_API_URL and, where there is one, FARTHING_BUFFER_DIR. Of a call it
sends what `SENT` lists and the text of an error, never messages, answers or keys. A call does not wait for it and does
not fail because of it: a thread sends what waits in memory, or in files, which outlive server and process. An event
has its id before it is first sent, and the server stores an id once: so whatever is in doubt is sent again.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import http.client
import inspect
import json
import logging
import os
import random
import re
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import deque
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from litellm.integrations.custom_logger import CustomLogger

try:
    import fcntl
except ImportError:  # Windows: all but `buffer_dir` works
    fcntl = None  # type: ignore[assignment]

log = logging.getLogger("farthing")

DOOR = "/api/v1/ingest/litellm"
BATCH_EVENTS, BATCH_BYTES, BATCH_SECONDS = 100, 1_000_000, 1.0  # sent at once, whichever is reached first
MEMORY_BATCHES, FOLDER_BATCHES = 100, 10_000  # that wait at most; then the oldest are dropped
REQUEST_SECONDS, EXIT_SECONDS = 10.0, 10.0  # that one attempt, and a program's end, may take
FIRST_PAUSE, LONGEST_PAUSE, LONGEST_TOLD = 0.5, 30.0, 600.0  # seconds between attempts; the last by `Retry-After`
REFUSED_PAUSE = 60.0  # seconds until a buffer tries again what wrong settings kept out

# -- what is sent of a call -------------------------------------------------------------------------------------

VALUE, VALUES, COUNTS = "a text, number or truth", "a list of such", "a provider's usage, as it is nested"
CHARACTERS, ENTRIES = 1024, 64  # of a text, of a list


def values(names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), VALUE)


LABELS = values("team team_id project feature env department agent endpoint prompt_id user request_id")
HEADERS = values("x-team x-project x-feature x-env x-department x-agent x-endpoint x-prompt-id x-prompt")
SENT: dict[str, Any] = {
    **values("litellm_call_id request_id model custom_llm_provider model_group status cache_hit startTime endTime"),
    **values("prompt_tokens completion_tokens total_tokens response_cost saved_cache_cost end_user"),
    "request_tags": VALUES,
    "cost_breakdown": values("input_cost output_cost service_tier"),
    "error_information": values("error_class error_code"),
    "model_parameters": values("user"),
    "metadata": {
        **LABELS,
        **values("user_id user_api_key_alias user_api_key_team_alias user_api_key_team_id user_api_key_user_id"),
        **values("user_api_key_project_alias user_api_key_project_id user_api_key_end_user_id"),
        "tags": VALUES,
        "usage_object": COUNTS,
        "metadata": LABELS,
        "spend_logs_metadata": LABELS,
        "requester_metadata": {**LABELS, "headers": HEADERS},
        "requester_custom_headers": HEADERS,
    },
}


def event_of(payload: dict[str, Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    event: dict[str, Any] = pick(payload, SENT)
    event["id"] = id_of(payload)
    event["error_str"] = error_text(payload.get("error_str"), [payload, kwargs, kwargs.get("optional_params") or {}])
    event["response_cost_failure_debug_info"] = bool(payload.get("response_cost_failure_debug_info"))
    return event


def pick(value: Any, shape: Any) -> Any:
    """The part of it that has this shape."""
    if isinstance(value, dict) and shape is COUNTS:
        return pick(value, dict.fromkeys(value, COUNTS))
    if isinstance(value, dict) and isinstance(shape, dict):
        found = {name: pick(value.get(name), each) for name, each in shape.items()}
        return {name: each for name, each in found.items() if each is not None}
    if isinstance(value, (list, tuple)) and shape in (VALUES, COUNTS):
        return [each for each in (pick(each, shape) for each in value[:ENTRIES]) if each is not None]
    if isinstance(shape, dict) or not isinstance(value, (str, int, float)):
        return None
    return value[:CHARACTERS] if isinstance(value, str) else value


def id_of(payload: dict[str, Any]) -> str:
    """LiteLLM's; where it has none, one that is the same whenever the same event is reported."""
    given = payload.get("id")
    if given and given != "None":  # LiteLLM makes a text of None
        return str(given)
    call = payload.get("litellm_call_id") or uuid.uuid4()
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{call} {payload.get('status')} {payload.get('startTime')}").hex


OVER_LITELLM = {"user": "user_api_key_user_id", "token": "user_api_key_alias"}  # labels that LiteLLM may know, too


def enrich(event: dict[str, Any], added: dict[str, Any]) -> list[str]:
    """Adds labels, which go before those that are there, and tags. Returns the names that mean nothing."""
    metadata = event.setdefault("metadata", {})
    labels = {"prompt_id" if name == "prompt" else name: value for name, value in added.items()}
    tags = pick([*as_list(labels.pop("tags", None)), *as_list(event.get("request_tags"))], VALUES)
    event.update(pick(labels, values("end_user")), request_tags=tags)
    metadata.update(pick({OVER_LITELLM.get(name, ""): value for name, value in labels.items()}, SENT["metadata"]))
    metadata.setdefault("requester_metadata", {}).update(pick(labels, LABELS))
    return sorted(labels.keys() - {"end_user", *OVER_LITELLM, *LABELS})


def as_list(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [f"{name}:{each}" for name, each in value.items()]
    return list(value) if isinstance(value, (list, tuple, set)) else [value]


# -- what an error may say --------------------------------------------------------------------------------------

ERROR_CHARACTERS = 512
QUOTED, SHORTEST = 16, 8  # characters in common with a text of the call that count as quoted; of a text that counts
HOLDERS = ("messages", "response", "input", "prompt", "system", "instructions")
NAMES = ("role", "type", "id", "model", "object", "finish_reason")  # hold nobody's words
KEY_LIKE = re.compile(r"(?<![A-Za-z0-9])(?:sk-|fth_live_|trk_|AIza|xai-|gsk_|Bearer\s+)[\w.*\-]{6,}")
REDACTED = "redacted-by-litellm"


def error_text(said: Any, holders: list[dict[str, Any]]) -> str | None:
    """An error up to its traceback, or to where it begins to quote what was asked or answered."""
    if not said or not isinstance(said, str):
        return None
    text = KEY_LIKE.sub("[key removed]", said.partition("Traceback (most recent")[0][:ERROR_CHARACTERS])
    held = [each for holder in holders for name in HOLDERS for each in texts(holder.get(name))]
    everything = "\n".join(held)
    if REDACTED in everything:  # then nobody can tell what it quotes
        return None
    found = [text.find(each) for each in held if SHORTEST <= len(each) < QUOTED and each in text]
    found += [at for at in range(len(text) - QUOTED + 1) if text[at : at + QUOTED] in everything][:1]
    return text[: min(found)] + "[removed]" if found else text


def texts(value: Any) -> set[str]:
    """All texts in there, also as they look in JSON and in what Python prints."""
    if isinstance(value, str):
        return {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1]}
    if hasattr(value, "model_dump"):
        value = value.model_dump()
    if isinstance(value, dict):
        value = [each for name, each in value.items() if name not in NAMES]
    return set().union(*map(texts, value)) if isinstance(value, (list, tuple)) else set()


# -- where events wait ------------------------------------------------------------------------------------------


class Memory:
    """Batches that wait in memory: lists of lines."""

    most = MEMORY_BATCHES

    def __init__(self) -> None:
        self.dropped = 0  # events
        self._lock = threading.Lock()
        self._full: deque[Any] = deque()
        self._open: Any = None
        self._events = self._bytes = 0

    def waits(self) -> bool:
        return bool(self._full) or self._open is not None

    def add(self, line: bytes) -> bool:
        """Whether a batch is full."""
        with self._lock:
            if self._open is None:
                self._open = self.new()
            self.append(line)
            self._events, self._bytes = self._events + 1, self._bytes + len(line)
            return (self._events >= BATCH_EVENTS or self._bytes >= BATCH_BYTES) and self.turn()

    def turn(self) -> bool:
        """The next event begins a new batch."""
        self._full.append(self._open)
        self._open, self._events, self._bytes = None, 0, 0
        if len(self._full) > self.most:
            self.drop(self._full.popleft())
        return True

    def take(self) -> Any:
        with self._lock:
            if self._open is not None and not self._full:
                self.turn()
            return self._full.popleft() if self._full else None

    def restore(self, batch: Any) -> None:
        with self._lock:
            self._full.appendleft(batch)

    def drop(self, batch: Any) -> None:
        self.dropped += self.read(batch).count(b"\n")
        self.done(batch)

    def new(self) -> Any:
        return []

    def append(self, line: bytes) -> None:
        self._open.append(line)

    def read(self, batch: Any) -> bytes:
        return b"".join(batch)

    def done(self, batch: Any) -> None:
        """Nothing: `take` took it out."""

    def sync(self) -> None:
        """Nothing: memory is no disk."""


class Folder(Memory):
    """Batches that wait in files, whose text is what is posted.

    A process's files begin with its name, and `<name>.lock` is locked while it lives. Who can lock that of another
    takes its files over: so a file has one sender at a time, and what a killed process left is sent by the next.
    """

    most = FOLDER_BATCHES

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = Path(path)
        self._name = ""
        self._numbers = iter(range(10**9))
        self._descriptors: list[int] = []  # the lock, and the file that is open
        self._unsynced: deque[Path] = deque()

    def claim(self) -> None:
        """Under a hidden name until it is locked, so that nobody takes it for that of a dead process."""
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
        hidden = self._path / f".{name}"
        self._descriptors = [os.open(hidden, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)]
        fcntl.flock(self._descriptors[0], fcntl.LOCK_EX)
        hidden.rename(self._path / f"{name}.lock")
        self._name = name
        for lock in sorted(self._path.glob("*.lock")):
            self._take_over(lock)

    def _take_over(self, lock: Path) -> None:
        try:
            descriptor = os.open(lock, os.O_RDWR)
        except FileNotFoundError:  # another was quicker
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._full.extend(each.rename(self._next()) for each in sorted(self._path.glob(f"{lock.stem}.*.jsonl")))
            lock.unlink(missing_ok=True)
        except BlockingIOError:  # its process lives
            return
        finally:
            os.close(descriptor)

    def _next(self) -> Path:
        return self._path / f"{self._name}.{next(self._numbers):09}.jsonl"

    def new(self) -> Path:
        if not self._name:
            self.claim()
        path = self._next()
        self._descriptors.append(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600))
        return path

    def append(self, line: bytes) -> None:
        try:
            written = os.write(self._descriptors[1], line)
        except OSError:
            self.turn()
            raise
        if written < len(line):
            self.turn()
            raise OSError(28, "No room for an event")

    def turn(self) -> bool:
        os.close(self._descriptors.pop())
        self._unsynced.append(self._open)
        return super().turn()

    def sync(self) -> None:
        """Not in `append`: a call must not wait for the disk."""
        while self._unsynced:
            path = self._unsynced.popleft()
            if path.exists():
                descriptor = os.open(path, os.O_RDONLY)
                os.fsync(descriptor)
                os.close(descriptor)

    def read(self, batch: Path) -> bytes:
        body = batch.read_bytes()
        return body[: body.rfind(b"\n") + 1]  # who was killed may have left half a line

    def done(self, batch: Path) -> None:
        batch.unlink(missing_ok=True)

    def leave_to_parent(self) -> None:
        """In a forked child: these are copies, and closing them unlocks nothing."""
        for descriptor in self._descriptors:
            os.close(descriptor)


# -- the callback -----------------------------------------------------------------------------------------------


class FarthingLogger(CustomLogger):
    """`filter` takes LiteLLM's payload and says whether its call is reported. `enrich` takes it and returns labels to
    add: `team`, `feature`, …, and `tags`, a list. Where one of them raises, events are sent as if it were not there."""

    def __init__(
        self, api_key: Any = None, api_url: Any = None, filter: Any = None, enrich: Any = None, buffer_dir: Any = None
    ) -> None:
        super().__init__()
        self._headers = headers(setting(api_key, "api_key", "an ingest key"))
        self._url = door(setting(api_url, "api_url", "the address of a Farthing server"))
        self._urlopen = urllib.request.build_opener(NoRedirects).open
        self._filter, self._enrich = plain_function(filter, "filter"), plain_function(enrich, "enrich")
        self._buffer_dir = buffer_dir or os.environ.get("FARTHING_BUFFER_DIR")
        if self._buffer_dir and not fcntl:
            raise ValueError("buffer_dir needs file locks, which this system does not have")
        self._warned: set[str] = set()
        self._begin()
        if self._folder is not None:
            self._folder.claim()
            self._start()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._in_child)

    def _begin(self) -> None:
        """Nothing waits and no thread runs: at first, and in a forked child."""
        self._memory = Memory()
        self._folder = Folder(self._buffer_dir) if self._buffer_dir else None
        self._stores = [self._folder, self._memory] if self._folder is not None else [self._memory]
        self._starting, self._sending, self._wake = threading.Lock(), threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None
        self._failures, self._retry_at, self._exit_by = 0, 0.0, 0.0

    def _in_child(self) -> None:
        """What waits is the parent's, and the parent sends it."""
        if self._folder is not None:
            self._folder.leave_to_parent()
        self._begin()

    def log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        self._report(kwargs)

    async def async_log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        self._report(kwargs)

    log_failure_event, async_log_failure_event = log_success_event, async_log_success_event

    def flush(self, seconds: float = EXIT_SECONDS) -> bool:
        """Sends what waits; whether nothing waits any more."""
        self._retry_at = 0.0
        return self._send_all(time.monotonic() + seconds, again=True)

    async def aflush(self, seconds: float = EXIT_SECONDS) -> bool:
        """The same where an event loop is about to end, which would cut off what LiteLLM has yet to log."""
        await litellm_has_logged(seconds)
        return await asyncio.get_running_loop().run_in_executor(None, self.flush, seconds)

    # -- in the caller's thread --

    def _report(self, kwargs: dict[str, Any]) -> None:
        try:
            payload = kwargs.get("standard_logging_object")
            if payload and self._ask("filter", self._filter, payload, True):
                event = event_of(payload, kwargs)
                added = self._ask("enrich", self._enrich, payload, None) or {}
                if unknown := enrich(event, added):
                    self._warn("enrich", "enrich said %s, which means nothing; labels are %s", unknown, list(LABELS))
                self._put(json.dumps(event).encode() + b"\n")
        except Exception as problem:  # the call went well, and must not end badly
            self._warn("report", "a call could not be reported: %s", type(problem).__name__)

    def _ask(self, name: str, function: Any, payload: Any, default: Any) -> Any:
        try:
            said = function(payload) if function else default
            if name == "enrich" and not isinstance(said, (dict, type(None))):
                raise TypeError("not a dict")
            return said
        except Exception as problem:
            self._warn(name, "%s failed with %s; events are sent without it", name, type(problem).__name__)
            return default

    def _put(self, line: bytes) -> None:
        for store in self._stores:
            try:
                full = store.add(line)
                break
            except OSError as problem:
                self._warn(
                    "disk", "%s can't be written (%s): events wait in memory", self._buffer_dir, problem.strerror
                )
        self._start()
        if full:
            self._wake.set()
        if self._exit_by:  # LiteLLM reports some calls when the program has ended
            self._at_exit()

    # -- in a thread of its own, and at the end --

    def _start(self) -> None:
        with self._starting:
            if self._thread:
                return
            self._thread = threading.Thread(target=self._work, name="farthing", daemon=True)
            atexit.register(self._at_exit)
            Finalize(None, self._at_exit, exitpriority=1)  # children of `multiprocessing` end without atexit
            try:
                self._thread.start()
            except RuntimeError:  # the interpreter is ending: `_at_exit` sends
                return

    def _work(self) -> None:
        while True:
            self._wake.wait(BATCH_SECONDS)
            self._wake.clear()
            with self._sending:
                self._send_waiting()

    def _at_exit(self) -> None:
        """With a buffer one attempt is enough: the next start goes on."""
        if not self._exit_by:
            self._exit_by, self._retry_at = time.monotonic() + EXIT_SECONDS, 0.0
        self._send_all(self._exit_by, again=self._folder is None)
        while (batch := self._memory.take()) is not None:
            self._memory.drop(batch)
        self._tell_lost()

    def _send_all(self, deadline: float, again: bool) -> bool:
        if not self._sending.acquire(timeout=max(0.0, deadline - time.monotonic())):
            return False
        try:
            self._send_waiting(deadline)
            while again and self._waits() and max(self._retry_at, time.monotonic()) < deadline:
                time.sleep(max(0.0, self._retry_at - time.monotonic()))
                self._send_waiting(deadline)
            return not self._waits()
        finally:
            self._sending.release()

    def _waits(self) -> bool:
        return any(store.waits() for store in self._stores)

    def _send_waiting(self, deadline: float = float("inf")) -> None:
        """Its caller holds `_sending`."""
        for store in self._stores:
            try:
                self._send_batches(store, deadline)
                store.sync()
            except Exception as problem:
                self._warn("batch", "a batch of events was left where it is: %r", problem)

    def _send_batches(self, store: Memory, deadline: float) -> None:
        """Until nothing waits, or it is better to."""
        while (now := time.monotonic()) >= self._retry_at and now < deadline and (batch := store.take()):
            store.sync()
            pause = self._send(store, batch, min(REQUEST_SECONDS, deadline - now))
            store.restore(batch) if pause else store.done(batch)
            self._retry_at = time.monotonic() + pause

    def _send(self, store: Memory, batch: Any, seconds: float) -> float:
        """Seconds until it is worth trying again; 0 where this batch is done with."""
        body = store.read(batch)
        if not body:
            return 0.0
        try:
            status, told, answer = self._post(body, seconds)
        except (OSError, http.client.HTTPException) as problem:
            return self._later(f"can't be reached: {getattr(problem, 'reason', None) or problem!r}")
        if 200 <= status < 300 and "count" in answer:
            return self._delivered(answer.get("rejected") or [])
        why = f"answered {status} {str(answer.get('error') or '')[:200]}".strip()
        if status in (408, 429) or status >= 500:
            return self._later(why, told)
        return self._refused(status, why, store, batch)

    def _post(self, body: bytes, seconds: float) -> tuple[int, str, dict[str, Any]]:
        request = urllib.request.Request(self._url, body, self._headers, method="POST")
        try:
            answer = self._urlopen(request, timeout=max(seconds, 0.1))
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            return answer.code, answer.headers.get("Retry-After") or "", in_json(answer.read())

    def _delivered(self, rejected: list[Any]) -> float:
        self._failures = 0
        self._warned.discard("away")
        self._tell_lost()
        if rejected:
            why = str(rejected[0].get("error"))[:200]
            self._warn(why, "%s did not take %d events: %s", self._url, len(rejected), why)
        return 0.0

    def _later(self, why: str, told: str = "") -> float:
        place = self._buffer_dir if self._folder is not None else "memory, as many as there is room for"
        self._warn("away", "%s %s. Events wait in %s, and are sent when it is back", self._url, why, place)
        self._failures += 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._failures - 1, 16))
        return max(pause * random.uniform(0.5, 1), min(float(told), LONGEST_TOLD) if told.isdigit() else 0)

    def _refused(self, status: int, why: str, store: Memory, batch: Any) -> float:
        """The same is not sent again at once; but where the settings are wrong, a buffer waits until they are right."""
        wrong_settings = status < 400 or status in (401, 403, 404, 405)
        keep = wrong_settings and store is self._folder
        remedy = REMEDIES.get(status, REMEDIES[404] if wrong_settings else "")
        self._warn(str(status), "%s %s. %sEvents are %s", self._url, why, remedy, "kept" if keep else "dropped")
        if keep:
            return REFUSED_PAUSE
        store.drop(batch)
        return 0.0

    # -- what the operator hears --

    def _tell_lost(self) -> None:
        if lost := sum(store.dropped for store in self._stores):
            log.warning("Farthing: %d events were not delivered, and are lost", lost)
        for store in self._stores:
            store.dropped = 0

    def _warn(self, kind: str, message: str, *values: Any) -> None:
        """Each kind once: a server that is away must not fill the log."""
        if kind not in self._warned:
            self._warned.add(kind)
            log.warning("Farthing: " + message, *values)


REMEDIES = {
    401: "Set FARTHING_API_KEY to an active ingest key of this server. ",
    402: "Its workspace's plan takes no more. ",
    403: "FARTHING_API_KEY must be a key with the scope ingest. ",
    404: "FARTHING_API_URL must be the address of Farthing's API, which is not that of its dashboard. ",
}


async def litellm_has_logged(seconds: float) -> None:
    """Its tasks first, for some of them only fill the queue of its worker."""
    from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER

    names = {task: getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()}
    if tasks := [task for task, name in names.items() if name.startswith(("_client_async_logging", "Logging."))]:
        await asyncio.wait(tasks, timeout=seconds)
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(GLOBAL_LOGGING_WORKER.flush(), seconds)


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer: to follow it would carry the key to another address."""

    def redirect_request(self, *_: Any) -> None:
        return None


def setting(given: str | None, argument: str, what: str) -> str:
    variable = f"FARTHING_{argument.upper()}"
    value = (given or os.environ.get(variable) or "").strip()
    if not value:
        raise ValueError(f"FarthingLogger needs {what}: set {variable}, or pass {argument}=")
    return value


def headers(key: str) -> dict[str, str]:
    if not re.fullmatch("[!-~]+", key):  # else http.client quotes it in its complaint
        raise ValueError("FARTHING_API_KEY holds characters that no key has")
    kind = {"Content-Type": "application/x-ndjson", "User-Agent": "farthing-callback"}
    return {"Authorization": f"Bearer {key}", **kind}


def door(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("FARTHING_API_URL must look like https://farthing.example.com")
    return address.rstrip("/") + DOOR


def plain_function(given: Any, name: str) -> Any:
    if given is not None and (not callable(given) or inspect.iscoroutinefunction(given)):
        raise ValueError(f"{name} must be a plain function of one payload")
    return given


def in_json(answer: bytes) -> dict[str, Any]:
    try:
        read = json.loads(answer)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def __getattr__(name: str) -> FarthingLogger:
    """`farthing_logger` for the proxy: made when it is asked for, so that importing this file needs no settings."""
    if name != "farthing_logger":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    logger = globals()[name] = FarthingLogger()
    return logger
