/* SPDX-License-Identifier: Apache-2.0 */
/* What cffi is told of ringscope.h. Structs end in `...;`, so that layout and sizes come from the C compiler. */
typedef struct rs_error { char text[...]; ...; } rs_error;
typedef struct rs_insn { uint16_t code; uint8_t jt, jf; uint32_t k; ...; } rs_insn;
typedef struct rs_config {
  const char *const *interfaces;
  uint32_t interface_count, snaplen, block_size, blocks, block_timeout_ms, promiscuous, direction, queues, fanout, exact_swap;
  const int32_t *cpus;
  uint32_t cpu_count;
  uint64_t store_bytes, ring_limit;
  ...;
} rs_config;
typedef struct rs_counters {
  uint64_t stored, dropped, early_drops, frozen_drops, freezes, delivered, bytes, truncated, snapped, arena_drops, evicted, losing_blocks,
      blocks_full, blocks_timeout, wakeups, spurious_wakeups, resyncs, rollover_all, rollover_huge, rollover_failed, unaccounted, ring_bytes,
      used_bytes, peak_bytes, highest_bytes, oldest_ns, lag_ns, longest_lag_ns;
  uint32_t blocks, block_size, ready_blocks, headroom, frozen, pressed, source;
  int32_t cpu;
  ...;
} rs_counters;
typedef struct rs_source_info {
  char name[...];
  uint32_t state;
  int32_t state_errno;
  uint64_t state_since_ns;
  int32_t ifindex;
  uint32_t reopened, group, first_queue, queues;
  ...;
} rs_source_info;
typedef struct rs_epoch {
  uint32_t epoch, mode, undone, unsettled;
  uint64_t first, clean_from, rechecked, matched, unknown, begun_ns, attached_ns, settled_ns, gap_ns, stored_begun,
      dropped_begun, stored_settled, dropped_settled;
  ...;
} rs_epoch;
typedef struct rs_snapshot {
  uint64_t time_ns, state_since_ns, head, tail, disordered;
  uint32_t epoch, state, source;
  int32_t state_errno;
  uint32_t queues;
  rs_counters total;
  ...;
} rs_snapshot;
typedef struct rs_slice {
  uint64_t first_ns, last_ns, away_ns, begun_ns, done_ns, busy_ns, packets, octets, timeouts;
  ...;
} rs_slice;
typedef struct rs_shape { uint32_t block_size, blocks, block_timeout_ms, fanout; ...; } rs_shape;
typedef struct rs_packet {
  uint64_t number, time_ns;
  uint32_t length, captured, offset, copied;
  int32_t ifindex;
  uint32_t link_type;
  uint16_t epoch, queue, protocol;
  uint8_t packet_type, flags;
  ...;
} rs_packet;
typedef struct rs_loss_info {
  uint64_t number, time_ns, before_ns, room_ns, lost;
  uint32_t known, cause, queue;
  ...;
} rs_loss_info;
typedef struct rs_file_options { uint64_t store_bytes; uint32_t follow; ...; } rs_file_options;
typedef struct rs_file_info {
  uint32_t state, format, pipe, swapped, interfaces, sections, names, blocks;
  char compression[...];
  uint64_t size, read, offset, packets, evicted, bytes, snapped, disordered, first_ns, last_ns, received, dropped, os_dropped, unknown,
      secrets, ignored, fault_offset;
  char fault[...];
  ...;
} rs_file_info;
typedef struct rs_file_interface {
  char name[...], description[...], filter[...];
  uint32_t link_type, snaplen, exponent, binary, has_statistics;
  int64_t offset;
  uint64_t packets, received, dropped, os_dropped;
  ...;
} rs_file_interface;
typedef struct rs_file_name { uint32_t bits; uint8_t address[16]; char name[...]; ...; } rs_file_name;
typedef struct rs_file_block { uint32_t type, length; uint64_t offset, after; ...; } rs_file_block;
typedef struct rs_capture rs_capture;
typedef struct rs_file rs_file;
typedef struct rs_store rs_store;
typedef struct rs_losses rs_losses;
typedef struct rs_savefile rs_savefile;
typedef struct rs_view rs_view;
typedef struct rs_search rs_search;
typedef struct rs_view_program { uint32_t link_type, machine; const rs_insn *insns; uint32_t length; ...; } rs_view_program;
typedef struct rs_view_info {
  uint64_t examined, judged, matched, unknown, low, high;
  uint32_t running;
  int32_t fault;
  ...;
} rs_view_info;

