/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Limits: what is asked for, on a machine of 16 GiB and four processors. */
#include <check.h>

#include "base/cleanup.h"
#include "plan_case.h"
#include "testing.h"

/* No machine that this project runs on is that small, but shares of it are. */
static void small(struct host *h)
{
	h->memory = UINT64_C(50) << 20;
}

static void unknown_memory(struct host *h)
{
	h->memory = 0;
}

/* As a machine tells it: what the firmware keeps is not in it. */
static void odd_memory(struct host *h)
{
	h->memory = UINT64_C(16777216001);
}

static const struct plan_case cases[] = {
	{
		.what = "a core limit of 0 is 1, for handlers on a pipe",
		.about = "limit",
		.lines = "limit core 1\n",
	},
	{
		.what = "core = 1 stays",
		.options = "--core=1",
		.about = "limit",
		.lines = "limit core 1\n",
	},
	{
		.what = "limits",
		.options = "--core=unlimited --open-files=64 --processes=unlimited "
			   "--file-size=1G --stack=8M --cpu-time=1h --locked-memory=64K",
		.about = "limit",
		.lines = "limit open-files 64\n"
			 "limit processes unlimited\n"
			 "limit file-size 1073741824\n"
			 "limit stack 8388608\n"
			 "limit core unlimited\n"
			 "limit cpu-time 3600\n"
			 "limit locked-memory 65536\n",
	},
	{
		.what = "an empty value leaves a limit to the caller",
		.options = "--core=",
		.about = "limit",
		.lines = "",
	},
	{
		.what = "nothing is asked of the kernel that nobody asked for",
		.about = "^cgroup|^timeout|^nice|^oom-score|^report|size=",
		.lines = "",
	},

	/* --- control groups --- */
	{
		.what = "memory is the whole bound: no swap beside it",
		.options = "--memory=64M",
		.about = "^cgroup",
		.lines = "cgroup memory 67108864\n"
			 "cgroup swap 0\n"
			 "cgroup on-unavailable refuse\n",
	},
	{
		.what = "unless swap is asked for",
		.options = "--memory=64M --swap=1G",
		.about = "^cgroup",
		.lines = "cgroup memory 67108864\n"
			 "cgroup swap 1073741824\n"
			 "cgroup on-unavailable refuse\n",
	},
	{
		.what = "as much as there is, too",
		.options = "--memory=64M --swap=unlimited",
		.about = "^cgroup",
		.lines = "cgroup memory 67108864\n"
			 "cgroup on-unavailable refuse\n",
	},
	{
		.what = "swap without a limit on memory",
		.options = "--swap=0",
		.about = "^cgroup",
		.lines = "cgroup swap 0\n"
			 "cgroup on-unavailable refuse\n",
	},
	{
		.what = "unlimited swap alone is nothing to ask for",
		.options = "--swap=unlimited",
		.about = "^cgroup",
		.lines = "",
	},
	{
		.what = "shares of the machine's memory",
		.options = "--memory=50% --swap=12.5%",
		.about = "^cgroup",
		.lines = "cgroup memory 8589934592\n"
			 "cgroup swap 2147483648\n"
			 "cgroup on-unavailable refuse\n",
	},
	{
		.what = "a share is whole MiB",
		.options = "--memory=75%",
		.change = odd_memory,
		.about = "memory",
		.lines = "cgroup memory 12582912000\n",
	},
	{
		.what = "and one at least, or it would be none",
		.options = "--memory=1% --swap=0%",
		.change = small,
		.about = "memory|swap",
		.lines = "cgroup memory 1048576\n"
			 "cgroup swap 0\n",
	},
	{
		.what = "all that the machine has",
		.options = "--memory=16G",
		.about = "memory",
		.lines = "cgroup memory 17179869184\n",
	},
	{
		.what = "more than it has",
		.options = "--memory=16.1G",
		.error = "--memory: '16.1G' is more than this machine's memory, 16.0G",
	},
	{
		.what = "far more",
		.options = "-m 99999999T",
		.error = "-m: '99999999T' is more than this machine's memory, 16.0G",
	},
	{
		.what = "the size that the message tells can be had",
		.options = "--memory=16G",
		.change = odd_memory,
		.error = "--memory: '16G' is more than this machine's memory, 15.6G",
	},
	{
		.what = "it can",
		.options = "--memory=15.6G",
		.change = odd_memory,
		.about = "memory",
		.lines = "cgroup memory 16750372454\n",
	},
	{
		.what = "more than a small machine has",
		.options = "--memory=1G",
		.change = small,
		.error = "--memory: '1G' is more than this machine's memory, 50M",
	},
	{
		.what = "a size can be had of a machine that does not tell its own",
		.options = "--memory=64G",
		.change = unknown_memory,
		.about = "memory",
		.lines = "cgroup memory 68719476736\n",
	},
	{
		.what = "a share cannot",
		.options = "--memory=50%",
		.change = unknown_memory,
		.error = "--memory: '50%': how much memory this machine has cannot be told (write "
			 "a size)",
	},
	{
		.what = "neither a share for tmpfs",
		.options = "--tmpfs-size=50%",
		.change = unknown_memory,
		.error = "--tmpfs-size: '50%': how much memory this machine has cannot be told "
			 "(write a size)",
	},
	{
		.what = "the rest of what a control group bounds",
		.options =
			"--pids=20 --cpu=50% --io-weight=10 --cpuset=0-1,3 --on-unavailable=warn",
		.about = "^cgroup",
		.lines = "cgroup pids 20\n"
			 "cgroup cpu 50000/100000\n"
			 "cgroup io-weight 10\n"
			 "cgroup cpuset 0-1,3\n"
			 "cgroup on-unavailable warn\n",
	},
	{
		.what = "other launchers' words for it",
		.options = "-m 64M --pids-limit=20 --cpus=1.5 --cpuset-cpus=0 --oom-score-adj=5",
		.about = "^cgroup|^oom",
		.lines = "cgroup memory 67108864\n"
			 "cgroup swap 0\n"
			 "cgroup pids 20\n"
			 "cgroup cpu 150000/100000\n"
			 "cgroup cpuset 0\n"
			 "cgroup on-unavailable refuse\n"
			 "oom-score 5\n",
	},
	{
		.what = "all processors",
		.options = "--cpu=400% --cpuset=0-3",
		.about = "^cgroup cpu",
		.lines = "cgroup cpu 400000/100000\n"
			 "cgroup cpuset 0-3\n",
	},
	{
		.what = "the least time",
		.options = "--cpu=1%",
		.about = "^cgroup cpu",
		.lines = "cgroup cpu 1000/100000\n",
	},
	{
		.what = "more processors than there are",
		.options = "--cpu=4.5",
		.error = "--cpu: '4.5' is more than the 4 processors of this machine",
	},
	{
		.what = "a percentage without its sign",
		.options = "--cpu=150",
		.error = "--cpu: '150' is more than the 4 processors of this machine (did you mean "
			 "'150%'?)",
	},
	{
		.what = "more percent than there are",
		.options = "--cpu=401%",
		.error = "--cpu: '401%' is more than the 4 processors of this machine (100% each)",
	},
	{
		.what = "more than one",
		.options = "--cpu=2",
		.files = "/sys/devices/system/cpu/cpu1! /sys/devices/system/cpu/cpu2! "
			 "/sys/devices/system/cpu/cpu3!",
		.error = "--cpu: '2' is more than the one processor of this machine",
	},
	{
		.what = "a processor that is not there",
		.options = "--cpuset=0,2-7",
		.error = "--cpuset: '0,2-7': this machine has no processor 4",
	},
	{
		.what = "one far off",
		.options = "--cpuset=0-2147483647",
		.error = "--cpuset: '0-2147483647': this machine has no processor 4",
	},
	{
		.what = "processors are not counted where they cannot be",
		.options = "--cpuset=0-99 --cpu=100",
		.files = "/sys/devices!",
		.about = "^cgroup cpu",
		.lines = "cgroup cpu 10000000/100000\n"
			 "cgroup cpuset 0-99\n",
	},
	{
		.what = "limits that were taken back",
		.options = "--memory=1G --memory= --pids=5 --pids=unlimited --cpu=1 --cpu= "
			   "--cpuset=0 --cpuset= --io-weight=5 --io-weight= --on-unavailable=warn",
		.about = "^cgroup",
		.lines = "",
	},
	{
		.what = "a box with such limits clones its program first, into a group of its own",
		.options = "--pids=20",
		.about = "^namespaces",
		.lines = "namespaces user mnt pid net ipc uts cgroup time\n",
	},

	/* --- the rest --- */
	{
		.what = "a time limit",
		.options = "--timeout=2",
		.about = "^timeout",
		.lines = "timeout 2000 signal TERM grace 10000\n",
	},
	{
		.what = "how it ends",
		.options = "--timeout=1.5m --stop-signal=int --stop-timeout=0.5",
		.about = "^timeout",
		.lines = "timeout 90000 signal INT grace 500\n",
	},
	{
		.what = "as a service manager wants it",
		.options = "--timeout=1h --stop-signal=SIGRTMIN+3",
		.about = "^timeout",
		.lines = "timeout 3600000 signal RTMIN+3 grace 10000\n",
	},
	{
		.what = "how it would end, but nothing ends it",
		.options = "--stop-signal=INT --stop-timeout=1",
		.about = "^timeout",
		.lines = "",
	},
	{
		.what = "priority, score and report",
		.options = "--nice=5 --oom-score=200 --report",
		.about = "^nice|^oom|^report",
		.lines = "nice 5\n"
			 "oom-score 200\n"
			 "report yes\n",
	},
	{
		.what = "a score of 0 is one as well",
		.options = "--nice=0 --oom-score=0",
		.about = "^nice|^oom",
		.lines = "oom-score 0\n",
	},

	/* --- tmpfs --- */
	{
		.what = "a size for all that can be written to",
		.options = "--tmpfs-size=64M --tmpfs=/var/lib",
		.about = "tmpfs",
		.lines = "tmpfs /dev dev mode=0755\n"
			 "tmpfs /dev/shm mode=1777 size=67108864 files=16384\n"
			 "tmpfs /home/ada mode=0700 size=67108864 files=16384\n"
			 "tmpfs /run mode=0755 size=67108864 files=16384\n"
			 "tmpfs /tmp mode=1777 size=67108864 files=16384\n"
			 "tmpfs /var/lib mode=0755 size=67108864 files=16384\n"
			 "tmpfs /var/tmp mode=1777 size=67108864 files=16384\n",
	},
	{
		.what = "but for those that have one",
		.options = "--tmpfs-size=25% --tmpfs=/tmp:size=1G --tmpfs=/x:size=4K",
		.about = "^tmpfs /tmp|^tmpfs /x|^tmpfs /home",
		.lines = "tmpfs /home/ada mode=0700 size=4294967296 files=1048576\n"
			 "tmpfs /tmp mode=0755 size=1073741824 files=262144\n"
			 "tmpfs /x mode=0755 size=4096 files=1024\n",
	},
	{
		.what = "a size taken back",
		.options = "--tmpfs-size=25% --tmpfs-size=",
		.about = "size=",
		.lines = "",
	},
};

START_TEST(test_limits)
{
	plan_case_check(&cases[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_limits");
	TCase *tc = tcase_create("limits");

	tcase_add_loop_test(tc, test_limits, 0, (int)ARRAY_LEN(cases));
	suite_add_tcase(suite, tc);
	return testing_run(suite);
}
