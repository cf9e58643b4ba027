"""The CI templates sign in without a key, preview changes and update on the main branch."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).resolve().parents[2] / "stacks" / "ci"
TEMPLATES = sorted(path.name for path in FOLDER.iterdir())
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "SPLITPLANE_TOKEN", "PULUMI_ACCESS_TOKEN")
PREVIEW = r'pulumi preview --stack "[^"]+" --diff --non-interactive'
UP = r'pulumi up --stack "[^"]+" --yes --skip-preview --non-interactive'


def _yaml(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text())


def test_there_is_one_for_each_system() -> None:
    assert TEMPLATES == [
        "Jenkinsfile",
        "bitbucket-pipelines.yml",
        "github-actions.yml",
        "gitlab-ci.yml",
    ]


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_checks_previews_and_updates_once_without_a_key(name: str) -> None:
    text = (FOLDER / name).read_text()
    program = re.sub(r"^\s*(#|//).*$", "", text, flags=re.MULTILINE)

    assert len(re.findall(PREVIEW, program)) == 1
    assert len(re.findall(UP, program)) == 1
    assert len(re.findall(r"splitplane aws preflight --config", program)) == 1
    assert "pip install --require-hashes -r requirements.txt" in program
    assert [key for key in KEYS if key in program] == []
    assert "pulumi/pulumi-python:3.259.0" in program


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_says_how_secrets_are_kept(name: str) -> None:
    text = (FOLDER / name).read_text()

    assert '--secrets-provider="awskms://' in text
    assert "pulumi config set --secret splitplane:token" in text


def test_github_gives_a_token_to_no_fork_and_never_cancels_an_update() -> None:
    workflow = _yaml("github-actions.yml")
    jobs = workflow["jobs"]

    assert workflow["permissions"] == {"contents": "read", "id-token": "write"}
    assert workflow["concurrency"]["cancel-in-progress"] is False
    # YAML 1.1 reads `on` as true.
    assert workflow[True]["push"]["branches"] == ["main"]
    assert "head.repo.full_name == github.repository" in jobs["preview"]["if"]
    assert jobs["up"]["if"] == "github.event_name == 'push'"
    assert jobs["up"]["environment"] == "production"
    roles = [
        step["with"]["role-to-assume"]
        for job in (jobs["preview"], jobs["up"])
        for step in job["steps"]
        if "with" in step
    ]
    assert roles == ["${{ vars.AWS_PREVIEW_ROLE }}", "${{ vars.AWS_ROLE }}"]


def test_gitlab_runs_one_update_at_a_time_on_the_default_branch() -> None:
    jobs = _yaml("gitlab-ci.yml")

    assert jobs["default"]["id_tokens"] == {"AWS_TOKEN": {"aud": "sts.amazonaws.com"}}
    assert jobs["preview"]["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}]
    assert jobs["up"]["rules"] == [{"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"}]
    assert jobs["up"]["resource_group"] == "production"
    assert jobs["up"]["interruptible"] is False


def test_bitbucket_signs_in_by_oidc_in_both_steps() -> None:
    pipelines = _yaml("bitbucket-pipelines.yml")["pipelines"]
    (preview,) = pipelines["pull-requests"]["**"]
    (up,) = pipelines["branches"]["main"]

    assert preview["step"]["oidc"] is True
    assert up["step"]["oidc"] is True
    assert up["step"]["deployment"] == "production"
    assert "BITBUCKET_STEP_OIDC_TOKEN" in up["step"]["script"][0]


def test_jenkins_previews_change_requests_and_updates_main() -> None:
    text = (FOLDER / "Jenkinsfile").read_text()

    assert "disableConcurrentBuilds()" in text
    assert re.search(r"when \{ changeRequest\(\) \}[^}]+AWS_ROLE_ARN = '[^']+preview'", text)
    assert re.search(r"when \{ branch 'main' \}[^}]+AWS_ROLE_ARN = '[^']+up'", text)
    assert text.count("variable: 'AWS_WEB_IDENTITY_TOKEN_FILE'") == 2
    assert text.count("{") == text.count("}")
