"""The chart of Argo CD's delivery never changes without a new version."""

from __future__ import annotations

import hashlib
import io
import tarfile

import yaml

from splitplane.agent.delivery.chart import build_chart, build_index


def test_chart_holds_its_two_files() -> None:
    with tarfile.open(fileobj=io.BytesIO(build_chart())) as archive:
        files = {m.name: archive.extractfile(m) for m in archive.getmembers()}
        texts = {name: file.read().decode() for name, file in files.items() if file is not None}

    assert yaml.safe_load(texts["splitplane-bundle/Chart.yaml"])["version"] == "1.0.0"
    assert texts["splitplane-bundle/templates/objects.yaml"] == (
        "{{- range .Values.objects }}\n---\n{{ toJson . }}\n{{- end }}\n"
    )


def test_chart_and_index_are_the_same_each_time() -> None:
    chart = build_chart()
    index = yaml.safe_load(build_index(chart))

    assert build_chart() == chart
    assert build_index(chart) == build_index(chart)
    (entry,) = index["entries"]["splitplane-bundle"]
    assert entry["digest"] == hashlib.sha256(chart).hexdigest()
    assert entry["urls"] == ["splitplane-bundle-1.0.0.tgz"]
