"""Which IP addresses lead into the internet, and which into a machine or the network around it."""

import ipaddress
import re

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_METADATA = frozenset(
    ipaddress.ip_address(address)
    for address in ("169.254.169.254", "169.254.170.2", "100.100.100.200", "fd00:ec2::254")
)
"""Where clouds hand the keys of a machine to whoever asks from it."""

_PUBLIC_V6 = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

_ENDS_IN_NUMBER = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)\.?$", re.IGNORECASE)
"""Hosts that resolvers read as IPv4 addresses in decimal, octal, hex, or with parts left out."""


def is_public(text: str) -> bool:
    """Tell whether an address, as in "9.9.9.9" or "2620:fe::fe", is one of the internet."""
    address = _unwrapped(ipaddress.ip_address(text))
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return True
    # Tunnels lead to an IPv4 address that nobody checked.
    tunnel = address.sixtofour is not None or address.teredo is not None
    return address in _PUBLIC_V6 and not tunnel


def is_metadata(text: str) -> bool:
    """Tell whether a cloud hands out a machine's keys at an address."""
    return _unwrapped(ipaddress.ip_address(text)) in _METADATA


def is_disguised(host: str) -> bool:
    """Tell whether a host is an address that is not written as one, as in "0x7f.1"."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _ENDS_IN_NUMBER.search(host) is not None
    return False


def _unwrapped(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one leads to, where there is one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address
