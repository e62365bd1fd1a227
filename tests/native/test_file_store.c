/* SPDX-License-Identifier: Apache-2.0 */
/* The packets of a file as a store: read one by one and together, walked through, and gone when the file is cut. */
#include "files.h"

static maker made;
static uint8_t bytes[2 << 20];

enum { PACKETS = 1000 };

static uint32_t size_of(uint32_t i) { return i * 37 % 1200; }

/* The same packets as pcap, and as pcapng with other blocks between them. */
static void make(bool pcapng) {
  made.size = made.swapped = 0;
  if (pcapng) {
    section(&made);
    interface(&made, 1, 0);
  } else {
    pcap_header(&made, 0xa1b23c4d, 2, 4, 0, 1);
  }
  for (uint32_t i = 0; i < PACKETS; i++) {
    if (!pcapng) {
      pcap_record(&made, 0, 1000 * i, size_of(i), 1500);
      put_frame(&made, size_of(i), i);
      continue;
    }
    if (i % 100 == 3) {
      begin_block(&made, 0x7777);
      put_frame(&made, i, i);
      end_block(&made);
    }
    packet(&made, 0, i, size_of(i), 1500, i);
  }
}

static void check(const rs_packet *packet, uint64_t number, uint32_t limit, const uint8_t *from) {
  const uint32_t i = (uint32_t)number - 1, size = size_of(i);
  CHECK_EQUAL(packet->number, number);
  CHECK_EQUAL(packet->time_ns, 1000 * i);
  CHECK_EQUAL(packet->captured, size);
  CHECK_EQUAL(packet->copied, size < limit ? size : limit);
  CHECK(is_frame(from + packet->offset, packet->copied, i));
}

static void packets_are_the_same_however_they_are_read(void) {
  static rs_packet found[PACKETS];
  const uint32_t limits[] = {0, 1, 11, 12, 16, 17, 64, 1500, RS_READ_MAX, UINT32_MAX};
  for (int pcapng = 0; pcapng < 2; pcapng++) {
    make(pcapng);
    rs_file *file = read_made(&made);
    expect_packets(file, PACKETS);
    for (size_t l = 0; l < sizeof limits / sizeof *limits; l++) {
      const uint32_t limit = limits[l];
      for (uint64_t n = 1; n <= PACKETS; n += 7) {
        CHECK_EQUAL(rs_store_read(rs_file_store(file), n, 1, limit, found, bytes, sizeof bytes), 1);
        check(found, n, limit, bytes);
      }
      /* Room for the packets alone, then for the headers between them, too. */
      const size_t rooms[] = {(size_t)PACKETS * limit, sizeof bytes};
      for (int r = 0; r < 2; r++) {
        if (rooms[r] > sizeof bytes || limit > 1500) continue;
        CHECK_EQUAL(rs_store_read(rs_file_store(file), 1, PACKETS, limit, found, bytes, rooms[r]), PACKETS);
        for (uint64_t n = 1; n <= PACKETS; n++) check(&found[n - 1], n, limit, bytes);
      }
    }
    rs_file_close(file);
  }
}

static void reading_many_stops_before_the_buffer_is_full(void) {
  static rs_packet found[PACKETS];
  make(false);
  rs_file *file = read_made(&made);
  const uint32_t got = rs_store_read(rs_file_store(file), 1, PACKETS, 1500, found, bytes, 10000);
  CHECK(got > 6 && got < PACKETS);
  for (uint64_t n = 1; n <= got; n++) check(&found[n - 1], n, 1500, bytes);
  CHECK(found[got - 1].offset + found[got - 1].copied <= 10000);
  rs_file_close(file);
}

static void nothing_is_read_beyond_the_first_and_the_last(void) {
  rs_packet found[4];
  make(true);
  rs_file *file = read_made(&made);
  const rs_store *store = rs_file_store(file);
  CHECK_EQUAL(rs_store_tail(store), 1);
  CHECK_EQUAL(rs_store_head(store), PACKETS);
  CHECK_EQUAL(rs_store_read(store, PACKETS + 1, 4, 10, found, bytes, sizeof bytes), 0);
  CHECK_EQUAL(rs_store_read(store, PACKETS, 4, 10, found, bytes, sizeof bytes), 1);
  CHECK_EQUAL(rs_store_read(store, 0, 3, 10, found, bytes, sizeof bytes), 2);
  CHECK_EQUAL(found[0].number, 1);
  rs_file_close(file);
}

