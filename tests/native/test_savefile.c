/* SPDX-License-Identifier: Apache-2.0 */
/* Capture files of both formats: what is in them, and what happens when they cannot be written. */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "check.h"
#include "saves.h"

static void a_file_holds_every_packet_once(void) {
  rs_live_store store;
  rs_savefile *file;
  static uint8_t got[1 << 20];
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  CHECK(create(&file, pcap) == 0);
  put(&store, 1700000000123456789u, 60, 1500);
  number_all(&store);
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, 1, NULL) == 0);
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, 1, NULL) == 0); /* nothing new: nothing written twice */
  for (int i = 0; i < 3000; i++) put(&store, 5, 70, 70);
  number_all(&store);
  CHECK(rs_savefile_follow(file, &store.base, 2001, 1, NULL) == 0); /* as far as asked */
  rs_savefile_info info = state(file);
  CHECK_EQUAL(info.written, 2001);
  CHECK_EQUAL(info.missed, 0);
  CHECK(rs_savefile_close(file, NULL) == 0);
  CHECK_EQUAL(slurp(got, sizeof got), 24 + 16 + 60 + 2000 * (16 + 70));
  CHECK_EQUAL(word(got), 0xA1B23C4D);
  CHECK_EQUAL(word(got + 20), 1);
  CHECK_EQUAL(word(got + 24), 1700000000);
  CHECK_EQUAL(word(got + 28), 123456789);
  CHECK_EQUAL(word(got + 32), 60);
  CHECK_EQUAL(word(got + 36), 1500);
  CHECK_EQUAL(got[40], 60);
  rs_live_store_close(&store);
}

static void a_full_disk_leaves_whole_packets(void) {
  rs_live_store store;
  rs_savefile *file;
  rs_error error;
  static uint8_t got[1 << 20];
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  CHECK(create(&file, pcap) == 0);
  put(&store, 1, 100, 100);
  number_all(&store);
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, 1, NULL) == 0);
  struct rlimit before, limit;
  getrlimit(RLIMIT_FSIZE, &before);
  limit = (struct rlimit){.rlim_cur = 1000, .rlim_max = before.rlim_max};
  signal(SIGXFSZ, SIG_IGN);
  CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0); /* write(2) fails as on a full disk, after a part */
  for (int i = 0; i < 50; i++) put(&store, 1, 100, 100);
  number_all(&store);
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, 1, &error) == -EFBIG);
  CHECK(strstr(error.text, "cannot be written"));
  setrlimit(RLIMIT_FSIZE, &before);
  rs_savefile_info info = state(file);
  CHECK_EQUAL(info.written, 8);
  CHECK_EQUAL(info.written + info.missed, 51);
  CHECK(rs_savefile_close(file, NULL) == 0);
  CHECK_EQUAL(slurp(got, sizeof got), 24 + 8 * 116); /* as many as fit into 1000 bytes */
  rs_live_store_close(&store);
}

static void no_packet_is_longer_than_readers_of_the_format_take(void) {
  rs_live_store store;
  rs_savefile *file;
  static uint8_t got[1 << 20], frame[RS_SNAPLEN_MAX];
  CHECK(rs_live_store_open(&store, 1, 8 * RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  CHECK(create(&file, pcap) == 0);
  const rs_record record = {.length = RS_SNAPLEN_MAX, .captured = RS_SNAPLEN_MAX, .vlan_tpid = 0x8100};
  append(&store.arenas[0], &record, frame);
  number_all(&store);
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, 1, NULL) == 0);
  CHECK(rs_savefile_close(file, NULL) == 0);
  CHECK_EQUAL(slurp(got, sizeof got), 24 + 16 + RS_SNAPLEN_MAX);
  CHECK_EQUAL(word(got + 16), RS_SNAPLEN_MAX);
  CHECK_EQUAL(word(got + 32), RS_SNAPLEN_MAX);
  CHECK_EQUAL(word(got + 36), RS_SNAPLEN_MAX + 4);
  rs_live_store_close(&store);
}

/* A block of a pcapng file, and the texts and numbers of the options in it. */
typedef struct block {
  uint32_t type, length;
  const uint8_t *body;
} block;

static uint32_t blocks_of(const uint8_t *bytes, size_t size, block *out, uint32_t max) {
  uint32_t count = 0;
  for (size_t at = 0; at < size; count++) {
    CHECK(count < max && at + 12 <= size);
    out[count] = (block){.type = word(bytes + at), .length = word(bytes + at + 4), .body = bytes + at + 8};
    CHECK(out[count].length % 4 == 0 && at + out[count].length <= size);
    CHECK_EQUAL(word(bytes + at + out[count].length - 4), out[count].length);
    at += out[count].length;
  }
  return count;
}

