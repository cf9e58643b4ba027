"""A resource that stands in another statement is not missing; one that stands nowhere is."""

from __future__ import annotations

import json

from parliament_check import Findings, find


def _document(*statements: tuple[str, str]) -> str:
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": [action], "Resource": [resource]}
                for action, resource in statements
            ],
        }
    )


def test_what_another_statement_has_is_told_apart() -> None:
    found = find(
        _document(
            ("ec2:AttachVolume", "arn:aws:ec2:*:111122223333:instance/*"),
            ("ec2:AttachVolume", "arn:aws:ec2:*:111122223333:volume/*"),
        )
    )

    assert found == Findings((), ("ec2:AttachVolume instance/*", "ec2:AttachVolume volume/*"))


def test_what_no_statement_has_is_missing() -> None:
    found = find(_document(("ec2:AttachVolume", "arn:aws:ec2:*:111122223333:instance/*")))

    assert found == Findings(
        ("RESOURCE_MISMATCH: ec2:AttachVolume arn:*:ec2:*:*:volume/*",),
        (),
    )


def test_an_action_without_resources_needs_the_star_itself() -> None:
    action = "ec2:DescribeInstances"

    assert find(_document((action, "arn:aws:ec2:*:*:instance/*"))).real == (
        "RESOURCE_MISMATCH: ec2:DescribeInstances *",
    )
    assert find(_document((action, "*"))) == Findings((), ())
