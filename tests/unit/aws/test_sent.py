"""The operation of a request, for protocols that encode it in method and path."""

from __future__ import annotations

import pytest

from rehearsal.aws import wire


@pytest.mark.parametrize(
    ("service", "method", "path", "query", "headers", "name"),
    [
        ("s3", "PUT", "/bucket/runs/1.json", {}, {}, "PutObject"),
        ("s3", "PUT", "/bucket/copy", {}, {"x-amz-copy-source": "b/k"}, "CopyObject"),
        ("s3", "PUT", "/bucket/part", {"partNumber": ["1"], "uploadId": ["u"]}, {}, "UploadPart"),
        ("s3", "GET", "/bucket/key", {}, {}, "GetObject"),
        ("s3", "GET", "/bucket", {"list-type": ["2"]}, {}, "ListObjectsV2"),
        ("s3", "GET", "/bucket/", {}, {}, "ListObjects"),
        ("s3", "GET", "/", {}, {}, "ListBuckets"),
        ("s3", "POST", "/bucket", {"delete": [""]}, {}, "DeleteObjects"),
        ("route53", "POST", "/2013-04-01/hostedzone/Z1/rrset/", {}, {}, "ChangeResourceRecordSets"),
        ("route53", "GET", "/2013-04-01/hostedzone/Z1/rrset", {}, {}, "ListResourceRecordSets"),
        ("lambda", "POST", "/2015-03-31/functions/f/invocations", {}, {}, "Invoke"),
        ("mgn", "POST", "/StartTest", {}, {}, "StartTest"),
        ("mgn", "GET", "/tags/arn:aws:mgn:us-east-1:000000000000:source-server/s-1", {}, {}, "ListTagsForResource"),
        ("mgn", "DELETE", "/tags/arn:aws:mgn:eu:0:job/j-1", {"tagKeys": ["a", "b"]}, {}, "UntagResource"),
        ("efs", "PATCH", "/2015-02-01/file-systems", {}, {}, ""),
        ("sqs", "POST", "/", {}, {"x-amz-target": "AmazonSQS.SendMessage"}, "SendMessage"),
    ],
)
def test_the_most_specific_matching_operation_is_selected(
    service: str, method: str, path: str, query: dict[str, list[str]], headers: dict[str, str], name: str
) -> None:
    request = wire.Sent(method, path, headers, b"", query)

    assert wire.find_operation_name(wire.load_service(service), request) == name


@pytest.mark.parametrize(
    ("headers", "protocol", "name"),
    [({}, "query", "ReceiveMessage"), ({"x-amz-target": "AmazonSQS.ListQueues"}, "json", "ListQueues")],
)
def test_a_service_with_two_protocols_uses_that_of_the_request(
    headers: dict[str, str], protocol: str, name: str
) -> None:
    request = wire.Sent("POST", "/", headers, b"Action=ReceiveMessage", {})

    assert wire.detect_protocol(wire.load_service("sqs"), request) == protocol
    assert wire.find_operation_name(wire.load_service("sqs"), request) == name
