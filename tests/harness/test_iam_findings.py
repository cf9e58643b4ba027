"""The second checker of IAM documents answers here as it does elsewhere."""

from __future__ import annotations

from iam_findings import read_findings


def _document(action: str, resource: str) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}],
    }


def test_a_correct_document_has_no_findings() -> None:
    assert read_findings(_document("s3:GetObject", "arn:aws:s3:::models/*")) == []


def test_an_action_that_does_not_exist_is_found() -> None:
    found = read_findings(_document("s3:ReadObject", "arn:aws:s3:::models/*"))

    assert found == ["UNKNOWN_ACTION: Unknown action s3:ReadObject"]


def test_a_resource_that_cannot_match_is_found() -> None:
    found = read_findings(_document("s3:GetObject", "arn:aws:s3:::models"))

    assert [item.partition(":")[0] for item in found] == ["RESOURCE_MISMATCH"]
