/* SPDX-License-Identifier: Apache-2.0 */
/* What cffi is told of ringscope.h. Structs end in `...;`, so that layout and sizes come from the C compiler. */
typedef struct rs_error { char text[...]; ...; } rs_error;
typedef struct rs_insn { uint16_t code; uint8_t jt, jf; uint32_t k; ...; } rs_insn;
typedef struct rs_config {
  const char *interface;
  uint32_t snaplen, block_size, blocks, block_timeout_ms, promiscuous;
  uint64_t store_bytes;
  ...;
} rs_config;
typedef struct rs_counters {
  uint64_t stored, dropped, freezes, delivered, bytes, truncated, arena_drops, losing_blocks, blocks_full, blocks_timeout,
      wakeups, spurious_wakeups, resyncs, ring_bytes, used_bytes, peak_bytes;
  uint32_t blocks, block_size, ready_blocks, headroom, frozen, pressed;
  ...;
} rs_counters;
typedef struct rs_snapshot {
  uint64_t time_ns, state_since_ns, head, tail, epoch_first;
  uint32_t epoch_seen, epoch, state;
  int32_t state_errno;
  uint32_t queues;
  rs_counters total;
  ...;
} rs_snapshot;
typedef struct rs_packet {
  uint64_t number, time_ns;
  uint32_t length, captured, offset, copied;
  int32_t ifindex;
  uint16_t epoch, queue, protocol;
  uint8_t packet_type, flags;
  ...;
} rs_packet;
typedef struct rs_capture rs_capture;
typedef struct rs_store rs_store;
typedef struct rs_savefile rs_savefile;

#define RS_SNAPLEN_MAX ...
#define RS_BLOCK_MIN ...
#define RS_STORE_MIN ...
#define RS_STATE_OPEN ...
#define RS_STATE_RUNNING ...
#define RS_STATE_DOWN ...
#define RS_STATE_GONE ...
#define RS_STATE_ERROR ...
#define RS_STATE_STOPPED ...
#define RS_STATE_NO_CARRIER ...
#define RS_CLOCK_SOFTWARE ...
#define RS_CLOCK_HARDWARE ...
#define RS_CHECKSUM_NOT_READY ...
#define RS_CHECKSUM_VALID ...
#define RS_GSO ...
#define RS_VLAN_REBUILT ...

int rs_capture_open(const rs_config *config, rs_capture **out, rs_error *error);
int rs_capture_start(rs_capture *capture, const rs_insn *program, uint32_t length, rs_error *error);
int rs_capture_set_filter(rs_capture *capture, const rs_insn *program, uint32_t length, uint32_t *epoch, rs_error *error);
void rs_capture_stop(rs_capture *capture);
void rs_capture_close(rs_capture *capture);
void rs_capture_hold(rs_capture *capture, int held);
void rs_capture_snapshot(rs_capture *capture, rs_snapshot *out, rs_counters *queues, uint32_t max);
uint32_t rs_capture_link_type(const rs_capture *capture);
const rs_store *rs_capture_store(const rs_capture *capture);
uint32_t rs_store_read(const rs_store *store, uint64_t first, uint32_t count, uint32_t limit, rs_packet *out, uint8_t *bytes,
                       size_t room);
int rs_savefile_create(const char *path, uint32_t link_type, uint32_t snaplen, rs_savefile **out, rs_error *error);
int rs_savefile_follow(rs_savefile *file, const rs_store *store, uint64_t last, rs_error *error);
void rs_savefile_counts(const rs_savefile *file, uint64_t *written, uint64_t *missed);
int rs_savefile_close(rs_savefile *file, rs_error *error);
