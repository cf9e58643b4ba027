"""Starts the plugin when the engine runs this folder."""

from splitplane.provider.host import main

main()
