#include "cgi-src/http/percent.h"

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
percent_decode(const char **p, char *out)
{
	int high, low;

	*out = **p;
	if (**p != '%') {
		*p += 1;
		return 0;
	}
	if ((high = hex_digit((*p)[1])) < 0 || (low = hex_digit((*p)[2])) < 0)
		return -1;
	*out = (char)(unsigned char)(high << 4 | low);
	*p += 3;
	return 0;
}
