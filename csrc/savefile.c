/* SPDX-License-Identifier: Apache-2.0 */
#include "savefile.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

enum { MAGIC_NANOSECONDS = 0xA1B23C4D };

typedef struct file_header {
  uint32_t magic;
  uint16_t major, minor;
  uint32_t reserved[2], snaplen, link_type;
} file_header;

_Static_assert(sizeof(file_header) == 24, "as in the file");

/* On top of a capture's snaplen are a cooked header and a VLAN tag that was put back. */
static uint32_t snaplen_of(const rs_savefile *file, uint32_t snaplen) {
  uint32_t most = file->options.origin ? snaplen : snaplen + 24;
  return most < RS_SAVE_LIMIT ? most : RS_SAVE_LIMIT;
}

/* -- out of memory to the file ---------------------------------------------------------------------------------------- */

int rs_savefile_flush(rs_savefile *file, rs_error *error) {
  if (!file->laid.used) return 0;
  size_t done;
  uint64_t before = file->output.size;
  int result = rs_output_put(&file->output, file->buffer, file->laid.used, &done, error);
  uint32_t kept = file->laid_packets;
  if (result) {
    for (kept = 0; kept < file->laid_packets && file->ends[kept] <= done;) kept++;
    rs_output_trim(&file->output, before + (kept ? file->ends[kept - 1] : 0));
    file->broken = true;
  }
  file->written += kept;
  file->missed += file->laid_packets - kept;
  file->laid_packets = 0;
  file->laid.used = 0;
  return result;
}

int rs_savefile_check(const rs_savefile *file, rs_error *error) {
  if (!file->broken) return 0;
  return rs_error_set(error, EIO, "%s could not be written before, and is not written on", file->output.path);
}

/* -- beginning -------------------------------------------------------------------------------------------------------- */

static void lay_header(rs_savefile *file) {
  const rs_savefile_options *options = &file->options;
  if (rs_savefile_is_pcapng(file)) {
    rs_blocks_section(&file->laid, options->hardware, options->os, options->application);
    return;
  }
  const file_header header = {.magic = MAGIC_NANOSECONDS,
                              .major = 2,
                              .minor = 4,
                              .snaplen = snaplen_of(file, options->snaplen),
                              .link_type = options->link_type};
  memcpy(file->buffer, &header, sizeof header);
  file->laid.used = sizeof header;
}

int rs_savefile_create(const char *path, const rs_savefile_options *options, rs_savefile **out, rs_error *error) {
  *out = NULL;
  rs_savefile *file = calloc(1, sizeof *file);
  char *filter = strdup(options->filter ? options->filter : "");
  if (!file || !filter) {
    free(file);
    free(filter);
    return rs_error_set(error, ENOMEM, "no memory to write a capture file");
  }
  file->options = *options;
  file->options.filter = file->filter = filter;
  file->laid.to = file->buffer;
  file->next = options->first ? options->first : 1;
  int result = rs_output_open(&file->output, path, error);
  if (!result) {
    lay_header(file);
    result = rs_savefile_flush(file, error);
  }
  if (result)
    rs_savefile_discard(file);
  else
    *out = file;
  return result;
}

/* -- interfaces and epochs -------------------------------------------------------------------------------------------- */

/* Its index in the file; -1: it is not described. */
static int64_t index_of(const rs_savefile *file, int32_t ifindex, uint32_t link_type) {
  for (uint32_t i = 0; i < file->interface_count; i++)
    if (file->interfaces[i].ifindex == ifindex && file->interfaces[i].link_type == link_type) return i;
  return -1;
}

static int lay_interface(rs_savefile *file, const rs_savefile_interface *interface, rs_error *error) {
  uint32_t count = file->interface_count;
  rs_known_interface *more = realloc(file->interfaces, (count + 1) * sizeof *more);
  if (!more) return rs_error_set(error, ENOMEM, "no memory for %u interfaces", count + 1);
  more[count] = (rs_known_interface){.ifindex = interface->ifindex, .link_type = interface->link_type};
  file->interfaces = more;
  file->interface_count = count + 1;
  rs_savefile_interface one = *interface;
  if (one.snaplen) one.snaplen = snaplen_of(file, one.snaplen);
  rs_blocks_interface(&file->laid, &one);
  return 0;
}

