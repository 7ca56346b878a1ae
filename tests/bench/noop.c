/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The program that is launched: static, and over at once. With an argument it says that it runs. */
#include <unistd.h>

int main(int argc, char **argv)
{
	(void)argv;
	return argc > 1 && write(STDOUT_FILENO, "", 1) != 1;
}
