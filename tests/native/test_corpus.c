/* SPDX-License-Identifier: Apache-2.0 */
/* The fuzzer's corpus, cut and changed in many places: what the fuzzer finds stays found, and where there is no fuzzer the reader
 * is still shown thousands of broken files. */
#include <dirent.h>

#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t state = 88172645463325252u;

/* xorshift64 (Marsaglia): the same numbers every time. */
static uint32_t pseudo_random(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 32);
}

static size_t slurp(const char *name, uint8_t *to, size_t room) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", RINGSCOPE_CORPUS, name);
  FILE *in = fopen(path, "rb");
  CHECK(in);
  const size_t got = fread(to, 1, room, in);
  fclose(in);
  CHECK(got < room);
  return got;
}

/* Lengths and counts are where it hurts: small, large, all ones, the neighbour of what it was. */
static void change(uint8_t *bytes, size_t size) {
  const uint32_t values[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc, 0x40000, 0x1000000};
  const size_t at = pseudo_random() % size;
  if (pseudo_random() % 2) {
    bytes[at] = (uint8_t)pseudo_random();
    return;
  }
  const uint32_t value = values[pseudo_random() % 8];
  memcpy(bytes + at / 4 * 4, &value, size - at / 4 * 4 < 4 ? size - at / 4 * 4 : 4);
}

static void a_file_of_the_corpus_however_it_is_broken_does_no_harm(void) {
  enum { CHANGES = 60, CUTS = 20 };
  static uint8_t good[64 << 10], bytes[64 << 10];
  int files = 0;
  DIR *folder = opendir(RINGSCOPE_CORPUS);
  CHECK(folder);
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (entry->d_name[0] == '.') continue;
    const size_t size = slurp(entry->d_name, good, sizeof good);
    LLVMFuzzerTestOneInput(good, size);
    for (int i = 0; size && i < CUTS; i++) LLVMFuzzerTestOneInput(good, pseudo_random() % size);
    for (int i = 0; size && i < CHANGES; i++) {
      memcpy(bytes, good, size);
      for (uint32_t more = pseudo_random() % 3; more < 3; more++) change(bytes, size);
      LLVMFuzzerTestOneInput(bytes, size);
    }
    files++;
  }
  closedir(folder);
  CHECK(files >= 20);
}

int main(void) {
  RUN(a_file_of_the_corpus_however_it_is_broken_does_no_harm);
  return 0;
}
