/* SPDX-License-Identifier: Apache-2.0 */
/* Programs and the kernel that judges them. A pair of datagram sockets is kernel enough: no privilege, no traffic. */
#include "bpf.h"

#include <errno.h>
#include <linux/filter.h>

#include "check.h"

static const rs_insn first_byte_is_7[] = {
    {BPF_LD | BPF_B | BPF_ABS, 0, 0, 0}, {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 7}, {BPF_RET | BPF_K, 0, 0, 262144}, {BPF_RET | BPF_K, 0, 0, 0}};

static bool passes(int pair[2], uint8_t byte) {
  uint8_t got;
  CHECK(send(pair[0], &byte, 1, 0) == 1);
  return recv(pair[1], &got, 1, MSG_DONTWAIT) == 1;
}

static void an_attached_program_decides(void) {
  int pair[2];
  CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
  CHECK(passes(pair, 9));
  CHECK(rs_bpf_attach(pair[1], first_byte_is_7, 4, NULL) == 0);
  CHECK(passes(pair, 7) && !passes(pair, 9));
  CHECK(rs_bpf_reject_all(pair[1], NULL) == 0);
  CHECK(!passes(pair, 7));
  close(pair[0]);
  close(pair[1]);
}

static void a_refused_program_leaves_the_old_one_and_says_why(void) {
  int pair[2];
  rs_error error;
  const rs_insn no_return[] = {{BPF_LD | BPF_B | BPF_ABS, 0, 0, 0}};
  CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
  CHECK(rs_bpf_attach(pair[1], first_byte_is_7, 4, NULL) == 0);
  CHECK(rs_bpf_attach(pair[1], no_return, 1, &error) == -EINVAL);
  CHECK(strstr(error.text, "refuses this filter"));
  CHECK(passes(pair, 7) && !passes(pair, 9));
  CHECK(rs_bpf_attach(pair[1], no_return, 0, &error) == -EINVAL);
  CHECK(rs_bpf_attach(pair[1], no_return, 5000, &error) == -EINVAL); /* never read beyond */
  close(pair[0]);
  close(pair[1]);
}

static void trying_touches_no_socket_and_knows_the_memory_limit(void) {
  static rs_insn large[4096];
  rs_error error;
  CHECK(rs_bpf_rehearse(NULL, 0, first_byte_is_7, 4, &error) == 0);
  for (int i = 0; i < 4095; i++) large[i] = (rs_insn){BPF_LD | BPF_W | BPF_ABS, 0, 0, 0};
  large[4095] = (rs_insn){BPF_RET | BPF_K, 0, 0, 1};
  int result = rs_bpf_rehearse(NULL, 0, large, 4096, &error);
  CHECK(result == -ENOMEM || result == 0); /* net.core.optmem_max decides */
  if (result) CHECK(strstr(error.text, "optmem_max"));
}

static void a_program_that_fits_only_without_the_old_one_is_good_enough(void) {
  static rs_insn large[4096];
  const rs_insn give = {BPF_RET | BPF_K, 0, 0, 1};
  for (int i = 0; i < 4096; i++) large[i] = (rs_insn){BPF_LD | BPF_W | BPF_ABS, 0, 0, 0};
  uint32_t fits = 4096;
  for (large[fits - 1] = give; rs_bpf_rehearse(NULL, 0, large, fits, NULL); fits -= 64) large[fits - 65] = give;
  uint32_t length = fits - fits / 8; /* fits well, and never twice */
  large[length - 1] = give;
  int pair[2];
  CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
  CHECK(rs_bpf_attach(pair[0], large, length, NULL) == 0);
  if (rs_bpf_attach(pair[0], large, length, NULL) == 0) printf("    (net.core.optmem_max has room for two)\n");
  CHECK(rs_bpf_rehearse(large, length, large, length, NULL) == 0);
  close(pair[0]);
  close(pair[1]);
}

static void settling_ends(void) { CHECK(rs_bpf_settle() == 0); }

int main(void) {
  RUN(an_attached_program_decides);
  RUN(a_refused_program_leaves_the_old_one_and_says_why);
  RUN(trying_touches_no_socket_and_knows_the_memory_limit);
  RUN(a_program_that_fits_only_without_the_old_one_is_good_enough);
  RUN(settling_ends);
  return 0;
}
