"""Pulumi's provider protocol, spoken for one backend.

One resident servicer answers every engine that attaches to it. Each provider instance of an
engine has a connection of its own, so what it was configured with is kept by connection.
"""

import json
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, plugin_pb2, provider_pb2, provider_pb2_grpc

from local.plugins.backend import Backend, Checked, Refused, State
from local.plugins.diff import differences
from local.plugins.wire import Path, from_struct, to_struct

_REMEMBERED_CONNECTIONS = 512
_KINDS = provider_pb2.PropertyDiff


@dataclass
class Connection:
    """What is known of one provider instance of one engine."""

    engine: engine_pb2_grpc.EngineStub | None = None
    session: Any = None
    warned: set[tuple[str, str]] = field(default_factory=set)


class ProviderServicer(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine for `backend`."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._connections: OrderedDict[str, Connection] = OrderedDict()
        self._lock = Lock()

    # --- the connection -----------------------------------------------------------------

    def _connection(self, context: grpc.ServicerContext) -> Connection:
        with self._lock:
            connection = self._connections.setdefault(context.peer(), Connection())
            self._connections.move_to_end(context.peer())
            while len(self._connections) > _REMEMBERED_CONNECTIONS:
                self._connections.popitem(last=False)
            return connection

    def Attach(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        self._connect_engine(context, request.address)
        return empty_pb2.Empty()

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._connect_engine(context, request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True)

    def _connect_engine(self, context: Any, address: str) -> None:
        if address:
            channel = grpc.insecure_channel(address)
            self._connection(context).engine = engine_pb2_grpc.EngineStub(channel)

    def _warn(self, context: Any, urn: str, messages: Collection[str]) -> None:
        """Show each message once: a check and the creation after it warn of the same."""
        connection = self._connection(context)
        if connection.engine is None:
            return
        for message in messages:
            if (urn, message) not in connection.warned:
                connection.warned.add((urn, message))
                log = engine_pb2.LogRequest(severity=engine_pb2.WARNING, message=message, urn=urn)
                connection.engine.Log(log)

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo(version=self._backend.version)

    def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": self._backend.name}))

    def GetMapping(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.GetMappingResponse()

    def GetMappings(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.GetMappingsResponse()

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        return empty_pb2.Empty()

    # --- the provider's own settings ------------------------------------------------------

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        # The address of a cluster may change; its resources stay: a provider is never replaced.
        return self._diff(request, lambda _path: False, delete_first=False)

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        settings, _ = from_struct(request.args)
        decoded = {key: _decoded(value) for key, value in settings.items()}
        try:
            self._connection(context).session = self._backend.configure(decoded)
        except Refused as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=True)

    # --- resources --------------------------------------------------------------------------

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        inputs, secrets = from_struct(request.news)
        old, _ = from_struct(request.olds)
        session = self._connection(context).session
        try:
            checked = self._backend.check(session, request.urn, _kind(request.urn), inputs, old)
        except Refused as error:
            checked = Checked(inputs=inputs, failures=())
            failures = [provider_pb2.CheckFailure(reason=str(error))]
        else:
            failures = [provider_pb2.CheckFailure(property=f.path, reason=f.reason) for f in checked.failures]
        self._warn(context, request.urn, checked.warnings)
        return provider_pb2.CheckResponse(inputs=to_struct(checked.inputs, secrets), failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        kind = _kind(request.urn)
        session = self._connection(context).session
        new, _ = from_struct(request.news)
        return self._diff(
            request,
            lambda path: self._backend.replaced_by(session, kind, path),
            delete_first=self._backend.named_by_program(kind, new),
        )

    def _diff(self, request: Any, replaces: Any, *, delete_first: bool) -> Any:
        old, _ = from_struct(request.old_inputs)
        new, _ = from_struct(request.news)
        changes = differences(old, new)
        ignored = tuple(request.ignoreChanges)
        changes = {path: what for path, what in changes.items() if not path.startswith(ignored or ("\0",))}
        replacing = [path for path in changes if replaces(path)]
        detailed = {
            path: _KINDS(kind=_change(what, replacing=path in replacing), inputDiff=True)
            for path, what in changes.items()
        }
        verdict = provider_pb2.DiffResponse.DIFF_SOME if changes else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=verdict,
            diffs=sorted({path.split(".")[0].split("[")[0] for path in changes}),
            replaces=replacing,
            detailedDiff=detailed,
            hasDetailedDiff=True,
            deleteBeforeReplace=bool(replacing) and delete_first,
        )

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        inputs, secrets = from_struct(request.properties)
        kind, session = _kind(request.urn), self._connection(context).session
        if request.preview:
            outputs = self._backend.preview_outputs(session, kind, inputs)
            return provider_pb2.CreateResponse(properties=to_struct(outputs, secrets))
        try:
            state = self._backend.create(session, request.urn, kind, inputs)
        except Refused as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        self._warn(context, request.urn, state.warnings)
        return provider_pb2.CreateResponse(id=state.id, properties=_outputs(state, secrets))

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        if self._backend.lives_in_state and request.properties.fields:
            return provider_pb2.ReadResponse(
                id=request.id, properties=request.properties, inputs=request.inputs
            )
        inputs, secrets = from_struct(request.inputs)
        session = self._connection(context).session
        try:
            state = self._backend.read(session, request.urn, _kind(request.urn), request.id, inputs)
        except Refused as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        if state is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=state.id, properties=_outputs(state, secrets), inputs=to_struct(state.inputs, secrets)
        )

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        old, _ = from_struct(request.old_inputs)
        new, secrets = from_struct(request.news)
        kind, session = _kind(request.urn), self._connection(context).session
        if request.preview:
            known, _ = from_struct(request.olds)
            return provider_pb2.UpdateResponse(properties=to_struct({**known, **new}, secrets))
        try:
            state = self._backend.update(session, request.urn, kind, request.id, old, new)
        except Refused as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        self._warn(context, request.urn, state.warnings)
        return provider_pb2.UpdateResponse(properties=_outputs(state, secrets))

    def Delete(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        inputs, _ = from_struct(request.old_inputs)
        session = self._connection(context).session
        try:
            self._backend.delete(session, request.urn, _kind(request.urn), request.id, inputs)
        except Refused as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        arguments, _ = from_struct(request.args)
        session = self._connection(context).session
        try:
            answer = self._backend.invoke(session, request.tok, arguments)
        except Refused as error:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, str(error))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(answer))
        return response


def _outputs(state: State, secrets: Collection[Path]) -> Any:
    return to_struct(state.outputs, secrets)


def _kind(urn: str) -> str:
    return urn.split("::")[2].rsplit("$", maxsplit=1)[-1]


def _decoded(value: Any) -> Any:
    """A provider's argument: anything but text travels as JSON."""
    if isinstance(value, str) and value[:1] in ("{", "[", "t", "f"):
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            return value
    return value


def _change(what: str, *, replacing: bool) -> Any:
    name = f"{what.upper()}_REPLACE" if replacing else what.upper()
    return _KINDS.Kind.Value(name)
