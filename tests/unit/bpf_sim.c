/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bpf_sim.h"

#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/filter.h"

struct machine {
	uint32_t a, x;
	uint32_t memory[BPF_MEMWORDS];
};

/* ck_assert() writes to a pipe even when all is well: too slow for every instruction. */
static void require(bool condition)
{
	if (!condition)
		ck_abort_msg("the kernel would refuse this filter");
}

static uint32_t calculate(const struct sock_filter *i, struct machine *m)
{
	uint32_t operand = BPF_SRC(i->code) == BPF_X ? m->x : i->k;

	switch (BPF_OP(i->code)) {
	case BPF_ADD:
		return m->a + operand;
	case BPF_SUB:
		return m->a - operand;
	case BPF_AND:
		return m->a & operand;
	case BPF_OR:
		return m->a | operand;
	case BPF_XOR:
		return m->a ^ operand;
	case BPF_LSH:
		return m->a << operand;
	case BPF_RSH:
		return m->a >> operand;
	case BPF_NEG:
		return -m->a;
	default:
		ck_abort_msg("arithmetic 0x%x", i->code);
		return 0;
	}
}

static bool holds(const struct sock_filter *i, const struct machine *m)
{
	uint32_t operand = BPF_SRC(i->code) == BPF_X ? m->x : i->k;

	switch (BPF_OP(i->code)) {
	case BPF_JEQ:
		return m->a == operand;
	case BPF_JGT:
		return m->a > operand;
	case BPF_JGE:
		return m->a >= operand;
	case BPF_JSET:
		return m->a & operand;
	default:
		ck_abort_msg("jump 0x%x", i->code);
		return false;
	}
}

static uint32_t load(const struct sock_filter *i, const struct machine *m,
		     const struct seccomp_data *data)
{
	uint32_t word;

	switch (BPF_MODE(i->code)) {
	case BPF_IMM:
		return i->k;
	case BPF_MEM:
		require(i->k < BPF_MEMWORDS);
		return m->memory[i->k];
	case BPF_ABS:
		require(BPF_SIZE(i->code) == BPF_W && i->k % sizeof(word) == 0);
		require(i->k < sizeof(*data));
		memcpy(&word, (const char *)data + i->k, sizeof(word));
		return word;
	default:
		ck_abort_msg("load 0x%x", i->code);
		return 0;
	}
}

/* Everything but jumps and returns. */
static void step(const struct sock_filter *i, struct machine *m, const struct seccomp_data *data)
{
	switch (BPF_CLASS(i->code)) {
	case BPF_LD:
		m->a = load(i, m, data);
		break;
	case BPF_LDX:
		m->x = load(i, m, data);
		break;
	case BPF_ST:
		require(i->k < BPF_MEMWORDS);
		m->memory[i->k] = m->a;
		break;
	case BPF_ALU:
		m->a = calculate(i, m);
		break;
	case BPF_MISC:
		if (BPF_MISCOP(i->code) == BPF_TAX)
			m->x = m->a;
		else
			m->a = m->x;
		break;
	default:
		ck_abort_msg("instruction 0x%x", i->code);
	}
}

uint32_t bpf_sim_run(const struct sock_filter *program, size_t n, const struct seccomp_data *data)
{
	struct machine m = { 0 };

	/* No loop can be written: all jumps are forward. */
	for (size_t pc = 0; pc < n; pc++) {
		const struct sock_filter *i = &program[pc];

		if (BPF_CLASS(i->code) == BPF_RET)
			return BPF_RVAL(i->code) == BPF_A ? m.a : i->k;
		if (BPF_CLASS(i->code) != BPF_JMP)
			step(i, &m, data);
		else if (BPF_OP(i->code) == BPF_JA)
			pc += i->k;
		else
			pc += holds(i, &m) ? i->jt : i->jf;
	}
	ck_abort_msg("the filter ends without an answer");
	return 0;
}

/* As in the kernel: the newest first, and an older one only counts if it is stricter. */
uint32_t bpf_sim_image(const void *image, const struct seccomp_data *data)
{
	const struct filter_image_header *h = image;
	const struct sock_filter *main_ = (const void *)(h + 1);
	uint32_t first = bpf_sim_run(main_, h->n_main, data);
	uint32_t second = bpf_sim_run(main_ + h->n_main, h->n_arguments, data);
	int32_t first_action = (int32_t)(first & SECCOMP_RET_ACTION_FULL);
	int32_t second_action = (int32_t)(second & SECCOMP_RET_ACTION_FULL);

	return second_action < first_action ? second : first;
}

const char *bpf_sim_answer(uint32_t action)
{
	static char text[32];
	const char *name;

	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
		return "allow";
	case SECCOMP_RET_LOG:
		return "log";
	case SECCOMP_RET_KILL_PROCESS:
		return "kill";
	case SECCOMP_RET_ERRNO:
		name = strerrorname_np((int)(action & SECCOMP_RET_DATA));
		return name ? name : "an errno without a name";
	default:
		snprintf(text, sizeof(text), "0x%x", action);
		return text;
	}
}