static void a_walk_shows_every_packet_once_and_whole(void) {
  const uint32_t limits[] = {1, 64, 262144};
  for (int pcapng = 0; pcapng < 2; pcapng++)
    for (int l = 0; l < 3; l++) {
      make(pcapng);
      rs_file *file = read_made(&made);
      rs_walk walk;
      rs_sight seen[37];
      uint64_t next = 1;
      CHECK(rs_walk_open(&walk, rs_file_store(file), limits[l], NULL) == 0);
      for (uint32_t got; (got = rs_walk_next(&walk, next, UINT64_MAX, seen, 37)); next += got)
        for (uint32_t i = 0; i < got; i++) {
          const uint32_t n = (uint32_t)next + i - 1, size = size_of(n);
          CHECK_EQUAL(seen[i].number, n + 1);
          CHECK_EQUAL(seen[i].link_type, 1);
          CHECK_EQUAL(seen[i].frame.length, 1500);
          CHECK(seen[i].frame.captured == size || (seen[i].frame.captured >= limits[l] && seen[i].frame.captured < size));
          CHECK_EQUAL(seen[i].frame.known, 0); /* a file tells nothing but the bytes */
          CHECK(is_frame(seen[i].frame.bytes, seen[i].frame.captured, n));
        }
      CHECK_EQUAL(next, PACKETS + 1);
      /* and back, and in the middle */
      CHECK_EQUAL(rs_walk_next(&walk, 500, 502, seen, 37), 3);
      CHECK(seen[0].number == 500 && is_frame(seen[0].frame.bytes, seen[0].frame.captured, 499));
      CHECK_EQUAL(rs_walk_next(&walk, 3, 3, seen, 37), 1);
      CHECK(seen[0].number == 3 && is_frame(seen[0].frame.bytes, seen[0].frame.captured, 2));
      CHECK_EQUAL(rs_walk_next(&walk, PACKETS + 1, UINT64_MAX, seen, 37), 0);
      rs_walk_close(&walk);
      rs_file_close(file);
    }
}

static void the_longest_packet_is_walked_over_whole(void) {
  made.size = made.swapped = 0;
  pcap_header(&made, 0xa1b2c3d4, 2, 4, 0, 1);
  enum { LONGEST = 20 }; /* more than a walk reads at once */
  for (uint32_t i = 0; i < LONGEST; i++) {
    pcap_record(&made, 0, i, RS_SNAPLEN_MAX, RS_SNAPLEN_MAX);
    put_frame(&made, RS_SNAPLEN_MAX, i);
  }
  rs_file *file = read_made(&made);
  expect_packets(file, LONGEST);
  rs_walk walk;
  rs_sight seen[LONGEST];
  uint32_t done = 0, steps = 0;
  CHECK(rs_walk_open(&walk, rs_file_store(file), RS_READ_MAX, NULL) == 0);
  for (uint32_t got; (got = rs_walk_next(&walk, done + 1, LONGEST, seen, LONGEST)); steps++)
    for (uint32_t i = 0; i < got; i++, done++) {
      CHECK(seen[i].number == done + 1 && seen[i].frame.captured == RS_SNAPLEN_MAX);
      CHECK(is_frame(seen[i].frame.bytes, RS_SNAPLEN_MAX, done));
    }
  CHECK(done == LONGEST && steps > 1);
  rs_walk_close(&walk);
  rs_file_close(file);
}

static void a_length_shorter_than_what_was_captured_is_kept_as_it_is_also_for_filters(void) {
  made.size = made.swapped = 0;
  pcap_header(&made, 0xa1b2c3d4, 2, 4, 0, 1);
  pcap_record(&made, 0, 0, 20, 10);
  put_frame(&made, 20, 0);
  rs_file *file = read_made(&made);
  rs_walk walk;
  rs_sight seen;
  CHECK(packet_of(file, 1, bytes, 100).length == 10);
  CHECK(rs_walk_open(&walk, rs_file_store(file), 64, NULL) == 0);
  CHECK_EQUAL(rs_walk_next(&walk, 1, 1, &seen, 1), 1);
  CHECK(seen.frame.captured == 20 && seen.frame.length == 10);
  rs_walk_close(&walk);
  rs_file_close(file);
}

