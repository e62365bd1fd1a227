/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf_random.h: random classic BPF programs that are worth running, for tests that hold user space against the kernel.
 * Everything follows from the seed: 1, or what the first argument or RINGSCOPE_SEED says.
 */
#ifndef BPF_RANDOM_H
#define BPF_RANDOM_H

#include <linux/filter.h>

#include "check.h"
#include "ringscope.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { RANDOM_PROGRAM_MAX = 64 };

typedef struct random_source {
  uint64_t state;
} random_source;

typedef struct random_program {
  rs_insn insn[RANDOM_PROGRAM_MAX];
  uint32_t length;
} random_program;

static inline random_source random_from(int argc, char **argv) {
  const char *seed = argc > 1 ? argv[1] : getenv("RINGSCOPE_SEED");
  const uint64_t number = seed && *seed ? strtoull(seed, NULL, 0) : 1;
  printf("seed %llu\n", (unsigned long long)number);
  return (random_source){.state = number};
}

/* splitmix64: every seed will do, 0 included. */
static inline uint32_t random_word(random_source *source) {
  uint64_t z = source->state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return (uint32_t)(z >> 16);
}

static inline uint32_t random_below(random_source *source, uint32_t bound) { return random_word(source) % bound; }

static inline bool random_chance(random_source *source, uint32_t percent) { return random_below(source, 100) < percent; }

/* Few different bytes, so that comparisons are sometimes equal. */
static inline uint8_t random_byte(random_source *source) {
  static const uint8_t usual[] = {0, 0, 1, 2, 4, 6, 8, 14, 0x45, 0x46, 0x80, 0xff};
  return random_chance(source, 80) ? usual[random_below(source, COUNT(usual))] : (uint8_t)random_word(source);
}

static inline uint32_t random_constant(random_source *source) {
  static const uint32_t edges[] = {31, 32, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0xfff00000, 0xffe00000};
  switch (random_below(source, 6)) {
  case 0:
    return random_below(source, 64);
  case 1:
    return (uint32_t)random_byte(source) << 8 | random_byte(source);
  case 2:
    return edges[random_below(source, COUNT(edges))];
  case 3:
    return random_word(source);
  default:
    return random_byte(source);
  }
}

/* Where to load from: mostly within the frame, sometimes beyond its end, rarely negative. */
static inline uint32_t random_offset(random_source *source) {
  const uint32_t kind = random_below(source, 1000);
  if (kind < 950) return random_below(source, 24);
  if (kind < 980) return random_below(source, 160);
  if (kind < 985) return random_below(source, 3000);
  if (kind < 988) return (uint32_t)SKF_NET_OFF + random_below(source, 100);
  if (kind < 992) return (uint32_t)SKF_LL_OFF - 2 + random_below(source, 4);
  if (kind < 996) return (uint32_t)SKF_AD_OFF - 4 + random_below(source, 4);
  return 0x7ffffffcu + random_below(source, 8);
}

/* Now and then one that may end the run, because there is no device (8, 28) or because it is never known. */
static inline uint32_t random_ancillary(random_source *source) {
  static const uint8_t calm[] = {
      SKF_AD_PROTOCOL, SKF_AD_PKTTYPE,   SKF_AD_MARK,     SKF_AD_QUEUE,            SKF_AD_RXHASH,
      SKF_AD_CPU,      SKF_AD_ALU_XOR_X, SKF_AD_VLAN_TAG, SKF_AD_VLAN_TAG_PRESENT, SKF_AD_VLAN_TPID,
  };
  const uint32_t number = random_chance(source, 95) ? calm[random_below(source, COUNT(calm))] : 4 * random_below(source, 16);
  return (uint32_t)SKF_AD_OFF + number;
}

static inline rs_insn random_return(random_source *source) {
  if (random_chance(source, 25)) return (rs_insn){BPF_RET | BPF_A, 0, 0, random_word(source)};
  static const uint32_t kept[] = {0, 0, 0, 1, 20, 60, 0xffff, 262144, 0xffffffff};
  return (rs_insn){BPF_RET | BPF_K, 0, 0, kept[random_below(source, COUNT(kept))]};
}

/* A load of a random width, BPF_ABS or BPF_IND. */
static inline rs_insn random_load(random_source *source, uint16_t mode) {
  static const uint16_t widths[] = {BPF_B, BPF_H, BPF_W};
  const uint16_t code = (uint16_t)(BPF_LD | mode | widths[random_below(source, 3)]);
  const bool ancillary = mode == BPF_ABS && random_chance(source, 15);
  const uint32_t k = ancillary ? random_ancillary(source) : random_offset(source);
  return (rs_insn){code, 0, 0, k};
}

static inline rs_insn random_alu(random_source *source) {
  static const uint16_t operations[] = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_MOD,
                                        BPF_AND, BPF_OR,  BPF_XOR, BPF_LSH, BPF_RSH};
  if (random_chance(source, 8)) return (rs_insn){BPF_ALU | BPF_NEG, 0, 0, random_word(source)};
  const uint16_t operation = operations[random_below(source, COUNT(operations))];
  const bool by_x = random_chance(source, 50);
  uint32_t k = random_constant(source);
  if (operation == BPF_LSH || operation == BPF_RSH) k %= 32;
  if ((operation == BPF_DIV || operation == BPF_MOD) && k == 0) k = 1;
  return (rs_insn){(uint16_t)(BPF_ALU | operation | (by_x ? BPF_X : BPF_K)), 0, 0, k};
}

