"""Starts the policy pack: the engine runs this file, reads the port and asks."""

from __future__ import annotations

import sys
from pathlib import Path

# Some hosts run this file by its path, with another folder in front of the module search path.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from splitplane_policy.pack import serve

serve()
