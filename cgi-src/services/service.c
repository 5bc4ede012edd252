#include "cgi-src/services/service.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/str.h"

#define ID_MAX 64

void
service_good(struct service_result *r, const struct fetch *f, const char *fmt,
    ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(r->message, sizeof(r->message), fmt, ap) < 0)
		r->message[0] = '\0';
	va_end(ap);
	/* What a first try or one part of it met counts no more. */
	r->code = NULL;
	r->status = 0;
	r->target[0] = '\0';
	r->ok = true;
	r->ms = f != NULL ? f->ms : 0;
}

void
service_blame(struct service_result *r, const struct fetch *f)
{
	r->code = fetch_word(f);
	r->status = f->status;
	(void)snprintf(r->target, sizeof(r->target), "%s", f->target);
}

void
service_bad(struct service_result *r, const struct fetch *f,
    const struct err *err)
{
	if (r->code == NULL && f != NULL)
		service_blame(r, f);
	else if (r->code == NULL)
		r->code = err->code == ERR_USAGE ? "bad_address" : "system";
	(void)snprintf(r->message, sizeof(r->message), "%s", err->msg);
	r->ok = false;
	r->ms = f != NULL ? f->ms : 0;
}

size_t
service_text(const struct json *j, const char *key, char *out, size_t size)
{
	size_t len = 0;
	const char *text = json_text(json_get(j, key), &len);

	if (text == NULL)
		len = 0;
	if (len > size - 1)
		len = str_utf8_valid(text, size - 1);
	if (len > 0)
		memcpy(out, text, len);
	out[len] = '\0';
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)out[i] < ' ' || out[i] == 0x7f)
			out[i] = ' ';
	}
	return len;
}

bool
service_is_id(const char *text)
{
	static const char allowed[] = "0123456789-abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t len = strlen(text);

	return len > 0 && len <= ID_MAX && strspn(text, allowed) == len;
}

int
service_id(const struct json *j, const char *key, char *out, size_t size)
{
	size_t len = 0;
	const char *text = json_text(json_get(j, key), &len);

	out[0] = '\0';
	if (text == NULL || strlen(text) != len || len >= size ||
	    !service_is_id(text))
		return -1;
	memcpy(out, text, len + 1);
	return 0;
}