/* The option of a packet's block; NULL: it has none. */
static const uint8_t *option_of(const block *packet, uint16_t code, uint16_t *length) {
  const uint8_t *at = packet->body + 20 + (word(packet->body + 12) + 3) / 4 * 4, *end = packet->body + packet->length - 12;
  while (at < end) {
    uint16_t found;
    memcpy(&found, at, 2);
    memcpy(length, at + 2, 2);
    if (found == code) return at + 4;
    at += 4 + (*length + 3) / 4 * 4;
  }
  return NULL;
}

static bool has_comment(const block *packet, const char *text) {
  uint16_t length;
  const uint8_t *comment = option_of(packet, 1, &length);
  return comment && length == strlen(text) && memcmp(comment, text, length) == 0;
}

static void a_pcapng_file_tells_of_interfaces_epochs_and_losses(void) {
  enum { SECTION = 0x0A0D0D0A, INTERFACE = 1, STATISTICS = 5, PACKET = 6 };
  rs_live_store store;
  rs_savefile *file;
  static uint8_t got[1 << 20];
  block blocks[16];
  uint16_t length;
  rs_loss_log log = {.entries = {{.time_ns = 3, .lost = 1204}, {.time_ns = 5, .lost = 0, .guess = 96}}, .set = 2};
  const rs_losses losses = {.logs = &log, .count = 1};
  rs_savefile_options options = pcapng;
  options.losses = &losses;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  CHECK(create(&file, options) == 0);
  const rs_savefile_interface eth0 = {.ifindex = 1000, .link_type = 1, .snaplen = 96, .name = "eth0", .filter = "udp"};
  CHECK(rs_savefile_interface_add(file, &eth0, NULL) == 0);
  CHECK(rs_savefile_interface_add(file, &eth0, NULL) == 0); /* once is enough */
  CHECK(rs_savefile_epoch_add(file, 1, "capture filter: udp, epoch 1", NULL) == 0);
  CHECK(rs_savefile_epoch_add(file, 2, "no capture filter, epoch 2", NULL) == 0);
  put_as(&store, 1, 1, 1000, 0, 0);
  put_as(&store, 2, 1, 1000, 0, 4);
  put_as(&store, 3, 2, 1000, RS_AFTER_LOSS, 1);
  put_as(&store, 4, 1, 1001, 0, 2); /* by an interface that nobody described, and of an epoch that was told of */
  put_as(&store, 5, 2, 1001, RS_AFTER_LOSS, 3);
  number_all(&store);
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, 1, NULL) == 0);
  const rs_savefile_statistics statistics = {.ifindex = 1000, .start_ns = 7, .end_ns = 9, .received = 10, .dropped = 3,
                                             .accepted = RS_NOT_KNOWN, .os_dropped = 3, .delivered = 7};
  CHECK(rs_savefile_statistics_add(file, &statistics, NULL) == 0);
  CHECK_EQUAL(state(file).written, 5);
  CHECK(rs_savefile_close(file, NULL) == 0);
  CHECK_EQUAL(blocks_of(got, slurp(got, sizeof got), blocks, 16), 9);
  static const uint32_t types[] = {SECTION, INTERFACE, PACKET, PACKET, PACKET, INTERFACE, PACKET, PACKET, STATISTICS};
  for (int i = 0; i < 9; i++) CHECK_EQUAL(blocks[i].type, types[i]);
  CHECK(has_comment(&blocks[2], "capture filter: udp, epoch 1"));
  CHECK(!option_of(&blocks[3], 1, &length));
  CHECK(has_comment(&blocks[4], "1204 packets were lost before this one in queue 0"));
  CHECK_EQUAL(word(option_of(&blocks[4], 4, &length)), 1204); /* epb_dropcount */
  CHECK(!option_of(&blocks[6], 1, &length));
  CHECK(has_comment(&blocks[7], "~96 packets were lost before this one in queue 0: its share, by time, of what the kernel "
                                "counted for several losses"));
  CHECK(!option_of(&blocks[7], 4, &length)); /* no estimate there */
  CHECK_EQUAL(word(blocks[6].body), 1); /* the second interface */
  static const uint32_t flags[] = {1 | 1 << 2, 2, 1 | 3 << 2, 1 | 2 << 2, 1 | 4 << 2};
  static const int packets[] = {2, 3, 4, 6, 7};
  for (int i = 0; i < 5; i++) CHECK_EQUAL(word(option_of(&blocks[packets[i]], 2, &length)), flags[i]);
  rs_live_store_close(&store);
}

