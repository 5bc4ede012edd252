#ifndef CORE_STORE_FUNC_H
#define CORE_STORE_FUNC_H

struct sqlite3;

/*
 * store_func_register(handle):
 * Give the connection the functions that the stores' statements use:
 *   jair_fold(x)   a name in lower case, to compare by
 *   jair_ms(x)     a time in milliseconds since 1970; NULL when it is none
 *   jair_when(x)   a key that sorts times: NULL, then what is no time (as
 *                  it reads), then times from the earliest on
 *   jair_text(x), jair_number(x)
 *                  what the value of a column of text, or of numbers, becomes
 *                  in an archive (invalid UTF-8 as U+FFFD), up to 4 KiB of it:
 *                  to sort by
 *   jair_name(x)   any value as a username for an archive: valid UTF-8 of at
 *                  most STORE_NAME_MAX bytes
 * Return SQLite's result code.
 */
int store_func_register(struct sqlite3 *handle);

#endif
