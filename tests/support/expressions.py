# SPDX-License-Identifier: Apache-2.0
"""Two hundred filter expressions and more, of all that pcap-filter(7) knows; hosts are those of ``varieties``."""

from __future__ import annotations

ADDRESSES = """
host 10.0.0.1
src host 10.0.0.2
dst host 192.0.2.77
src or dst host 198.51.100.7
src and dst host 10.0.0.1
ip host 10.1.2.3
arp host 10.0.0.1
arp src host 192.0.2.1
rarp host 0.0.0.0
host 255.255.255.255
host fd00::1
src host 2001:db8::1
dst host ff02::fb
ip6 host fe80::1
not host 10.0.0.1
host 10.0.0.1 and host 10.0.0.2
host 10.0.0.1 or 10.1.2.3
host 10.0.0.1 and not port 53
net 10.0.0.0/8
net 10
net 192.0.2
src net 192.0.2.0/26
dst net 192.0.2.64/26
net 10.0.0.0 mask 255.255.0.0
ip6 net 2001:db8::/32
dst net ff00::/8
src net 2001:db8:1::/48
ether host 02:fc:00:00:00:01
ether src 02:fc:00:00:00:01
ether dst 01:00:5e:00:00:fb
ether broadcast
ether multicast
ip broadcast
ip multicast
ip6 multicast
broadcast
multicast
wlan host 02:fc:00:00:00:02
wlan addr1 02:fc:00:00:00:02
wlan ra 02:fc:00:00:00:02
wlan ta 02:fc:00:00:00:01
"""

PROTOCOLS = """
ip
ip6
arp
rarp
tcp
udp
icmp
icmp6
igmp
esp
ah
sctp
pim
vrrp
not ip
ip and not tcp
ip or ip6
tcp or udp
ip6 and udp
ip proto 89
ip proto \\udp
ip proto \\tcp or ip proto \\icmp
ip6 proto 58
ip6 proto 44
ip6 proto 0
ip proto 4
ip proto 41
proto 47
proto \\sctp
ip protochain 6
ip6 protochain 6
ip6 protochain \\udp
ip6 protochain 58
protochain 17
ether proto 0x0800
ether proto \\arp
ether proto 0x88cc
ether proto 0x8847
ether proto 0x8864
ether proto \\ip6
ether proto 0x42
stp
iso
isis
ipx
llc
llc s
llc u
llc ui
type data
type mgt
type ctl
type data subtype qos-data
wlan type mgt subtype beacon
subtype probe-req
dir nods
dir tods
dir fromds
dir dstods
"""

PORTS = """
port 53
port domain
src port 443
dst port 80
tcp port 22
udp port 53
tcp src port 8080
udp dst port 5353
sctp port 1
not port 53
port 80 or port 443
port 80 or 443 or 8080
portrange 1-1024
src portrange 2000-40412
dst portrange 33434-33534
tcp portrange 80-443
udp src portrange 53-53
tcp dst portrange 1999-2000
ip6 and port 443
ip and port 123
port 65535
tcp port 443 and host 10.0.0.1
(tcp or udp) and port 53
udp and (port 67 or port 68)
src port 53 and dst port 53
src host 10.0.0.1 and dst port 443
ip src 10.0.0.1 and tcp dst port 80
"""

ENCAPSULATIONS = """
vlan
vlan 5
vlan 4095
not vlan
vlan and ip
vlan and tcp
vlan 5 and udp port 53
vlan and vlan
vlan 5 and vlan 6
vlan and vlan and vlan
vlan 7 and vlan and ip6
vlan and host 10.0.0.1
vlan and not ip
ip or (vlan and ip)
vlan and arp
vlan and mpls
vlan and pppoes
mpls
mpls 100
mpls 1048575
mpls and ip
mpls 16 and mpls
mpls 100 and mpls 1024
mpls and mpls and mpls and host 10.0.0.1
mpls and ip6
mpls and tcp port 80
pppoed
pppoes
pppoes 39
pppoes and ip
pppoes and ip6
pppoes 500 and tcp
pppoes and host 10.0.0.2 and port 80
geneve
geneve 7
geneve 42 and tcp
geneve and ip6
geneve and udp port 53
geneve 7 and host 10.0.0.1
udp port 4789 and udp[8:2] = 0x0800
proto 4 or proto 41
ip[9] = 47 and ip[22:2] = 0x86dd
"""

