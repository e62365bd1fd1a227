/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of a file in memory: within their budget, gathered by views, and what a view says by them is what it says by the file. */
#include "headers.h"

#include "bpf_check.h"
#include "bpf_code.h"
#include "files.h"
#include "random_frames.h"

enum { PACKETS = RS_HEADERS_PACKETS };

static random_source source;
static rs_headers_maker making;

/* -- budget ----------------------------------------------------------------------------------------------------------- */

static void make_of(uint32_t type, uint8_t first, uint32_t protocol_at) {
  const frame one = ethernet(0, type, first, protocol_at, 6, 100);
  const rs_sight sight = sight_of(&one);
  rs_headers_begin(&making);
  for (uint32_t i = 0; i < PACKETS; i++) rs_headers_add(&making, &sight);
}

/* How many of so many blocks are kept. */
static uint32_t keep_blocks(uint64_t limit, uint32_t blocks) {
  rs_headers *headers = rs_headers_open(limit);
  const uint64_t head = (uint64_t)blocks * PACKETS;
  uint32_t kept = 0, made_so_far = 0, place;
  CHECK_EQUAL(rs_headers_claim(headers, head), 0); /* the file is still being read */
  rs_headers_begin_making(headers);
  for (uint64_t first; (first = rs_headers_claim(headers, head)); made_so_far++) rs_headers_keep(headers, first, head, &making);
  for (uint32_t i = 0; i < blocks; i++) kept += rs_headers_of(headers, (uint64_t)i * PACKETS + 1, &place) != NULL;
  const uint64_t bytes = atomic_load(&headers->bytes);
  CHECK(bytes <= limit && bytes <= head * RS_HEADERS_EACH && bytes >= (uint64_t)kept * rs_headers_size(&making));
  CHECK(!rs_headers_of(headers, head + 1, &place));
  CHECK(made_so_far <= kept + 1); /* without room none is made in vain, but the one that finds out */
  rs_headers_close(headers);
  return kept;
}

static void the_budget_is_kept(void) {
  make_of(0x0800, 0x45, 9);
  CHECK_EQUAL(keep_blocks(UINT64_MAX, 20), 20); /* 35 bytes a packet, and so is this */
  CHECK_EQUAL(keep_blocks(0, 20), 0);
  CHECK_EQUAL(keep_blocks(3 * RS_HEADERS_EACH * (uint64_t)PACKETS, 20), 3);
  make_of(0x86dd, 0x60, 6); /* more than the average */
  const uint32_t kept = keep_blocks(UINT64_MAX, 20);
  CHECK(kept > 10 && kept < 20);
}

static void each_block_is_given_to_one_maker_and_again_if_he_leaves_it(void) {
  rs_headers *headers = rs_headers_open(UINT64_MAX);
  uint32_t place;
  make_of(0x0806, 0, 0);
  rs_headers_begin_making(headers);
  const uint64_t head = 3 * PACKETS + 5;
  CHECK_EQUAL(rs_headers_claim(headers, PACKETS - 1), 0);
  CHECK_EQUAL(rs_headers_claim(headers, head), 1);
  CHECK_EQUAL(rs_headers_claim(headers, head), PACKETS + 1);
  CHECK_EQUAL(rs_headers_claim(headers, head), 2 * PACKETS + 1);
  CHECK_EQUAL(rs_headers_claim(headers, head), 0);
  rs_headers_keep(headers, PACKETS + 1, head, &making);
  rs_headers_leave(headers, 1);
  rs_headers_refuse(headers, 2 * PACKETS + 1);
  CHECK_EQUAL(rs_headers_claim(headers, head), 1);
  CHECK_EQUAL(rs_headers_claim(headers, head), 0);
  CHECK(!rs_headers_of(headers, PACKETS, &place) && !rs_headers_of(headers, 3 * PACKETS, &place));
  CHECK(rs_headers_of(headers, 2 * PACKETS, &place) && place == PACKETS - 1);
  rs_headers_close(headers);
}

/* -- over files ------------------------------------------------------------------------------------------------------- */

