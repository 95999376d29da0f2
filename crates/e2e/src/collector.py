"""A collector of spans: OTLP over HTTP with the messages that OpenTelemetry publishes for Python.

`collector.py PORT`; `GET /` answers every span so far as JSON. What is not OTLP is refused and told.
"""

import gzip
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as otlp

spans = []


def told(resource, span):
    words = {one.key: one.value for one in list(resource.attributes) + list(span.attributes)}
    return {
        "service": words["service.name"].string_value,
        "name": span.name,
        "trace": span.trace_id.hex(),
        "id": span.span_id.hex(),
        "parent": span.parent_span_id.hex(),
        "began": span.start_time_unix_nano,
        "ended": span.end_time_unix_nano,
        "words": {key: getattr(value, value.WhichOneof("value")) for key, value in words.items()},
    }


class Collector(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers["content-encoding"] == "gzip":
            body = gzip.decompress(body)
        if self.path != "/v1/traces" or self.headers["content-type"] != "application/x-protobuf":
            return self.answer(415, "text/plain", b"not OTLP")
        request = otlp.ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                spans.extend(told(resource.resource, span) for span in scope.spans)
        done = otlp.ExportTraceServiceResponse().SerializeToString()
        self.answer(200, "application/x-protobuf", done)

    def do_GET(self):
        self.answer(200, "application/json", json.dumps(spans).encode())

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Collector).serve_forever()
