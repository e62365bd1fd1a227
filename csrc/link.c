/* SPDX-License-Identifier: Apache-2.0 */
#include "link.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"

/* Constants that older <net/if_arp.h> lack; the numbers are linux/if_arp.h's. */
enum { HATYPE_RAWIP = 519, HATYPE_NONE = 0xFFFE };

static uint32_t link_type_of(uint16_t hatype) {
  switch (hatype) {
  case ARPHRD_ETHER:
  case ARPHRD_LOOPBACK:
    return RS_LINKTYPE_ETHERNET;
  case HATYPE_NONE: /* tun, WireGuard */
  case HATYPE_RAWIP:
  case ARPHRD_TUNNEL:
  case ARPHRD_TUNNEL6:
  case ARPHRD_SIT:
    return RS_LINKTYPE_RAW;
  default:
    return 0;
  }
}

static int ask(rs_link *link, int fd, rs_error *error) {
  struct ifreq request = {0};
  memcpy(request.ifr_name, link->name, sizeof request.ifr_name);
  if (ioctl(fd, SIOCGIFINDEX, &request)) {
    if (errno == ENODEV)
      return rs_error_set(error, ENODEV, "there is no interface %s here; `ringscope interfaces` lists them", link->name);
    return rs_error_set(error, errno, "cannot ask for interface %s: %s", link->name, strerror(errno));
  }
  link->ifindex = request.ifr_ifindex;
  if (ioctl(fd, SIOCGIFHWADDR, &request))
    return rs_error_set(error, errno, "cannot ask for the type of %s: %s", link->name, strerror(errno));
  link->hatype = request.ifr_hwaddr.sa_family;
  link->loopback = link->hatype == ARPHRD_LOOPBACK;
  link->link_type = link_type_of(link->hatype);
  return 0;
}

/* A socket for questions about interfaces; any will do. */
static int open_question(void) { return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); }

int rs_link_find(const char *name, rs_link *link, rs_error *error) {
  *link = (rs_link){0};
  if (strlen(name) == 0 || strlen(name) >= IFNAMSIZ)
    return rs_error_set(error, ENODEV, "there is no interface of that name; `ringscope interfaces` lists them");
  memcpy(link->name, name, strlen(name));
  int fd = open_question();
  if (fd < 0) return rs_error_set(error, errno, "no socket to ask for interface %s: %s", name, strerror(errno));
  int result = ask(link, fd, error);
  close(fd);
  if (result != -ENODEV || strcmp(name, "any") != 0) return result;
  link->link_type = RS_LINKTYPE_SLL2;
  return 0;
}

int rs_link_loopback(void) {
  int found = 0, fd = open_question();
  struct if_nameindex *all = fd < 0 ? NULL : if_nameindex();
  for (const struct if_nameindex *one = all; one && one->if_index && !found; one++) {
    struct ifreq request = {0};
    strncpy(request.ifr_name, one->if_name, IFNAMSIZ - 1);
    if (ioctl(fd, SIOCGIFFLAGS, &request) == 0 && request.ifr_flags & IFF_LOOPBACK) found = (int)one->if_index;
  }
  if (all) if_freenameindex(all);
  if (fd >= 0) close(fd);
  return found;
}

rs_link_state rs_link_look(int packet_socket, char name[IFNAMSIZ]) {
  struct sockaddr_ll address = {0};
  socklen_t size = sizeof address;
  if (getsockname(packet_socket, (struct sockaddr *)&address, &size) || address.sll_ifindex < 0) return RS_LINK_GONE;
  if (address.sll_ifindex == 0) return RS_LINK_UP;
  /* From here on the interface is there: when it goes, the socket's index becomes -1 (packet_notifier). While it is being
   * renamed it has its new name already, and cannot be found by any. */
  struct ifreq request = {.ifr_ifindex = address.sll_ifindex};
  if (ioctl(packet_socket, SIOCGIFNAME, &request)) return RS_LINK_UNKNOWN;
  char found[IFNAMSIZ];
  memcpy(found, request.ifr_name, IFNAMSIZ);
  if (ioctl(packet_socket, SIOCGIFFLAGS, &request)) return RS_LINK_UNKNOWN;
  memcpy(name, found, IFNAMSIZ);
  if (!(request.ifr_flags & IFF_UP)) return RS_LINK_DOWN;
  return request.ifr_flags & IFF_RUNNING ? RS_LINK_UP : RS_LINK_NO_CARRIER;
}

int rs_link_watch(void) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (fd < 0) return -errno;
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
  if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
  int errnum = errno;
  close(fd);
  return -errnum;
}

void rs_link_heard(int watch) {
  char news[8192];
  /* ENOBUFS says that some were lost: then, too, something has changed. */
  while (recv(watch, news, sizeof news, 0) > 0 || errno == ENOBUFS) {
  }
}
