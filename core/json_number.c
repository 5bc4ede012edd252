#include "core/json_number.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/str.h"

#define NUMBER_MAX 40
#define SPACE " \t\r\n\f\v"
/* From here on JSON writes an exponent, or more than 64 bits. */
#define INTEGER_MAX 1e19
#define DIGITS_MAX 17
#define FAST_DECIMALS 6
#define FAST_MAX 1e15

static bool
same(double a, double b)
{
	return a >= b && a <= b;
}

/*
 * The digits for numbers of few decimals, as nearly all are.  An integer
 * below 10^15 divided by a small power of ten is rounded once, as reading
 * the decimal is, so equality means that the decimal reads back as ${v}; with
 * at most 15 digits no other decimal of that length does.
 */
static bool
few_decimals(double v, char digits[DIGITS_MAX + 1], int *point)
{
	double scale = 1;

	for (int decimals = 0; decimals <= FAST_DECIMALS; decimals++) {
		double whole = nearbyint(v * scale);

		if (whole >= FAST_MAX)
			return false;
		if (whole > 0 && same(whole / scale, v)) {
			*point = snprintf(digits, DIGITS_MAX + 1, "%lld",
				     (long long)whole) -
			    decimals;
			return true;
		}
		scale *= 10;
	}
	return false;
}

/*
 * The next decimal above the one in ${text}, which has a point after its
 * first digit and an exponent of ${precision} decimals.
 */
static double
step_up(char *text, int precision, double v)
{
	char above[NUMBER_MAX];
	const char *exponent = strchr(text, 'e');
	char *p = above + (precision > 0 ? precision + 1 : 0);

	(void)snprintf(above, sizeof(above), "%s", text);
	while (p >= above) {
		if (*p == '.') {
			p--;
			continue;
		}
		if (*p != '9')
			break;
		*p-- = '0';
	}
	if (p < above || exponent == NULL)
		return -v;
	++*p;
	if (same(strtod(above, NULL), v))
		(void)snprintf(text, NUMBER_MAX, "%s", above);
	return strtod(text, NULL);
}

/*
 * The digits by trying one precision after the other.  Below a power of two
 * numbers lie closer together than above it: there the nearest decimal may
 * miss where the next one above still reads back.
 */
static void
any_decimals(double v, char digits[DIGITS_MAX + 1], int *point)
{
	char text[NUMBER_MAX];
	char *exponent;
	size_t n = 0;

	for (int precision = 0; precision < DIGITS_MAX; precision++) {
		(void)snprintf(text, sizeof(text), "%.*e", precision, v);
		if (same(strtod(text, NULL), v) ||
		    same(step_up(text, precision, v), v))
			break;
	}
	exponent = strchr(text, 'e');
	*point = (int)strtol(exponent + 1, NULL, 10) + 1;
	for (const char *p = text; p < exponent; p++) {
		if (*p != '.')
			digits[n++] = *p;
	}
	digits[n] = '\0';
}

/*
 * The fewest digits that read back as ${v} > 0, without a point, and the
 * power of ten ${point} such that v = 0.digits * 10^point.
 */
static int
shortest(double v, char digits[DIGITS_MAX + 1], int *point)
{
	size_t n;

	if (!few_decimals(v, digits, point))
		any_decimals(v, digits, point);
	n = strlen(digits);
	while (n > 1 && digits[n - 1] == '0')
		n--;
	digits[n] = '\0';
	return (int)n;
}

const char *
json_number_text(double v, char text[JSON_NUMBER_MAX])
{
	static const char zeros[] = "0000000000000000000000";
	char digits[DIGITS_MAX + 1];
	const char *sign = v < 0 ? "-" : "";
	int point;
	int n;

	if (fpclassify(v) == FP_ZERO) {
		(void)snprintf(text, JSON_NUMBER_MAX, "0");
		return text;
	}
	n = shortest(fabs(v), digits, &point);
	if (point >= n && point <= 21)
		(void)snprintf(text, JSON_NUMBER_MAX, "%s%s%.*s", sign, digits,
		    point - n, zeros);
	else if (point > 0 && point <= 21)
		(void)snprintf(text, JSON_NUMBER_MAX, "%s%.*s.%s", sign, point,
		    digits, digits + point);
	else if (point > -6 && point <= 0)
		(void)snprintf(text, JSON_NUMBER_MAX, "%s0.%.*s%s", sign,
		    -point, zeros, digits);
	else
		(void)snprintf(text, JSON_NUMBER_MAX, "%s%c%s%se%+d", sign,
		    digits[0], n > 1 ? "." : "", digits + 1, point - 1);
	return text;
}

/* ${d} as JSON shows it: 8.0 is 8. */
static struct value
shown(double d)
{
	struct value v = { .kind = VALUE_REAL, .d = d };
	char text[JSON_NUMBER_MAX];

	if (!(fabs(d) < INTEGER_MAX) || !same(trunc(d), d))
		return v;
	(void)json_number_text(d, text);
	if (str_int64(text, strlen(text), &v.i) == 0)
		v.kind = VALUE_INT;
	return v;
}

static bool
read_number(const char *s, size_t len, struct value *number)
{
	double d;

	if (str_double(s, len, &d))
		return false;
	*number = shown(d);
	/* It may have more digits than a double. */
	while (len > 0 && strchr(SPACE "+", *s) != NULL) {
		s++;
		len--;
	}
	while (len > 0 && strchr(SPACE, s[len - 1]) != NULL)
		len--;
	if (str_int64(s, len, &number->i) == 0)
		number->kind = VALUE_INT;
	return true;
}

bool
json_number_of(const struct value *v, struct value *number)
{
	if (value_is_bytes(v))
		return read_number(v->s, v->len, number);
	*number = v->kind == VALUE_REAL ? shown(v->d) : *v;
	return v->kind != VALUE_NULL;
}