/* One that was not described. */
static int lay_unknown(rs_savefile *file, const rs_packet *packet, rs_error *error) {
  char name[IF_NAMESIZE] = "";
  if (file->options.names && packet->ifindex > 0 && !if_indextoname((uint32_t)packet->ifindex, name)) name[0] = 0;
  const rs_savefile_interface one = {.ifindex = packet->ifindex,
                                     .link_type = packet->link_type,
                                     .snaplen = file->options.snaplen,
                                     .name = name,
                                     .filter = file->filter};
  return lay_interface(file, &one, error);
}

int64_t rs_savefile_interface_of(rs_savefile *file, const rs_packet *packet, rs_error *error) {
  int64_t index = index_of(file, packet->ifindex, packet->link_type);
  if (index >= 0) return index;
  int result = lay_unknown(file, packet, error);
  return result ? result : (int64_t)file->interface_count - 1;
}

int rs_savefile_interface_add(rs_savefile *file, const rs_savefile_interface *interface, rs_error *error) {
  if (!rs_savefile_is_pcapng(file) || index_of(file, interface->ifindex, interface->link_type) >= 0) return 0;
  int result = rs_savefile_check(file, error);
  if (!result) result = lay_interface(file, interface, error);
  return result ? result : rs_savefile_flush(file, error);
}

int rs_savefile_epoch_add(rs_savefile *file, uint32_t epoch, const char *comment, rs_error *error) {
  if (!rs_savefile_is_pcapng(file)) return 0;
  for (uint32_t i = 0; i < file->epoch_count; i++)
    if (file->epochs[i].epoch == epoch) return 0;
  rs_epoch_comment *more = realloc(file->epochs, (file->epoch_count + 1) * sizeof *more);
  if (more) file->epochs = more;
  char *text = more ? strdup(comment) : NULL;
  if (!text) return rs_error_set(error, ENOMEM, "no memory for a comment");
  more[file->epoch_count++] = (rs_epoch_comment){.epoch = epoch, .text = text};
  return 0;
}

const char *rs_savefile_epoch_of(rs_savefile *file, uint16_t epoch) {
  uint8_t *met = &file->epochs_met[epoch / 8], bit = (uint8_t)(1 << epoch % 8);
  if (*met & bit) return NULL;
  *met |= bit;
  for (uint32_t i = 0; i < file->epoch_count; i++)
    if (file->epochs[i].epoch == epoch) return file->epochs[i].text;
  return NULL;
}

/* -- the end ---------------------------------------------------------------------------------------------------------- */

int rs_savefile_statistics_add(rs_savefile *file, const rs_savefile_statistics *statistics, rs_error *error) {
  if (!rs_savefile_is_pcapng(file)) return 0;
  /* On a disk that was full there may be room for this much, where a packet was taken back. */
  for (uint32_t i = 0; i < file->interface_count; i++) {
    if (file->interfaces[i].ifindex != statistics->ifindex) continue;
    rs_blocks_statistics(&file->laid, i, statistics);
    return rs_savefile_flush(file, error);
  }
  return 0;
}

void rs_savefile_state(const rs_savefile *file, rs_savefile_info *out) {
  *out = (rs_savefile_info){.written = file->written,
                            .missed = file->missed,
                            .bytes = file->output.size,
                            .next = file->next,
                            .full = file->full};
}

int rs_savefile_publish(rs_savefile *file, rs_error *error) { return rs_output_publish(&file->output, error); }

int rs_savefile_was_moved(const rs_savefile *file) { return rs_output_was_moved(&file->output); }

static void release(rs_savefile *file) {
  for (uint32_t i = 0; i < file->epoch_count; i++) free(file->epochs[i].text);
  free(file->epochs);
  free(file->interfaces);
  free(file->filter);
  free(file);
}

int rs_savefile_close(rs_savefile *file, rs_error *error) {
  if (!file) return 0;
  int result = rs_output_close(&file->output, error);
  release(file);
  return result;
}

void rs_savefile_discard(rs_savefile *file) {
  if (!file) return;
  rs_output_discard(&file->output);
  release(file);
}
