import json
from datetime import UTC, datetime, timedelta

from hub_harness import RunningHub, World
from scripted_agent import ScriptedAgent, gone, live
from sqlalchemy import update

from splitplane.controlplane import tables
from splitplane.controlplane.signing import is_signed_by

DEPLOYED = {
    "generation": 1,
    "observed_generation": 1,
    "replicas": 1,
    "updated_replicas": 1,
    "available_replicas": 1,
}


async def test_a_service_becomes_available(world: World, agent: ScriptedAgent) -> None:
    await agent.open()

    application = await world.apply()
    command = await agent.next_command()
    await agent.answer(command)
    await world.has_condition(application, "Delivered", "true", "Applied")
    await world.has_condition(application, "Available", "false", "Progressing")
    await agent.report(live("Deployment", "ranker", application, version="1", **DEPLOYED))
    await world.has_condition(application, "Available", "true", "Available")

    assert await world.conditions(application) == {
        "Built": ("true", "ImageGiven"),
        "Rendered": ("true", "Rendered"),
        "Delivered": ("true", "Applied"),
        "Available": ("true", "Available"),
    }
    assert await world.commands() == [(1, "apply-bundle", "succeeded")]
    assert agent.enrolment is not None
    assert is_signed_by(command, agent.enrolment.signing_keys)
    bundle = json.loads(command.spec)
    assert (bundle["namespace"], bundle["generation"]) == ("team1", 1)
    assert [item["kind"] for item in bundle["objects"]] == ["ServiceAccount", "Deployment"]


async def test_gpus_of_an_auto_mode_cluster_are_asked_for_by_its_own_label(
    world: World, agent: ScriptedAgent
) -> None:
    labels = {"splitplane.io/compute-mode": "auto_mode"}
    async with world.state.sessions.begin() as session:
        cluster = await session.get_one(tables.Cluster, world.cluster_id)
        cluster.manifest = {**cluster.manifest, "provider_kind": "eks", "labels": labels}
    await agent.open()

    await world.apply(resources={"gpu_count": 1, "gpu_type": "a10g"})
    command = await agent.next_command()

    (deployment,) = [
        item for item in json.loads(command.spec)["objects"] if item["kind"] == "Deployment"
    ]
    assert deployment["spec"]["template"]["spec"]["nodeSelector"] == {
        "eks.amazonaws.com/instance-gpu-name": "a10g"
    }


async def test_each_transition_is_an_event(world: World, agent: ScriptedAgent) -> None:
    await agent.open()
    application = await world.apply()
    await agent.answer(await agent.next_command())
    await world.has_condition(application, "Delivered", "true", "Applied")

    events = await world.events()

    assert events[:2] == ["agent.enrolled", "cluster.connected"]
    assert "command.succeeded" in events
    assert events.count("application.condition-changed") >= 4


async def test_without_an_agent_the_version_waits_and_is_delivered_once_it_is_there(
    hub: RunningHub, world: World
) -> None:
    application = await world.apply()
    await world.has_condition(application, "Delivered", "false", "NeverConnected")
    assert await world.commands() == []

    late = ScriptedAgent(hub.url)
    await late.enrol(await world.join_token())
    await world.has_condition(application, "Delivered", "false", "Queued")
    await late.open()
    await late.answer(await late.next_command())

    await world.has_condition(application, "Delivered", "true", "Applied")
    await late.hang_up()


async def test_a_newer_version_supersedes_one_that_was_not_sent(
    world: World, agent: ScriptedAgent
) -> None:
    application = await world.apply()
    await world.has_condition(application, "Delivered", "false", "Queued")
    await world.apply(image="nginx:1.30")

    await agent.open()
    command = await agent.next_command()

    assert command.seq == 2
    assert await world.commands() == [
        (1, "apply-bundle", "superseded"),
        (2, "apply-bundle", "sent"),
    ]


