"""The pins: which tools exist, at which version, how each is fetched or built; the only place.

A test compares these versions with the go.mod files under stacks/tools. Build times were measured
cold on 2 cores with Go 1.26.8.
"""

from __future__ import annotations

from dataclasses import dataclass

GO_MINIMUM = (1, 26)
"""Oldest Go that builds every module: the `go` line of the go.mod files."""

KUBERNETES = "1.36.1"
ETCD = "3.6.6"  # 3.5.16 is the oldest that serves WatchList
KWOK = "0.7.0"
PULUMI = "3.259.0"
HELM = "3.21.4"
ARGOCD = (
    "3.2.6"  # from 3.3 on its engine lies behind a local replace and cannot be built as a module
)
KARPENTER = "1.14.1"  # as the chart that is installed on EKS


@dataclass(frozen=True, kw_only=True)
class Release:
    """Where the official release of a tool lies.

    The templates may use {version}, {os} (linux, darwin), {arch} (amd64, arm64), {pulumi_arch}
    (x64, arm64) and {binary}.
    """

    url: str
    checksum_url: str | None
    """File of sha256 sums: one bare sum, or lines of `sum  file name`. None: none is published, so
    the transport alone (TLS) protects the download."""
    member: str | None = None
    """Path of the binary inside the tar archive; None: the download is the binary itself."""
    systems: tuple[str, ...] = ("linux", "darwin")


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One pinned module, its binaries and the ways to get them."""

    name: str
    version: str
    binaries: dict[str, str]
    """Binary name → Go main package that builds it."""
    module: str
    """Go module that the pinned version is a version of."""
    build_seconds: int
    """Cold build on 2 cores; shown as the expectation beside the progress."""
    version_arguments: tuple[str, ...] = ("--version",)
    version_variable: str | None = None
    """Go variable that receives `v<version>` at link time."""
    linker_flags: tuple[str, ...] = ()
    tags: str = "grpcnotrace"  # without gRPC's trace package the linker can drop unused methods
    release: Release | None = None
    accepts_path: bool = True
    module_files: tuple[tuple[str, str], ...] = ()
    """(glob inside the module, folder in the cache): files that are needed beside the binary."""


TOOLS: dict[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool(
            name="kubernetes",
            version=KUBERNETES,
            binaries={
                "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
                "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
                "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
            },
            module="k8s.io/kubernetes",
            build_seconds=285,
            version_variable="k8s.io/component-base/version.gitVersion",
            release=Release(
                url="https://dl.k8s.io/v{version}/bin/{os}/{arch}/{binary}",
                checksum_url="https://dl.k8s.io/v{version}/bin/{os}/{arch}/{binary}.sha256",
                systems=("linux",),
            ),
        ),
        Tool(
            name="etcd",
            version=ETCD,
            binaries={"etcd": "."},
            module="go.etcd.io/etcd/server/v3",
            build_seconds=32,
            release=Release(
                url="https://github.com/etcd-io/etcd/releases/download/v{version}/etcd-v{version}-{os}-{arch}.tar.gz",
                checksum_url="https://github.com/etcd-io/etcd/releases/download/v{version}/SHA256SUMS",
                member="etcd-v{version}-{os}-{arch}/etcd",
                systems=("linux",),
            ),
        ),
        Tool(
            name="kwok",
            version=KWOK,
            binaries={"kwok": "sigs.k8s.io/kwok/cmd/kwok"},
            module="sigs.k8s.io/kwok",
            build_seconds=66,
            version_variable="sigs.k8s.io/kwok/pkg/consts.Version",
            release=Release(
                url="https://github.com/kubernetes-sigs/kwok/releases/download/v{version}/kwok-{os}-{arch}",
                checksum_url=None,
            ),
        ),
        Tool(
            name="pulumi",
            version=PULUMI,
            binaries={"pulumi": "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"},
            module="github.com/pulumi/pulumi/pkg/v3",
            build_seconds=170,
            version_arguments=("version",),
            version_variable="github.com/pulumi/pulumi/sdk/v3/go/common/version.Version",
            tags="osusergo,grpcnotrace",  # as upstream builds its releases
            release=Release(
                url="https://github.com/pulumi/pulumi/releases/download/v{version}/pulumi-v{version}-{os}-{pulumi_arch}.tar.gz",
                checksum_url="https://github.com/pulumi/pulumi/releases/download/v{version}/pulumi-{version}-checksums.txt",
                member="pulumi/pulumi",
            ),
        ),
        Tool(
            name="helm",
            version=HELM,
            binaries={"helm": "helm.sh/helm/v3/cmd/helm"},
            module="helm.sh/helm/v3",
            build_seconds=80,
            version_arguments=("version", "--short"),
            version_variable="helm.sh/helm/v3/internal/version.version",
            # Without these `helm template` believes in Kubernetes 1.20; 36: the k8s.io minor that
            # Helm 3.21.4 is built on.
            linker_flags=(
                "-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1",
                "-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=36",
            ),
            release=Release(
                url="https://get.helm.sh/helm-v{version}-{os}-{arch}.tar.gz",
                checksum_url="https://get.helm.sh/helm-v{version}-{os}-{arch}.tar.gz.sha256sum",
                member="{os}-{arch}/helm",
            ),
        ),
        # Neither PATH nor download: the CRDs must be of the same version as the controllers, and
        # they lie in the module only.
        Tool(
            name="argocd",
            version=ARGOCD,
            binaries={"argocd": "github.com/argoproj/argo-cd/v3/cmd"},
            module="github.com/argoproj/argo-cd/v3",
            build_seconds=172,
            version_arguments=("version", "--client", "--short"),
            linker_flags=(f"-X github.com/argoproj/argo-cd/v3/common.version={ARGOCD}",),
            accepts_path=False,
            module_files=(("manifests/crds/*-crd.yaml", "crds"),),
        ),
        # Karpenter's own scheduling with machines that are Node objects alone; no release has it.
        Tool(
            name="karpenter",
            version=KARPENTER,
            binaries={"karpenter-kwok": "sigs.k8s.io/karpenter/kwok"},
            module="sigs.k8s.io/karpenter",
            build_seconds=130,
            accepts_path=False,
            module_files=(("kwok/apis/crds/*.yaml", "crds"),),
        ),
    )
}

BINARIES: dict[str, Tool] = {
    binary: tool for tool in TOOLS.values() for binary in sorted(tool.binaries)
}
"""Binary name → tool that carries it."""
