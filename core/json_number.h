#ifndef CORE_JSON_NUMBER_H
#define CORE_JSON_NUMBER_H

#include <stdbool.h>

#include "core/value.h"

/* Room for the text of json_number. */
#define JSON_NUMBER_MAX 64

/*
 * json_number_text(v, text):
 * Write the finite number ${v} into ${text} as ECMAScript does: the fewest
 * digits that read back as ${v}, of these the nearest; an exponent from 1e21
 * on and below 1e-6.  Return ${text}.
 * Source: ECMA-262, Number::toString.
 */
const char *json_number_text(double v, char text[JSON_NUMBER_MAX]);

/*
 * json_number_of(v, number):
 * Tell whether ${v} comes back as a number when a column of numbers gets it
 * from JSON: a number, or text or a BLOB that reads as one.  ${number} is
 * then that number, VALUE_INT when JSON shows nothing but an integer of 64
 * bits, else VALUE_REAL, which may not be finite.
 * Source: https://www.sqlite.org/datatype3.html, section 3.
 */
bool json_number_of(const struct value *v, struct value *number);

#endif