async def test_a_version_is_available_only_by_its_own_objects(
    world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    application = await world.apply()
    await agent.answer(await agent.next_command())
    await agent.report(live("Deployment", "ranker", application, version="1", **DEPLOYED))
    await world.has_condition(application, "Available", "true", "Available")

    await world.apply(image="nginx:1.30")
    await world.has_condition(application, "Available", "unknown", "Waiting")
    await agent.answer(await agent.next_command())

    await world.has_condition(application, "Available", "false", "Progressing")


async def test_a_refused_bundle_is_a_final_failure(world: World, agent: ScriptedAgent) -> None:
    await agent.open()
    application = await world.apply()

    await agent.answer(await agent.next_command(), "refused", "NotAllowed")

    await world.has_condition(application, "Delivered", "false", "Refused")
    await world.has_condition(application, "Available", "unknown", "Waiting")


async def test_invalid_objects_are_not_tried_again(world: World, agent: ScriptedAgent) -> None:
    await agent.open()
    application = await world.apply()

    await agent.answer(await agent.next_command(), "failed", "Invalid")

    await world.has_condition(application, "Delivered", "false", "ApplyFailed")


async def test_a_failed_bundle_is_given_anew_when_its_wait_is_over(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    application = await world.apply()
    await agent.answer(await agent.next_command(), "failed", "Unavailable")
    await world.has_condition(application, "Delivered", "false", "Retrying")

    async with hub.state.sessions.begin() as session:
        await session.execute(
            update(tables.Command).values(finished_at=datetime.now(UTC) - timedelta(minutes=1))
        )
        await session.execute(update(tables.Application).values(next_check_at=datetime.now(UTC)))
    hub.state.wakeups.notify("applications")
    again = await agent.next_command()

    assert again.seq == 2
    assert await world.commands() == [(1, "apply-bundle", "failed"), (2, "apply-bundle", "sent")]


async def test_an_expired_command_is_given_anew(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    application = await world.apply()
    await world.has_condition(application, "Delivered", "false", "Queued")
    async with hub.state.sessions.begin() as session:
        await session.execute(
            update(tables.Command).values(expires_at=datetime.now(UTC) - timedelta(minutes=1))
        )

    await agent.open()
    command = await agent.next_command()

    assert command.seq == 2
    assert await world.commands() == [(1, "apply-bundle", "expired"), (2, "apply-bundle", "sent")]


async def test_a_manifest_that_cannot_be_rendered_says_why(
    world: World, agent: ScriptedAgent
) -> None:
    application = await world.apply(env={f"V{number}": "x" * 10_000 for number in range(100)})

    await world.has_condition(application, "Rendered", "false", "RenderFailed")
    assert await world.commands() == []


async def test_deleting_an_application_empties_the_cluster_first(
    world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    application = await world.apply()
    await agent.answer(await agent.next_command())
    await world.has_condition(application, "Delivered", "true", "Applied")

    await world.delete(tables.Application, application)
    command = await agent.next_command()
    assert command.kind == "delete-bundle"
    assert await world.exists(tables.Application, application)
    await agent.answer(command, reason="Deleted")

    await world.is_gone(tables.Application, application)
    assert await world.conditions(application) == {}
    assert (await world.events())[-1] == "application.deleted"


async def test_what_never_left_the_control_plane_is_deleted_at_once(
    world: World, agent: ScriptedAgent
) -> None:
    application = await world.apply()
    await world.has_condition(application, "Delivered", "false", "Queued")

    await world.delete(tables.Application, application)

    await world.is_gone(tables.Application, application)
    assert await world.commands() == [(1, "apply-bundle", "superseded")]


async def test_a_workspace_takes_its_namespace_with_it(world: World, agent: ScriptedAgent) -> None:
    await agent.open()
    application = await world.apply()
    await agent.answer(await agent.next_command())
    await world.delete(tables.Application, application)
    await agent.answer(await agent.next_command(), reason="Deleted")
    await world.is_gone(tables.Application, application)

    await world.delete(tables.Workspace, world.workspace_id)
    command = await agent.next_command()
    assert json.loads(command.spec) == {
        "delivery": "direct",
        "namespace": "team1",
        "workspace": "team1",
    }
    await agent.answer(command, reason="Deleted")

    await world.is_gone(tables.Workspace, world.workspace_id)


async def test_a_workspace_without_a_namespace_goes_at_once(
    world: World, agent: ScriptedAgent
) -> None:
    await world.delete(tables.Workspace, world.workspace_id)

    await world.is_gone(tables.Workspace, world.workspace_id)
    assert await world.commands() == []


async def test_a_job_stays_succeeded_when_the_cluster_forgets_it(
    world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    application = await world.apply(type="job", name="train")
    await agent.answer(await agent.next_command())
    await agent.report(
        live(
            "Job",
            "train-v1",
            application,
            version="1",
            succeeded=1,
            conditions=[{"type": "Complete", "status": "True"}],
        )
    )
    await world.has_condition(application, "Available", "true", "JobComplete")

    await agent.report(gone("Job", "train-v1"))
    await agent.report(live("Pod", "train-v1-x", application, version="1"))

    await world.has_condition(application, "Available", "true", "JobComplete")


async def test_another_kubernetes_cluster_gets_everything_anew(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    application = await world.apply()
    await agent.answer(await agent.next_command())
    await world.has_condition(application, "Delivered", "true", "Applied")
    rebuilt = ScriptedAgent(hub.url, cluster_uid="6d1f3f0e-0000-4000-8000-000000000002")
    await rebuilt.enrol(await world.join_token())

    await rebuilt.open()
    command = await rebuilt.next_command()

    assert command.cluster_uid == "6d1f3f0e-0000-4000-8000-000000000002"
    assert await world.commands() == [
        (1, "apply-bundle", "superseded"),
        (2, "apply-bundle", "sent"),
    ]
    await rebuilt.hang_up()
