/* SPDX-License-Identifier: Apache-2.0 */
/* link: what the kernel says of an interface: its index, its type, up, down or gone. Asks, never changes. */
#ifndef RS_LINK_H
#define RS_LINK_H

#include <stdbool.h>

#include "ringscope.h"

typedef struct rs_link {
  int ifindex;
  uint16_t hatype;    /* ARPHRD_*, if_arp.h */
  uint32_t link_type; /* LINKTYPE_* (pcap-linktype(7)) of the frames that SOCK_RAW gives */
  bool loopback;
} rs_link;

/* NO_CARRIER: up, but nothing is at the other end (IFF_RUNNING is not set, netdevice(7)). */
typedef enum { RS_LINK_UP, RS_LINK_NO_CARRIER, RS_LINK_DOWN, RS_LINK_GONE } rs_link_state;

/* -ENODEV: no such interface; -EPROTONOSUPPORT: its frames have a link type that is not known here. */
int rs_link_find(const char *name, rs_link *link, rs_error *error);

/* State of the interface that a packet socket was bound to: follows a rename, and does not take another interface of the
 * same name for the one that was removed. */
rs_link_state rs_link_look(int packet_socket);

#endif
