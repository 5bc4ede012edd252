#include "cgi-src/services/fetch.h"

/* A document in memory takes many times the bytes of its text. */
#define DOCUMENT_MAX ((size_t)1 << 20)

/* Scheme, host and port of what was asked, for sentences. */
static const char *
origin_of(const struct fetch *f, char out[URL_ORIGIN_MAX])
{
	struct err err;
	struct url u;

	if (url_split(f->url, &u, &err))
		return "its address";
	return url_origin(&u, out);
}

static int
say_connection(const struct fetch *f, const char *at, struct err *err)
{
	switch (f->fault) {
	case FETCH_NO_NAME:
		return err_set(err, ERR_IO,
		    "%s was not found: no machine has the name in %s. Look for "
		    "typing mistakes, or write its IP address.",
		    f->who, at);
	case FETCH_BAD_ADDRESS:
		return err_set(err, ERR_USAGE,
		    "%s is not asked at %s: no service lives at an address of "
		    "that kind (link-local, metadata, multicast). Enter the "
		    "address of the server itself.",
		    f->who, at);
	case FETCH_REFUSED:
		return err_set(err, ERR_IO,
		    "Nothing answers at %s. Is %s running, and is the port "
		    "right?",
		    at, f->who);
	case FETCH_NO_WAY:
		return err_set(err, ERR_IO,
		    "No way leads to %s from here. Is %s in this network, and "
		    "is the address right?",
		    at, f->who);
	case FETCH_NO_CONNECT:
		return err_set(err, ERR_IO,
		    "No connection to %s within 3 seconds. Check the address, "
		    "whether %s is running, and the firewall between.",
		    at, f->who);
	case FETCH_BAD_CERT:
		return err_set(err, ERR_IO,
		    "The certificate of %s is not trusted here: it has "
		    "expired, was made for another name or by no known "
		    "authority. Renew it, or use an address with a valid one.",
		    at);
	default:
		return err_set(err, ERR_IO,
		    "No secure connection to %s. If %s speaks plain HTTP at "
		    "this port, write http:// instead of https://.",
		    at, f->who);
	}
}

static int
say_redirect(const struct fetch *f, const char *at, struct err *err)
{
	if (f->target[0] == '\0')
		return err_set(err, ERR_FORMAT,
		    "%s is not what answers at %s: it sends us round and "
		    "round, or to no valid address. Check the address.",
		    f->who, at);
	return err_set(err, ERR_FORMAT,
	    "The server at %s sends us on to %s, which we do not follow. If %s lives there, "
	    "enter that address.",
	    at, f->target, f->who);
}

int
fetch_not_service(const struct fetch *f, struct err *err)
{
	char origin[URL_ORIGIN_MAX];

	if (f->html)
		return err_set(err, ERR_FORMAT,
		    "What answers at %s is not %s: it sent a web page (of a "
		    "login, perhaps) instead of data. Check the address and "
		    "the port.",
		    origin_of(f, origin), f->who);
	return err_set(err, ERR_FORMAT,
	    "What answers at %s is not %s. Check the address and the port.",
	    origin_of(f, origin), f->who);
}

static int
say_status(const struct fetch *f, const char *at, struct err *err)
{
	if (f->status >= 500)
		return err_set(err, ERR_IO,
		    "%s has a problem of its own: %s answered with HTTP "
		    "status %d. Wait a minute, or look into its log.",
		    f->who, at, f->status);
	if (f->status == 429)
		return err_set(err, ERR_IO,
		    "%s asks us to come back later (HTTP status 429). Wait "
		    "some minutes.",
		    f->who);
	return err_set(err, ERR_FORMAT,
	    "The server at %s answered with HTTP status %d, which %s should "
	    "not. Check the "
	    "address, also the path behind the port.",
	    at, f->status, f->who);
}

static int
say_large(const struct fetch *f, struct err *err)
{
	char origin[URL_ORIGIN_MAX];

	return err_set(err, ERR_LIMIT,
	    "What answers at %s sent more than %s ever does. Check the "
	    "address and the port.",
	    origin_of(f, origin), f->who);
}

int
fetch_say(const struct fetch *f, struct err *err)
{
	char origin[URL_ORIGIN_MAX];
	const char *at = origin_of(f, origin);

	switch (f->fault) {
	case FETCH_ANSWERED:
		if (f->status == 200)
			return fetch_not_service(f, err);
		return say_status(f, at, err);
	case FETCH_BAD_URL:
	case FETCH_SYSTEM:
		*err = f->err;
		return -1;
	case FETCH_BAD_KEY:
		return err_set(err, ERR_USAGE,
		    "The key for %s holds characters that no key has: copy it "
		    "again.",
		    f->who);
	case FETCH_TIMEOUT:
		return err_set(err, ERR_IO,
		    "%s at %s took too long to answer. Is it busy? Try again "
		    "in a minute.",
		    f->who, at);
	case FETCH_REDIRECT:
		return say_redirect(f, at, err);
	case FETCH_NO_HTTP:
		return err_set(err, ERR_FORMAT,
		    "What answers at %s is not %s: it does not speak HTTP. "
		    "Check the port.",
		    at, f->who);
	case FETCH_TOO_LARGE:
		return say_large(f, err);
	case FETCH_CUT:
		return err_set(err, ERR_IO,
		    "The connection to %s broke off before the answer was "
		    "whole. Try again; if %s speaks HTTPS there, write "
		    "https://.",
		    at, f->who);
	default:
		return say_connection(f, at, err);
	}
}

static const char *
word_of_answer(const struct fetch *f)
{
	if (f->status == 200)
		return f->html ? "web_page" : "not_service";
	if (f->status >= 500)
		return "service_error";
	return f->status == 429 ? "busy" : "http_status";
}

const char *
fetch_word(const struct fetch *f)
{
	static const char *const words[] = {
		[FETCH_BAD_URL] = "bad_address",
		[FETCH_BAD_KEY] = "bad_key",
		[FETCH_NO_NAME] = "no_name",
		[FETCH_BAD_ADDRESS] = "forbidden_address",
		[FETCH_REFUSED] = "nothing_there",
		[FETCH_NO_WAY] = "no_way",
		[FETCH_NO_CONNECT] = "no_connection",
		[FETCH_TIMEOUT] = "timeout",
		[FETCH_BAD_CERT] = "bad_certificate",
		[FETCH_NO_TLS] = "no_tls",
		[FETCH_REDIRECT] = "redirect",
		[FETCH_NO_HTTP] = "no_http",
		[FETCH_TOO_LARGE] = "too_large",
		[FETCH_CUT] = "cut",
		[FETCH_SYSTEM] = "system",
	};

	if (f->fault == FETCH_ANSWERED)
		return word_of_answer(f);
	if (f->fault == FETCH_REDIRECT && f->target[0] == '\0')
		return "redirect_loop";
	return words[f->fault];
}

int
fetch_json(const struct fetch *f, struct json **j, struct err *err)
{
	*j = NULL;
	err_clear(err);
	if (f->fault != FETCH_ANSWERED || f->status != 200)
		return fetch_say(f, err);
	if (f->reply.len > DOCUMENT_MAX)
		return say_large(f, err);
	if (json_parse(j, buf_str(&f->reply), f->reply.len, err) == 0 &&
	    json_kind(*j) == JSON_OBJECT)
		return 0;
	json_free(*j);
	*j = NULL;
	if (err->code == ERR_NOMEM)
		return -1;
	return fetch_not_service(f, err);
}
