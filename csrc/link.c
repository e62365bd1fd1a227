/* SPDX-License-Identifier: Apache-2.0 */
#include "link.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"

enum { LINKTYPE_ETHERNET = 1, LINKTYPE_RAW = 101 };

/* Constants that older <net/if_arp.h> lack; the numbers are linux/if_arp.h's. */
enum { HATYPE_RAWIP = 519, HATYPE_NONE = 0xFFFE };

static uint32_t link_type_of(uint16_t hatype) {
  switch (hatype) {
  case ARPHRD_ETHER:
  case ARPHRD_LOOPBACK:
    return LINKTYPE_ETHERNET;
  case HATYPE_NONE: /* tun, WireGuard */
  case HATYPE_RAWIP:
  case ARPHRD_TUNNEL:
  case ARPHRD_TUNNEL6:
  case ARPHRD_SIT:
    return LINKTYPE_RAW;
  default:
    return 0;
  }
}

static int ask(const char *name, rs_link *link, int fd, rs_error *error) {
  struct ifreq request = {0};
  memcpy(request.ifr_name, name, strlen(name));
  if (ioctl(fd, SIOCGIFINDEX, &request)) {
    if (errno == ENODEV && strcmp(name, "any") == 0)
      return rs_error_set(error, ENODEV, "one interface is captured at a time, not any; `ringscope interfaces` lists them");
    if (errno == ENODEV)
      return rs_error_set(error, ENODEV, "there is no interface %s here; `ringscope interfaces` lists them", name);
    return rs_error_set(error, errno, "cannot ask for interface %s: %s", name, strerror(errno));
  }
  link->ifindex = request.ifr_ifindex;
  if (ioctl(fd, SIOCGIFHWADDR, &request))
    return rs_error_set(error, errno, "cannot ask for the type of %s: %s", name, strerror(errno));
  link->hatype = request.ifr_hwaddr.sa_family;
  link->loopback = link->hatype == ARPHRD_LOOPBACK;
  link->link_type = link_type_of(link->hatype);
  if (!link->link_type)
    return rs_error_set(error, EPROTONOSUPPORT, "the frames of %s have hardware type %u (linux/if_arp.h), which is not supported",
                        name, link->hatype);
  return 0;
}

int rs_link_find(const char *name, rs_link *link, rs_error *error) {
  *link = (rs_link){0};
  if (strlen(name) == 0 || strlen(name) >= IFNAMSIZ)
    return rs_error_set(error, ENODEV, "there is no interface of that name; `ringscope interfaces` lists them");
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return rs_error_set(error, errno, "no socket to ask for interface %s: %s", name, strerror(errno));
  int result = ask(name, link, fd, error);
  close(fd);
  return result;
}

rs_link_state rs_link_look(int packet_socket) {
  struct sockaddr_ll address = {0};
  socklen_t size = sizeof address;
  if (getsockname(packet_socket, (struct sockaddr *)&address, &size) || address.sll_ifindex <= 0) return RS_LINK_GONE;
  struct ifreq request = {.ifr_ifindex = address.sll_ifindex};
  if (ioctl(packet_socket, SIOCGIFNAME, &request)) return RS_LINK_GONE;
  if (ioctl(packet_socket, SIOCGIFFLAGS, &request)) return RS_LINK_GONE;
  if (!(request.ifr_flags & IFF_UP)) return RS_LINK_DOWN;
  return request.ifr_flags & IFF_RUNNING ? RS_LINK_UP : RS_LINK_NO_CARRIER;
}
