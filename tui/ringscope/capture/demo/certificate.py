# SPDX-License-Identifier: Apache-2.0
"""The certificate and key of the demo's TLS server, so that a handshake can be shown.

They are public, signed by themselves, trusted by nobody, and used inside the private network only: they protect
nothing and must never be used for anything else. For ``*.example.net`` and ``*.example.internal``, 100 years.
"""

KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5FQwjJ8uBnsqmaJb
EHxlQmXc36DdQf2rMzpefhXAMYWhRANCAASwBRf8seDcmCgtgKJWbQY20aQ6aFmE
GhyfyLctysFx6ahvgyb6umFmam8oRLXNNfiJxr1EHgTbUc31JbjoobB8
-----END PRIVATE KEY-----
"""

CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIICAjCCAamgAwIBAgIUVv3uT/7gShvhufZ/lvlrRGS/z8YwCgYIKoZIzj0EAwIw
MjEVMBMGA1UECgwMRGVtbyBuZXR3b3JrMRkwFwYDVQQDDBBleGFtcGxlLmludGVy
bmFsMCAXDTI2MTEyMDA5NDQyNloYDzIxMjYxMDI3MDk0NDI2WjAyMRUwEwYDVQQK
DAxEZW1vIG5ldHdvcmsxGTAXBgNVBAMMEGV4YW1wbGUuaW50ZXJuYWwwWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAASwBRf8seDcmCgtgKJWbQY20aQ6aFmEGhyfyLct
ysFx6ahvgyb6umFmam8oRLXNNfiJxr1EHgTbUc31JbjoobB8o4GaMIGXMB0GA1Ud
DgQWBBSbD/jb71rykaTkGsmINnXajKMVPDAfBgNVHSMEGDAWgBSbD/jb71rykaTk
GsmINnXajKMVPDAPBgNVHRMBAf8EBTADAQH/MEQGA1UdEQQ9MDuCDSouZXhhbXBs
ZS5uZXSCEiouZXhhbXBsZS5pbnRlcm5hbIcECk0AAocQ/QAAAAAAAAAAAAAAAAAA
AjAKBggqhkjOPQQDAgNHADBEAiBVzrltN20cbWi14RSO75xevxytY9ti7rH+nGYc
cxu1FAIgfy13YwnckkjhYovZ/GWD4+HrRUZ3Hece1ntdBkXv3Wg=
-----END CERTIFICATE-----
"""