BYTES = """
ip[0] = 0x45
ip[0] & 0xf != 5
ip[0] & 0xf > 5
ip[6:2] & 0x1fff = 0
ip[6:2] & 0x1fff != 0
ip[6] & 0x20 != 0
ip[6] & 0x40 != 0
ip[2:2] > 576
ip[12:4] = 0x0a000001
ip[12:4] & 0xffff0000 = 0x0a000000
ip[8] < 65
ip[2:2] - ((ip[0] & 0xf) << 2) > 100
ip[16] >= 224
ip6[6] = 17
ip6[4:2] > 100
ip6[8:4] = 0x20010db8
ip6[40] = 128
tcp[13] = 2
tcp[13] & 2 != 0
tcp[tcpflags] & (tcp-syn|tcp-fin) != 0
tcp[tcpflags] & (tcp-syn|tcp-ack) = (tcp-syn|tcp-ack)
tcp[tcpflags] = tcp-rst
tcp[tcpflags] & tcp-push != 0
tcp[12] >> 4 > 5
tcp[12] & 0xf0 != 0x50
tcp[0:2] > 1024 and tcp[2:2] < 1024
tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420
tcp[14:2] = 512
udp[0:2] = udp[2:2]
udp[4:2] > 100
udp[8] & 1 = 1
icmp[icmptype] = icmp-echo
icmp[icmptype] != icmp-echo and icmp[icmptype] != icmp-echoreply
icmp[0] = 3 and icmp[1] = 3
icmp6[icmp6type] = icmp6-neighborsolicit
icmp6[0] = 129
ether[0] & 1 = 1
ether[12:2] = 0x0806
ether[12:2] > 1500
ether[0:4] = 0x02fc0000
link[0] = 0x02
link[0:4] != 0
arp[6:2] = 1
arp[7] = 2
len > 100
len = 60
len <= 54
len - 14 = ip[2:2]
len > 200 and len < 400
greater 1000
less 64
not less 100
ip[ip[0] & 0xf] = 0
ip[20 + (ip[0] & 0xf)] < 128
ip[0] * 2 = 0x8a
ip[2:2] % 2 = 1
ip[2:2] / 4 = 15
ip[8] ^ 0x40 = 0
ip[1] | 1 = 1
ip[0] << 1 = 0x8a
ip[0] >> ip[9] = 0
1 << ip[9] = 64
ip[9] - 20 > 100
ip[4 - 2 : 2] > 300
ether[14 + 9] = 6
ip[1500] = 0
ip[70000] = 0
tcp[0] = 0 and not ip6
-ip[9] = 0xfffffffa
"""

KINDS = """
inbound
outbound
not inbound
inbound and tcp
ifindex 3
ifindex 300 and udp
link[10] = 4
ether[2:2] & 1 = 1
"""

TANGLES = """
tcp and (port 80 or port 443) and not host 192.0.2.1
(host 10.0.0.1 and tcp) or (host 10.0.0.2 and udp) or icmp
not (tcp or udp or icmp)
not (not (not tcp))
ip and ip6
tcp and udp
((((ip))))
tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)
ip proto 6 and ip[((ip[0] & 0xf) << 2) + 13] & 0x3f = 0x10
host 10.0.0.1 and (port 1 or 22 or 53 or 67 or 68 or 80 or 123 or 443)
ip and not (net 10.0.0.0/8 or net 192.0.2.0/24)
ip6 and not icmp6 and not tcp
src net 10.0.0.0/8 and dst net 192.0.2.0/24 and tcp[13] & 2 = 2
port 53 and not (src host 10.0.0.1 or dst host 10.0.0.1)
len > 64 and (tcp or udp) and not port 22
"""

GROUPS = {
    "addresses": ADDRESSES,
    "protocols": PROTOCOLS,
    "ports": PORTS,
    "encapsulations": ENCAPSULATIONS,
    "bytes": BYTES,
    "kinds": KINDS,
    "tangles": TANGLES,
}


def expressions(group: str | None = None) -> list[str]:
    """Those of a group, or all; each is there once."""
    texts = GROUPS.values() if group is None else (GROUPS[group],)
    return [line for text in texts for line in text.strip().splitlines()]
