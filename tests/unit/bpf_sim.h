/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef UNIT_BPF_SIM_H
#define UNIT_BPF_SIM_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The kernel's part in seccomp, without a kernel: classic BPF over one system
 * call, for any machine. Fails the running test on an instruction that
 * seccomp(2) would refuse, a jump out of the program, or an end without an
 * answer.
 */
uint32_t bpf_sim_run(const struct sock_filter *program, size_t n, const struct seccomp_data *data);

/* The answer that counts when both filters of an image (kernel/filter.h) are installed. */
uint32_t bpf_sim_image(const void *image, const struct seccomp_data *data);

/* "allow", "log", "kill", "EPERM" ... Static storage. */
const char *bpf_sim_answer(uint32_t action);

#endif