typedef struct rs_savefile_options {
  uint32_t format, link_type, snaplen, names;
  uint64_t first, size_limit;
  const char *hardware, *os, *application, *filter;
  const rs_losses *losses;
  const rs_file *origin;
  ...;
} rs_savefile_options;
typedef struct rs_savefile_interface {
  int32_t ifindex;
  uint32_t link_type, snaplen;
  const char *name, *description, *filter;
  ...;
} rs_savefile_interface;
typedef struct rs_savefile_statistics {
  int32_t ifindex;
  uint64_t start_ns, end_ns, received, dropped, accepted, os_dropped, delivered;
  ...;
} rs_savefile_statistics;
typedef struct rs_savefile_info {
  uint64_t written, missed, bytes, next;
  uint32_t full;
  ...;
} rs_savefile_info;

#define RS_SOURCES_MAX ...
#define RS_QUEUES_MAX ...
#define RS_EPOCHS_KEPT ...
#define RS_SLICES_KEPT ...
#define RS_READ_MAX ...
#define RS_SNAPLEN_MAX ...
#define RS_BLOCK_MIN ...
#define RS_STORE_MIN ...
#define RS_FILE_READING ...
#define RS_FILE_WAITING ...
#define RS_FILE_DONE ...
#define RS_FILE_CANCELLED ...
#define RS_FILE_FAILED ...
#define RS_FILE_UNKNOWN ...
#define RS_FILE_PCAP ...
#define RS_FILE_PCAPNG ...
#define RS_STATE_OPEN ...
#define RS_STATE_RUNNING ...
#define RS_STATE_DOWN ...
#define RS_STATE_GONE ...
#define RS_STATE_ERROR ...
#define RS_STATE_STOPPED ...
#define RS_STATE_NO_CARRIER ...
#define RS_STATE_REOPENING ...
#define RS_MACHINE_KERNEL ...
#define RS_MACHINE_LIBPCAP ...
#define RS_DIRECTION_BOTH ...
#define RS_DIRECTION_IN ...
#define RS_DIRECTION_OUT ...
#define RS_FANOUT_HASH ...
#define RS_FANOUT_LB ...
#define RS_FANOUT_CPU ...
#define RS_FANOUT_ROLLOVER ...
#define RS_FANOUT_RND ...
#define RS_FANOUT_QM ...
#define RS_FANOUT_CBPF ...
#define RS_SWAP_FIRST ...
#define RS_SWAP_SOFT ...
#define RS_SWAP_EXACT ...
#define RS_CLOCK_SOFTWARE ...
#define RS_CLOCK_HARDWARE ...
#define RS_CLOCK_FILE ...
#define RS_CHECKSUM_NOT_READY ...
#define RS_CHECKSUM_VALID ...
#define RS_GSO ...
#define RS_VLAN_REBUILT ...
#define RS_RECHECKED ...
#define RS_AFTER_LOSS ...
#define RS_LOST_COUNTING ...
#define RS_LOST_COUNTED ...
#define RS_LOST_ESTIMATED ...
#define RS_LOST_SOMEHOW ...
#define RS_LOST_LATE ...
#define RS_LOST_EARLY ...
#define RS_LOST_FROZEN ...
#define RS_FORMAT_PCAP ...
#define RS_FORMAT_PCAPNG ...
#define RS_NOT_KNOWN ...
#define RS_BY_NUMBER ...
#define RS_BY_TIME ...
#define RS_BY_LENGTH ...
#define RS_BY_CAPTURED ...
#define RS_BY_QUEUE ...
#define RS_BY_EPOCH ...

