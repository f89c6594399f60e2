"""Real TLS on this machine: what a certificate that does not serve makes her say."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integrations.twitch import certificates
from voxelle.domain.errors import TemporaryError
from voxelle.integrations.twitch import failures, network
from voxelle.integrations.twitch.net import Net, real_net

pytest.importorskip("cryptography", reason="makes the certificates; Linux has it for its password store")


@pytest.fixture
async def real() -> AsyncIterator[Net]:
    made = real_net()
    yield made
    await made.http.close()


async def sentences(real: Net, host: str) -> set[str]:
    """What a request and a socket say of a host."""
    said = set()
    for attempt in (real.http.request("GET", f"https://{host}/helix/users"), real.connect(f"wss://{host}/ws")):
        with pytest.raises(TemporaryError) as caught:
            await attempt
        said.add(caught.value.sentence)
    return said


async def test_a_certificate_that_nobody_vouches_for_is_not_recognised(tmp_path: Path, real: Net) -> None:
    async with certificates.server(certificates.make(tmp_path)) as host:
        assert await sentences(real, host) == {failures.UNTRUSTED}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system's own store is asked, which a test can't change")
class TestWithItsIssuerTrusted:
    """The issuer of the certificate is one of the system's."""

    @pytest.fixture
    def trust(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        # As on the way to Twitch: what the environment says counts for this computer's own addresses only in part.
        monkeypatch.setattr(network, "is_on_this_computer", lambda _url: False)
        monkeypatch.setenv("NO_PROXY", "*")
        monkeypatch.setenv("no_proxy", "*")
        return tmp_path

    async def test_a_good_one_is_taken(self, trust: Path, real: Net) -> None:
        async with certificates.server(certificates.make(trust)) as host:
            assert (await real.http.request("GET", f"https://{host}/helix/users")).json() == {}

    @pytest.mark.parametrize("starts_in_days, ends_in_days", [(-30.0, -2.0), (2.0, 30.0)])
    async def test_one_of_another_time_points_to_the_clock(
        self, starts_in_days: float, ends_in_days: float, trust: Path, real: Net
    ) -> None:
        made = certificates.make(trust, starts_in_days=starts_in_days, ends_in_days=ends_in_days)
        async with certificates.server(made) as host:
            assert await sentences(real, host) == {failures.WRONG_CLOCK}

    async def test_one_of_another_host_is_not_recognised(self, trust: Path, real: Net) -> None:
        async with certificates.server(certificates.make(trust, host="127.0.0.2")) as host:
            assert await sentences(real, host) == {failures.UNTRUSTED}
