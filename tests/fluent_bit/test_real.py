"""The interpreter against a real Fluent Bit, where there is one; and what that comparison stands on."""

import json
import os
import shutil
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from fluent_bit import real
from fluent_bit.corpus import CASES, NODE, path_of, written
from fluent_bit.record import Record
from fluent_bit.test_pipeline import MAIN, SINKS, compliant, mounted, pipeline
from server_options.checker import option_problems

_BINARY = shutil.which("fluent-bit")
_SECONDS = 60


def printed() -> dict[str, bytes]:
    """The corpus as files; cases of one container follow each other."""
    found: defaultdict[str, bytes] = defaultdict(bytes)
    for case in CASES.values():
        found[path_of(case["app"], case.get("namespace", "axiom"))] += written(case["lines"])
    return dict(found)


def described() -> dict[str, dict[str, Any]]:
    """The pods of the corpus, by namespace and name."""
    pods = {(case.get("namespace", "axiom"), case["app"]) for case in CASES.values()}
    return {f"{namespace}_{app}-0": {"labels": {"app": app}, "host": NODE} for namespace, app in pods}


def interpreted(logs: Mapping[str, bytes]) -> real.Records:
    """What each output is handed of them."""
    running, found = pipeline(), defaultdict[tuple[str, str], list[Record]](list)
    for path, content in logs.items():
        for event in running.events(path, content):
            for alias, handed in running.handed(event).items():
                found[alias, real.name_of(event.tag)].append(handed.record)
    return real.in_order(found)


def prepared(root: Path) -> Path:
    """A folder with everything that a Fluent Bit here needs; the path of its file."""
    logs, config = printed(), yaml.safe_load(mounted()[MAIN])
    real.lay_out(root, mounted(), logs, described())
    file = root / "adapted.yaml"
    file.write_text(yaml.safe_dump(real.adapted(config, root)))
    return file


@pytest.mark.skipif(
    not _BINARY,
    reason="no fluent-bit on PATH: that its plugins do what the interpreter does is unproven (docs/logs.md)",
)
def test_fluent_bit_makes_the_records_that_the_interpreter_makes(tmp_path: Path) -> None:
    """Of the whole corpus, as each output is handed them."""
    file, expected = prepared(tmp_path), interpreted(printed())
    environment = {**os.environ, "NODE_NAME": NODE}
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [str(_BINARY), f"--config={file}"], env=environment, stdout=log, stderr=log
        )
    try:
        end = time.monotonic() + _SECONDS
        while sum(map(len, real.written(tmp_path).values())) < sum(map(len, expected.values())):
            ended = process.poll() is not None or time.monotonic() > end
            assert not ended, (tmp_path / "log").read_text()[-3000:]
            time.sleep(0.2)
    finally:
        process.terminate()
        process.wait(timeout=_SECONDS)
    assert real.written(tmp_path) == expected


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with its place."""
    items = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    )
    if items is None:
        yield place, value
    else:
        for key, item in items:
            yield from leaves(item, f"{place}/{key}")


def test_only_what_must_is_another(tmp_path: Path) -> None:
    """Paths, the description of pods, and where records go; every filter and every processor is there."""
    rendered = yaml.safe_load(mounted()[MAIN])
    found = real.adapted(rendered, tmp_path)
    assert rendered == yaml.safe_load(mounted()[MAIN])
    outputs = [document["pipeline"].pop("outputs") for document in (rendered, found)]
    before, after = (dict(leaves(document)) for document in (rendered, found))
    kubernetes, lua = (
        next(place for place, plugin in enumerate(rendered["pipeline"]["filters"]) if plugin["name"] == name)
        for name in ("kubernetes", "lua")
    )
    assert {place for place in {*before, *after} if before.get(place) != after.get(place)} == {
        *("/service/http_server", "/service/storage.path", f"/pipeline/filters/{lua}/script"),
        *(f"/pipeline/inputs/0/{key}" for key in ("path", "exclude_path", "db")),
        *(
            f"/pipeline/filters/{kubernetes}/{key}"
            for key in ("kube_tag_prefix", "kube_meta_preload_cache_dir", "kube_url")
        ),
    }
    assert [plugin["alias"] for plugin in outputs[1]] == SINKS
    for plugin, sink in zip(outputs[1], outputs[0], strict=False):
        calls = [
            [each["call"] for each in found.get("processors", {}).get("logs", ())] for found in (plugin, sink)
        ]
        assert calls[0] == calls[1]


def test_what_is_written_is_what_fluent_bit_takes(tmp_path: Path) -> None:
    """Its options are known, its files there, and its tags begin as the plugin is told."""
    config = yaml.safe_load(prepared(tmp_path).read_text())
    assert option_problems("fluent-bit", config) == []
    (source,), filters = config["pipeline"]["inputs"], config["pipeline"]["filters"]
    files = sorted(Path(source["path"]).parent.glob("*.log"))
    assert len(files) == len(printed())
    prefix = next(plugin["kube_tag_prefix"] for plugin in filters if plugin["name"] == "kubernetes")
    for file in files:
        tag = source["tag"].replace("*", str(file).strip("/").replace("/", "."))
        assert tag.removeprefix(prefix) == file.name
        namespace_of_pod = "_".join(reversed(file.name.split("_")[:2]))
        assert (tmp_path / "pods" / f"{namespace_of_pod}.meta").is_file()
    scripts = [plugin["script"] for plugin in filters if plugin["name"] == "lua"]
    assert all(Path(script).read_text() in mounted().values() for script in scripts)


def test_what_an_output_wrote_is_compared_as_a_whole(tmp_path: Path) -> None:
    """Lines in the form of its documentation are what the interpreter hands; one more record shows."""
    prepared(tmp_path)
    logs = {path_of("core-api"): written([compliant(), compliant(status=503, duration_ms=1), "text"])}
    running = pipeline()
    for event in running.events(path_of("core-api"), logs[path_of("core-api")]):
        for alias, handed in running.handed(event).items():
            with (tmp_path / "sent" / alias).open("a", encoding="utf-8") as file:
                file.write(f"{event.tag}: [1785574800.000000000, {json.dumps(handed.record)}]\n")
    assert real.written(tmp_path) == interpreted(logs)
    with (tmp_path / "sent" / "datadog").open("a") as file:
        file.write(f'{event.tag}: [1785574800.0, {{"half": ')
    assert real.written(tmp_path) == interpreted(logs)
    with (tmp_path / "sent" / "datadog").open("a") as file:
        file.write("1}]\n")
    assert real.written(tmp_path) != interpreted(logs)
