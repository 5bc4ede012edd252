#include "core/store_value.h"

#include <sqlite3.h>

#include "core/clock.h"
#include "core/db.h"
#include "core/str.h"

/* The bytes of a TEXT or BLOB column; NULL only when memory ran out. */
static const char *
bytes_of(sqlite3_stmt *stmt, int column, enum value_kind kind)
{
	const char *s;

	if (kind == VALUE_TEXT)
		return (const char *)sqlite3_column_text(stmt, column);
	s = sqlite3_column_blob(stmt, column);
	/* For SQLite an empty BLOB lies nowhere. */
	return s == NULL && sqlite3_column_bytes(stmt, column) == 0 ? "" : s;
}

static int
read_bytes(sqlite3_stmt *stmt, int column, struct value *v, struct err *err)
{
	v->s = bytes_of(stmt, column, v->kind);
	if (v->s == NULL)
		return err_set(err, ERR_NOMEM, "No memory for column %s.",
		    sqlite3_column_name(stmt, column));
	v->len = (size_t)sqlite3_column_bytes(stmt, column);
	return 0;
}

int
store_value_read(struct sqlite3_stmt *stmt, int column, struct value *values,
    int count, struct err *err)
{
	for (int n = 0; n < count; n++) {
		struct value *v = &values[n];
		int at = column + n;

		*v = (struct value){ .kind = VALUE_NULL };
		switch (sqlite3_column_type(stmt, at)) {
		case SQLITE_INTEGER:
			v->kind = VALUE_INT;
			v->i = sqlite3_column_int64(stmt, at);
			continue;
		case SQLITE_FLOAT:
			v->kind = VALUE_REAL;
			v->d = sqlite3_column_double(stmt, at);
			continue;
		case SQLITE_NULL:
			continue;
		case SQLITE_TEXT:
			v->kind = VALUE_TEXT;
			break;
		default:
			v->kind = VALUE_BLOB;
			break;
		}
		if (read_bytes(stmt, at, v, err))
			return -1;
	}
	return 0;
}

void
store_value_bind(struct sqlite3_stmt *stmt, int parameter,
    const struct value *value)
{
	switch (value->kind) {
	case VALUE_INT:
		(void)sqlite3_bind_int64(stmt, parameter, value->i);
		break;
	case VALUE_REAL:
		(void)sqlite3_bind_double(stmt, parameter, value->d);
		break;
	case VALUE_TEXT:
		(void)sqlite3_bind_text64(stmt, parameter, value->s, value->len,
		    SQLITE_STATIC, SQLITE_UTF8);
		break;
	case VALUE_BLOB:
		(void)sqlite3_bind_blob64(stmt, parameter, value->s, value->len,
		    SQLITE_STATIC);
		break;
	case VALUE_NULL:
	default:
		(void)sqlite3_bind_null(stmt, parameter);
		break;
	}
}

void
store_value_bind_text(struct sqlite3_stmt *stmt, int parameter,
    const char *text)
{
	(void)sqlite3_bind_text(stmt, parameter, text, -1, SQLITE_STATIC);
}

void
store_value_bind_time(struct sqlite3_stmt *stmt, int parameter, int64_t ms)
{
	char iso[CLOCK_ISO_MAX];

	(void)sqlite3_bind_text(stmt, parameter, clock_iso(ms, iso), -1,
	    SQLITE_TRANSIENT);
}

int
store_value_text(struct sqlite3_stmt *stmt, int column, char **text,
    struct err *err)
{
	const char *s;

	*text = NULL;
	if (db_text(stmt, column, &s, err))
		return -1;
	return s == NULL || (*text = str_dup(s, err)) != NULL ? 0 : -1;
}
