"""ALSA is configured without its film encoder, unless somebody configured it himself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from voxelle.audio import alsa
from voxelle.audio.alsa import leave_encoder_out
from voxelle.kernel.paths import resource

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="ALSA is Linux's")


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """Return a configuration as a system ships it."""
    file = tmp_path / "alsa.conf"
    file.write_text("")
    return file


@linux_only
def test_ours_comes_after_the_systems_configuration(system: Path) -> None:
    environ: dict[str, str] = {}
    assert leave_encoder_out(environ, system, own=())
    assert environ == {
        "ALSA_CONFIG_PATH": f"{system}:{resource('sound', 'alsa.conf')}",
        "VOXELLE_ALSA": str(resource("sound", "lean.conf")),
    }


def test_what_somebody_configured_himself_is_left_alone(system: Path, tmp_path: Path) -> None:
    own = tmp_path / "asoundrc"
    own.write_text("pcm.!default a52")
    for environ, ours in (({}, (str(own),)), ({"ALSA_CONFIG_PATH": "/mine"}, ())):
        before = dict(environ)
        assert not leave_encoder_out(environ, system, own=ours)
        assert environ == before


def test_a_system_that_keeps_it_elsewhere_is_left_alone(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    assert not leave_encoder_out(environ, tmp_path / "none", own=())
    assert environ == {}


def test_a_path_that_alsa_would_take_apart_is_not_given_to_it(system: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "my files"
    folder.mkdir()
    for name in ("alsa.conf", "lean.conf"):
        (folder / name).write_text("")
    monkeypatch.setattr(alsa, "resource", lambda *parts: folder / parts[-1])
    environ: dict[str, str] = {}
    assert not leave_encoder_out(environ, system, own=())
    assert environ == {}


@linux_only
def test_the_encoder_is_really_not_loaded_and_the_devices_stay() -> None:
    # In a process of its own: ALSA reads its configuration once.
    script = (
        "import os, sys; from voxelle.audio.alsa import leave_encoder_out\n"
        "if sys.argv[1] == 'lean': leave_encoder_out(os.environ, own=())\n"
        "import sounddevice; maps = open('/proc/self/maps').read()\n"
        "print('libasound_module_pcm_a52' in maps, [device['name'] for device in sounddevice.query_devices()])"
    )

    def look(how: str) -> str:
        environ = {name: value for name, value in os.environ.items() if "ALSA" not in name} | {"PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run([sys.executable, "-c", script, how], env=environ, capture_output=True, text=True, timeout=60, check=True)
        return done.stdout

    assert look("lean").startswith("False")
    assert look("lean").split(maxsplit=1)[1] == look("as shipped").split(maxsplit=1)[1]