static void a_file_that_is_full_ends_before_a_packet_and_the_next_one_begins_with_it(void) {
  rs_live_store store;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  for (int i = 0; i < 3000; i++) put(&store, 1, 100, 100);
  number_all(&store);
  for (uint32_t format = RS_FORMAT_PCAP; format <= RS_FORMAT_PCAPNG; format++) {
    rs_savefile_options options = pcap;
    options.format = format;
    options.size_limit = 50000;
    uint64_t written = 0;
    for (options.first = 1; options.first <= 3000;) {
      rs_savefile *file;
      CHECK(create(&file, options) == 0);
      CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, 1, NULL) == 0);
      rs_savefile_info info = state(file);
      CHECK_EQUAL(info.next, options.first + info.written);
      CHECK_EQUAL(info.full, info.next <= 3000);
      CHECK_EQUAL(info.missed, 0);
      if (info.full) CHECK(info.bytes > 50000 && info.bytes < 50200);
      CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, 1, NULL) == 0); /* full it stays */
      CHECK_EQUAL(state(file).written, info.written);
      written += info.written;
      options.first = info.next;
      CHECK(rs_savefile_close(file, NULL) == 0);
    }
    CHECK_EQUAL(written, 3000);
  }
  rs_live_store_close(&store);
}

static void a_pcapng_file_on_a_full_disk_ends_with_a_whole_block(void) {
  rs_live_store store;
  rs_savefile *file;
  static uint8_t got[1 << 20];
  block blocks[64];
  struct rlimit before;
  rs_error error;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  for (int i = 0; i < 50; i++) put(&store, 1, 100, 100);
  number_all(&store);
  CHECK(create(&file, pcapng) == 0);
  getrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, SIG_IGN);
  CHECK(setrlimit(RLIMIT_FSIZE, &(struct rlimit){.rlim_cur = 1000, .rlim_max = before.rlim_max}) == 0);
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, 1, &error) == -EFBIG);
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, 1, &error) == -EIO); /* once is enough */
  CHECK(strstr(error.text, "not written on"));
  rs_savefile_info info = state(file);
  CHECK(info.written > 3 && info.bytes < 1000);
  CHECK_EQUAL(info.written + info.missed, 50);
  setrlimit(RLIMIT_FSIZE, &before);
  CHECK(rs_savefile_close(file, NULL) == 0);
  CHECK_EQUAL(blocks_of(got, slurp(got, sizeof got), blocks, 64), 1 + 1 + info.written);
  rs_live_store_close(&store);
}

static void a_pcap_file_takes_no_packets_of_another_link_type(void) {
  rs_live_store store;
  rs_savefile *file;
  rs_error error;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  put(&store, 1, 100, 100);
  number_all(&store);
  rs_savefile_options options = pcap;
  options.link_type = 101;
  CHECK(create(&file, options) == 0);
  CHECK(rs_savefile_follow(file, &store.base, UINT64_MAX, 1, &error) == -EPROTONOSUPPORT);
  CHECK(strstr(error.text, "pcapng"));
  CHECK_EQUAL(state(file).missed, 1);
  rs_savefile_discard(file);
  rs_live_store_close(&store);
}

static void a_path_that_cannot_be_written_is_named(void) {
  rs_savefile *file;
  rs_error error;
  CHECK(rs_savefile_create("/nonexistent/x.pcap", &pcap, &file, &error) == -ENOENT);
  CHECK(strstr(error.text, "/nonexistent/x.pcap"));
  CHECK(file == NULL);
}

int main(void) {
  make_path();
  RUN(a_file_holds_every_packet_once);
  RUN(a_full_disk_leaves_whole_packets);
  RUN(a_pcapng_file_tells_of_interfaces_epochs_and_losses);
  RUN(a_file_that_is_full_ends_before_a_packet_and_the_next_one_begins_with_it);
  RUN(a_pcapng_file_on_a_full_disk_ends_with_a_whole_block);
  RUN(a_pcap_file_takes_no_packets_of_another_link_type);
  RUN(no_packet_is_longer_than_readers_of_the_format_take);
  RUN(a_path_that_cannot_be_written_is_named);
  unlink(path);
  return 0;
}
