#ifndef CGI_SRC_SERVICES_GEMINI_H
#define CGI_SRC_SERVICES_GEMINI_H

#include "cgi-src/services/fetch.h"
#include "cgi-src/services/service.h"
#include "core/secret.h"

/*
 * gemini_test_begin(set, base, key, model, r):
 * Begin to ask whether ${key} is good for ${model} (with or without "models/"
 * before it) at ${base}, the setting GEMINI_BASE_URL; blanks around key and
 * model do not count.  When fetch_wait(${set}) returns, the outcome is in ${r}; for
 * a model that does not exist the sentence names some that do.
 */
void gemini_test_begin(struct fetch_set *set, const char *base,
    const struct secret *key, const char *model, struct service_result *r);

/*
 * gemini_offers(f, out, size):
 * Write the names of models that can generate text, of those that the answer
 * ${f} lists, into ${out} of ${size} bytes: "a, b, c", or "" for none.
 */
void gemini_offers(const struct fetch *f, char *out, size_t size);

/*
 * gemini_key_refused(f):
 * Tell whether the answer ${f} says that the key is wrong.
 */
bool gemini_key_refused(const struct fetch *f);

#endif
