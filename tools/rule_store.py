"""Puts series into a real Prometheus: what is old as blocks, the newest as other servers send it.

So the last hours lie in its memory, as those that it scraped itself would.
"""

import json
import struct
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

from local.processes import Problem
from tools.rule_series import Series

Report = Callable[[str], None]
# A sample in protobuf, with a time of today in milliseconds: keys and length, value, key, six bytes.
_SAMPLE = struct.Struct("<3sdc6s")
_SAMPLE_HEAD = b"\x12\x10\x09"
_TIME_KEY = b"\x10"
_SERIES_OF_A_REQUEST = 1000
# Prometheus takes nothing that is an hour older than its newest sample: all series go on together.
_SLICE = 900
_BLOCK = "31d"


def write_blocks(series: Iterable[Series], until: int, now: int, data: Path, promtool: Path) -> int:
    """Write what the series have before a time as blocks; returns how many samples that is.

    Raises:
        Problem: promtool refuses them.
    """
    text, count = data.with_suffix(".openmetrics"), 0
    with text.open("w") as file:
        for found in series:
            lines = exposition(found, now - found.history, until)
            count += len(lines)
            file.writelines(lines)
        file.write("# EOF\n")
    if count:
        made = ["tsdb", "create-blocks-from", "--max-block-duration", _BLOCK, "openmetrics"]
        command = [str(promtool), *made, str(text), str(data)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Problem(f"promtool wrote no blocks: {done.stderr.strip()}")
    text.unlink()
    return count


def send(series: Sequence[Series], begin: int, end: int, now: int, url: str, report: Report) -> int:
    """Send what the series have from a time to another, recorded ones until now; returns the samples.

    Raises:
        Problem: they are refused.
    """
    count = 0
    for start in range(begin, end, _SLICE):
        stop = min(start + _SLICE, end)
        parts = [(found, min(stop, now) if found.recorded else stop) for found in series]
        for first in range(0, len(parts), _SERIES_OF_A_REQUEST):
            part = parts[first : first + _SERIES_OF_A_REQUEST]
            _post(url, b"".join(message(found, start, last) for found, last in part if start < last))
        count += sum(len(range(start, last, found.step)) for found, last in parts)
        report(f"{count / 1e6:.1f} million samples sent")
    return count


def exposition(series: Series, begin: int, end: int) -> list[str]:
    """A series as lines of OpenMetrics with times."""
    labels = ",".join(f"{name}={json.dumps(value)}" for name, value in _labels(series) if name != "__name__")
    head = f"{series.labels['__name__']}{{{labels}}}"
    times = range(begin, end, series.step)
    return [f"{head} {value} {time}\n" for value, time in zip(series.values(begin, end), times, strict=True)]


def message(series: Series, begin: int, end: int) -> bytes:
    """A series as a field of a request of the remote-write protocol, version 1."""
    labels = (_field(1, name.encode()) + _field(2, value.encode()) for name, value in _labels(series))
    stamps = _stamps(begin, end, series.step)
    samples = (
        _SAMPLE.pack(_SAMPLE_HEAD, value, _TIME_KEY, stamp)
        for value, stamp in zip(series.values(begin, end), stamps, strict=True)
    )
    return _field(1, b"".join([*(_field(1, label) for label in labels), *samples]))


def snappy(data: bytes) -> bytes:
    """Snappy's format with nothing compressed: the length, and all of it as one literal."""
    return varint(len(data)) + b"\xfc" + (len(data) - 1).to_bytes(4, "little") + data


def varint(number: int) -> bytes:
    """A number of protobuf: seven bits a byte, the lowest first."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


@cache
def _stamps(begin: int, end: int, step: int) -> list[bytes]:
    return [varint(time * 1000) for time in range(begin, end, step)]


def _labels(series: Series) -> Sequence[tuple[str, str]]:
    return sorted(series.labels.items())


def _field(number: int, data: bytes) -> bytes:
    """A field of protobuf that holds bytes."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def _post(url: str, body: bytes) -> None:
    headers = {
        "Content-Encoding": "snappy",
        "Content-Type": "application/x-protobuf",
        "X-Prometheus-Remote-Write-Version": "0.1.0",
    }
    try:
        urllib.request.urlopen(urllib.request.Request(url, snappy(body), headers), timeout=60).close()
    except urllib.error.HTTPError as error:
        raise Problem(f"Prometheus took no samples: {error.read().decode().strip()}") from None
