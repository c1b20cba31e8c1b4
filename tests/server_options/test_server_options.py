"""Rendered files of servers that do not run here, against schemas of their options."""

import copy
import itertools
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from server_options.checker import FORMATS, ConfigFormat, has_schema, load_schema, option_problems, problems
from server_options.readers import read_ini

from config.scalars import Environment, SinkName
from config.settings import load
from model.plan import build_plan
from model.slices import ObservabilityPlan

SINK_SETS = [
    list(chosen)
    for size in (1, 2, 3)
    for chosen in itertools.combinations([str(name) for name in SinkName], size)
]
# Below these an option may be anything: a query in the terms of another data source.
OPEN = ("target",)
CHOOSING = ("name", "type")
INI = "grafana/grafana.ini"
SOURCES = "grafana/provisioning/datasources/datasources.yaml"
COLLECTOR = "otel-collector/config.yaml"
FLUENT_BIT = "fluent-bit/fluent-bit.yaml"
VARIABLES = ("DD_API_KEY", "NODE_NAME")


def observability(environment: str, sinks: list[str]) -> ObservabilityPlan:
    """The plan of the monitoring stack."""
    raw = {"neo4j": {"acceptLicense": True}, "logSinks": sinks}
    return build_plan(load(raw, stack=environment)).observability


@cache
def files() -> Mapping[str, str]:
    """Every file that has a schema, as rendered with every sink."""
    rendered = observability("prod", SINK_SETS[-1]).files
    return {path: text for path, text in rendered.items() if has_schema(path)}


def form_of(path: str) -> ConfigFormat:
    """How a file is read."""
    return next(form for pattern, form in FORMATS.items() if Path(path).match(pattern))


def variables(plan: ObservabilityPlan, path: str) -> set[str]:
    """What the server of a file has in its environment."""
    for server in plan.servers:
        work = server.workload
        if path.startswith(f"{work.name}/"):
            return {*work.environment, *work.secret_environment, *work.pod_fields}
    raise KeyError(path)


def found(path: str, text: str) -> list[str]:
    """The problems of a text in the place of a file."""
    return problems(path, text, VARIABLES)


@pytest.mark.parametrize("environment", list(Environment))
@pytest.mark.parametrize("sinks", SINK_SETS, ids="+".join)
def test_every_option_exists(environment: Environment, sinks: list[str]) -> None:
    """In every environment and with every set of sinks, and what files refer to is there."""
    plan = observability(environment, sinks)
    checked = {path: text for path, text in plan.files.items() if has_schema(path)}
    assert checked
    wrong = {path: problems(path, text, variables(plan, path)) for path, text in checked.items()}
    assert {path: lines for path, lines in wrong.items() if lines} == {}


@pytest.mark.parametrize("pattern", list(FORMATS))
def test_every_format_is_tried(pattern: str) -> None:
    """A file that is rendered under another name would be checked by nobody."""
    assert any(Path(path).match(pattern) for path in files())


@pytest.mark.parametrize("schema", sorted({form.schema for form in FORMATS.values()}))
def test_a_schema_is_one(schema: str) -> None:
    """With its own keywords written out, it is JSON Schema."""
    Draft202012Validator.check_schema(load_schema(schema))


