/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A capture file of any bytes: opened, read through, and asked for everything. libFuzzer's entry; test_corpus.c runs it over the
 * files in corpus/, and over mutations of them.
 *
 *     CC=clang cmake -S csrc -B build-fuzz -DRINGSCOPE_FUZZ=ON && cmake --build build-fuzz --target fuzz_file
 *     mkdir found && build-fuzz/fuzz_file -max_total_time=60 found tests/native/corpus
 */
#include "files.h"
#include "headers_block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a walk shows of a packet is what reading it says. */
static void walk_over(const rs_store *store, uint64_t head) {
  static uint8_t bytes[RS_READ_MAX];
  rs_walk walk;
  rs_sight seen[16];
  uint64_t next = 1;
  CHECK(rs_walk_open(&walk, store, 96, NULL) == 0);
  for (uint32_t got; (got = rs_walk_next(&walk, next, UINT64_MAX, seen, 16)); next += got)
    for (uint32_t i = 0; i < got; i++) {
      rs_packet packet;
      CHECK_EQUAL(rs_store_read(store, next + i, 1, RS_READ_MAX, &packet, bytes, sizeof bytes), 1);
      CHECK(packet.number == next + i && seen[i].number == next + i);
      CHECK(seen[i].frame.captured <= packet.captured && seen[i].link_type == packet.link_type);
      const uint32_t common = seen[i].frame.captured < packet.copied ? seen[i].frame.captured : packet.copied;
      CHECK(memcmp(seen[i].frame.bytes, bytes, common) == 0);
    }
  CHECK_EQUAL(next, head + 1); /* nothing is lost on the way: what was found can be read */
  rs_walk_close(&walk);
}

/* What the headers of packets show of them is what a walk shows. */
static void pack(const rs_store *store) {
  static rs_headers_maker maker;
  static uint8_t room[RS_HEADERS_GROUP * RS_HEADERS_SHOWN];
  static rs_sight seen[RS_HEADERS_GROUP], packed[RS_HEADERS_GROUP];
  rs_walk walk;
  uint64_t next = 1;
  CHECK(rs_walk_open(&walk, store, RS_READ_MAX, NULL) == 0);
  rs_headers_begin(&maker);
  for (uint32_t got; next <= RS_HEADERS_PACKETS && (got = rs_walk_next(&walk, next, RS_HEADERS_PACKETS, seen, RS_HEADERS_GROUP)); next += got)
    for (uint32_t i = 0; i < got; i++) rs_headers_add(&maker, &seen[i]);
  rs_headers_block *block = malloc(rs_headers_size(&maker));
  CHECK(block);
  rs_headers_finish(&maker, block);
  for (uint32_t place = 0, got; place + 1 < next; place += got ? got : 1) {
    const uint32_t left = (uint32_t)next - 1 - place;
    got = rs_headers_show(block, place, place + 1, packed, left < RS_HEADERS_GROUP ? left : RS_HEADERS_GROUP, room);
    for (uint32_t i = 0; i < got; i++) {
      const rs_sight *short_one = &packed[i];
      CHECK(rs_walk_next(&walk, place + i + 1, place + i + 1, seen, 1) == 1);
      CHECK(short_one->link_type == seen->link_type && short_one->frame.length == seen->frame.length);
      CHECK(short_one->frame.captured <= seen->frame.captured);
      CHECK(short_one->partial == (short_one->frame.captured < seen->frame.captured));
      CHECK(memcmp(short_one->frame.bytes, seen->frame.bytes, short_one->frame.captured) == 0);
    }
  }
  free(block);
  rs_walk_close(&walk);
}

static void read_all(const rs_store *store, uint64_t head) {
  static uint8_t bytes[256 * 64];
  static rs_packet packets[256];
  for (uint64_t next = 1; next <= head; next += 256) {
    const uint32_t wanted = head - next < 256 ? (uint32_t)(head - next + 1) : 256;
    CHECK_EQUAL(rs_store_read(store, next, wanted, 64, packets, bytes, sizeof bytes), wanted);
    for (uint32_t i = 0; i < wanted; i++) CHECK(packets[i].offset + (size_t)packets[i].copied <= sizeof bytes);
  }
}

static void ask_for_the_rest(const rs_file *file, const rs_file_info *info) {
  static char text[512];
  static rs_file_interface interfaces[8];
  static rs_file_name names[8];
  rs_file_block blocks[8];
  uint32_t types[8];
  const uint32_t got = rs_file_interfaces(file, 0, interfaces, 8);
  CHECK(got == (info->interfaces < 8 ? info->interfaces : 8));
  rs_file_names(file, 0, names, 8);
  rs_file_link_types(file, types, 8);
  for (uint32_t i = 0; i < rs_file_blocks(file, 0, blocks, 8); i++)
    CHECK(rs_file_bytes(file, blocks[i].offset, (uint8_t *)text, 16) == (blocks[i].length < 16 ? blocks[i].length : 16));
  for (uint64_t n = 0; n <= info->packets && n < 64; n++) CHECK(rs_file_comment(file, n, text, sizeof text) < sizeof text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  rs_file *file = read_bytes(data, size, 16U << size % 12); /* small windows: records lie across their ends */
  const rs_file_info info = info_of(file);
  CHECK(info.state == RS_FILE_DONE || info.state == RS_FILE_FAILED);
  CHECK((info.state == RS_FILE_FAILED) == (info.fault[0] != 0));
  CHECK(info.compression[0] || (info.offset <= size && info.fault_offset <= size));
  CHECK(info.packets == rs_store_head(rs_file_store(file)) && rs_store_tail(rs_file_store(file)) == 1);
  walk_over(rs_file_store(file), info.packets);
  pack(rs_file_store(file));
  read_all(rs_file_store(file), info.packets);
  ask_for_the_rest(file, &info);
  const rs_file_info again = info_of(file);
  CHECK(again.state == info.state); /* ... and no packet was found to be lost */
  rs_file_close(file);
  return 0;
}
