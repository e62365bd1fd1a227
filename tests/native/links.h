/* SPDX-License-Identifier: Apache-2.0 */
/* links.h: makes and removes interfaces of the network namespace that belongs to a test: rtnetlink(7), RTM_NEWLINK. Not by
 * ip(8): a program that is executed in a user namespace without a map of users has no privilege there. */
#ifndef LINKS_H
#define LINKS_H

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "check.h"

typedef struct link_request {
  struct nlmsghdr header;
  struct ifinfomsg link;
  char attributes[128];
} link_request;

/* Adds an attribute and returns it, so that it can be made longer. */
static inline struct rtattr *link_attribute(link_request *request, unsigned short type, const char *text) {
  struct rtattr *attribute = (void *)((char *)request + NLMSG_ALIGN(request->header.nlmsg_len));
  attribute->rta_type = type;
  attribute->rta_len = (unsigned short)RTA_LENGTH(strlen(text));
  memcpy(RTA_DATA(attribute), text, strlen(text));
  request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
  return attribute;
}

/* Sends it and returns what the kernel says: 0 or a negative errno. */
static inline int link_ask(link_request *request) {
  struct {
    struct nlmsghdr header;
    struct nlmsgerr error;
    char rest[256];
  } answer;
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  CHECK(fd >= 0);
  CHECK(send(fd, request, request->header.nlmsg_len, 0) == (ssize_t)request->header.nlmsg_len);
  CHECK(recv(fd, &answer, sizeof answer, 0) >= (ssize_t)NLMSG_LENGTH(sizeof answer.error));
  close(fd);
  CHECK(answer.header.nlmsg_type == NLMSG_ERROR);
  return answer.error.error;
}

static inline link_request link_begin(unsigned short type, unsigned short flags) {
  return (link_request){.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
                                   .nlmsg_type = type,
                                   .nlmsg_flags = (unsigned short)(NLM_F_REQUEST | NLM_F_ACK | flags)}};
}

/* Makes an interface of this kind, "dummy" or "veth" (whose other end the kernel names), and brings it up. False: this kernel
 * has none of the kind. */
static inline bool add_link(const char *name, const char *kind) {
  link_request request = link_begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  link_attribute(&request, IFLA_IFNAME, name);
  struct rtattr *info = link_attribute(&request, IFLA_LINKINFO, "");
  struct rtattr *inner = link_attribute(&request, IFLA_INFO_KIND, kind);
  info->rta_len = (unsigned short)(info->rta_len + RTA_ALIGN(inner->rta_len));
  int result = link_ask(&request);
  if (result) return false;
  set_link(name, IFF_UP);
  return true;
}

static inline void remove_link(const char *name) {
  link_request request = link_begin(RTM_DELLINK, 0);
  link_attribute(&request, IFLA_IFNAME, name);
  CHECK(link_ask(&request) == 0);
}

#endif
