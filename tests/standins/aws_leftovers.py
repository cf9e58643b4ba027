"""What the controllers of a cluster leave in its account, as they make it, in moto."""

from __future__ import annotations

from typing import Any

from aws_account import REGION, AwsAccount
from moto.core.responses import ActionResult
from moto.iam.responses import IamResponse

OWN, OTHER = "prod-eu", "other"
PULUMI = {"splitplane.io/cluster": OWN}


def list_profiles(self: IamResponse) -> ActionResult:
    """As IAM lists them: moto takes every path for the one that is asked for."""
    prefix = self._get_param("PathPrefix") or "/"
    found = self.backend.get_instance_profiles()
    return ActionResult(
        {"InstanceProfiles": [item for item in found if item.path.startswith(prefix)]}
    )


class Left:
    """Things of a cluster, made as its controllers make them."""

    def __init__(self, account: AwsAccount, cluster: str) -> None:
        self.ec2 = account.client("ec2")
        self.elb = account.client("elbv2")
        self.classic = account.client("elb")
        self.iam = account.client("iam")
        self.cluster = cluster
        self.owned = {f"kubernetes.io/cluster/{cluster}": "owned"}
        self.vpc = self.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        self.subnets = [item["SubnetId"] for item in self.ec2.describe_subnets()["Subnets"]]

    def instance(self, **tags: str) -> str:
        image = self.ec2.describe_images()["Images"][0]["ImageId"]
        made = self.ec2.run_instances(
            ImageId=image,
            MinCount=1,
            MaxCount=1,
            TagSpecifications=_tagged("instance", self.owned | tags),
        )
        return str(made["Instances"][0]["InstanceId"])

    def node(self) -> str:
        return self.instance(**{"karpenter.sh/nodepool": "gpu"})

    def template(self, **tags: str) -> str:
        name = f"{self.cluster}-{len(tags)}"
        self.ec2.create_launch_template(
            LaunchTemplateName=name,
            LaunchTemplateData={"InstanceType": "m5.large"},
            TagSpecifications=_tagged("launch-template", self.owned | tags),
        )
        return name

    def load_balancer(self) -> str:
        tags = pairs({"elbv2.k8s.aws/cluster": self.cluster})
        name = f"k8s-{self.cluster}"
        self.elb.create_load_balancer(
            Name=name, Subnets=self.subnets[:2], Type="network", Scheme="internal", Tags=tags
        )
        self.elb.create_target_group(
            Name=f"{name}-tg", Protocol="TCP", Port=80, VpcId=self.vpc, Tags=tags
        )
        return name

    def service(self) -> str:
        """What the cloud provider's controller makes of two Services, with its group."""
        tags = self.owned | {"kubernetes.io/service-name": "team1/web"}
        name = f"a0{self.cluster}"
        self.classic.create_load_balancer(
            LoadBalancerName=name,
            Listeners=[{"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 30080}],
            Subnets=self.subnets[:1],
            SecurityGroups=[self.group(f"k8s-elb-{name}", self.owned)],
            Tags=pairs(tags),
        )
        self.elb.create_load_balancer(
            Name=f"a1{self.cluster}", Subnets=self.subnets[:2], Type="network", Tags=pairs(tags)
        )
        return name

    def profile(
        self, name: str, tags: dict[str, str], role: str | None = None, path: str = "/"
    ) -> str:
        """An instance profile, with a role of its own unless one is named."""
        role = role or f"{name}-role"
        if role not in {item["RoleName"] for item in self.iam.list_roles()["Roles"]}:
            self.iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
        self.iam.create_instance_profile(InstanceProfileName=name, Path=path, Tags=pairs(tags))
        self.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)
        return name

    def karpenter_profile(self, name: str, region: str = REGION, **fields: str) -> str:
        tags = {
            **self.owned,
            **dict.fromkeys(("splitplane.io/cluster", "eks:eks-cluster-name"), self.cluster),
            "karpenter.k8s.aws/ec2nodeclass": "gpu",
            "topology.kubernetes.io/region": region,
        }
        return self.profile(
            name, tags, **{"path": f"/karpenter/{region}/{self.cluster}/uid/"} | fields
        )

    def profiles(self) -> set[str]:
        found = self.iam.list_instance_profiles()["InstanceProfiles"]
        return {item["InstanceProfileName"] for item in found}

    def allow(self, direction: str, group: str, **source: object) -> None:
        """A rule for port 80."""
        rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80} | source
        make = getattr(self.ec2, f"authorize_security_group_{direction}")
        make(GroupId=group, IpPermissions=[rule])

    def rules(self, group: str) -> list[tuple[list[str], list[str]]]:
        """Ranges and groups of each rule, ingress first, without the one that allows all out."""
        (found,) = self.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
        return [
            (
                [item["CidrIp"] for item in rule["IpRanges"]],
                [item["GroupId"] for item in rule["UserIdGroupPairs"]],
            )
            for rule in found["IpPermissions"] + found["IpPermissionsEgress"]
            if rule["IpProtocol"] != "-1"
        ]

    def group(self, name: str, tags: dict[str, str]) -> str:
        made = self.ec2.create_security_group(
            GroupName=name,
            Description=name,
            VpcId=self.vpc,
            TagSpecifications=_tagged("security-group", tags),
        )
        return str(made["GroupId"])

    def interface(self, **tags: str) -> str:
        known = {"node.k8s.amazonaws.com/instance_id": "i-0"}
        made = self.ec2.create_network_interface(
            SubnetId=self.subnets[0],
            TagSpecifications=_tagged("network-interface", known | tags),
        )
        return str(made["NetworkInterface"]["NetworkInterfaceId"])

    def disk(self) -> str:
        claim = {
            "kubernetes.io/created-for/pvc/namespace": "team1",
            "kubernetes.io/created-for/pvc/name": "data",
        }
        made = self.ec2.create_volume(
            AvailabilityZone=f"{REGION}a",
            Size=20,
            TagSpecifications=_tagged(
                "volume", self.owned | claim | {"ebs.csi.aws.com/cluster": "true"}
            ),
        )
        return str(made["VolumeId"])


def pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _tagged(kind: str, tags: dict[str, str]) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": pairs(tags)}]


def leave_everything(left: Left) -> None:
    left.node()
    left.template(**{"karpenter.sh/nodepool": "gpu"})
    left.karpenter_profile(f"{left.cluster}_1")
    left.load_balancer()
    left.service()
    name = left.cluster
    left.interface(**{"cluster.k8s.amazonaws.com/name": name})
    tags = {"elbv2.k8s.aws/cluster": name, "splitplane.io/cluster": name}
    traffic = left.group(f"k8s-traffic-{name}", tags)
    nodes = left.group(f"nodes-{name}", {"splitplane.io/cluster": name})
    for direction in ("ingress", "egress"):
        left.allow(direction, nodes, UserIdGroupPairs=[{"GroupId": traffic}])
    left.disk()
    shared = pairs({f"kubernetes.io/cluster/{name}": "shared", "team": "ml"})
    left.ec2.create_tags(Resources=left.subnets[:1], Tags=shared)
