"""What an application would be, and what a cluster can do."""

from datetime import UTC, datetime, timedelta

from api_harness import CLUSTER, SERVICE, Api, Json
from sqlalchemy import func, select

from splitplane.controlplane import tables

BOB = "user:bob@example.com"
UNBORN = "00000000-0000-0000-0000-000000000000"


async def render(api: Api, manifest: Json) -> Json:
    answer = await api.admin.post("/api/v1/render", json={"manifest": manifest})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_a_new_application_is_rendered_and_not_stored(api: Api) -> None:
    await api.make("clusters", "workspaces")

    found = await render(api, SERVICE)

    assert [item["kind"] for item in found["objects"]] == [
        "ServiceAccount",
        "Service",
        "Deployment",
    ]
    assert (found["fqn"], found["application_id"]) == ("prod-eu:team1:ranker", UNBORN)
    assert (found["version"], found["is_current"]) == (1, False)
    assert (found["namespace"], found["delivery"]) == ("team1", "direct")
    assert found["namespace_labels"]["splitplane.io/workspace"] == "team1"
    assert len(found["manifests_sha256"]) == 64
    assert 500 < found["size_bytes"] < 20_000
    async with api.state.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(tables.Application)) == 0
        assert await session.scalar(select(func.count()).select_from(tables.Deployment)) == 0


async def test_a_job_is_rendered(api: Api) -> None:
    await api.make("clusters", "workspaces")
    job = {"type": "job", "name": "train", "workspace": "prod-eu:team1", "image": "nginx:1.29"}

    found = await render(api, job)

    assert [item["kind"] for item in found["objects"]] == ["ServiceAccount", "Job"]
    assert found["objects"][1]["metadata"]["name"] == "train-v1"


async def test_an_application_that_exists_is_rendered_as_its_next_version(api: Api) -> None:
    made = (await api.make("clusters", "workspaces", "applications"))["applications"]

    same = await render(api, SERVICE)
    changed = await render(api, SERVICE | {"image": "nginx:2"})
    again = await render(api, SERVICE | {"image": "nginx:2"})

    assert (same["application_id"], same["version"], same["is_current"]) == (made["id"], 1, True)
    assert (changed["version"], changed["is_current"]) == (2, False)
    assert again == changed
    container = changed["objects"][2]["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == "nginx:2"


async def test_gpus_of_an_auto_mode_cluster_are_found_by_its_own_label(api: Api) -> None:
    labels = {"splitplane.io/compute-mode": "auto_mode"}
    cluster = CLUSTER | {"provider_kind": "eks", "labels": labels}
    made = await api.admin.post("/api/v1/clusters", json=cluster)
    assert made.is_success, made.text
    await api.make("workspaces")
    gpus = {"resources": {"gpu_count": 1, "gpu_type": "a10g"}}

    found = await render(api, SERVICE | gpus)
    capabilities = (await api.admin.get("/api/v1/clusters/prod-eu/capabilities")).json()

    pod = found["objects"][2]["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"eks.amazonaws.com/instance-gpu-name": "a10g"}
    assert capabilities["gpu_selector_label"] == "eks.amazonaws.com/instance-gpu-name"
    assert capabilities["node_scaling"] == "vendor_managed"


async def test_what_cannot_be_rendered_names_the_field(api: Api) -> None:
    await api.make("clusters", "workspaces")
    bodies: list[Json] = [
        {"manifest": {"type": "environment", "name": "dev"}},
        {"manifest": SERVICE | {"replicas": -1}},
    ]

    fields = []
    for body in bodies:
        answer = await api.admin.post("/api/v1/render", json=body)
        assert answer.status_code == 422, answer.text
        fields.append(answer.json()["errors"][0]["field"])

    assert fields == ["type", "replicas"]


async def test_a_bundle_above_the_limit_is_refused(api: Api) -> None:
    await api.make("clusters", "workspaces")
    env = {f"V{number}": "x" * 30_000 for number in range(31)}

    answer = await api.admin.post("/api/v1/render", json={"manifest": SERVICE | {"env": env}})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert "above the limit of 921600" in answer.json()["detail"]


async def test_whoever_reads_applications_may_render_them(api: Api) -> None:
    await api.make("clusters", "workspaces")
    body = {"manifest": SERVICE}
    bob = await api.caller("bob@example.com")

    anonymous = await api.anonymous.post("/api/v1/render", json=body)
    stranger = await (await api.stranger()).post("/api/v1/render", json=body)
    before = await bob.post("/api/v1/render", json=body)
    await api.grant(BOB, "viewer", "prod-eu:team1")
    after = await bob.post("/api/v1/render", json=body)

    codes = [answer.status_code for answer in (anonymous, stranger, before, after)]
    assert codes == [401, 404, 404, 200]
    assert stranger.json()["fqn"] == "prod-eu:team1"


async def test_a_cluster_that_never_connected_has_the_facts_of_its_kind(api: Api) -> None:
    made = await api.admin.post("/api/v1/clusters", json=CLUSTER | {"provider_kind": "gke"})

    answer = await api.admin.get("/api/v1/clusters/prod-eu/capabilities")

    assert answer.json() == {
        "cluster_id": made.json()["id"],
        "fqn": "prod-eu",
        "provider_kind": "gke",
        "delivery": "direct",
        "node_scaling": "vendor_managed",
        "gpu_selector_label": "cloud.google.com/gke-accelerator",
        "gpu_taint": {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"},
        "spot_selector_label": "cloud.google.com/gke-spot",
        "spot_selector_value": "true",
        "spot_taint": {
            "key": "cloud.google.com/gke-spot",
            "value": "true",
            "effect": "NoSchedule",
        },
        "is_connected": False,
        "agent_version": None,
        "kubernetes_version": None,
        "agent_capabilities": [],
    }


async def test_what_the_agent_reported_is_among_the_capabilities(api: Api) -> None:
    cluster_id = (await api.make("clusters"))["clusters"]["id"]
    now = datetime.now(UTC)
    async with api.state.sessions.begin() as session:
        session.add(
            tables.AgentSession(
                tenant_id=await api.tenant_id(),
                cluster_id=cluster_id,
                replica="replica-a",
                agent_version="0.1.0",
                kubernetes_version="v1.36.1",
                capabilities=["delivery:direct", "delivery:argocd"],
                connected_at=now,
                lease_until=now + timedelta(seconds=30),
            )
        )

    found = (await api.admin.get("/api/v1/clusters/prod-eu/capabilities")).json()

    assert (found["is_connected"], found["kubernetes_version"]) == (True, "v1.36.1")
    assert found["agent_version"] == "0.1.0"
    assert found["agent_capabilities"] == ["delivery:argocd", "delivery:direct"]


async def test_capabilities_need_the_right_to_read_the_cluster(api: Api) -> None:
    await api.make("clusters")
    path = "/api/v1/clusters/prod-eu/capabilities"
    bob = await api.caller("bob@example.com")

    anonymous = await api.anonymous.get(path)
    stranger = await (await api.stranger()).get(path)
    before = await bob.get(path)
    await api.grant(BOB, "viewer", "prod-eu")
    after = await bob.get(path)

    codes = [answer.status_code for answer in (anonymous, stranger, before, after)]
    assert codes == [401, 404, 404, 200]


async def test_the_caller_learns_which_tenant_it_is(api: Api) -> None:
    mine = (await api.admin.get("/api/v1/whoami")).json()
    theirs = (await (await api.stranger()).get("/api/v1/whoami")).json()

    assert mine["tenant_id"] == await api.tenant_id()
    assert theirs["tenant_id"] != mine["tenant_id"]