static maker made;
static frame packets[PACKETS + PACKETS / 2]; /* more than those of a block, so that its headers are within the average */

static const uint16_t LINKS[] = {1, 113, 276, 101, 105}; /* of the interfaces of a pcapng file */

static uint32_t interface_of(const frame *one) {
  uint32_t id = 0;
  while (id < COUNT(LINKS) && LINKS[id] != one->link_type) id++;
  return id;
}

/* A block of packets, and some more: of one link type, or as many as there are interfaces. */
static void make_file(bool pcapng, bool swapped) {
  made.size = 0;
  made.swapped = swapped;
  if (!pcapng) pcap_header(&made, 0xa1b23c4d, 2, 4, 150, 1);
  if (pcapng) section(&made);
  for (uint32_t id = 0; pcapng && id < COUNT(LINKS); id++) interface(&made, LINKS[id], 0);
  for (uint32_t i = 0; i < COUNT(packets); i++) {
    frame *one = &packets[i];
    do *one = random_frame(&source);
    while (pcapng ? interface_of(one) == COUNT(LINKS) : one->link_type != 1);
    if (pcapng) begin_block(&made, EPB), put32(&made, interface_of(one)), put64(&made, i), put32(&made, one->captured), put32(&made, one->length);
    else pcap_record(&made, i, 0, one->captured, one->length);
    put(&made, one->bytes, one->captured);
    if (pcapng) end_block(&made);
    if (!pcapng && one->captured > 150) one->captured = 150; /* by the file's snaplen */
  }
}

static void start(rs_view *view, const random_program *program) {
  rs_view_program programs[COUNT(LINKS)];
  for (uint32_t i = 0; i < COUNT(LINKS); i++) programs[i] = (rs_view_program){LINKS[i], RS_MACHINE_LIBPCAP, program->insn, program->length};
  CHECK(rs_view_start(view, programs, COUNT(LINKS), NULL) == 0);
}

static rs_view_info wait_for(rs_view *view, uint64_t head) {
  rs_view_info info;
  WAIT_FOR((rs_view_state(view, &info), info.examined == head));
  CHECK(!info.fault && info.judged == head);
  return info;
}

static void wait_for_block(const rs_file *file, uint64_t number) {
  uint32_t place;
  WAIT_FOR(rs_headers_of(file->store.headers, number, &place));
}

static void check_view(rs_view *view, const random_program *program) {
  rs_bpf_code *code;
  uint64_t unknown = 0;
  start(view, program);
  const rs_view_info info = wait_for(view, COUNT(packets));
  CHECK(!rs_bpf_code_make(program->insn, program->length, RS_MACHINE_LIBPCAP, &code, NULL));
  for (uint32_t i = 0; i < COUNT(packets); i++) {
    const rs_bpf_frame whole = sight_of(&packets[i]).frame;
    const rs_bpf_verdict right = rs_bpf_code_run(code, &whole);
    CHECK_EQUAL(rs_view_has(view, i + 1), right == RS_BPF_MATCH);
    unknown += right == RS_BPF_UNKNOWN;
  }
  CHECK_EQUAL(info.unknown, unknown);
  rs_bpf_code_free(code);
}

static void a_view_is_the_same_by_the_file_and_by_its_headers(void) {
  random_program program;
  for (uint32_t kind = 0; kind < 4; kind++) {
    make_file(kind / 2, kind % 2);
    rs_file *file = read_made(&made);
    expect_packets(file, COUNT(packets));
    rs_view *view;
    CHECK(rs_view_open(rs_file_store(file), 2, 0, &view, NULL) == 0);
    for (uint32_t i = 0; i < 12; i++) {
      do random_make(&source, &program);
      while (rs_bpf_check(program.insn, program.length, NULL));
      check_view(view, &program);
      if (!i) wait_for_block(file, 1);
    }
    rs_view_close(view);
    rs_file_close(file);
  }
}

