/* SPDX-License-Identifier: Apache-2.0 */
/* Packets by number: given once, in order, read in O(1), gone when evicted. */
#include "live_store.h"

#include "check.h"
#include "stores.h"

static void put(rs_live_store *store, uint32_t arena, uint64_t time, uint32_t captured, uint16_t epoch) {
  uint8_t bytes[2048];
  for (uint32_t i = 0; i < captured; i++) bytes[i] = (uint8_t)(time + i);
  const rs_record record = {.time_ns = time, .length = captured, .captured = captured, .epoch = epoch};
  append(&store->arenas[arena], &record, bytes);
}

static rs_packet get(const rs_live_store *store, uint64_t number, uint8_t *bytes) {
  rs_packet packet;
  CHECK_EQUAL(rs_store_read(&store->base, number, 1, 2048, &packet, bytes, 2048), 1);
  return packet;
}

static void packets_are_numbered_from_one_without_holes(void) {
  rs_live_store store;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  CHECK_EQUAL(rs_store_head(&store.base), 0);
  CHECK_EQUAL(rs_store_tail(&store.base), 1);
  for (uint64_t n = 1; n <= 50; n++) put(&store, 0, n * 10, 60 + (uint32_t)n, 1);
  CHECK_EQUAL(number_all(&store), 50);
  CHECK_EQUAL(number_all(&store), 0);
  uint8_t bytes[2048];
  for (uint64_t n = 1; n <= 50; n++) {
    rs_packet packet = get(&store, n, bytes);
    CHECK_EQUAL(packet.number, n);
    CHECK_EQUAL(packet.time_ns, n * 10);
    CHECK_EQUAL(packet.captured, 60 + n);
    CHECK_EQUAL(packet.copied, 60 + n);
    CHECK_EQUAL(bytes[5], (uint8_t)(n * 10 + 5));
  }
  rs_packet packet;
  CHECK_EQUAL(rs_store_read(&store.base, 51, 1, 2048, &packet, bytes, 2048), 0);
  CHECK_EQUAL(rs_store_read(&store.base, 0, 1, 2048, &packet, bytes, 2048), 0);
  rs_live_store_close(&store);
}

