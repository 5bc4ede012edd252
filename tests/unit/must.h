#ifndef TESTS_UNIT_MUST_H
#define TESTS_UNIT_MUST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/err.h"

/*
 * must(rc, err):
 * Fail the test with the message of ${err} unless ${rc} is 0.
 */
static inline void
must(int rc, const struct err *err)
{
	if (rc != 0)
		fail_msg("%s", err->msg);
}

#endif
