"""One run of the demo: starts everything, then checks it all or waits for Ctrl-C."""

from __future__ import annotations

import shutil
import signal
import sys
from pathlib import Path

from splitplane.stacks.demo.checks import check_everything
from splitplane.stacks.demo.platform import SERVICE, Platform
from splitplane.stacks.demo.settings import DemoSettings
from splitplane.stacks.demo.story import Story
from splitplane.stacks.interrupt import sleep_until_interrupted


def run_demo(settings: DemoSettings) -> int:
    """The demo has run and cleaned up; 0 when everything held.

    Raises:
        DemoError: a step failed or a promise did not hold; everything was cleaned up.
    """
    story = Story()
    story.say(f"state: {settings.state} (a second run reuses it; delete the folder to start anew)")
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell started us deaf to Ctrl-C
        signal.signal(number, signal.default_int_handler)
    with Platform(settings, story) as platform:
        platform.start()
        if settings.once:
            check_everything(platform)
            platform.remove_agent()
        else:
            _invite(platform)
    story.say(f"ok   {story.total_seconds():5.1f} s  everything, cleaned up")
    return 0


def command_to_type(started: Path, found: str | None, folder: Path) -> str:
    """How a person in `folder` types this command: its name where PATH leads to it, else its path.

    Args:
        started: the program as it was started.
        found: where PATH leads for the name `splitplane`; None when nowhere.
        folder: the working directory.
    """
    program = started.absolute()
    if program.name != "splitplane" or (found and Path(found).resolve() == program.resolve()):
        return "splitplane"
    return str(program.relative_to(folder)) if program.is_relative_to(folder) else str(program)


def _invite(platform: Platform) -> None:
    """Says what there is to try, then waits for Ctrl-C."""
    endpoint = platform.control_plane.endpoint
    say = platform.story.say
    say()
    say(f"The platform runs at {endpoint}")
    code = platform.client.sign_in_code(platform.client.whoami().subject)
    say(f"Sign-in code: {code} (works once, for an hour)")
    say()
    say("Try in another terminal:")
    command = command_to_type(Path(sys.argv[0]), shutil.which("splitplane"), Path.cwd())
    say(f"  {command} login {endpoint} --code {code}")
    say(f"  {command} get applications")
    say(f"  {command} status {SERVICE}")
    if platform.local_cluster is not None:
        say(f"  KUBECONFIG={platform.local_cluster.kubeconfig} kubectl get pods -A")
    say()
    try:
        say("Ctrl-C ends everything; the state is kept.")
        sleep_until_interrupted()
    except KeyboardInterrupt:
        say("stopping")