static void two_queues_are_merged_by_time(void) {
  rs_live_store store;
  CHECK(rs_live_store_open(&store, 2, 2 * RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  for (uint64_t n = 0; n < 20; n++) put(&store, n % 2, 100 + n, 64, 1);
  CHECK_EQUAL(number_all(&store), 20);
  uint8_t bytes[2048];
  for (uint64_t n = 1; n <= 20; n++) {
    rs_packet packet = get(&store, n, bytes);
    CHECK_EQUAL(packet.time_ns, 99 + n);
    CHECK_EQUAL(packet.queue, (n - 1) % 2);
  }
  rs_live_store_close(&store);
}

static void old_packets_go_and_the_tail_says_so(void) {
  rs_live_store store;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  uint8_t bytes[2048];
  rs_packet packet;
  for (uint64_t n = 1; n <= 30000; n++) {
    put(&store, 0, n, 100, 1);
    if (n % 10 == 0) number_all(&store);
  }
  uint64_t tail = rs_store_tail(&store.base), head = rs_store_head(&store.base);
  CHECK_EQUAL(head, 30000);
  CHECK(head - tail + 1 > 6500 && head - tail + 1 < 8000); /* 136 bytes each in 1 MiB */
  CHECK_EQUAL(rs_store_read(&store.base, tail - 1, 1, 2048, &packet, bytes, 2048), 0);
  for (uint64_t n = tail; n <= head; n += 97) CHECK_EQUAL(get(&store, n, bytes).time_ns, n);
  rs_live_store_close(&store);
}

static void the_index_goes_round_and_gives_its_memory_back(void) {
  rs_live_store store;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  uint8_t bytes[2048];
  uint64_t laps = store.capacity * 5 / 2;
  for (uint64_t n = 1; n <= laps; n++) {
    put(&store, 0, n, 0, 1);
    if (n % 64 == 0) number_all(&store);
  }
  number_all(&store);
  CHECK_EQUAL(rs_store_head(&store.base), laps);
  for (uint64_t n = rs_store_tail(&store.base); n <= laps; n += 101) CHECK_EQUAL(get(&store, n, bytes).time_ns, n);
  rs_live_store_close(&store);
}

static void a_vlan_tag_is_put_back_where_it_was(void) {
  rs_live_store store;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  uint8_t frame[60], bytes[2048];
  for (int i = 0; i < 60; i++) frame[i] = (uint8_t)i;
  rs_record record = {.length = 60, .captured = 60, .vlan_tpid = 0x88a8, .vlan_tci = 0x2064};
  append(&store.arenas[0], &record, frame);
  record.vlan_tpid = 0x8100;
  record.vlan_tci = 0; /* VID 0 is a tag too */
  append(&store.arenas[0], &record, frame);
  number_all(&store);
  rs_packet packet = get(&store, 1, bytes);
  CHECK_EQUAL(packet.length, 64);
  CHECK_EQUAL(packet.captured, 64);
  CHECK(packet.flags & RS_VLAN_REBUILT);
  CHECK(memcmp(bytes, frame, 12) == 0);
  CHECK(memcmp(bytes + 12, "\x88\xa8\x20\x64", 4) == 0);
  CHECK(memcmp(bytes + 16, frame + 12, 48) == 0);
  CHECK(memcmp((get(&store, 2, bytes), bytes) + 12, "\x81\x00\x00\x00", 4) == 0);
  /* and a short look at it is the beginning of the whole */
  uint8_t whole[2048], few[32];
  get(&store, 1, whole);
  for (uint32_t limit = 0; limit <= 32; limit++) {
    rs_packet part;
    CHECK_EQUAL(rs_store_read(&store.base, 1, 1, limit, &part, few, sizeof few), 1);
    CHECK_EQUAL(part.captured, 64);
    CHECK(part.copied <= limit);
    CHECK_EQUAL(part.copied, limit);
    CHECK(memcmp(few, whole, part.copied) == 0);
  }
  rs_live_store_close(&store);
}

static void a_tag_counts_in_the_length_even_where_too_little_was_kept_to_put_it_back(void) {
  rs_live_store store;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  uint8_t frame[60] = {0}, bytes[2048];
  for (uint32_t captured = 0; captured < 12; captured++) {
    const rs_record record = {.length = 60, .captured = captured, .vlan_tpid = 0x8100};
    append(&store.arenas[0], &record, frame);
  }
  number_all(&store);
  for (uint32_t captured = 0; captured < 12; captured++) {
    rs_packet packet = get(&store, captured + 1, bytes);
    CHECK_EQUAL(packet.length, 64);
    CHECK_EQUAL(packet.captured, captured);
    CHECK(!(packet.flags & RS_VLAN_REBUILT));
  }
  rs_live_store_close(&store);
}

static void reading_many_stops_before_the_buffer_is_full(void) {
  rs_live_store store;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  for (uint64_t n = 1; n <= 10; n++) put(&store, 0, n, 100, 1);
  number_all(&store);
  rs_packet packets[10];
  uint8_t bytes[450];
  uint32_t count = rs_store_read(&store.base, 1, 10, 100, packets, bytes, sizeof bytes);
  CHECK_EQUAL(count, 4);
  for (uint32_t i = 0; i < count; i++) CHECK_EQUAL(bytes[packets[i].offset], (uint8_t)(i + 1));
  rs_live_store_close(&store);
}

static void a_walk_shows_packets_as_their_filter_saw_them(void) {
  rs_live_store store;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  uint8_t frame[60];
  for (int i = 0; i < 60; i++) frame[i] = (uint8_t)i;
  const rs_record record = {.length = 80, .captured = 60, .protocol = 0x800, .ifindex = 7, .packet_type = 4,
                            .hatype = 1, .vlan_tpid = 0x8100, .vlan_tci = 5};
  append(&store.arenas[0], &record, frame);
  put(&store, 0, 2, 10, 1);
  number_all(&store);
  rs_walk walk;
  rs_sight seen[4];
  CHECK(rs_walk_open(&walk, &store.base, 40, NULL) == 0);
  CHECK_EQUAL(rs_walk_next(&walk, 1, UINT64_MAX, seen, 4), 2);
  CHECK_EQUAL(seen[0].number, 1);
  CHECK_EQUAL(seen[0].link_type, RS_LINKTYPE_ETHERNET);
  CHECK_EQUAL(seen[0].frame.length, 80);
  CHECK(seen[0].frame.captured >= 40 && seen[0].frame.captured <= 60);
  CHECK(memcmp(seen[0].frame.bytes, frame, seen[0].frame.captured) == 0); /* the tag is not among them */
  CHECK(seen[0].frame.vlan_present && seen[0].frame.vlan_tci == 5 && seen[0].frame.vlan_tpid == 0x8100);
  CHECK_EQUAL(seen[0].frame.ifindex, 7);
  CHECK_EQUAL(seen[0].frame.packet_type, 4);
  CHECK_EQUAL(seen[0].frame.protocol, 0x800);
  CHECK_EQUAL(seen[1].frame.captured, 10);
  CHECK(!seen[1].frame.vlan_present);
  CHECK_EQUAL(rs_walk_next(&walk, 2, 2, seen, 4), 1);
  CHECK_EQUAL(rs_walk_next(&walk, 3, UINT64_MAX, seen, 4), 0);
  rs_walk_close(&walk);
  rs_live_store_close(&store);
}

static void a_walk_passes_over_what_was_evicted(void) {
  rs_live_store store;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  for (uint64_t n = 1; n <= 20000; n++) {
    put(&store, 0, n, 100, 1);
    number_all(&store);
  }
  rs_walk walk;
  rs_sight seen[64];
  uint64_t next = 1, sum = 0;
  CHECK(rs_walk_open(&walk, &store.base, 100, NULL) == 0);
  for (uint32_t got; (got = rs_walk_next(&walk, next, UINT64_MAX, seen, 64)); next = seen[got - 1].number + 1) sum += got;
  CHECK_EQUAL(next, 20001);
  CHECK_EQUAL(sum, 20000 - rs_store_tail(&store.base) + 1);
  rs_walk_close(&walk);
  rs_live_store_close(&store);
}

static void a_packet_is_found_by_its_time(void) {
  rs_live_store store;
  CHECK(rs_live_store_open(&store, 1, RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  CHECK_EQUAL(rs_store_find_time(&store.base, 0), 1); /* none yet: the next will be */
  for (uint64_t n = 1; n <= 20000; n++) {
    put(&store, 0, n / 4 * 100, 100, 1);
    number_all(&store);
  }
  uint64_t tail = rs_store_tail(&store.base);
  CHECK(tail > 4 && tail % 4 != 0);
  CHECK_EQUAL(rs_store_find_time(&store.base, 0), tail);
  CHECK_EQUAL(rs_store_find_time(&store.base, tail / 4 * 100), tail);
  for (uint64_t n = tail / 4 * 4 + 4; n < 20000; n += 44) {
    CHECK_EQUAL(rs_store_find_time(&store.base, n / 4 * 100), n); /* the first of four */
    CHECK_EQUAL(rs_store_find_time(&store.base, n / 4 * 100 - 1), n);
  }
  CHECK_EQUAL(rs_store_find_time(&store.base, 20000 / 4 * 100 + 1), 20001);
  rs_live_store_close(&store);
}

/* The idle queue's packet is the tail; what the other queue let go lies behind it. */
static void a_time_that_was_evicted_leads_to_the_next_packet_that_is_kept(void) {
  enum { MANY = 20000 };
  rs_live_store store;
  CHECK(rs_live_store_open(&store, 2, 2 * RS_STORE_MIN, RS_LINKTYPE_ETHERNET, NULL) == 0);
  for (uint64_t n = 1; n <= MANY; n++) {
    put(&store, n > 1, n, 100, 1);
    number_all(&store);
  }
  uint64_t kept = store.arenas[1].evicted + 2;
  CHECK_EQUAL(rs_store_tail(&store.base), 1);
  CHECK_EQUAL(rs_store_find_time(&store.base, 1), 1);
  for (uint64_t n = 2; n <= kept; n += 97) CHECK_EQUAL(rs_store_find_time(&store.base, n), kept);
  CHECK_EQUAL(rs_store_find_time(&store.base, kept + 5), kept + 5);
  CHECK_EQUAL(rs_store_find_time(&store.base, MANY + 1), MANY + 1);
  rs_live_store_close(&store);
}

int main(void) {
  RUN(packets_are_numbered_from_one_without_holes);
  RUN(two_queues_are_merged_by_time);
  RUN(old_packets_go_and_the_tail_says_so);
  RUN(the_index_goes_round_and_gives_its_memory_back);
  RUN(a_vlan_tag_is_put_back_where_it_was);
  RUN(a_tag_counts_in_the_length_even_where_too_little_was_kept_to_put_it_back);
  RUN(reading_many_stops_before_the_buffer_is_full);
  RUN(a_walk_shows_packets_as_their_filter_saw_them);
  RUN(a_packet_is_found_by_its_time);
  RUN(a_time_that_was_evicted_leads_to_the_next_packet_that_is_kept);
  RUN(a_walk_passes_over_what_was_evicted);
  return 0;
}
