#ifndef CORE_JSON_NUMBER_H
#define CORE_JSON_NUMBER_H

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

#endif
