"""One run of the demo: starts everything, then checks it all or waits for Ctrl-C."""

from __future__ import annotations

import signal

from splitplane.stacks.demo.checks import check_everything
from splitplane.stacks.demo.platform import SERVICE, Platform
from splitplane.stacks.demo.settings import DemoSettings
from splitplane.stacks.demo.story import Story


def run_demo(settings: DemoSettings) -> int:
    """The demo has run and cleaned up; 0 when everything held.

    Raises:
        DemoError: a step failed or a promise did not hold; everything was cleaned up.
    """
    story = Story()
    story.say(f"state: {settings.state} (a second run reuses it; delete the folder to start anew)")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the same clean end as Ctrl-C
    with Platform(settings, story) as platform:
        platform.start()
        if settings.once:
            check_everything(platform)
            platform.remove_agent()
        else:
            _invite(platform)
    story.say(f"ok   {story.total_seconds():5.1f} s  everything, cleaned up")
    return 0


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
    say(f"  splitplane login {endpoint} --code {code}")
    say("  splitplane get applications")
    say(f"  splitplane status {SERVICE}")
    if platform.local_cluster is not None:
        say(f"  KUBECONFIG={platform.local_cluster.kubeconfig} kubectl get pods -A")
    say()
    say("Ctrl-C ends everything; the state is kept.")
    try:
        while True:
            signal.pause()
    except KeyboardInterrupt:
        say("stopping")
