"""The process that plans, as the service starts it: how it ends."""

import subprocess
import sys

import pytest

from cloud.replenishment import planner
from tests.cloud.conftest import Cloud


@pytest.mark.parametrize("kind", ["sqlite"])
def test_it_ends_well_while_the_service_still_holds_its_input(cloud: Cloud) -> None:
    settings = cloud.services.settings
    command = [sys.executable, "-m", planner.__name__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stderr is not None
        process.stdin.write(f"{settings.database_url}\n\n".encode())
        process.stdin.flush()
        ended = process.wait(120)
        assert (ended, process.stderr.read()) == (0, b"")
