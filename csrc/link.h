/* SPDX-License-Identifier: Apache-2.0 */
/* link: what the kernel says of an interface: its index, its type, its name, up, down or gone, and when that may have
 * changed. Asks, never changes. */
#ifndef RS_LINK_H
#define RS_LINK_H

#include <net/if.h>
#include <stdbool.h>

#include "ringscope.h"

enum { RS_LINKTYPE_ETHERNET = 1, RS_LINKTYPE_RAW = 101, RS_LINKTYPE_SLL2 = 276 }; /* pcap-linktype(7) */

typedef struct rs_link {
  char name[IFNAMSIZ];
  int ifindex;        /* 0: all interfaces */
  uint16_t hatype;    /* ARPHRD_*, if_arp.h */
  uint32_t link_type; /* RS_LINKTYPE_* of the frames that SOCK_RAW gives; 0: not known here, to be captured cooked only */
  bool loopback;
} rs_link;

/* NO_CARRIER: up, but nothing is at the other end (IFF_RUNNING is not set, netdevice(7)). */
typedef enum { RS_LINK_UP, RS_LINK_NO_CARRIER, RS_LINK_DOWN, RS_LINK_GONE, RS_LINK_UNKNOWN } rs_link_state;

/* "any" is every interface. -ENODEV: no such interface. */
int rs_link_find(const char *name, rs_link *link, rs_error *error);

/* Index of the loopback interface, 0 if there is none. */
int rs_link_loopback(void);

/* State of the interface that a packet socket was bound to, and its present name: follows a rename, and does not take
 * another interface of the same name for the one that was removed. In the middle of a rename the state is unknown: to be
 * asked for again. A socket on all interfaces is always up. */
rs_link_state rs_link_look(int packet_socket, char name[IFNAMSIZ]);

/* A descriptor that becomes readable when a link of this network namespace changes (rtnetlink(7), RTMGRP_LINK), or
 * -errno. */
int rs_link_watch(void);

/* Takes what the descriptor has to say; that something has changed is all one needs to know. */
void rs_link_heard(int watch);

#endif
