/* SPDX-License-Identifier: Apache-2.0 */
#include "pile.h"

#include <errno.h>
#include <sys/mman.h>

#include "error.h"

#define HUGE_PAGE (UINT64_C(2) << 20) /* what one page fault brings where there are huge pages */

static void *reserve(size_t size) {
  void *mapping = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return mapping == MAP_FAILED ? NULL : mapping;
}

static size_t directory_bytes(const rs_pile *pile) { return pile->pieces * sizeof *pile->directory; }

static size_t piece_bytes(const rs_pile *pile) { return pile->item << pile->shift; }

/* Relaxed: see rs_pile_at(). */
static uint8_t *piece_of(const rs_pile *pile, uint64_t piece) {
  return atomic_load_explicit(&pile->directory[piece], memory_order_relaxed);
}

int rs_pile_open(rs_pile *pile, size_t item, uint32_t shift, uint32_t pieces, rs_error *error) {
  *pile = (rs_pile){.item = item, .shift = shift, .pieces = pieces};
  pile->directory = reserve(directory_bytes(pile));
  return pile->directory ? 0 : rs_error_set(error, ENOMEM, "no memory for the index of a file");
}

void rs_pile_close(rs_pile *pile) {
  if (!pile->directory) return;
  uint8_t *memory;
  for (uint32_t piece = 0; piece < pile->pieces && (memory = piece_of(pile, piece)); piece++) munmap(memory, piece_bytes(pile));
  munmap(pile->directory, directory_bytes(pile));
  *pile = (rs_pile){0};
}

/* A piece that is as large as a huge page begins where one can. */
static uint8_t *new_piece(size_t size) {
  if (size < HUGE_PAGE) return reserve(size);
  uint8_t *mapping = reserve(size + HUGE_PAGE);
  if (!mapping) return NULL;
  uint8_t *piece = (uint8_t *)(((uintptr_t)mapping + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
  if (piece > mapping) munmap(mapping, (size_t)(piece - mapping));
  munmap(piece + size, (size_t)(mapping + HUGE_PAGE - piece));
  madvise(piece, size, MADV_HUGEPAGE);
  return piece;
}

void *rs_pile_room(rs_pile *pile, uint64_t *room) {
  const uint64_t piece = pile->next >> pile->shift, each = UINT64_C(1) << pile->shift, inside = pile->next & (each - 1);
  if (piece >= pile->pieces) return NULL;
  if (!piece_of(pile, piece)) {
    uint8_t *memory = new_piece(piece_bytes(pile));
    if (!memory) return NULL;
    /* Relaxed: nobody looks for it before the count has reached it. */
    atomic_store_explicit(&pile->directory[piece], memory, memory_order_relaxed);
  }
  *room = each - inside;
  return rs_pile_at(pile, pile->next);
}

void rs_pile_forget(rs_pile *pile, uint64_t index) {
  for (; pile->forgotten < index >> pile->shift; pile->forgotten++)
    madvise(piece_of(pile, pile->forgotten), piece_bytes(pile), MADV_DONTNEED);
}
