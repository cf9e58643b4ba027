"""All tables, so that importing this package fills the metadata that migrations compare with."""

from splitplane.controlplane.tables.access import (
    RoleBinding,
    ServiceAccountToken,
    Team,
    TeamMember,
)
from splitplane.controlplane.tables.base import Base, LeaseColumns, ObjectRow
from splitplane.controlplane.tables.delivery import (
    Agent,
    AgentSession,
    Command,
    JoinToken,
    LiveObject,
    SigningKey,
)
from splitplane.controlplane.tables.history import Event, ObjectCondition
from splitplane.controlplane.tables.identity import (
    Grant,
    Idempotency,
    Role,
    RoleVerb,
    ServiceAccount,
    SigninCode,
    Tenant,
    Token,
    User,
)
from splitplane.controlplane.tables.objects import (
    Application,
    Cluster,
    ClusterEnvironment,
    Deployment,
    Environment,
    MlRepo,
    StorageIntegration,
    Workspace,
)
from splitplane.controlplane.tables.secrets import (
    ApplicationSecret,
    ContainerRegistry,
    SecretGroup,
    SecretStore,
)

__all__ = [
    "Agent",
    "AgentSession",
    "Application",
    "ApplicationSecret",
    "Base",
    "Cluster",
    "ClusterEnvironment",
    "Command",
    "ContainerRegistry",
    "Deployment",
    "Environment",
    "Event",
    "Grant",
    "Idempotency",
    "JoinToken",
    "LeaseColumns",
    "LiveObject",
    "MlRepo",
    "ObjectCondition",
    "ObjectRow",
    "Role",
    "RoleBinding",
    "RoleVerb",
    "SecretGroup",
    "SecretStore",
    "ServiceAccount",
    "ServiceAccountToken",
    "SigninCode",
    "SigningKey",
    "StorageIntegration",
    "Team",
    "TeamMember",
    "Tenant",
    "Token",
    "User",
    "Workspace",
]