/* A jump whose targets are inside a program that has `following` more instructions after this one. */
static inline rs_insn random_jump(random_source *source, uint32_t following) {
  static const uint16_t conditions[] = {BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET};
  const uint32_t reach = following < 8 || random_chance(source, 10) ? following : 8;
  const uint8_t jt = (uint8_t)random_below(source, reach), jf = (uint8_t)random_below(source, reach);
  if (random_chance(source, 10)) return (rs_insn){BPF_JMP | BPF_JA, 0, 0, jt};
  const uint16_t condition = conditions[random_below(source, 4)];
  const bool by_x = random_chance(source, 25);
  return (rs_insn){(uint16_t)(BPF_JMP | condition | (by_x ? BPF_X : BPF_K)), jt, jf, random_constant(source)};
}

static inline rs_insn random_move(random_source *source) {
  static const uint16_t codes[] = {BPF_LD | BPF_IMM,         BPF_LDX | BPF_IMM,         BPF_MISC | BPF_TAX, BPF_MISC | BPF_TXA,
                                   BPF_LD | BPF_W | BPF_LEN, BPF_LDX | BPF_W | BPF_LEN, BPF_ST,             BPF_STX};
  const uint16_t code = codes[random_below(source, COUNT(codes))];
  return (rs_insn){code, 0, 0, code == BPF_ST || code == BPF_STX ? random_below(source, 4) : random_constant(source)};
}

static inline void random_add(random_program *program, rs_insn insn) { program->insn[program->length++] = insn; }

/* One thing that real programs do, in one to three instructions. A jump may lead into the middle of it. */
static inline void random_step(random_source *source, random_program *program, uint32_t total) {
  switch (random_below(source, 12)) {
  case 0:
  case 1:
    random_add(program, random_load(source, BPF_ABS));
    break;
  case 2: /* the transport header behind an IP header with options */
    random_add(program, (rs_insn){BPF_LDX | BPF_B | BPF_MSH, 0, 0, random_offset(source)});
    random_add(program, random_load(source, BPF_IND));
    break;
  case 3: /* a length field that leads to the next header */
    random_add(program, (rs_insn){BPF_ALU | BPF_AND | BPF_K, 0, 0, 0x1f});
    random_add(program, (rs_insn){BPF_MISC | BPF_TAX, 0, 0, 0});
    random_add(program, random_load(source, BPF_IND));
    break;
  case 4: /* a sum around zero */
    random_add(program, (rs_insn){BPF_LDX | BPF_IMM, 0, 0, 36 + random_below(source, 64)});
    random_add(program, (rs_insn){BPF_LD | BPF_B | BPF_IND, 0, 0, 0u - random_below(source, 40)});
    break;
  case 5:
  case 6:
    random_add(program, random_alu(source));
    break;
  case 7:
    random_add(program, random_move(source));
    break;
  case 8: /* cells 0 to 3 are stored by the prologue or not at all */
    random_add(program, (rs_insn){random_chance(source, 50) ? BPF_LD | BPF_MEM : BPF_LDX | BPF_MEM, 0, 0,
                                  random_below(source, 4)});
    break;
  case 9:
    random_add(program, random_chance(source, 20) ? random_return(source) : random_alu(source));
    break;
  default:
    random_add(program, random_load(source, BPF_ABS));
    random_add(program, random_jump(source, total - program->length - 1));
    break;
  }
}

/* Both registers, X not 0, and the first four cells of the scratch memory. */
static inline void random_prologue(random_source *source, random_program *program) {
  random_add(program, (rs_insn){BPF_LDX | BPF_IMM, 0, 0, 1 + random_below(source, 16)});
  random_add(program, random_load(source, BPF_ABS));
  for (uint32_t cell = 0; cell < 4; cell++)
    random_add(program, (rs_insn){random_chance(source, 50) ? BPF_ST : BPF_STX, 0, 0, cell});
}

/* What shows in the number of bytes kept, from a frame of 257 or more, what both registers held: 1 + a hash of 8 bits. */
static inline void random_epilogue(random_source *source, random_program *program) {
  random_add(program, (rs_insn){BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0});
  random_add(program, (rs_insn){BPF_ALU | BPF_MUL | BPF_K, 0, 0, random_word(source) | 1});
  random_add(program, (rs_insn){BPF_ALU | BPF_RSH | BPF_K, 0, 0, 24});
  random_add(program, (rs_insn){BPF_ALU | BPF_ADD | BPF_K, 0, 0, 1});
  random_add(program, (rs_insn){BPF_RET | BPF_A, 0, 0, 0});
}

/* Valid, but for those without the prologue that load from scratch memory what they did not store. */
static inline void random_make(random_source *source, random_program *program) {
  const uint32_t total = 12 + random_below(source, RANDOM_PROGRAM_MAX - 12);
  program->length = 0;
  if (random_chance(source, 80)) random_prologue(source, program);
  while (program->length + 7 < total) random_step(source, program, total);
  if (random_chance(source, 60)) random_epilogue(source, program);
  while (program->length < total) random_add(program, random_return(source));
}

/* What went wrong, in a form that the C of a test takes. */
static inline void random_print(const rs_insn *insn, uint32_t length) {
  for (uint32_t i = 0; i < length; i++)
    fprintf(stderr, "  {%#04x, %u, %u, %#x}, /* %u */\n", insn[i].code, insn[i].jt, insn[i].jf, insn[i].k, i);
}

#endif
