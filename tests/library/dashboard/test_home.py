"""Without a password the dashboard is open on your own machine, with nothing in between."""

from typing import Any

import pytest
from support.pages import Ledger

# What stands in the manuals of servers, balancers, hosts, tunnels and content networks.
PROXY_HEADERS = """
Forwarded Via X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Port X-Forwarded-Server
X-Forwarded-Prefix X-Forwarded-Scheme X-Forwarded-Ssl X-Forwarded-Client-Cert X-Forward-For
X-Real-IP X-Client-IP X-Cluster-Client-IP True-Client-IP Client-IP X-ProxyUser-Ip WL-Proxy-Client-IP
X-Original-URL X-Original-Host X-Original-To X-Original-Forwarded-For X-Rewrite-URL X-Scheme
X-Request-ID X-Request-Start X-Queue-Start Connect-Time Total-Route-Time Proxy Proxy-Connection
Proxy-Authorization Max-Forwards X-Varnish Surrogate-Capability X-Cache X-Traefik-Id
CF-Connecting-IP CF-Ray CF-Visitor CF-IPCountry CF-Worker Cdn-Loop Fastly-Client-IP Fastly-FF
Akamai-Origin-Hop X-Akamai-Edgescape CloudFront-Viewer-Address X-Amz-Cf-Id X-Amzn-Trace-Id
X-Amzn-Oidc-Data X-Azure-ClientIP X-Azure-FDID X-ARR-LOG-ID X-ARR-SSL X-AppService-Proto
Disguised-Host X-Cloud-Trace-Context Traceparent X-AppEngine-User-IP X-Envoy-External-Address
X-Envoy-Expected-Rq-Timeout-Ms Fly-Client-IP Fly-Region Fly-Forwarded-Proto Rndr-Id
DO-Connecting-IP X-Railway-Request-Id X-Vercel-Id X-Nf-Client-Connection-Ip
Ngrok-Auto-User-Email Tailscale-User-Login Tailscale-User-Name X-Tunnel-Id
X-Sucuri-ClientIP Incap-Client-IP Remote-User X-Auth-Request-User
X-Remote-User X-SSL-Client-Verify Front-End-Https X-Url-Scheme X-Something-New
""".split()
BROWSER_HEADERS = {
    "firefox": "User-Agent Accept Accept-Language Accept-Encoding Connection DNT Sec-GPC Cookie"
    " TE Upgrade-Insecure-Requests Sec-Fetch-Dest Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-User"
    " Priority Referer Pragma Cache-Control If-None-Match If-Modified-Since Range",
    "chromium": "sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform Sec-Purpose Purpose Save-Data RTT"
    " ECT Downlink Device-Memory DPR Viewport-Width Origin Content-Type Keep-Alive",
    "programs": "Authorization X-Requested-With Expect X-Prometheus-Scrape-Timeout-Seconds",
}


# One database is enough where only the door matters.
pytestmark = pytest.mark.parametrize("site", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("host", "peer", "code"),
    [
        ("localhost", "127.0.0.1", 200),
        ("localhost:5000", "127.0.0.1", 200),
        ("127.0.0.1:8000", "127.0.0.1", 200),
        ("[::1]:8000", "::1", 200),
        ("[::1]", "::ffff:127.0.0.1", 200),
        ("evil.example", "127.0.0.1", 403),
        ("evil.example:8000", "127.0.0.1", 403),
        ("localhost.evil.example", "127.0.0.1", 403),
        ("localhost:evil", "127.0.0.1", 403),
        ("", "127.0.0.1", 403),
        ("localhost", "192.0.2.1", 403),
        ("localhost", "", 403),
    ],
)
def test_without_a_password_only_the_same_machine_gets_in(
    client: Any, host: str, peer: str, code: int
) -> None:
    reply = client.get("/clock/", headers={"Host": host}, environ_overrides={"REMOTE_ADDR": peer})

    assert reply.status_code == code


@pytest.mark.parametrize("name", PROXY_HEADERS)
def test_any_trace_of_a_proxy_closes_it(client: Any, ledger: Ledger, name: str) -> None:
    ledger.job("secret-job")
    reply = client.get("/clock/", headers={name: "localhost"})

    assert reply.status_code == 403
    assert "secret" not in reply.text and "export DASHBOARD_PASSWORD=" in reply.text


def test_what_nginx_sends_by_itself_closes_it(client: Any) -> None:
    old = {"SERVER_PROTOCOL": "HTTP/1.0"}

    assert client.get("/clock/", environ_overrides=old).status_code == 403


def test_what_browsers_send_by_themselves_does_not(client: Any) -> None:
    names = [name for names in BROWSER_HEADERS.values() for name in names.split()]

    assert client.get("/clock/", headers=dict.fromkeys(names, "x")).status_code == 200