/* `tcp`, over Ethernet and IPv4. */
static const random_program tcp = {.length = 6,
                                   .insn = {{BPF_LD | BPF_H | BPF_ABS, 0, 0, 12}, {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0x800},
                                            {BPF_LD | BPF_B | BPF_ABS, 0, 0, 23}, {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 6},
                                            {BPF_RET | BPF_K, 0, 0, 1}, {BPF_RET | BPF_K, 0, 0, 0}}};
/* A byte that no headers have. */
static const random_program payload = {.length = 4,
                                       .insn = {{BPF_LD | BPF_B | BPF_ABS, 0, 0, 90}, {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 4},
                                                {BPF_RET | BPF_K, 0, 0, 1}, {BPF_RET | BPF_K, 0, 0, 0}}};

enum { BLOCKS = 3 };

/* Of the same kind all of them, so that the headers of each are kept. */
static int plain_file(rs_file **file) {
  const frame one = ethernet(0, 0x0800, 0x45, 9, 6, 60);
  numbered_header(&made);
  for (uint32_t i = 0; i < BLOCKS * PACKETS; i++) {
    pcap_record(&made, i, 0, one.captured, one.length);
    put(&made, one.bytes, one.captured);
  }
  const int fd = in_memory(made.bytes, made.size);
  *file = open_fd(fd, &PLAIN);
  WAIT_FOR(is_over(*file));
  return fd;
}

static void a_view_by_headers_does_without_the_file(void) {
  rs_file *file;
  rs_view *view;
  const int fd = plain_file(&file);
  CHECK(rs_view_open(rs_file_store(file), 1, 0, &view, NULL) == 0);
  start(view, &tcp);
  for (uint64_t i = 0; i < BLOCKS; i++) wait_for_block(file, i * PACKETS + 1);
  CHECK(ftruncate(fd, 0) == 0);
  start(view, &tcp);
  CHECK_EQUAL(wait_for(view, BLOCKS * PACKETS).matched, BLOCKS * PACKETS);
  CHECK_EQUAL(info_of(file).state, RS_FILE_DONE);
  rs_view_close(view);
  rs_file_close(file);
  close(fd);
}

static void views_that_gather_at_the_same_time_do_not_hinder_each_other(void) {
  enum { VIEWS = 3 };
  rs_file *file;
  rs_view *views[VIEWS];
  const int fd = plain_file(&file);
  for (uint32_t i = 0; i < VIEWS; i++) CHECK(rs_view_open(rs_file_store(file), 2, 0, &views[i], NULL) == 0);
  for (uint32_t round = 0; round < 40; round++) {
    for (uint32_t i = 0; i < VIEWS; i++) start(views[i], (round + i) % 3 ? &tcp : &payload);
    if (round % 4) usleep(1000 * (round % 7)); /* what was begun to be gathered is left, and taken up again */
    else
      for (uint32_t i = 0; i < VIEWS; i++) CHECK_EQUAL(wait_for(views[i], BLOCKS * PACKETS).matched, (round + i) % 3 ? BLOCKS * PACKETS : 0);
  }
  for (uint64_t i = 0; i < BLOCKS; i++) wait_for_block(file, i * PACKETS + 1);
  for (uint32_t i = 0; i < VIEWS; i++) rs_view_close(views[i]);
  rs_file_close(file);
  close(fd);
}

static void a_pipe_whose_packets_go_keeps_no_headers(void) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  rs_file *file = open_fd(ends[0], &PLAIN);
  CHECK(!file->store.headers);
  close(ends[1]);
  rs_file_close(file);
  close(ends[0]);
}

int main(int argc, char **argv) {
  source = random_from(argc, argv);
  RUN(the_budget_is_kept);
  RUN(each_block_is_given_to_one_maker_and_again_if_he_leaves_it);
  RUN(a_view_is_the_same_by_the_file_and_by_its_headers);
  RUN(a_view_by_headers_does_without_the_file);
  RUN(views_that_gather_at_the_same_time_do_not_hinder_each_other);
  RUN(a_pipe_whose_packets_go_keeps_no_headers);
  return 0;
}
