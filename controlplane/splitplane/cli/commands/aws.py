"""`splitplane aws`: what is done in an AWS account outside of a Pulumi program."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from splitplane.cli.exits import FAILED, needs_extra

if TYPE_CHECKING:
    from splitplane.stacks.aws.access import run as access
    from splitplane.stacks.aws.findings import Finding
    from splitplane.stacks.aws.predestroy.run import Outcome, Plan

app = typer.Typer(no_args_is_help=True, help="EKS without the AWS CLI.")

Profile = Annotated[
    str | None, typer.Option(help="Profile of the AWS configuration.", metavar="NAME")
]


class Output(StrEnum):
    """How findings and plans are printed."""

    TABLE = "table"
    JSON = "json"


OutputFormat = Annotated[Output, typer.Option("--output", "-o", help="table or json.")]


@app.command()
def token(
    cluster: Annotated[str, typer.Option(help="Name of the EKS cluster.", metavar="NAME")],
    region: Annotated[str, typer.Option(help="Region of the cluster.", metavar="REGION")],
    role_arn: Annotated[
        str | None, typer.Option(help="Role to assume before signing in.", metavar="ARN")
    ] = None,
) -> None:
    """Print a sign-in for the cluster's API server; kubeconfigs run this."""
    with needs_extra("aws"):
        from splitplane.stacks.aws.signin import read_exec_credential
    print(read_exec_credential(cluster=cluster, region=region, role_arn=role_arn))


@app.command()
def preflight(
    config: Annotated[
        Path,
        typer.Option(
            help="YAML with the arguments of EksComputePlane, or a Pulumi.STACK.yaml.",
            metavar="FILE",
        ),
    ],
    region: Annotated[
        str | None,
        typer.Option(help="Where it will be; aws:region of the stack if left out."),
    ] = None,
    profile: Profile = None,
    output: OutputFormat = Output.TABLE,
    print_policy: Annotated[
        bool,
        typer.Option("--print-policy", help="Print the IAM document of the checks, and end."),
    ] = False,
) -> None:
    """Check that an account is ready for a compute plane on EKS; nothing is changed.

    Exits with 0 when nothing speaks against it, 1 when a check fails, 2 when the file is wrong.
    """
    with needs_extra("aws"):
        from splitplane.stacks.aws.commands import open_preflight
    from splitplane.cli.output import say, waiting

    subject = open_preflight(config, region=region, profile=profile)
    if print_policy:
        say(json.dumps(json.loads(subject.policy()), indent=2))
        return
    with waiting("checking the account"):
        findings = subject.run()
    if output is Output.JSON:
        say(json.dumps([item.to_json() for item in findings], indent=2, ensure_ascii=False))
    else:
        _print_findings(findings)
    if any(item.status == "FAIL" for item in findings):
        raise typer.Exit(FAILED)


@app.command()
def predestroy(
    cluster: Annotated[str, typer.Option(help="Name of the EKS cluster.", metavar="NAME")],
    region: Annotated[str, typer.Option(help="Region of the cluster.", metavar="REGION")],
    profile: Profile = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without, only the plan is shown.")
    ] = False,
    only: Annotated[
        list[str] | None, typer.Option(help="Only this step; repeatable.", metavar="STEP")
    ] = None,
    timeout_minutes: Annotated[
        int, typer.Option(help="Longest wait for one step.", min=1, max=720)
    ] = 30,
    output: OutputFormat = Output.TABLE,
    print_policy: Annotated[
        bool,
        typer.Option("--print-policy", help="Print the IAM document of the steps, and end."),
    ] = False,
) -> None:
    """Take out of a cluster what keeps `pulumi destroy` from ending; shows a plan first.

    Exits with 0 when the plan was shown or all is gone, with 1 when something stayed.
    """
    with needs_extra("aws"):
        from splitplane.stacks.aws.commands import open_predestroy
    from splitplane.cli.output import say, waiting, warn

    with open_predestroy(cluster, region=region, profile=profile, only=only or ()) as subject:
        if print_policy:
            say(json.dumps(json.loads(subject.policy()), indent=2))
            return
        with waiting("looking at the cluster and the account"):
            plan = subject.plan()
        is_table = output is Output.TABLE
        if is_table or not yes:
            _print_plan(plan, yes=yes, is_table=is_table)
        if not yes:
            return
        outcome = subject.take(minutes=timeout_minutes, tell=warn)
        _print_outcome(outcome, is_table=is_table)
    if outcome.stayed:
        raise typer.Exit(FAILED)


