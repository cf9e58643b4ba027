"""NodePools, EC2NodeClasses and user data of sample pools, as literals."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest

from splitplane.components.clouds.aws.karpenter.node_class import NodeNetwork, build_node_class
from splitplane.components.clouds.aws.karpenter.node_pool import build_node_pool
from splitplane.components.clouds.aws.karpenter.pools import Mig, NodePool, TimeSlicing
from splitplane.components.clouds.aws.karpenter.user_data import build_user_data
from splitplane.components.errors import WrongArgument

NETWORK = NodeNetwork(
    subnet_ids={"eu-central-1a": "subnet-0a", "eu-central-1b": "subnet-0b"},
    security_group_ids=["sg-0c"],
    role_name="prod-eu-node",
    tags={"environment": "prod"},
)
CPU = NodePool("cpu", 256, 1024, termination_grace_seconds=86_400)
H100 = NodePool("h100", 1024, 8192, 32, gpu_name="h100", termination_grace_seconds=86_400)


def test_cpu_pool_takes_recent_general_machines() -> None:
    assert build_node_pool(CPU, startup_taints=("ebs.csi.aws.com/agent-not-ready",)) == {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": "cpu"},
        "spec": {
            "template": {
                "metadata": {"labels": {"splitplane.io/node-pool": "cpu"}},
                "spec": {
                    "nodeClassRef": {
                        "group": "karpenter.k8s.aws",
                        "kind": "EC2NodeClass",
                        "name": "cpu",
                    },
                    "requirements": [
                        {"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]},
                        {"key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"]},
                        {
                            "key": "karpenter.sh/capacity-type",
                            "operator": "In",
                            "values": ["on-demand"],
                        },
                        {
                            "key": "karpenter.k8s.aws/instance-category",
                            "operator": "In",
                            "values": ["c", "m", "r"],
                        },
                        {
                            "key": "karpenter.k8s.aws/instance-generation",
                            "operator": "Gte",
                            "values": ["5"],
                        },
                        {
                            "key": "karpenter.k8s.aws/instance-cpu",
                            "operator": "Lte",
                            "values": ["32"],
                        },
                    ],
                    "taints": [],
                    "startupTaints": [
                        {"key": "ebs.csi.aws.com/agent-not-ready", "effect": "NoExecute"}
                    ],
                    "expireAfter": "720h",
                    "terminationGracePeriod": "86400s",
                },
            },
            "disruption": {
                "consolidationPolicy": "WhenEmptyOrUnderutilized",
                "consolidateAfter": "60s",
                "budgets": [{"nodes": "10%"}],
            },
            "limits": {"cpu": "256", "memory": "1024Gi"},
        },
    }


def test_gpu_pool_is_tainted_limited_and_left_alone_while_it_works() -> None:
    spec = build_node_pool(
        replace(H100, quiet_schedule="0 6 * * mon-fri", quiet_hours=14, zones=("eu-central-1a",))
    )["spec"]

    template = spec["template"]["spec"]
    assert template["taints"] == [
        {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}
    ]
    assert template["requirements"][3:] == [
        {"key": "karpenter.k8s.aws/instance-gpu-name", "operator": "In", "values": ["h100"]},
        {"key": "karpenter.k8s.aws/instance-family", "operator": "In", "values": ["p5"]},
        {"key": "karpenter.k8s.aws/instance-gpu-count", "operator": "In", "values": ["1", "8"]},
        {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["eu-central-1a"]},
    ]
    assert spec["limits"] == {"cpu": "1024", "memory": "8192Gi", "nvidia.com/gpu": "32"}
    assert spec["disruption"] == {
        "consolidationPolicy": "WhenEmpty",
        "consolidateAfter": "600s",
        "budgets": [
            {"nodes": "10%"},
            {"nodes": "0", "schedule": "0 6 * * mon-fri", "duration": "14h"},
        ],
    }


def test_pods_of_gpu_pools_are_moved_only_where_that_is_asked_for() -> None:
    policies = [
        build_node_pool(pool)["spec"]["disruption"]["consolidationPolicy"]
        for pool in (
            replace(CPU, moves_running_pods=False),
            replace(H100, moves_running_pods=True),
        )
    ]

    assert policies == ["WhenEmpty", "WhenEmptyOrUnderutilized"]


def test_dedicated_pool_has_a_taint_beside_the_one_of_gpus() -> None:
    template = build_node_pool(replace(H100, is_dedicated=True))["spec"]["template"]["spec"]

    assert template["taints"] == [
        {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"},
        {"key": "splitplane.io/node-pool", "value": "h100", "effect": "NoSchedule"},
    ]


def test_static_pool_has_replicas_and_no_limits() -> None:
    spec = build_node_pool(NodePool("fixed", static_nodes=3))["spec"]

    assert spec["replicas"] == 3
    assert "limits" not in spec
    assert spec["template"]["spec"]["expireAfter"] == "720h"


def test_label_for_the_device_plugin_is_there_only_where_its_chart_runs() -> None:
    on_al2023 = build_node_pool(replace(H100, image="al2023"))
    on_bottlerocket = build_node_pool(H100)

    assert on_al2023["spec"]["template"]["metadata"]["labels"]["nvidia.com/gpu.present"] == "true"
    assert on_bottlerocket["spec"]["template"]["metadata"]["labels"] == {
        "splitplane.io/node-pool": "h100"
    }


def test_node_class_pins_the_image_and_takes_ids() -> None:
    spec = build_node_class(CPU, replace(NETWORK, kms_key_arn="arn:aws:kms:eu-central-1:1:key/k"))[
        "spec"
    ]

    assert spec == {
        "amiSelectorTerms": [{"alias": "al2023@v20260903"}],
        "subnetSelectorTerms": [{"id": "subnet-0a"}, {"id": "subnet-0b"}],
        "securityGroupSelectorTerms": [{"id": "sg-0c"}],
        "blockDeviceMappings": [
            {
                "deviceName": "/dev/xvda",
                "ebs": {
                    "volumeSize": "100Gi",
                    "volumeType": "gp3",
                    "encrypted": True,
                    "deleteOnTermination": True,
                    "kmsKeyID": "arn:aws:kms:eu-central-1:1:key/k",
                },
            }
        ],
        "metadataOptions": {
            "httpEndpoint": "enabled",
            "httpProtocolIPv6": "disabled",
            "httpPutResponseHopLimit": 1,
            "httpTokens": "required",
        },
        "tags": {"environment": "prod"},
        "role": "prod-eu-node",
        "kubelet": {"maxPods": 110},
    }


def test_bottlerocket_has_a_disk_for_the_system_and_one_for_images() -> None:
    disks = build_node_class(replace(H100, data_disk_gib=500), NETWORK)["spec"][
        "blockDeviceMappings"
    ]

    assert [(disk["deviceName"], disk["ebs"]["volumeSize"]) for disk in disks] == [
        ("/dev/xvda", "4Gi"),
        ("/dev/xvdb", "500Gi"),
    ]


def test_without_a_way_to_iam_the_instance_profile_takes_the_place_of_the_role() -> None:
    network = replace(
        NETWORK, role_name=None, instance_profile_name="p", has_prefix_delegation=False
    )
    spec = build_node_class(CPU, network)["spec"]

    assert (spec["instanceProfile"], "role" in spec, "kubelet" in spec) == ("p", False, False)


def test_efa_pool_gets_one_interface_on_each_card_and_an_address_only_on_the_first() -> None:
    pool = replace(H100, gpu_name="a100", families=("p4d",), gpu_counts=(8,), has_efa=True)

    assert build_node_class(pool, NETWORK)["spec"]["networkInterfaces"] == [
        {"networkCardIndex": 0, "deviceIndex": 0, "interfaceType": "interface"},
        {"networkCardIndex": 0, "deviceIndex": 1, "interfaceType": "efa-only"},
        {"networkCardIndex": 1, "deviceIndex": 0, "interfaceType": "efa-only"},
        {"networkCardIndex": 2, "deviceIndex": 0, "interfaceType": "efa-only"},
        {"networkCardIndex": 3, "deviceIndex": 0, "interfaceType": "efa-only"},
    ]


def test_efa_pool_of_trainium_has_the_one_machine_with_all_interfaces() -> None:
    pool = NodePool("t", neuron_name="trainium", families=("trn1",), has_efa=True)

    interfaces = build_node_class(pool, NETWORK)["spec"]["networkInterfaces"]
    found = build_node_pool(pool)["spec"]["template"]["spec"]["requirements"]
    assert [item["interfaceType"] for item in interfaces] == ["interface"] + 8 * ["efa-only"]
    assert {
        "key": "node.kubernetes.io/instance-type",
        "operator": "In",
        "values": ["trn1.32xlarge"],
    } in found


def test_reserved_pool_names_its_reservations() -> None:
    pool = replace(H100, capacity="reserved", reservation_ids=("cr-0a1b",))

    assert build_node_class(pool, NETWORK)["spec"]["capacityReservationSelectorTerms"] == [
        {"id": "cr-0a1b"}
    ]
    assert build_node_pool(pool)["spec"]["template"]["spec"]["requirements"][2]["values"] == [
        "reserved"
    ]


def test_time_slices_are_told_to_bottlerocket() -> None:
    text = build_user_data(replace(H100, sharing=TimeSlicing(4)))

    assert tomllib.loads(text or "") == {
        "settings": {
            "kubelet-device-plugins": {
                "nvidia": {
                    "device-sharing-strategy": "time-slicing",
                    "time-slicing": {
                        "replicas": 4,
                        "rename-by-default": False,
                        "fail-requests-greater-than-one": True,
                    },
                }
            }
        }
    }


def test_mig_profile_is_told_for_the_memory_of_each_family() -> None:
    text = build_user_data(replace(H100, gpu_name="a100", sharing=Mig("1g.10gb")))

    nvidia = tomllib.loads(text or "")["settings"]["kubelet-device-plugins"]["nvidia"]
    assert nvidia == {
        "device-partitioning-strategy": "mig",
        "mig": {"profile": {"a100.40gb": "1g.10gb", "a100.80gb": "1g.10gb"}},
    }


def test_mig_profile_that_does_not_fit_every_family_is_refused() -> None:
    pool = replace(H100, gpu_name="a100", sharing=Mig("2g.10gb"))

    with pytest.raises(WrongArgument, match=r"'2g\.10gb' does not fit a100\.80gb; use one of 1g"):
        build_user_data(pool)
    assert build_user_data(replace(pool, families=("p4d",))) is not None


def test_unshared_gpu_and_al2023_need_no_user_data() -> None:
    assert build_user_data(H100) is None
    assert build_user_data(replace(H100, image="al2023", sharing=TimeSlicing(4))) is None


def test_gpu_without_a_profile_in_bottlerocket_is_refused_with_the_way_out() -> None:
    pool = replace(H100, gpu_name="b200", sharing=Mig("1g.23gb"))

    with pytest.raises(WrongArgument, match="no MIG profile for b200; use image al2023 with the"):
        build_user_data(pool)


def test_chips_of_aws_are_a_family_a_taint_and_a_limit() -> None:
    pool = NodePool("chips", 512, 4096, limit_neurons=24, neuron_name="trainium", is_dedicated=True)
    spec = build_node_pool(pool)["spec"]

    assert spec["template"]["spec"]["requirements"] == [
        {"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]},
        {"key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"]},
        {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["on-demand"]},
        {
            "key": "karpenter.k8s.aws/instance-family",
            "operator": "In",
            "values": ["trn1", "trn1n"],
        },
    ]
    assert spec["template"]["spec"]["taints"] == [
        {"key": "aws.amazon.com/neuron", "value": "true", "effect": "NoSchedule"},
        {"key": "splitplane.io/node-pool", "value": "chips", "effect": "NoSchedule"},
    ]
    assert spec["limits"] == {"cpu": "512", "memory": "4096Gi", "aws.amazon.com/neuron": "24"}
    assert spec["disruption"]["consolidationPolicy"] == "WhenEmpty"
    assert spec["disruption"]["consolidateAfter"] == "600s"
    # The alias of either image is that of the release for such chips.
    alias = build_node_class(pool, NETWORK)["spec"]["amiSelectorTerms"][0]["alias"]
    assert alias.startswith("al2023@")


def test_bottlerocket_lets_pods_open_chips_of_aws() -> None:
    pool = NodePool("chips", neuron_name="inferentia2", image="bottlerocket", static_nodes=1)

    assert tomllib.loads(build_user_data(pool) or "") == {
        "settings": {"kubernetes": {"device-ownership-from-security-context": True}}
    }
    assert build_user_data(replace(pool, image=None)) is None