def places(value: Any, where: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value of a document with its path, but for what is open."""
    yield where, value
    if where and where[-1] in OPEN:
        return
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*where, key))


def planted(config: Any, where: tuple[str | int, ...], value: Any) -> Any:
    """The document with another value in a place."""
    if not where:
        return value
    changed = copy.deepcopy(config)
    holder = changed
    for key in where[:-1]:
        holder = holder[key]
    holder[where[-1]] = value
    return changed


@pytest.mark.parametrize("path", sorted(files()))
def test_an_unknown_option_is_named(path: str) -> None:
    """Planted in every map of the file in turn."""
    form = form_of(path)
    config = form.read(files()[path])
    maps = [where for where, value in places(config) if isinstance(value, dict) and where[-1:] != OPEN]
    for where in maps:
        expected = ".".join(map(str, (*where, "planted")))
        wrong = option_problems(form.schema, planted(config, (*where, "planted"), 1))
        assert any(line.startswith(f"{expected}: ") for line in wrong), expected


@pytest.mark.parametrize("path", sorted(files()))
def test_a_value_of_another_type_is_named(path: str) -> None:
    """A map in the place of every value in turn."""
    form = form_of(path)
    config = form.read(files()[path])
    leaves = [where for where, value in places(config) if not isinstance(value, dict | list)]
    assert leaves
    for where in leaves:
        wrong = option_problems(form.schema, planted(config, where, {"planted": 1}))
        # What picks the schema of its map is reported there.
        places_named = {where, where[:-1] if where[-1] in CHOOSING else where}
        expected = tuple(".".join(map(str, place)) + ": " for place in places_named)
        assert any(line.startswith(expected) for line in wrong), where


@pytest.mark.parametrize(
    ("path", "old", "new", "problem"),
    [
        (INI, "[security]\nadmin_user", "[users]\nadmin_user", "(file): "),
        (INI, "[plugins]\npreinstall_auto_update", "[panels]\npreinstall_auto_update", "panels.preinst"),
        (INI, "[metrics]\nenabled = true", "[metrics]\nenabled = yes", "metrics.enabled: "),
        (INI, "name = grafana\n", "name = graf;ana\n", "database.name: a value with"),
        (INI, "name = grafana\n", "name = ${DB_NAME}\n", "database.name: ${DB_NAME} is no variable"),
        (SOURCES, "$${__value.raw}", "${__value.raw}", "datasources.3.jsonData.derivedFields.0.url: "),
        (SOURCES, "type: tempo", "type: temp", "datasources.2: unknown type 'temp'"),
        (
            SOURCES,
            "description: Its lines in CloudWatch\n",
            "",
            "datasources.2.correlations.0: 'description'",
        ),
        (SOURCES, "httpMethod: POST", "httpMethod: PUT", "datasources.0.jsonData.httpMethod: "),
        ("tempo/tempo.yaml", "backend_worker:", "compactor:", "compactor: unknown option"),
        ("tempo/tempo.yaml", "block_retention: 168h", "block_retention: 7d", "backend_scheduler.provider."),
        ("tempo/tempo.yaml", "endpoint: s3.", "endpoint: https://s3.", "storage.trace.s3.endpoint: "),
        (FLUENT_BIT, "name: tail", "name: tial", "pipeline.inputs.0: unknown name 'tial'"),
        (FLUENT_BIT, "name: kubernetes", "name: loki", "pipeline.filters.1: unknown name 'loki'"),
        (FLUENT_BIT, "retry_limit: no_limits", "retry_limit: unlimited", "pipeline.outputs.0.retry_limit: "),
        (FLUENT_BIT, "${DD_API_KEY}", "${DD_KEY}", "pipeline.outputs.2.apikey: no variable DD_KEY"),
        (
            COLLECTOR,
            "- batch\n",
            "- batches\n",
            "service.pipelines.traces/kept.processors: batches is not declared",
        ),
        (FLUENT_BIT, "storage.max_chunks_up: 64\n", "", "service.storage.max_chunks_up: missing"),
        (FLUENT_BIT, "storage.backlog.mem_limit: 32M\n", "", "service.storage.backlog.mem_limit: missing"),
        (FLUENT_BIT, "storage.rejected.limit: 1G\n", "", "service.storage.rejected.limit: missing"),
        (FLUENT_BIT, "emitter_mem_buf_limit: 10M\n", "", "pipeline.filters.0.emitter_mem_buf_limit: m"),
        (
            FLUENT_BIT,
            "storage.total_limit_size: 2G\n",
            "",
            "pipeline.outputs.0.storage.total_limit_size",
        ),
        (
            FLUENT_BIT,
            "db: /var/fluent-bit/state/tail-containers.db\n",
            "",
            "pipeline.inputs.0.db: missing",
        ),
        (FLUENT_BIT, "match: counted", "match: count", "pipeline.outputs.3.match: no input has a tag like"),
        (FLUENT_BIT, "tag: kube.*", "tag: app.*", "pipeline.outputs.0.match: no input has a tag like"),
        (FLUENT_BIT, "multiline.parser: cri", "multiline.parser: crio", "pipeline.inputs.0.multiline.p"),
        (COLLECTOR, "- redaction\n", "", "processors.redaction: no pipeline uses it"),
        (COLLECTOR, "- health_check\n", "", "service.extensions: "),
        (
            COLLECTOR,
            "${env:DD_API_KEY}",
            "${env:DD_KEY}",
            "exporters.otlp_http/datadog.headers.dd",
        ),
        (
            COLLECTOR,
            "${env:DD_API_KEY}",
            "${DD_API_KEY}",
            "exporters.otlp_http/datadog.headers.dd",
        ),
        (COLLECTOR, "otlp_grpc/tempo:", "otlp/tempo:", "exporters.otlp/tempo: the type 'otlp' is now"),
        (COLLECTOR, "  metrics/datadog:", "  metric/datadog:", "service.pipelines.metric/datadog: "),
        ("blackbox-exporter/blackbox.yml", "prober: http", "prober: https", "modules.http.prober: "),
        ("cloudwatch-exporter/config.yml", "type: AWS/RDS", "type: rds", "discovery.jobs.0.type: "),
        ("cloudwatch-exporter/config.yml", "- Average", "- Mean", "discovery.jobs.0.metrics."),
        ("cloudwatch-exporter/config.yml", "apiVersion: v1alpha1", "apiVersion: v1", "apiVersion: "),
    ],
)
def test_a_mistake_is_found(path: str, old: str, new: str, problem: str) -> None:
    """Options in the wrong section, values that are none, and references that lead nowhere."""
    text = files()[path]
    assert old in text
    assert found(path, text) == []
    # What goes, goes with its indentation.
    changed = text.replace(old, new) if new else re.sub(f" *{re.escape(old)}", "", text)
    assert any(line.startswith(problem) for line in found(path, changed))


def test_options_of_fluent_bit_have_no_case() -> None:
    """As Fluent Bit reads them."""
    text = files()[FLUENT_BIT]
    assert found(FLUENT_BIT, text.replace("buffer_max_size", "Buffer_Max_Size")) == []


def test_a_component_without_settings_has_the_defaults() -> None:
    """A key with nothing behind it is not an error of the collector."""
    config = yaml.safe_load(files()[COLLECTOR])
    config["processors"]["batch"] = None
    assert found(COLLECTOR, yaml.safe_dump(config)) == []


def test_a_file_that_is_none_is_reported() -> None:
    """Broken YAML and doubled keys are problems, not tracebacks."""
    assert found(COLLECTOR, "receivers: [") != []
    assert found(INI, "[users]\na = 1\na = 2\n") != []


def test_keys_before_the_first_section_are_read() -> None:
    """Grafana has some of its own there."""
    assert read_ini("app_mode = production\n[users]\nlogin_hint = a=b\n") == {
        "(top)": {"app_mode": "production"},
        "users": {"login_hint": "a=b"},
    }