@app.command()
def access_entries(
    cluster: Annotated[str, typer.Option(help="Name of the EKS cluster.", metavar="NAME")],
    region: Annotated[str, typer.Option(help="Region of the cluster.", metavar="REGION")],
    profile: Profile = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Make them; without, only the plan is shown.")
    ] = False,
    output: OutputFormat = Output.TABLE,
    print_policy: Annotated[
        bool,
        typer.Option("--print-policy", help="Print the IAM document of the command, and end."),
    ] = False,
) -> None:
    """Turn the lines of a cluster's aws-auth into access entries; shows a plan first.

    Exits with 0 when the plan was shown or every line is an entry, with 1 when lines are left over,
    with 2 when the cluster takes no entries yet.
    """
    with needs_extra("aws"):
        from splitplane.stacks.aws.commands import open_access_entries
    from splitplane.cli.output import say, waiting

    subject = open_access_entries(cluster, region=region, profile=profile)
    if print_policy:
        say(json.dumps(json.loads(subject.policy()), indent=2))
        return
    with waiting("reading aws-auth and the entries"):
        plan = subject.plan()
    is_table = output is Output.TABLE
    if is_table or not yes:
        _print_entries(plan, yes=yes, is_table=is_table)
    if not yes:
        return
    outcome = subject.make(plan)
    _print_made(outcome, is_table=is_table)
    if outcome.stayed:
        raise typer.Exit(FAILED)


def _print_entries(plan: access.Plan, *, yes: bool, is_table: bool) -> None:
    import yaml

    from splitplane.cli.output import print_table, say
    from splitplane.stacks.aws.access.plan import as_argument

    made = [as_argument(step.entry) for step in plan.steps if step.entry and step in plan.to_make]
    if not is_table:
        document = {
            "mode": plan.mode,
            "lines": [step.to_json() for step in plan.steps],
            "access_entries": made,
            "notes": list(plan.notes),
        }
        say(json.dumps(document, indent=2, ensure_ascii=False))
        return
    if plan.steps:
        rows = [
            [step.place, step.principal_arn, step.entry.type if step.entry else "-", step.action]
            for step in plan.steps
        ]
        print_table(["LINE", "PRINCIPAL", "ENTRY", "ACTION"], rows)
    for step in plan.steps:
        if step.why:
            say(f"{step.place}: {step.why}")
    if made and not yes:
        say("\nThe same for a program that makes the entries, in place of --yes:")
        say(yaml.safe_dump({"access_entries": made}, sort_keys=False, width=1000).rstrip())
        say(f"\n{len(plan.to_make)} to make; nothing was changed, run it again with --yes")
    if not yes:
        for note in plan.notes:
            say(f"note: {note}")


def _print_made(outcome: access.Outcome, *, is_table: bool) -> None:
    from splitplane.cli.output import say

    if not is_table:
        document = {
            "done": [step.to_json() for step in outcome.done],
            "stayed": [{**step.to_json(), "why": why} for step, why in outcome.stayed],
            "notes": list(outcome.notes),
        }
        say(json.dumps(document, indent=2, ensure_ascii=False))
        return
    say(f"{len(outcome.done)} made, {len(outcome.stayed)} left over")
    for step, why in outcome.stayed:
        say(f"  {step.place}: {step.principal_arn}: {why}")
    for note in outcome.notes:
        say(f"note: {note}")


def _print_plan(plan: Plan, *, yes: bool, is_table: bool) -> None:
    from splitplane.cli.output import print_table, say

    if not is_table:
        document = {
            "items": [item.to_json() for item in plan.items],
            "only_when_asked_for": [item.to_json() for item in plan.data],
            "notes": list(plan.notes),
        }
        say(json.dumps(document, indent=2, ensure_ascii=False))
        return
    for note in plan.notes:
        say(f"note: {note}")
    if plan.items:
        rows = [[item.step, item.kind, item.name, item.action] for item in plan.items]
        print_table(["STEP", "KIND", "NAME", "ACTION"], rows)
    else:
        say("there is nothing to take out")
    for item in plan.data:
        say(f"stays: {item.kind} {item.name}; --only {item.step} would {item.action}")
    if plan.items and not yes:
        say(f"\n{len(plan.items)} to take out; nothing was changed, run it again with --yes")


def _print_outcome(outcome: Outcome, *, is_table: bool) -> None:
    from splitplane.cli.output import say

    if not is_table:
        document = {
            "gone": [item.to_json() for item in outcome.gone],
            "stayed": [{**item.to_json(), "why": why} for item, why in outcome.stayed],
            "notes": list(outcome.notes),
        }
        say(json.dumps(document, indent=2, ensure_ascii=False))
        return
    say(f"{len(outcome.gone)} taken out, {len(outcome.stayed)} stayed")
    for item, why in outcome.stayed:
        say(f"  {item.step}: {item.kind} {item.name}: {why}")
    for note in outcome.notes:
        say(f"note: {note}")
    if outcome.stayed:
        say("run it again once the reasons are gone")


def _print_findings(findings: tuple[Finding, ...]) -> None:
    from splitplane.cli.output import print_table, say

    print_table(
        ["STATUS", "CHECK", "FOUND"], [[item.status, item.check, item.found] for item in findings]
    )
    advised = [item for item in findings if item.advice]
    if advised:
        say("\nTo do:")
    for line in dict.fromkeys(f"  {item.status} {item.check}: {item.advice}" for item in advised):
        say(line)
    numbers = {name: sum(item.status == name for item in findings) for name in ("FAIL", "WARN")}
    verdict = "not ready" if numbers["FAIL"] else "ready"
    warnings = "1 warning" if numbers["WARN"] == 1 else f"{numbers['WARN']} warnings"
    say(f"\n{verdict}: {numbers['FAIL']} failed, {warnings}")
