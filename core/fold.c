#include "core/fold.h"

#include <limits.h>
#include <locale.h>
#include <wchar.h>
#include <wctype.h>

/* Made once and kept for the life of the process. */
static locale_t
utf8(void)
{
	static locale_t locale;

	if (locale == (locale_t)0)
		locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	return locale;
}

void
fold_case(const char *s, size_t len, struct buf *out)
{
	locale_t locale = utf8();
	locale_t before;
	mbstate_t from = { 0 };

	if (locale == (locale_t)0) {
		out->failed = true;
		return;
	}
	before = uselocale(locale);
	while (len > 0) {
		mbstate_t to = { 0 };
		char bytes[MB_LEN_MAX];
		wchar_t wide;
		size_t n = mbrtowc(&wide, s, len, &from);
		size_t m;

		if (n == 0 || n > len) {
			/* A NUL, or what is no character. */
			buf_addc(out, *s);
			from = (mbstate_t){ 0 };
			n = 1;
		} else {
			m = wcrtomb(bytes, (wchar_t)towlower((wint_t)wide),
			    &to);
			buf_add(out, bytes, m);
		}
		s += n;
		len -= n;
	}
	(void)uselocale(before);
}