static void a_file_that_shrinks_while_it_is_open_shows_what_is_left_and_says_so(void) {
  rs_packet found[PACKETS];
  rs_sight seen[PACKETS];
  rs_walk walk;
  for (int how = 0; how < 2; how++) {
    make(how);
    const int fd = in_memory(made.bytes, made.size);
    const rs_file_options options = {.store_bytes = RS_STORE_MIN};
    rs_file *file;
    CHECK(rs_file_open("test.pcap", fd, &options, &file, NULL) == 0);
    while (info_of(file).state == RS_FILE_READING) usleep(1000);
    expect_packets(file, PACKETS);
    const uint64_t last = 600, cut = rs_file_index_offset(&file->index, last + 1) + 5;
    CHECK(ftruncate(fd, (off_t)cut) == 0);
    CHECK_EQUAL(rs_store_read(rs_file_store(file), 1, PACKETS, 64, found, bytes, PACKETS * 64), last);
    CHECK_EQUAL(rs_store_read(rs_file_store(file), 1, PACKETS, 2000, found, bytes, sizeof bytes), last);
    check(&found[last - 1], last, 2000, bytes);
    CHECK_EQUAL(rs_store_read(rs_file_store(file), last + 2, 1, 2000, found, bytes, sizeof bytes), 0);
    uint64_t next = 1;
    CHECK(rs_walk_open(&walk, rs_file_store(file), 64, NULL) == 0);
    for (uint32_t got; (got = rs_walk_next(&walk, next, PACKETS, seen, PACKETS)); next = seen[got - 1].number + 1)
      CHECK(seen[got - 1].number <= last);
    CHECK_EQUAL(next, last + 1);
    rs_walk_close(&walk);
    const rs_file_info info = info_of(file);
    CHECK_EQUAL(info.state, RS_FILE_FAILED);
    CHECK(info.fault_offset >= rs_file_index_offset(&file->index, last + 1) && strstr(info.fault, "cannot be read any more"));
    rs_file_close(file);
    close(fd);
  }
}

static void a_file_that_is_written_over_shows_no_packet_that_is_none(void) {
  rs_packet found[PACKETS];
  for (int pcapng = 0; pcapng < 2; pcapng++) {
    make(pcapng);
    const int fd = in_memory(made.bytes, made.size);
    const rs_file_options options = {.store_bytes = RS_STORE_MIN};
    rs_file *file;
    CHECK(rs_file_open("test.pcap", fd, &options, &file, NULL) == 0);
    while (info_of(file).state == RS_FILE_READING) usleep(1000);
    memset(made.bytes, 0xff, made.size);
    CHECK(pwrite(fd, made.bytes, made.size, 0) == (ssize_t)made.size);
    CHECK_EQUAL(rs_store_read(rs_file_store(file), 1, PACKETS, 64, found, bytes, PACKETS * 64), 0);
    CHECK_EQUAL(rs_store_read(rs_file_store(file), 1, PACKETS, 64, found, bytes, sizeof bytes), 0);
    CHECK_EQUAL(info_of(file).state, RS_FILE_FAILED);
    char text[16];
    CHECK_EQUAL(rs_file_comment(file, 5, text, sizeof text), 0);
    rs_file_close(file);
    close(fd);
  }
}

int main(void) {
  RUN(packets_are_the_same_however_they_are_read);
  RUN(reading_many_stops_before_the_buffer_is_full);
  RUN(nothing_is_read_beyond_the_first_and_the_last);
  RUN(a_walk_shows_every_packet_once_and_whole);
  RUN(the_longest_packet_is_walked_over_whole);
  RUN(a_length_shorter_than_what_was_captured_is_kept_as_it_is_also_for_filters);
  RUN(a_file_that_shrinks_while_it_is_open_shows_what_is_left_and_says_so);
  RUN(a_file_that_is_written_over_shows_no_packet_that_is_none);
  return 0;
}
