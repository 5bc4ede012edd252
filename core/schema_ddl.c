#include <stdarg.h>
#include <string.h>

#include "core/schema_int.h"
#include "core/schema_lex.h"

static void
add_quoted(struct buf *b, const char *s, char quote)
{
	buf_addc(b, quote);
	for (; *s != '\0'; s++) {
		if (*s == quote)
			buf_addc(b, quote);
		buf_addc(b, *s);
	}
	buf_addc(b, quote);
}

void
sql_add(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	for (; *fmt != '\0'; fmt++) {
		if (*fmt != '%') {
			buf_addc(b, *fmt);
			continue;
		}
		switch (*++fmt) {
		case 'i':
			add_quoted(b, va_arg(ap, const char *), '"');
			break;
		case 'l':
			add_quoted(b, va_arg(ap, const char *), '\'');
			break;
		case 't':
			buf_addz(b, va_arg(ap, const char *));
			break;
		case 'n':
			buf_addf(b, "%lld", (long long)va_arg(ap, int64_t));
			break;
		default:
			b->failed = true;
			va_end(ap);
			return;
		}
	}
	va_end(ap);
}

bool
ddl_has_word(const char *text, size_t len, const char *word)
{
	struct lexer l = { text, text + len };
	struct token t;

	while ((t = lex_next(&l)).kind != T_END) {
		if (lex_is_char(&t, '('))
			lex_skip_parens(&l);
		else if (lex_is_word(&t, word))
			return true;
	}
	return false;
}

static bool
constraint_kind(const struct token *t, enum ddl_kind *kind)
{
	static const struct {
		const char *word;
		enum ddl_kind kind;
	} kinds[] = {
		{ "PRIMARY", DDL_PRIMARY },
		{ "UNIQUE", DDL_UNIQUE },
		{ "CHECK", DDL_CHECK },
		{ "FOREIGN", DDL_FOREIGN },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (lex_is_word(t, kinds[i].word)) {
			*kind = kinds[i].kind;
			return true;
		}
	}
	return false;
}

static int
add_part(struct pool *pool, struct ddl_part ***last, enum ddl_kind kind,
    const struct token *name, const char *start, const char *end,
    struct err *err)
{
	struct ddl_part *part;
	struct buf b;

	if ((part = pool_get(pool, sizeof(*part), err)) == NULL)
		return -1;
	part->kind = kind;
	part->text = start;
	part->len = (size_t)(end - start);
	if (name != NULL) {
		buf_init(&b, SCHEMA_SQL_MAX);
		lex_add_name(&b, name);
		part->name = buf_ok(&b, "a name", err)
		    ? NULL
		    : pool_text(pool, buf_str(&b), b.len, err);
		buf_free(&b);
		if (part->name == NULL)
			return -1;
	}
	**last = part;
	*last = &part->next;
	return 0;
}

/*
 * Split a run of table constraints; SQLite lets the commas between them be
 * left out.
 */
static int
split_constraints(struct pool *pool, struct ddl_part ***last, const char *start,
    const char *end, struct err *err)
{
	struct lexer l = { start, end };
	const char *from = start;
	const char *to = start;
	enum ddl_kind kind = DDL_CHECK;
	enum ddl_kind next;
	bool typed = false;
	bool named = false;
	struct token t;

	while ((t = lex_next(&l)).kind != T_END) {
		bool name = lex_is_word(&t, "CONSTRAINT");
		bool type = constraint_kind(&t, &next);

		if (typed && (name || type)) {
			if (add_part(pool, last, kind, NULL, from, to, err))
				return -1;
			typed = false;
			named = false;
			from = t.text;
		}
		if (name && !named) {
			named = true;
			(void)lex_next(&l);
		} else if (type) {
			kind = next;
			typed = true;
		} else if (lex_is_char(&t, '(')) {
			lex_skip_parens(&l);
		}
		to = l.p;
	}
	return typed ? add_part(pool, last, kind, NULL, from, to, err) : 0;
}

/* One piece between two commas. */
static int
add_piece(struct pool *pool, struct ddl_part ***last, const char *start,
    const char *end, struct err *err)
{
	struct lexer l = { start, end };
	struct token first = lex_next(&l);
	enum ddl_kind kind;

	if (first.kind == T_END)
		return 0;
	if (lex_is_word(&first, "CONSTRAINT") || constraint_kind(&first, &kind))
		return split_constraints(pool, last, first.text, end, err);
	return add_part(pool, last, DDL_COLUMN, &first, first.text, end, err);
}

