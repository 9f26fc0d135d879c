"""Requests read and answers written in AWS's protocols: JSON, CBOR, query, EC2's query, and REST with JSON.

botocore reads answers and writes requests; an emulator does the other half, along the same shapes.
"""

from __future__ import annotations

import base64
import io
import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote
from xml.sax.saxutils import escape

import attrs

from icplan.testing.emulator.sagemaker_texts import MALFORMED, UNKNOWN_OPERATION
from icplan.testing.emulator.service_models import (
    SIGNING_NAMES,
    TARGETS,
    operation_model,
    service_model,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from icplan.testing.emulator.errors import ServiceError

_JSON: Final = "application/x-amz-json-1.1"
_CBOR: Final = "application/cbor"
_XML: Final = "text/xml"


@attrs.frozen
class Request:
    """An HTTP request, as either door has it; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@attrs.frozen
class Response:
    """What goes back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@attrs.frozen
class Call:
    """A request that was read: which operation of which service, its parameters, and how to answer it."""

    service: str
    operation: str
    params: dict[str, Any]
    protocol: str
    region: str | None = None
    access_key: str | None = None


def read_call(request: Request) -> Call:
    """Which operation is asked for, and its parameters. Raises ServiceError for what is no request."""
    region, access_key, signed_for = _scope(request)
    service, operation, protocol, params = _read(request, signed_for)
    return Call(service, operation, params, protocol, region, access_key)


def protocol_of(request: Request) -> str:
    """How the request is answered, even where it cannot be read."""
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return "cbor"
    if request.path.startswith("/endpoints/"):
        return "rest-json"
    if request.headers.get("x-amz-target"):
        return "json"
    return "query" if b"Action=" in request.body else "json"


def _scope(request: Request) -> tuple[str | None, str | None, str | None]:
    """Region, access key and service of the credential scope, where the request is signed."""
    _, found, rest = request.headers.get("authorization", "").partition("Credential=")
    parts = rest.partition(",")[0].split("/")
    if not found or len(parts) < 5:  # noqa: PLR2004  (key, date, Region, service, "aws4_request")
        return None, None, None
    return parts[-3], parts[0], parts[-2]


def _read(request: Request, signed_for: str | None) -> tuple[str, str, str, dict[str, Any]]:
    protocol = protocol_of(request)
    match protocol:
        case "cbor":
            *_, service_id, _, operation = request.path.split("/")
            service = TARGETS.get(service_id, service_id)
            return service, operation, protocol, _from_cbor(service, operation, request.body)
        case "rest-json":
            return "sagemaker-runtime", "InvokeEndpoint", protocol, _invocation(request)
        case "query":
            return _from_query(request, signed_for)
        case _:
            prefix, _, operation = request.headers.get("x-amz-target", "").partition(".")
            service = TARGETS.get(prefix, prefix)
            if service not in TARGETS.values() or operation_model(service, operation) is None:
                return service, operation, protocol, {}
            return service, operation, protocol, _from_json(service, operation, request.body)


def _from_json(service: str, operation: str, body: bytes) -> dict[str, Any]:
    try:
        params = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        params = None
    if not isinstance(params, dict):
        raise MALFORMED.error(why="the body is no JSON object")
    found: dict[str, Any] = known(params, _model(service, operation).input_shape)
    return found


def _model(service: str, operation: str) -> Any:
    model = operation_model(service, operation)
    if model is None:
        raise UNKNOWN_OPERATION.error(operation=operation)
    return model


def known(value: Any, shape: Any) -> Any:
    """What the API knows of a value; unknown members are ignored, as the service does. Dates are read."""
    if shape is None:
        return {}
    match shape.type_name:
        case "structure" if isinstance(value, dict):
            return {
                name: known(value[name], member)
                for name, member in shape.members.items()
                if value.get(name) is not None
            }
        case "list" if isinstance(value, list):
            return [known(item, shape.member) for item in value]
        case "map" if isinstance(value, dict):
            return {key: known(item, shape.value) for key, item in value.items()}
        case "timestamp":
            return as_date(value)
        case "blob" if isinstance(value, str):
            return base64.b64decode(value)
    return value


def as_date(value: Any) -> datetime:
    """A point in time from what JSON may hold of it: seconds, or a text in either form."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    try:
        if isinstance(value, str):
            try:
                return datetime.fromtimestamp(float(value), UTC)
            except ValueError:
                return as_date(datetime.fromisoformat(value))
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        raise MALFORMED.error(why=f"{value!r} is no timestamp") from None


def _from_cbor(service: str, operation: str, body: bytes) -> dict[str, Any]:
    from botocore.parsers import ResponseParserError, RpcV2CBORParser  # noqa: PLC0415  (few are in CBOR)

    parser = RpcV2CBORParser()
    try:
        params = parser.parse_data_item(io.BufferedReader(io.BytesIO(body))) if body else {}
    except (ValueError, IndexError, KeyError, TypeError, RecursionError, ResponseParserError) as error:
        raise MALFORMED.error(why="the body is no CBOR") from error
    found: dict[str, Any] = known(params, _model(service, operation).input_shape)
    return found


def _invocation(request: Request) -> dict[str, Any]:
    params: dict[str, Any] = {"EndpointName": unquote(request.path.split("/")[2]), "Body": request.body}
    if component := request.headers.get("x-amzn-sagemaker-inference-component"):
        params["InferenceComponentName"] = component
    return params


def _from_query(request: Request, signed_for: str | None) -> tuple[str, str, str, dict[str, Any]]:
    """The query protocol: ``Action=...&Member.1=...``. The service is the one the request is signed for."""
    flat = dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))
    operation = flat.get("Action", "")
    service = SIGNING_NAMES.get(signed_for or "", "sts")
    if operation_model(service, operation) is None:
        raise UNKNOWN_OPERATION.error(operation=operation)
    protocol = "ec2" if service == "ec2" else "query"
    return service, operation, protocol, _unflat(flat, _model(service, operation).input_shape, "", protocol)


def _unflat(flat: Mapping[str, str], shape: Any, prefix: str, protocol: str) -> Any:
    """The value at a prefix of a flat query."""
    match shape.type_name:
        case "structure":
            found = {
                name: _unflat(flat, member, _join(prefix, _query_name(name, member, protocol)), protocol)
                for name, member in shape.members.items()
            }
            return {name: value for name, value in found.items() if value not in (None, [], {})}
        case "list":
            flattened = protocol == "ec2" or shape.serialization.get("flattened")
            at = prefix if flattened else f"{prefix}.{shape.member.serialization.get('name', 'member')}"
            return list(_unflat_items(flat, shape.member, at, protocol))
        case _:
            return None if prefix not in flat else _scalar(flat[prefix], shape)


def _unflat_items(flat: Mapping[str, str], shape: Any, prefix: str, protocol: str) -> Iterator[Any]:
    number = 1
    while any(key == f"{prefix}.{number}" or key.startswith(f"{prefix}.{number}.") for key in flat):
        yield _unflat(flat, shape, f"{prefix}.{number}", protocol)
        number += 1


def _query_name(name: str, shape: Any, protocol: str) -> str:
    given = shape.serialization.get("queryName")
    if given:
        return str(given)
    located = str(shape.serialization.get("name", name))
    return located[:1].upper() + located[1:] if protocol == "ec2" else located


def _join(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def _scalar(text: str, shape: Any) -> Any:
    try:
        match shape.type_name:
            case "integer" | "long":
                return int(text)
            case "float" | "double":
                return float(text)
            case "boolean":
                return text == "true"
            case "timestamp":
                return as_date(text)
    except ValueError:
        raise MALFORMED.error(why=f"{text!r} is no {shape.type_name}") from None
    return text


def write_answer(call: Call, answer: Mapping[str, Any], request_id: str) -> Response:
    """A successful answer, with exactly the members that the operation's output has."""
    model = _model(call.service, call.operation)
    shape = model.output_shape
    match call.protocol:
        case "cbor":
            body = _cbor(answer, shape)
            return _response(200, _CBOR, body, request_id, {"smithy-protocol": "rpc-v2-cbor"})
        case "rest-json":
            headers = {"x-Amzn-Invoked-Production-Variant": str(answer.get("InvokedProductionVariant", ""))}
            return _response(200, "application/json", answer["Body"], request_id, headers)
        case "query" | "ec2":
            body = _xml_answer(call, model, answer, request_id)
            return _response(200, _XML, body, request_id)
        case _:
            body = b"" if shape is None else json.dumps(json_value(answer, shape)).encode()
            return _response(200, _JSON, body, request_id)


def write_error(error: ServiceError, protocol: str, request_id: str) -> Response:
    """An error in the form of the protocol."""
    match protocol:
        case "cbor":
            body = _cbor_error(error)
            headers = {"smithy-protocol": "rpc-v2-cbor", "x-amzn-query-error": f"{error.code};Sender"}
            return _response(error.status, _CBOR, body, request_id, headers)
        case "query" | "ec2":
            inner = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
            identity = f"<RequestID>{request_id}</RequestID>"
            text = (
                f"<Response><Errors><Error>{inner}</Error></Errors>{identity}</Response>"
                if protocol == "ec2"
                else f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error>"
                f"<RequestId>{request_id}</RequestId></ErrorResponse>"
            )
            return _response(error.status, _XML, text.encode(), request_id)
        case _:
            body = json.dumps({"__type": error.code, "message": error.message}).encode()
            return _response(error.status, _JSON, body, request_id, {"x-amzn-ErrorType": error.code})


def _response(
    status: int, content_type: str, body: bytes, request_id: str, more: Mapping[str, str] | None = None
) -> Response:
    headers = {"x-amzn-RequestId": request_id, "Content-Type": content_type, **(more or {})}
    return Response(status, headers, body)


def json_value(value: Any, shape: Any) -> Any:
    """A value as JSON has it: dates are seconds, blobs base64; members the API does not know are dropped."""
    match shape.type_name:
        case "structure":
            return {
                name: json_value(value[name], member)
                for name, member in shape.members.items()
                if value.get(name) is not None
            }
        case "list":
            return [json_value(item, shape.member) for item in value]
        case "map":
            return {key: json_value(item, shape.value) for key, item in value.items()}
        case "timestamp":
            return _seconds(value)
        case "float" | "double":
            return float(value)
        case "blob":
            return base64.b64encode(value).decode()
    return value


def _seconds(value: Any) -> float:
    moment = (as_date(value) if not isinstance(value, int | float) else None) or None
    found = moment.timestamp() if moment else float(value)
    return int(found) if math.isfinite(found) and found == int(found) else round(found, 3)


def _cbor(answer: Mapping[str, Any], shape: Any) -> bytes:
    from botocore.serialize import CBORSerializer  # noqa: PLC0415  (few answers are in CBOR)

    writer: Any = CBORSerializer()
    found = bytearray()
    if shape is not None:
        writer._serialize_data_item(found, _dated(answer, shape), shape)  # noqa: SLF001  (botocore's own CBOR)
    return bytes(found)


def _dated(value: Any, shape: Any) -> Any:
    match shape.type_name:
        case "structure":
            return {n: _dated(value[n], m) for n, m in shape.members.items() if value.get(n) is not None}
        case "list":
            return [_dated(item, shape.member) for item in value]
        case "map":
            return {key: _dated(item, shape.value) for key, item in value.items()}
        case "timestamp":
            return datetime.fromtimestamp(_seconds(value), UTC)
    return value


def _cbor_error(error: ServiceError) -> bytes:
    """A map of two texts: the error's type and message."""
    parts = [b"\xa2"]
    for text in ("__type", error.code, "message", error.message):
        data = text.encode()
        size = len(data)
        head = bytes([0x60 | size]) if size < 24 else b"\x79" + size.to_bytes(2)  # noqa: PLR2004  (RFC 8949)
        parts.append(head + data)
    return b"".join(parts)


def _xml_answer(call: Call, model: Any, answer: Mapping[str, Any], request_id: str) -> bytes:
    space = service_model(call.service).metadata.get("xmlNamespace", "")
    inner = "".join(_xml_members(answer, model.output_shape, call.protocol)) if model.output_shape else ""
    if call.protocol == "ec2":
        text = (
            f'<{call.operation}Response xmlns="{space}"><requestId>{request_id}</requestId>{inner}'
            f"</{call.operation}Response>"
        )
    else:
        wrapper = model.output_shape.serialization.get("resultWrapper") if model.output_shape else None
        wrapped = f"<{wrapper}>{inner}</{wrapper}>" if wrapper else inner
        text = (
            f'<{call.operation}Response xmlns="{space}">{wrapped}<ResponseMetadata>'
            f"<RequestId>{request_id}</RequestId></ResponseMetadata></{call.operation}Response>"
        )
    return text.encode()


def _xml_members(value: Mapping[str, Any], shape: Any, protocol: str) -> Iterator[str]:
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield _xml(value[name], member, str(member.serialization.get("name", name)), protocol)


def _xml(value: Any, shape: Any, name: str, protocol: str) -> str:
    match shape.type_name:
        case "structure":
            return f"<{name}>{''.join(_xml_members(value, shape, protocol))}</{name}>"
        case "list":
            item = str(shape.member.serialization.get("name", "item" if protocol == "ec2" else "member"))
            if shape.serialization.get("flattened"):
                return "".join(_xml(one, shape.member, name, protocol) for one in value)
            return f"<{name}>{''.join(_xml(one, shape.member, item, protocol) for one in value)}</{name}>"
        case "boolean":
            return f"<{name}>{'true' if value else 'false'}</{name}>"
        case "timestamp":
            moment = datetime.fromtimestamp(_seconds(value), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            return f"<{name}>{moment}</{name}>"
    return f"<{name}>{escape(str(value))}</{name}>"
