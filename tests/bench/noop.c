/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The program that is launched: static, and over at once. */
int main(void)
{
	return 0;
}
