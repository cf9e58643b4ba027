"""Everything that can be said of settings without AWS, in one call for programs and commands."""

from __future__ import annotations

from splitplane.components.clouds.aws.addons.accounts import addon_accounts
from splitplane.components.clouds.aws.addons.needs import absent_addons, addon_needs
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.components.clouds.aws.settings_checks import check_settings


def check_plane(settings: EksSettings) -> None:
    """Raises WrongArgument that names every problem, of add-ons that are not there too."""
    check_settings(
        settings,
        addons=addon_needs(settings),
        absent=absent_addons(settings),
        accounts=addon_accounts(settings),
    )
