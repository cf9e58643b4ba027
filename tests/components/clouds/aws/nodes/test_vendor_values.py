"""What EKS and EC2 take of nodes and security groups: names of images, labels, descriptions.

The lists and lengths are those of the APIs' own models, as botocore ships them; the characters of
descriptions are in their documentation alone, and a wrong one shows only when a group is made.
"""

from __future__ import annotations

import ast
import re
from itertools import product
from pathlib import Path
from typing import Any, Final

import botocore.session
import pytest

import splitplane.components.clouds.aws as package
from splitplane.components.clouds.aws.nodes.groups import node_labels, node_tags, node_taints
from splitplane.components.clouds.aws.nodes.machines import ami_type_of
from splitplane.components.clouds.aws.nodes.security import (
    CONTROL_PLANE_OPENINGS,
    EFA_OPENING,
    NODE_OPENINGS,
)
from splitplane.components.clouds.aws.settings import NodeGroupSettings
from splitplane.platforms.aws_gpus import AWS_GPUS
from splitplane.platforms.aws_neurons import AWS_NEURONS

_DESCRIPTION: Final = re.compile(r"[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}")
"""https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html"""
_DESCRIBED: Final = ("SecurityGroup", "SecurityGroupIngressRule", "SecurityGroupEgressRule")
_RESERVED: Final = ("kubernetes.io/", "k8s.io/", "eks.amazonaws.com/")
"""In labels of managed node groups: https://github.com/eksctl-io/eksctl/issues/4007."""


def _shapes(service: str) -> dict[str, dict[str, Any]]:  # Any: a model of botocore
    loader = botocore.session.get_session().get_component("data_loader")
    found: dict[str, dict[str, Any]] = loader.load_service_model(service, "service-2")["shapes"]
    return found


def _group(**fields: Any) -> NodeGroupSettings:  # Any: of each field's type
    values: dict[str, Any] = {"name": "x" * 40, "max_nodes": 2, **fields}
    return NodeGroupSettings(**values)


GROUPS: Final = (
    _group(instance_types=("m7i.xlarge",), capacity="spot"),
    *(
        _group(instance_types=(f"{gpu.families[0]}.48xlarge",), gpu_name=gpu.name, image=image)
        for gpu, image in product(AWS_GPUS.values(), ("al2023", "bottlerocket"))
    ),
    *(
        _group(
            instance_types=(next(iter(chip.families.values()))[0],),
            neuron_name=chip.name,
            capacity="spot",
        )
        for chip in AWS_NEURONS.values()
    ),
)


def _texts() -> set[str]:
    """Descriptions of groups and rules in the modules, with what is put into them left out."""
    found: set[str] = set()
    for file in Path(package.__path__[0]).rglob("*.py"):
        for item in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(item, ast.Call) or not isinstance(item.func, ast.Attribute):
                continue
            if item.func.attr in _DESCRIBED:
                found |= {
                    str(part.value)
                    for keyword in item.keywords
                    if keyword.arg == "description"
                    for part in ast.walk(keyword.value)
                    if isinstance(part, ast.Constant)
                }
    return found


def test_every_image_is_one_of_eks() -> None:
    images = [
        ami_type_of("al2023", ["m7i.large"]),
        ami_type_of("al2023", ["m7g.large"]),
        ami_type_of("al2023", ["g5.xlarge"], "gpu"),
        ami_type_of("al2023", ["g5g.xlarge"], "gpu"),
        ami_type_of("al2023", ["inf2.xlarge"], "neuron"),
        ami_type_of("bottlerocket", ["m7i.large"]),
        ami_type_of("bottlerocket", ["m7g.large"]),
        ami_type_of("bottlerocket", ["g5.xlarge"], "gpu"),
        ami_type_of("bottlerocket", ["g5g.xlarge"], "gpu"),
        ami_type_of("bottlerocket", ["inf2.xlarge"], "neuron"),
    ]

    assert set(images) <= set(_shapes("eks")["AMITypes"]["enum"])


def test_labels_taints_and_tags_of_groups_are_short_and_not_reserved() -> None:
    shapes = _shapes("eks")
    labels = [item for group in GROUPS for item in node_labels(group).items()]
    taints = [taint for group in GROUPS for taint in node_taints(group)]

    assert labels and taints
    assert all(len(key) <= shapes["labelKey"]["max"] for key, _ in labels)
    assert all(len(value) <= shapes["labelValue"]["max"] for _, value in labels)
    assert not [key for key, _ in labels if any(prefix in key for prefix in _RESERVED)]
    assert all(len(taint.key) <= shapes["taintKey"]["max"] for taint in taints)
    assert all(len(taint.value) <= shapes["taintValue"]["max"] for taint in taints)
    assert all(len(key) <= shapes["TagKey"]["max"] for group in GROUPS for key in node_tags(group))


@pytest.mark.parametrize("opening", [*CONTROL_PLANE_OPENINGS, *NODE_OPENINGS, EFA_OPENING])
def test_reasons_of_openings_are_descriptions_that_ec2_takes(opening: Any) -> None:
    assert _DESCRIPTION.fullmatch(opening.reason)


def test_descriptions_of_groups_and_rules_have_characters_that_ec2_takes() -> None:
    texts = _texts()

    assert "HTTPS from the VPC to endpoints of AWS services" in texts
    assert [text for text in sorted(texts) if not _DESCRIPTION.fullmatch(text)] == []
