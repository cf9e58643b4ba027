"""The agents' endpoints: enrolment and the control socket.

They take no bearer token: enrolment is paid with a join token, the socket with a signature.
"""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter, Request, WebSocket

from splitplane.contract.frames import (
    CLOSE_DRAINING,
    CLOSE_REPLACED,
    CONNECT_PATH,
    ENROL_PATH,
    EnrolRequest,
    EnrolResponse,
)
from splitplane.controlplane.hub.enrolment import enrol
from splitplane.controlplane.hub.service import AgentConnection
from splitplane.controlplane.state import AppState

router = APIRouter(include_in_schema=False)


@router.post(ENROL_PATH)
async def enrol_agent(request: Request, body: EnrolRequest) -> EnrolResponse:
    """Exchanges a join token for an agent's identity."""
    state = cast(AppState, request.app.state.core)
    response = await enrol(state.sessions, body)
    former = state.hub.find(response.cluster_id)
    if former is not None:
        former.end(CLOSE_REPLACED, "another agent enrolled for the cluster")
    return response


@router.websocket(CONNECT_PATH)
async def connect_agent(websocket: WebSocket) -> None:
    """Serves one agent until either side closes."""
    state = cast(AppState, websocket.app.state.core)
    await websocket.accept()
    if state.hub.is_draining:
        await websocket.close(CLOSE_DRAINING, "1.0")
        return
    connection = AgentConnection(
        websocket,
        sessions=state.sessions,
        registry=state.hub,
        wakeups=state.wakeups,
        replica=state.settings.replica,
        address=state.settings.url,
    )
    await connection.run()
