#ifndef CGI_SRC_HTTP_PERCENT_H
#define CGI_SRC_HTTP_PERCENT_H

/*
 * percent_decode(p, out):
 * Take one byte from the string ${*p}, decoding "%41", and move ${*p} behind
 * it.  Return 0 with ${out}, or -1 for a percent sign without two digits.
 * Source: RFC 3986, 2.1.
 */
int percent_decode(const char **p, char *out);

#endif
