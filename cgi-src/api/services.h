#ifndef CGI_SRC_API_SERVICES_H
#define CGI_SRC_API_SERVICES_H

#include <stdbool.h>

#include "cgi-src/api/app.h"
#include "core/json_out.h"
#include "core/secret.h"

/*
 * Addresses and keys of the services: those known here, and those a person
 * sends.  Keys leave this server only masked, and a masked one that comes
 * back stands for the key that it was made of.
 */

/* One place that knows some; NULL or no bytes for what it does not know.
   Addresses and keys belong to it: known_free. */
struct known {
	char *jellyfin_url;
	char *seerr_url;
	char *gemini_model;
	char *server_id; /* of Jellyfin */
	struct secret seerr_key;
	struct secret gemini_key;
};

/* All of them: what comes first counts. */
enum { KNOWN_SET, KNOWN_STORED, KNOWN_STAGED, KNOWN_PLACES };

struct services {
	struct known known[KNOWN_PLACES];
	bool configured;
};

/*
 * services_load(app, s, err):
 * Find what is known: stored, and, only as long as nobody has finished the
 * setup, set in the environment and in a staged archive.  Return 0 with ${s},
 * which services_free releases, or -1 with ${err}.
 */
int services_load(struct app *app, struct services *s, struct err *err);
void services_free(struct services *s);

/*
 * services_server_id(s):
 * Return which Jellyfin server this jair, else the staged archive, belongs
 * to, or NULL where nobody knows.
 */
const char *services_server_id(const struct services *s);

/*
 * services_write(s, j):
 * Write what a form begins with as members of the object that is open in
 * ${j}; keys masked, null for what nobody knows.
 */
void services_write(const struct services *s, struct json_out *j);

/*
 * known_free(k):
 * Release what ${k} holds; keys are zeroed.
 */
void known_free(struct known *k);

/*
 * services_read(s, req, trusted, wanted, res):
 * Read what the body of ${req} says into ${wanted}, which known_free
 * releases: addresses in their plainest form, keys with masks resolved.  A
 * member that is not there keeps what is known, "" is for nothing.  A masked
 * key counts for the address it was kept for; for another one only when
 * "reuseKey" names its service and ${trusted} says that whoever asks may do
 * that.  Return 0, or -1 with 422 in ${res}, naming the field.
 */
int services_read(const struct services *s, const struct request *req,
    bool trusted, struct known *wanted, struct response *res);

#endif