int
ddl_parse(struct pool *pool, struct s_table *table, struct err *err)
{
	struct lexer l = { table->sql, table->sql + strlen(table->sql) };
	struct ddl_part **last = &table->ddl.parts;
	const char *start = NULL;
	const char *end = NULL;
	struct token t;

	while ((t = lex_next(&l)).kind != T_END && !lex_is_char(&t, '(')) {
		if (lex_is_word(&t, "VIRTUAL")) {
			table->ddl.is_virtual = true;
			return 0;
		}
	}
	start = end = l.p;
	while ((t = lex_next(&l)).kind != T_END) {
		bool close = lex_is_char(&t, ')');

		if (close || lex_is_char(&t, ',')) {
			if (add_piece(pool, &last, start, end, err))
				return -1;
			start = l.p;
			if (close)
				break;
		} else if (lex_is_char(&t, '(')) {
			lex_skip_parens(&l);
		}
		end = l.p;
	}
	table->ddl.without_rowid =
	    ddl_has_word(l.p, (size_t)(l.end - l.p), "WITHOUT");
	table->ddl.strict = ddl_has_word(l.p, (size_t)(l.end - l.p), "STRICT");
	return 0;
}

/* Whether the parenthesis just opened names an unknown column; skips it. */
static bool
parens_unknown(struct lexer *l, const struct s_table *table)
{
	struct lexer start = *l;
	struct token t;

	lex_skip_parens(l);
	start.end = l->p;
	while ((t = lex_next(&start)).kind != T_END) {
		for (const struct s_column *c = table->columns; c != NULL;
		     c = c->next) {
			if (!c->known && lex_is_name(&t, c->name))
				return true;
		}
	}
	return false;
}

bool
ddl_mentions_unknown(const struct ddl_part *part, const struct s_table *table)
{
	struct lexer l = { part->text, part->text + part->len };
	struct token t;

	while ((t = lex_next(&l)).kind != T_END) {
		if (lex_is_char(&t, '('))
			return parens_unknown(&l, table);
	}
	return false;
}

size_t
ddl_checks(const struct ddl_part *part, const struct s_table *table,
    struct buf *b)
{
	struct lexer l = { part->text, part->text + part->len };
	struct token t;
	const char *check = NULL;
	size_t n = 0;

	(void)lex_next(&l);
	while ((t = lex_next(&l)).kind != T_END) {
		if (lex_is_word(&t, "CHECK")) {
			check = t.text;
			continue;
		}
		if (!lex_is_char(&t, '('))
			continue;
		if (check == NULL) {
			lex_skip_parens(&l);
		} else if (!parens_unknown(&l, table)) {
			n++;
		} else if (b != NULL) {
			buf_addz(b, ",\n\t");
			buf_add(b, check, (size_t)(l.p - check));
		}
		check = NULL;
	}
	return n;
}

/* Read over ON CONFLICT, if it is that; the token behind it is returned. */
static struct token
skip_conflict(struct lexer *l, struct token t)
{
	if (!lex_is_word(&t, "ON"))
		return t;
	(void)lex_next(l); /* CONFLICT */
	(void)lex_next(l);
	return lex_next(l);
}

/* Read over what may follow PRIMARY; the token behind it is returned. */
static struct token
skip_key(struct lexer *l, bool column)
{
	struct token t = lex_next(l); /* KEY */

	t = lex_next(l);
	if (!column)
		return t;
	if (lex_is_word(&t, "ASC") || lex_is_word(&t, "DESC"))
		t = lex_next(l);
	t = skip_conflict(l, t);
	if (lex_is_word(&t, "AUTOINCREMENT"))
		t = lex_next(l);
	return t;
}

/* Whether NULL follows; read over it and what belongs to it into ${t}. */
static bool
skip_null(struct lexer *l, struct token *t)
{
	struct lexer ahead = *l;
	struct token null = lex_next(&ahead);

	if (!lex_is_word(&null, "NULL"))
		return false;
	*l = ahead;
	*t = skip_conflict(l, lex_next(l));
	return true;
}

void
ddl_add_unkeyed(struct buf *b, const struct ddl_part *part, bool strict,
    bool optional)
{
	struct lexer l = { part->text, part->text + part->len };
	bool column = part->kind == DDL_COLUMN;
	const char *from = part->text;
	struct token t;

	if (column)
		(void)lex_next(&l);
	t = lex_next(&l);
	for (size_t i = 0; t.kind != T_END; i++) {
		const char *at = t.text;

		if (lex_is_word(&t, "PRIMARY")) {
			buf_add(b, from, (size_t)(at - from));
			buf_addz(b, "UNIQUE ");
			t = skip_key(&l, column);
			from = t.text;
			continue;
		}
		if (optional && lex_is_word(&t, "NOT") && skip_null(&l, &t)) {
			buf_add(b, from, (size_t)(at - from));
			from = t.text;
			continue;
		}
		if (column && strict && i == 0 && lex_is_word(&t, "ANY")) {
			buf_add(b, from, (size_t)(at - from));
			from = l.p;
		}
		if (lex_is_char(&t, '('))
			lex_skip_parens(&l);
		t = lex_next(&l);
	}
	buf_add(b, from, (size_t)(part->text + part->len - from));
}