int rs_capture_open(const rs_config *config, rs_capture **out, rs_error *error);
int rs_capture_start(rs_capture *capture, const rs_insn *program, uint32_t length, rs_error *error);
int rs_capture_set_filter(rs_capture *capture, const rs_insn *program, uint32_t length, uint32_t *epoch, rs_error *error);
int rs_capture_reshape(rs_capture *capture, const rs_shape *shape, rs_error *error);
uint32_t rs_capture_epochs(const rs_capture *capture, uint32_t first, rs_epoch *out, uint32_t max);
uint32_t rs_capture_sources(rs_capture *capture, rs_source_info *out, uint32_t max);
const char *rs_capture_note(const rs_capture *capture);
void rs_capture_stop(rs_capture *capture);
void rs_capture_disown(rs_capture *capture);
void rs_capture_close(rs_capture *capture);
void rs_capture_hold(rs_capture *capture, int held);
void rs_capture_snapshot(rs_capture *capture, rs_snapshot *out, rs_counters *queues, uint32_t max);
uint32_t rs_capture_timeline(const rs_capture *capture, uint32_t queue, uint64_t since_ns, rs_slice *out, uint32_t max);
uint32_t rs_capture_link_type(const rs_capture *capture);
const rs_store *rs_capture_store(const rs_capture *capture);
const rs_losses *rs_capture_losses(const rs_capture *capture);
uint32_t rs_losses_between(const rs_losses *losses, uint64_t first, uint64_t last, rs_loss_info *out, uint32_t max);
uint64_t rs_losses_next(const rs_losses *losses, uint64_t number, int forward);
int rs_file_open(const char *path, int fd, const rs_file_options *options, rs_file **out, rs_error *error);
const rs_store *rs_file_store(const rs_file *file);
void rs_file_state(const rs_file *file, rs_file_info *out);
void rs_file_cancel(rs_file *file);
uint32_t rs_file_interfaces(const rs_file *file, uint32_t first, rs_file_interface *out, uint32_t max);
uint32_t rs_file_names(const rs_file *file, uint32_t first, rs_file_name *out, uint32_t max);
uint32_t rs_file_blocks(const rs_file *file, uint32_t first, rs_file_block *out, uint32_t max);
uint32_t rs_file_link_types(const rs_file *file, uint32_t *out, uint32_t max);
size_t rs_file_comment(const rs_file *file, uint64_t number, char *buffer, size_t room);
uint32_t rs_file_losses(const rs_file *file, uint64_t first, uint64_t last, rs_loss_info *out, uint32_t max);
uint64_t rs_file_next_loss(const rs_file *file, uint64_t number, int forward);
size_t rs_file_bytes(const rs_file *file, uint64_t offset, uint8_t *bytes, size_t size);
void rs_file_close(rs_file *file);
uint64_t rs_store_head(const rs_store *store);
uint64_t rs_store_tail(const rs_store *store);
uint32_t rs_store_read(const rs_store *store, uint64_t first, uint32_t count, uint32_t limit, rs_packet *out, uint8_t *bytes,
                       size_t room);
uint64_t rs_store_find_time(const rs_store *store, uint64_t time_ns);
int rs_savefile_create(const char *path, const rs_savefile_options *options, rs_savefile **out, rs_error *error);
int rs_savefile_interface_add(rs_savefile *file, const rs_savefile_interface *interface, rs_error *error);
int rs_savefile_epoch_add(rs_savefile *file, uint32_t epoch, const char *comment, rs_error *error);
int rs_savefile_follow(rs_savefile *file, const rs_store *store, uint64_t last, uint32_t may_wait, rs_error *error);
int rs_savefile_append(rs_savefile *file, const rs_store *store, uint64_t first, uint64_t last, uint64_t *next, rs_error *error);
int rs_savefile_pick(rs_savefile *file, const rs_store *store, const uint64_t *numbers, size_t count, size_t *done,
                     rs_error *error);
int rs_savefile_statistics_add(rs_savefile *file, const rs_savefile_statistics *statistics, rs_error *error);
void rs_savefile_state(const rs_savefile *file, rs_savefile_info *out);
int rs_savefile_publish(rs_savefile *file, rs_error *error);
int rs_savefile_was_moved(const rs_savefile *file);
int rs_savefile_close(rs_savefile *file, rs_error *error);
void rs_savefile_discard(rs_savefile *file);
int rs_view_open(const rs_store *store, uint32_t threads, int32_t nice, rs_view **out, rs_error *error);
int rs_view_start(rs_view *view, const rs_view_program *programs, uint32_t count, rs_error *error);
void rs_view_state(rs_view *view, rs_view_info *out);
uint32_t rs_view_numbers(rs_view *view, uint64_t first, uint64_t *out, uint32_t max);
uint64_t rs_view_index(rs_view *view, uint64_t number);
int rs_view_has(rs_view *view, uint64_t number);
void rs_view_close(rs_view *view);
int rs_search_open(const rs_store *store, rs_search **out, rs_error *error);
int rs_search_bytes(rs_search *search, const uint8_t *bytes, uint32_t length, int fold, uint64_t start, int forward,
                    rs_view *view, uint64_t *found, rs_error *error);
uint32_t rs_search_copy(rs_search *search, uint64_t first, uint64_t last, rs_view *view, uint64_t *numbers, uint32_t *ends,
                        uint32_t max, uint8_t *bytes, size_t room, uint64_t *next);
void rs_search_cancel(rs_search *search);
uint64_t rs_search_progress(const rs_search *search);
void rs_search_close(rs_search *search);
int64_t rs_order_keys(const rs_store *store, rs_view *view, uint64_t first, uint32_t count, uint32_t by, uint64_t *numbers,
                      uint64_t *keys, rs_error *error);
int rs_order_sort(uint64_t *keys, uint64_t *numbers, size_t count, uint32_t falling, rs_error *error);
size_t rs_order_nearest(const uint64_t *numbers, size_t count, uint64_t number);
