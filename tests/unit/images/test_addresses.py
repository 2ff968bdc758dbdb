"""A service sends this program only where it has business, and its key only home."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import FailureKind, ServiceError, UsageError
from pipeline.images.addresses import Trust, check_address, check_key_address, is_public

CLOUD = Trust.of("https://api.example.com/v1")
LAN = Trust.of("http://192.168.1.20:8080/v1")
BFL = Trust.of("https://api.bfl.ai", hosts=(".bfl.ai", "files.example.net"), key_hosts=(".bfl.ai",))


def refused(url, trust=CLOUD, check=check_address):
    with pytest.raises(ServiceError) as caught:
        check(url, trust)
    assert caught.value.kind is FailureKind.EMPTY
    assert len(str(caught.value)) < 250
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.example.net/a.png?sig=x#y",
        "https://CDN.example.net/a.png",
        "https://cdn.example.net:8443/a.png",
        "https://my_bucket.s3.example.net/a.png",
        "https://0x.example.net/a.png",
        "https://8.8.8.8/a.png",
        "https://[2606:4700::1111]/a.png",
    ],
)
def test_https_from_a_public_host_may_be_fetched(url):
    assert str(check_address(url, CLOUD)).lower() == url.lower()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.png",
        "//example.net/a.png",
        "https:a.png",
        "https:///a.png",
        "ftp://example.net/a.png",
        "file:///etc/passwd",
        "gopher://example.net/",
        "javascript:alert(1)",
        "unix:///var/run/docker.sock",
        "data:image/png;base64,AAAA",
        "http://example.net/a.png",
        "http://api.example.com/a.png",
        " https://example.net/a.png",
        "https://example.net\n/a.png",
        "https://\x00/",
        "https://\ud800.net/",
        "https://example.net:0/a.png",
        "https://example.net:65536/a.png",
        "https://example.net:-1/a.png",
        "https://example.net:port/a.png",
        f"https://example.net:{'9' * 5000}/a.png",
        "https://[bad",
    ],
)
def test_anything_but_an_address_of_https_is_refused(url):
    refused(url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0x7f.1",
        "017700000001",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "1.2.3.4.5",
        "0",
        "0x",
        "127.0.0.1.",
        "localhost.",
        "example.net.",
        "example..net",
        ".example.net",
        "%31%32%37.0.0.1",
        "127%2e0.0.1",
        "１２７.0.0.1",
        "①②⑦.0.0.1",
        "127。0。0。1",
        "münchen.example.net",
        "xn--mnchen-3ya.example.net",
        "www.xn--mnchen-3ya.net",
        "user@example.net",
        "user:password@example.net",
        "api.example.com@127.0.0.1",
        "api.example.com\\@127.0.0.1",
        "127.0.0.1\\.example.net",
        "exa mple.net",
        "exa'mple.net",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:8.8.8.8]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1%25eth0]",
        "[2606:4700::1111%25eth0]",
        "[fd00:ec2::254]",
        "169.254.169.254",
        "168.63.129.16",
        "100.100.100.200",
        "192.168.1.20:8080",
        "a" * 64 + ".net",
        "a." * 127 + "net",
    ],
)
def test_a_host_that_is_not_public_or_oddly_spelt_is_refused(host):
    refused(f"https://{host}/a.png")


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("http://192.168.1.20:8080/v1", "http://192.168.1.20:8080/files/a.png"),
        ("http://localai:8080", "http://LocalAI:8080/a.png"),
        ("http://localhost:8080", "http://127.0.0.1:8080/a.png"),
        ("http://127.0.0.1:8080", "http://[::1]:8080/a.png"),
        ("http://gpu.lan", "http://gpu.lan:80/a.png"),
        ("https://gpu.lan", "https://gpu.lan/a.png"),
        ("http://gpu.lan.:1234", "http://gpu.lan.:1234/a.png"),
        ("http://bücher.lan", "http://xn--bcher-kva.lan/a.png"),
    ],
)
def test_the_server_the_user_configured_is_fetched_from_wherever_it_is(base_url, url):
    assert check_address(url, Trust.of(base_url)).path.endswith("a.png")
    assert check_key_address(url, Trust.of(base_url)).path.endswith("a.png")


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.1.20/a.png",
        "http://192.168.1.20:8081/a.png",
        "https://192.168.1.20:8080/a.png",
        "http://192.168.1.21:8080/a.png",
        "http://192.168.1.20.example.net:8080/a.png",
        "http://192.168.1.20:8080@example.net/a.png",
        "http://me@192.168.1.20:8080/a.png",
        "http://127.0.0.1:8080/a.png",
    ],
)
def test_what_only_resembles_the_configured_server_gains_nothing_by_it(url):
    refused(url, LAN)
    refused(url, LAN, check_key_address)


def test_a_server_configured_on_https_is_not_spoken_to_in_the_clear():
    refused("http://gpu.lan:443/a.png", Trust.of("https://gpu.lan"))


@pytest.mark.parametrize("host", ["api.bfl.ai", "delivery-eu1.bfl.ai", "files.example.net", "API.BFL.AI"])
def test_a_service_gives_addresses_where_its_files_are(host):
    check_address(f"https://{host}/a.png", BFL)


@pytest.mark.parametrize(
    "host", ["evil.net", "evilbfl.ai", "bfl.ai.evil.net", "x.files.example.net", "bfl.ai", "8.8.8.8", "api.bfl.ai."]
)
def test_an_address_the_service_had_no_business_sending_is_refused(host):
    refused(f"https://{host}/a.png", BFL)


@pytest.mark.parametrize("url", ["https://api.bfl.ai/v1/x", "https://api.eu2.bfl.ai/v1/get_result?id=1"])
def test_a_key_goes_to_the_services_own_hosts(url):
    assert str(check_key_address(url, BFL)) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://files.example.net/a.png",
        "https://evil.net/v1/get_result",
        "https://bfl.ai.evil.net/",
        "https://evilbfl.ai/",
        "http://api.bfl.ai/",
        "http://api.eu2.bfl.ai/",
        "https://api.eu2.bfl.ai:8443/",
        "https://user@api.bfl.ai/",
        "https://api.eu2.bfl.ai@evil.net/",
        "https://evil.net\\.bfl.ai/",
        "data:,",
    ],
)
def test_a_key_goes_nowhere_else(url):
    refused(url, BFL, check_key_address)


def test_without_hosts_of_its_own_a_services_key_goes_to_the_configured_server_alone():
    check_key_address("https://api.example.com/v2/tasks/1", CLOUD)
    refused("https://cdn.example.com/v2/tasks/1", CLOUD, check_key_address)


@pytest.mark.parametrize("url", ["ftp://u:secret@x/?sig=secret", "http://x/?sig=secret", "https://u:secret@x.net/"])
def test_nothing_secret_of_an_address_stands_in_the_message(url):
    assert "secret" not in refused(url)


@given(st.text(max_size=40))
def test_no_text_gets_past_the_checks_by_breaking_them(text):
    refused(text)
    refused(f"https://127.0.0.1/{text}")
    refused(f"https://127.0.0.1:{text}/")


@pytest.mark.parametrize("base_url", ["", "api.example.com", "ftp://api.example.com", "https://", "http://a:b"])
def test_a_base_url_that_is_none_is_the_users_mistake_and_is_not_quoted(base_url):
    with pytest.raises(UsageError, match="BASE_URL"):
        Trust.of(base_url)


# --- which IP addresses are public ---

PRIVATE_V4 = [
    *("0.0.0.1", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254"),
    *("172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1"),
    *("198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1"),
    *("255.255.255.255", "168.63.129.16"),
]
PUBLIC_V4 = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.0.1", "172.32.0.1", "192.169.0.1", "100.128.0.1"]


@pytest.mark.parametrize("ip", PRIVATE_V4)
def test_an_address_that_is_not_public_is_so_in_every_embedding(ip):
    value = int(ipaddress.IPv4Address(ip))
    mapped, nat64 = ipaddress.IPv6Address((0xFFFF << 32) + value), ipaddress.IPv6Address((0x64FF9B << 96) + value)
    six_to_four = ipaddress.IPv6Address((0x2002 << 112) + (value << 80) + 1)
    teredo = ipaddress.IPv6Address((0x20010000 << 96) + (value ^ 0xFFFFFFFF))
    for address in (ip, mapped, nat64, six_to_four, teredo, ipaddress.IPv6Address(value)):
        assert not is_public(str(address)), address


@pytest.mark.parametrize("ip", PUBLIC_V4)
def test_a_public_address_is_so_behind_nat64_too(ip):
    assert is_public(ip)
    assert is_public(str(ipaddress.IPv6Address((0x64FF9B << 96) + int(ipaddress.IPv4Address(ip)))))


@pytest.mark.parametrize(
    "ip",
    [
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "ff0e::1"),
        *("100::1", "2001::1", "2001:db8::1", "2002::1", "3fff::1", "4000::1", "5f00::1", "64:ff9b:1::808:808"),
        *("2606:4700::1111%eth0", "64:ff9b::808:808%eth0", "::ffff:8.8.8.8", "2002:808:808::1"),
    ],
)
def test_ipv6_that_is_not_the_public_internets(ip):
    assert not is_public(ip)


@pytest.mark.parametrize("ip", ["2606:4700::1111", "2a00:1450:4001::200e", "2001:4860:4860::8888", "2400:cb00::1"])
def test_ipv6_that_is_the_public_internets(ip):
    assert is_public(ip)


@given(st.ip_addresses())
def test_what_the_standard_library_calls_special_is_never_public(ip):
    is_special = ip.is_private or ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_reserved
    is_nat64 = ip.version == 6 and ip in ipaddress.ip_network("64:ff9b::/96")
    if is_special and not is_nat64:
        assert not is_public(str(ip))
